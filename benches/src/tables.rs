//! Access tables with 1,000 tunnels: what making one from nothing takes, and how long it is from the
//! command that ends a permit until the table without it is ready for the gateway.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, PermitAct, PermitCommand, RegisterCommand};
use sekisho_domain::field::Value;
use sekisho_domain::id::{GatewayId, PermitId, PersonId};
use sekisho_domain::permit::PermitKind;
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::role::Role;
use sekisho_protocol::access_table::{AccessTable, Expectation, TableVerifier};
use sekisho_protocol::wireguard_key::WireGuardKey as TunnelKey;
use sekisho_server::access::gateway::{Addresses, Tunnelled, table_of};
use sekisho_server::app::{App, fresh};
use sekisho_server::identity::session;
use sekisho_server::identity::tunnel_session::{WireGuardKey, confirm, open_sessions, request};
use sekisho_sim::population::Population;
use tokio::runtime::Runtime;

use crate::measure::Times;
use crate::ministry::{Ministry, SEED};
use crate::{Outcome, Target};

/// Tunnels that stand.
const TUNNELS: u32 = 1_000;
const POPULATION: Population = Population {
    people: 4_000,
    devices: 4_000,
    permits: 0,
    ready: TUNNELS,
};
/// Permits that are given back.
const ENDED: usize = 200;
/// Tables that are made from nothing.
const FROM_NOTHING: usize = 20;
/// What it may take from the command to the table, beside the durable commit, in milliseconds.
const READY: f64 = 50.0;

/// Measures tables.
///
/// # Panics
/// Where the ministry cannot be filled, a tunnel not be opened or a command is refused.
pub fn run() -> Outcome {
    let mut outcome = Outcome::new();
    let place = tempfile::TempDir::new().expect("a temporary folder");
    let ministry = Ministry::open(place.path(), POPULATION, &mut outcome);
    let began = Instant::now();
    (0..TUNNELS).for_each(|nth| open(&ministry, nth));
    outcome.figure(
        "opening tunnels",
        began.elapsed().as_secs_f64(),
        "s",
        Target::None,
    );
    let gateway = enter(&ministry);
    let key = TunnelKey::new([9; 32]).expect("a key");
    let hello = ministry
        .app
        .greet_gateway(gateway, key)
        .expect("it is known");
    let following = Following {
        verifier: TableVerifier::parse(&hello.table_key).expect("a key"),
        expected: Expectation {
            gateway,
            network: sekisho_server::access::gateway::on_the_wire(hello.entry.network),
            address: sekisho_server::access::gateway::own_address(hello.entry.network).into(),
            after: 0,
        },
    };
    from_nothing(&ministry.app, gateway, &mut outcome);
    ended(&ministry, following, &mut outcome);
    ministry.app.stop();
    outcome
}

/// Opens the tunnel of one who is ready.
fn open(ministry: &Ministry, nth: u32) {
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
    let mut bytes = [7; 32];
    bytes[..4].copy_from_slice(&nth.to_be_bytes());
    let key = TunnelKey::new(bytes).expect("a key").to_string();
    let key = WireGuardKey::parse(&key).expect("a key");
    let wish = request(app, device, &key).expect("a wish");
    confirm(app, &wish.code, (account, person), console.hash()).expect("it is theirs");
}

/// Enters a gateway into its register.
fn enter(ministry: &Ministry) -> GatewayId {
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
    // Of the form of a key: nothing signs here.
    let key = "A".repeat(44);
    let fields: BTreeMap<String, Value> = [
        ("name", "本庁ゲートウェイ"),
        ("line", &line),
        ("officer", &post),
        ("key", &key),
        ("endpoint", "gate.sample.invalid:51820"),
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

fn from_nothing(app: &App, gateway: GatewayId, outcome: &mut Outcome) {
    let (mut reading, mut making) = (Times::default(), Times::default());
    let mut lines = 0;
    for _ in 0..FROM_NOTHING {
        let begun = Instant::now();
        let tunnels: Vec<Tunnelled> = open_sessions(app)
            .expect("sessions are read")
            .into_iter()
            .map(|it| Tunnelled {
                session: it.session,
                device: it.device,
                person: it.person,
                key: it.wireguard_key.as_str().parse().expect("a key"),
            })
            .collect();
        reading.add(begun.elapsed().as_secs_f64());
        assert_eq!(tunnels.len(), TUNNELS as usize);
        let book = app.access().rulebook();
        let begun = Instant::now();
        let table = app.with_ground(|ground| {
            table_of(&book, ground, gateway, &tunnels, &mut Addresses::default())
        });
        making.add(begun.elapsed().as_secs_f64());
        let peers = table.expect("the gateway is in use").peers;
        lines = peers.iter().map(|peer| peer.reach.len()).sum();
    }
    outcome.figure(
        "lines of the table",
        lines as f64,
        "",
        Target::AtLeast(500.0),
    );
    outcome.figure(
        "reading the tunnels, p50",
        reading.at(50),
        "ms",
        Target::None,
    );
    outcome.figure(
        "a table from nothing, p50",
        making.at(50),
        "ms",
        Target::None,
    );
}

/// What a gateway has to know to follow.
struct Following {
    verifier: TableVerifier,
    expected: Expectation,
}

impl Following {
    /// Follows until it is told to stop: tells when each table was there, and how many lines it has.
    fn follow(mut self, app: &App, stopped: &AtomicBool, told: &Sender<(Instant, usize)>) {
        let runtime = Runtime::new().expect("a runtime");
        let mut moved = app.access().follow();
        while !stopped.load(Ordering::Acquire) {
            moved.borrow_and_update();
            let made = app.next_table(self.expected.gateway, self.expected.after);
            let Some(signed) = made.expect("a table is made") else {
                // Told to stop, it is woken as well.
                let _ = runtime.block_on(moved.changed());
                continue;
            };
            let ready = Instant::now();
            let table = AccessTable::accept(&signed, &self.verifier, &self.expected, app.now());
            let table = table.expect("a gateway would take it");
            self.expected.after = table.content().sequence;
            let peers = table.content().peers.iter();
            let _ = told.send((ready, peers.map(|it| it.reach.len()).sum()));
        }
    }
}

/// Ends permits one by one beside a gateway that waits.
fn ended(ministry: &Ministry, following: Following, outcome: &mut Outcome) {
    let (told, tables) = channel();
    let stop = Arc::new(AtomicBool::new(false));
    let (app, stopped) = (ministry.app.clone(), Arc::clone(&stop));
    let at_gateway = std::thread::spawn(move || following.follow(&app, &stopped, &told));
    let mut before: usize = tables.recv().expect("the first table").1;
    let (mut durable, mut ready) = (Times::default(), Times::default());
    for nth in 0..TUNNELS {
        if ready.len() == ENDED {
            break;
        }
        let Some((person, permit)) = carrying(ministry, nth) else {
            continue;
        };
        let begun = Instant::now();
        give_back(&ministry.app, person, permit);
        durable.add(begun.elapsed().as_secs_f64());
        if let Some((at, reached)) = fewer(&tables, before) {
            ready.add((at - begun).as_secs_f64());
            before = reached;
        }
    }
    stop.store(true, Ordering::Release);
    ministry.app.access().touch();
    at_gateway.join().expect("the gateway follows");
    let least = Target::AtLeast(ENDED as f64);
    outcome.figure("permits ended", ready.len() as f64, "", least);
    for (name, times, target) in [
        ("command until it is durable", &durable, Target::None),
        (
            "command until the table is ready",
            &ready,
            Target::AtMost(READY),
        ),
    ] {
        outcome.figure(&format!("{name}, p50"), times.at(50), "ms", Target::None);
        outcome.figure(&format!("{name}, p99"), times.at(99), "ms", target);
    }
}

/// The permit for remote access of one whose device is in order.
fn carrying(ministry: &Ministry, nth: u32) -> Option<(PersonId, PermitId)> {
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

fn give_back(app: &App, person: PersonId, permit: PermitId) {
    let command = PermitCommand::Act {
        permit,
        expected: None,
        act: PermitAct::Return,
    };
    let command = Command::Permit(Box::new(command));
    app.command_blocking(Actor::person(person), command, Vec::new())
        .expect("the applicant gives it back");
}

/// The first table that has fewer lines than before.
fn fewer(tables: &Receiver<(Instant, usize)>, before: usize) -> Option<(Instant, usize)> {
    loop {
        let (at, reached) = tables.recv_timeout(Duration::from_secs(2)).ok()?;
        if reached < before {
            return Some((at, reached));
        }
    }
}
