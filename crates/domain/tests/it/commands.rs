//! Commands and their refusals, from founding on.

use sekisho_domain::actor::Actor;
use sekisho_domain::attestation::{ATTESTATION_DEFAULT, Attestation};
use sekisho_domain::command::{Command, FirstOfficer, NewPerson, decide};
use sekisho_domain::device::{DeviceClass, DeviceKey, StateSource};
use sekisho_domain::event::{Sealed, StoredEvent};
use sekisho_domain::id::{
    AccountId, AppointmentId, AttestationId, DeviceId, Fresh, OrganisationId, PersonId, PostId,
    UnitId,
};
use sekisho_domain::name::{Line, Name};
use sekisho_domain::organisation::Organisation;
use sekisho_domain::post::Post;
use sekisho_domain::profile::Profile;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Timestamp};
use sekisho_domain::verdict::Scope;
use sekisho_domain::world::{Documents, NoDocuments, World};

pub const START: i64 = 1_800_000_000_000;

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(START + second * 1000)
}

pub fn fresh(n: u64) -> Fresh {
    Fresh((u128::from(n) | 1 << 100).to_be_bytes())
}

pub fn name(text: &str) -> Name {
    Name::ja(Line::parse(text).unwrap())
}

pub fn sealed(person: PersonId) -> Sealed {
    let text = "AAAA".to_owned();
    Sealed {
        person,
        key: text.clone(),
        nonce: text.clone(),
        ciphertext: text,
    }
}

pub fn officer() -> PersonId {
    PersonId::new(fresh(1))
}

pub fn root() -> UnitId {
    UnitId::new(fresh(2))
}

/// Decides and folds, as the writer does.
pub fn act(
    world: &mut World,
    actor: &Actor,
    command: &Command,
    now: Timestamp,
) -> Result<usize, String> {
    act_with(world, actor, command, now, &NoDocuments)
}

/// The same, with the documents that the events refer to.
pub fn act_with(
    world: &mut World,
    actor: &Actor,
    command: &Command,
    now: Timestamp,
    documents: &dyn Documents,
) -> Result<usize, String> {
    let decided =
        decide(world, actor, command, now).map_err(|refusal| refusal.reason.code.to_string())?;
    let count = decided.events.len();
    for event in decided.events {
        let stored = StoredEvent {
            actor: decided.actor.clone(),
            recorded_at: now,
            effective_from: None,
            event,
        };
        world.apply(&stored, documents).unwrap();
    }
    Ok(count)
}

pub fn founding() -> Command {
    Command::FoundOrganisation {
        organisation: Box::new(Organisation {
            id: OrganisationId::new(fresh(3)),
            name: name("見本省"),
            profile: Profile::Gov,
            clauses_opted_in: false,
            root: root(),
            demo: false,
        }),
        officer: Box::new(FirstOfficer {
            person: NewPerson {
                id: officer(),
                profile: sealed(officer()),
            },
            account: AccountId::new(fresh(4)),
            post: Post::created(
                PostId::new(fresh(5)),
                root(),
                name("統括情報セキュリティ責任者"),
                vec![Role::Hiso],
            ),
            appointment: AppointmentId::new(fresh(6)),
        }),
        catalogue: "1".to_owned(),
        catalogue_digest: "d".to_owned(),
    }
}

pub fn founded() -> World {
    let mut world = World::default();
    act(&mut world, &Actor::Setup, &founding(), at(0)).unwrap();
    world
}

#[test]
fn an_organisation_is_founded_once() {
    let mut world = founded();
    assert_eq!(
        act(&mut world, &Actor::Setup, &founding(), at(1)),
        Err("authorise.no-authority".to_owned())
    );
    assert_eq!(world.bootstrap, Some(officer()));
}

fn register(n: u64) -> Command {
    let id = PersonId::new(fresh(n));
    Command::RegisterPerson {
        person: NewPerson {
            id,
            profile: sealed(id),
        },
        unit: root(),
    }
}

fn post(n: u64, roles: &[Role]) -> Command {
    Command::CreatePost(Box::new(Post::created(
        PostId::new(fresh(n)),
        root(),
        name("官職"),
        roles.to_vec(),
    )))
}

fn appoint(id: u64, person: u64, post: u64, valid: Interval) -> Command {
    Command::Appoint {
        id: AppointmentId::new(fresh(id)),
        person: PersonId::new(fresh(person)),
        post: PostId::new(fresh(post)),
        valid,
    }
}

#[test]
fn the_bootstrap_power_ends_when_ciso_and_hiso_are_appointed() {
    let mut world = founded();
    let actor = Actor::person(officer());
    for command in [register(10), post(11, &[Role::Ciso])] {
        act(&mut world, &actor, &command, at(1)).unwrap();
    }
    assert!(!world.bootstrap_is_over());
    act(
        &mut world,
        &actor,
        &appoint(12, 10, 11, Interval::starting(at(1))),
        at(1),
    )
    .unwrap();
    assert!(world.bootstrap_is_over());
    // The officer's own post goes on; what only the bootstrap power gave is gone.
    let ended = Command::EndAppointment {
        appointment: AppointmentId::new(fresh(6)),
        until: at(3),
    };
    let ciso = Actor::person(PersonId::new(fresh(10)));
    act(&mut world, &ciso, &ended, at(2)).unwrap();
    let refused = act(&mut world, &actor, &register(13), at(3));
    assert_eq!(refused, Err("authorise.no-authority".to_owned()));
}

#[test]
fn nobody_appoints_himself_and_the_auditor_holds_nothing_else() {
    let mut world = founded();
    let actor = Actor::person(officer());
    for command in [
        post(11, &[Role::Ciso]),
        post(12, &[Role::Auditor]),
        register(13),
    ] {
        act(&mut world, &actor, &command, at(1)).unwrap();
    }
    let open = Interval::starting(at(1));
    let oneself = act(&mut world, &actor, &appoint(20, 1, 11, open), at(1));
    assert_eq!(oneself, Err("appointment.oneself".to_owned()));
    act(&mut world, &actor, &appoint(21, 13, 12, open), at(1)).unwrap();
    let barred = act(&mut world, &actor, &appoint(22, 13, 11, open), at(1));
    assert_eq!(barred, Err("appointment.barred-combination".to_owned()));
    let twice = act(&mut world, &actor, &appoint(23, 13, 12, open), at(1));
    assert_eq!(twice, Err("appointment.overlaps".to_owned()));
    let empty = Interval {
        from: at(5),
        until: Some(at(5)),
    };
    let refused = act(&mut world, &actor, &appoint(24, 13, 11, empty), at(1));
    assert_eq!(refused, Err("interval.empty".to_owned()));
}

#[test]
fn a_key_is_one_device() {
    let mut world = founded();
    let enrol = |n: u64| Command::EnrolDevice {
        device: DeviceId::new(fresh(n)),
        key: DeviceKey::try_from("k".repeat(44)).unwrap(),
        class: DeviceClass::Issued,
        unit: root(),
        user: None,
        source: sekisho_domain::device::StateSource::Observed,
    };
    assert_eq!(act(&mut world, &Actor::Operator, &enrol(30), at(1)), Ok(1));
    let clone = act(&mut world, &Actor::Operator, &enrol(31), at(1));
    assert_eq!(clone, Err("device.key-in-use".to_owned()));
}

#[test]
fn the_state_of_a_telephone_is_declared_by_somebody() {
    let mut world = founded();
    let enrol = |user| Command::EnrolDevice {
        device: DeviceId::new(fresh(30)),
        key: DeviceKey::try_from("k".repeat(44)).unwrap(),
        class: DeviceClass::Byod,
        unit: root(),
        user,
        source: StateSource::Declared,
    };
    let nobody = act(&mut world, &Actor::Operator, &enrol(None), at(1));
    assert_eq!(nobody, Err("device.declared-by-nobody".to_owned()));
    let somebody = enrol(Some(officer()));
    assert_eq!(act(&mut world, &Actor::Operator, &somebody, at(1)), Ok(2));
    let known = world.device(DeviceId::new(fresh(30))).unwrap();
    assert_eq!(known.source, StateSource::Declared);
}

fn attest(appointment: u64) -> Command {
    Command::Attest {
        attestation: Box::new(Attestation {
            id: AttestationId::new(fresh(70 + appointment)),
            row: "US-7.1.1-1-a-他".parse().unwrap(),
            scope: Scope::Body,
            appointment: AppointmentId::new(fresh(appointment)),
            valid: Interval::starting(at(1)),
        }),
        statement: None,
    }
}

#[test]
fn a_row_is_attested_under_the_post_that_is_named_and_held() {
    let mut world = founded();
    let first = Actor::person(officer());
    for command in [
        register(10),
        register(15),
        post(11, &[Role::Hiso]),
        post(12, &[Role::Isso]),
        post(13, &[Role::Diso]),
        appoint(20, 10, 11, Interval::starting(at(1))),
        appoint(21, 10, 12, Interval::starting(at(1))),
        appoint(22, 10, 13, Interval::starting(at(1))),
        appoint(23, 15, 12, Interval::starting(at(1))),
    ] {
        act(&mut world, &first, &command, at(1)).unwrap();
    }
    let holder = Actor::person(PersonId::new(fresh(10)));
    act(&mut world, &holder, &attest(21), at(2)).unwrap();
    let made = world.attestations.values().next().unwrap();
    assert_eq!(made.appointment, AppointmentId::new(fresh(21)));
    assert_eq!(made.valid.until, Some(at(2).after(ATTESTATION_DEFAULT)));
    let others = act(&mut world, &holder, &attest(23), at(2));
    assert_eq!(others, Err("attestation.post-not-held".to_owned()));
    // A section chief does not speak for the whole, even where another post would.
    let narrow = act(&mut world, &holder, &attest(22), at(2));
    assert_eq!(narrow, Err("authorise.out-of-reach".to_owned()));
}
