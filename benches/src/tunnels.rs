//! A ministry with 1,000 tunnels, for subjects that open and close them.

use std::collections::BTreeMap;

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, PermitAct, PermitCommand, RegisterCommand};
use sekisho_domain::field::Value;
use sekisho_domain::id::{GatewayId, PermitId, PersonId};
use sekisho_domain::permit::PermitKind;
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::role::Role;
use sekisho_protocol::wireguard_key::WireGuardKey as TunnelKey;
use sekisho_server::app::{App, fresh};
use sekisho_server::identity::session;
use sekisho_server::identity::tunnel_session::{WireGuardKey, confirm, request};
use sekisho_sim::population::Population;

use crate::ministry::{Ministry, SEED};

/// Tunnels that stand.
pub(crate) const TUNNELS: u32 = 1_000;
/// Who opens them.
pub(crate) const POPULATION: Population = Population {
    people: 4_000,
    devices: 4_000,
    permits: 0,
    ready: TUNNELS,
};

/// Opens the tunnel of one who is ready, by the key of a device.
pub(crate) fn open(ministry: &Ministry, nth: u32, key: TunnelKey) {
    let (app, population) = (&ministry.app, ministry.population);
    let number = population.ready_person(nth);
    let (person, device) = (
        population.person(SEED, number),
        population.device(SEED, number),
    );
    let account = population.account(SEED, number);
    let now = app.now();
    let (id, name) = (account.to_string(), person.to_string());
    let added = app
        .accounts()
        .add(&id, &name, &format!("bench-{number}"), now.as_millis());
    added.expect("the account is new");
    let console = session::begin(app.accounts(), account, now).expect("a session");
    let key = WireGuardKey::parse(&key.to_string()).expect("a key");
    let wish = request(app, device, &key).expect("a wish");
    confirm(app, &wish.code, (account, person), console.hash()).expect("it is theirs");
}

/// Enters a gateway into its register: the key by which it signs, and where devices meet it.
pub(crate) fn enter(ministry: &Ministry, key: &str, endpoint: &str) -> GatewayId {
    let (app, population) = (&ministry.app, ministry.population);
    let officer = population.person(SEED, population.central(Role::Isso));
    let gateway = GatewayId::new(fresh().expect("randomness"));
    let (line, post) = {
        let world = app.world();
        let line = world
            .registers
            .active(Register::Line)
            .next()
            .expect("a line");
        let post = world.posts_held(officer, app.now()).next();
        (line.id.to_string(), post.expect("a post").1.id.to_string())
    };
    let fields: BTreeMap<String, Value> = [
        ("name", "本庁ゲートウェイ"),
        ("line", &line),
        ("officer", &post),
        ("key", key),
        ("endpoint", endpoint),
        ("network", "10.90.0.0/16"),
    ]
    .map(|(code, text)| (code.to_owned(), Value::Text(text.to_owned())))
    .into();
    let command = RegisterCommand::Enter {
        id: EntryId::from(gateway),
        unit: None,
        particulars: Register::Gateway.read(&fields).expect("a gateway"),
        remark: None,
    };
    let command = Command::Register(Box::new(command));
    app.command_blocking(Actor::person(officer), command, Vec::new())
        .expect("the officer keeps the register");
    gateway
}

/// The permit for remote access of one whose device is in order.
pub(crate) fn carrying(ministry: &Ministry, nth: u32) -> Option<(PersonId, PermitId)> {
    let number = ministry.population.ready_person(nth);
    let person = ministry.population.person(SEED, number);
    let device = ministry.population.device(SEED, number);
    let book = ministry.app.access().rulebook();
    ministry.app.with_ground(|ground| {
        let reached = sekisho_server::access::gateway::reached(&book, ground, person, device);
        reached.first()?;
        let mut permits = ground.world.permits.of_person(person);
        let carrying =
            permits.find(|it| it.kind() == PermitKind::TakeOut || it.kind() == PermitKind::Byod);
        carrying.map(|it| (person, it.id))
    })
}

/// Gives a permit back.
pub(crate) fn give_back(app: &App, person: PersonId, permit: PermitId) {
    let command = PermitCommand::Act {
        permit,
        expected: None,
        act: PermitAct::Return,
    };
    let command = Command::Permit(Box::new(command));
    app.command_blocking(Actor::person(person), command, Vec::new())
        .expect("the applicant gives it back");
}
