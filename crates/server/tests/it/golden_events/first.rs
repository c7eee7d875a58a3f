//! One event of every kind of the first release, with fixed ids and times.

use std::collections::BTreeMap;

use sekisho_domain::actor::Actor;
use sekisho_domain::appointment::{Appointment, AppointmentKind};
use sekisho_domain::attestation::Attestation;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::{DeviceClass, DeviceKey, DeviceState};
use sekisho_domain::event::{
    Assessment, CheckChange, DeviceSet, Event, Sealed, StoredEvent, VerdictChange,
};
use sekisho_domain::feed::{FeedKind, FeedState};
use sekisho_domain::id::{
    AccountId, AppointmentId, AttestationId, DeviceId, Fresh, OrganisationId, PersonId, PostId,
    UnitId,
};
use sekisho_domain::name::{Line, Name};
use sekisho_domain::organisation::Organisation;
use sekisho_domain::post::Post;
use sekisho_domain::profile::Profile;
use sekisho_domain::requirement::RequirementId;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Timestamp};
use sekisho_domain::unit::Unit;
use sekisho_domain::verdict::{Counts, Evidence, Finding, RowVerdict, Scope, Verdict};

/// The kinds of the first release.
pub const KINDS: &[(&str, u32)] = &[
    ("organisation.founded", 1),
    ("catalogue.adopted", 1),
    ("unit.founded", 1),
    ("person.registered", 1),
    ("bootstrap.opened", 1),
    ("post.created", 1),
    ("appointment.made", 1),
    ("account.issued", 1),
    ("organisation.profile-changed", 1),
    ("device.enrolled", 1),
    ("device.state-changed", 1),
    ("check.changed", 1),
    ("verdict.changed", 1),
    ("assessment.held", 1),
    ("attestation.made", 1),
    ("feed.imported", 1),
    ("personal.read", 1),
    ("clock.confirmed", 1),
    ("checkpoint.targets-set", 1),
    ("appointment.ended", 1),
    ("account.closed", 1),
    ("person.forgotten", 1),
];

/// 2026-11-23T00:00:00Z.
const START: i64 = 1_795_392_000_000;

fn fresh(byte: u8) -> Fresh {
    Fresh([byte; 16])
}

pub fn at(minutes: i64) -> Timestamp {
    Timestamp::from_millis(START + minutes * 60_000)
}

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn name(ja: &str, en: &str) -> Name {
    Name {
        ja: line(ja),
        en: Some(line(en)),
        kana: None,
    }
}

pub fn sealed(person: PersonId) -> Sealed {
    Sealed {
        person,
        key: "key-1".to_owned(),
        nonce: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        ciphertext: "c2VhbGVk".to_owned(),
    }
}

pub fn officer() -> PersonId {
    PersonId::new(fresh(1))
}

/// Known to later golden ledgers only.
pub fn second_officer() -> PersonId {
    PersonId::new(fresh(10))
}

pub fn root() -> UnitId {
    UnitId::new(fresh(2))
}

pub fn founding() -> Vec<Event> {
    let organisation = Organisation {
        id: OrganisationId::new(fresh(5)),
        name: name("見本省", "Ministry of Samples"),
        profile: Profile::Gov,
        clauses_opted_in: false,
        root: root(),
        demo: false,
    };
    let section = Unit::founded(
        UnitId::new(fresh(6)),
        Some(root()),
        name("総務課", "General Affairs"),
        Interval {
            from: at(0),
            until: Some(at(600_000)),
        },
    );
    let top = Unit::founded(
        root(),
        None,
        organisation.name.clone(),
        Interval::starting(at(0)),
    );
    vec![
        Event::OrganisationFounded { organisation },
        Event::CatalogueAdopted {
            catalogue: "2026.11".to_owned(),
            digest: "ab".repeat(32),
        },
        Event::UnitFounded { unit: top },
        Event::UnitFounded { unit: section },
    ]
}

/// Events as the first officer has them recorded, a moment after each other.
pub fn in_order(events: Vec<Event>) -> Vec<StoredEvent> {
    let numbered = events.into_iter().enumerate();
    numbered
        .map(|(place, event)| StoredEvent {
            actor: Actor::person(officer()),
            recorded_at: at(i64::try_from(place).unwrap()),
            effective_from: None,
            event,
        })
        .collect()
}

pub fn people() -> Vec<Event> {
    let post = PostId::new(fresh(3));
    let appointment = AppointmentId::new(fresh(4));
    vec![
        Event::PersonRegistered {
            person: officer(),
            unit: root(),
            profile: sealed(officer()),
        },
        Event::BootstrapOpened { person: officer() },
        Event::PostCreated {
            post: Post::created(
                post,
                root(),
                name(
                    "統括情報セキュリティ責任者",
                    "Head Information Security Officer",
                ),
                vec![Role::Hiso, Role::Staff],
            ),
        },
        Event::AppointmentMade {
            appointment: Appointment {
                id: appointment,
                person: officer(),
                post,
                valid: Interval::starting(at(0)),
                kind: AppointmentKind::Regular,
            },
        },
        Event::AccountIssued {
            account: AccountId::new(fresh(7)),
            person: officer(),
        },
        Event::ProfileChanged {
            profile: Profile::Ci,
            clauses_opted_in: true,
        },
    ]
}

fn devices() -> Vec<Event> {
    let device = DeviceId::new(fresh(8));
    let key = DeviceKey::try_from("A".repeat(44)).unwrap();
    vec![
        Event::DeviceEnrolled {
            device,
            ordinal: 0,
            key,
            class: DeviceClass::Issued,
            unit: root(),
            user: Some(officer()),
        },
        Event::DeviceStateChanged {
            device,
            state: DeviceState::Suspended,
            reason: Reason::new("device.key-in-two-places"),
        },
        Event::CheckChanged {
            change: CheckChange {
                check: DeviceCheck::DiskEncryption,
                to: Outcome::Fail,
                cause: Reason::new("encryption.volume-open")
                    .with("mount", "/home")
                    .with("n", 2_i64),
                devices: DeviceSet::Listed(vec![0]),
            },
        },
    ]
}

fn row() -> RequirementId {
    "US-7.1.1-1-a-盗難".parse().unwrap()
}

fn verdicts() -> Vec<Event> {
    let counts = Counts {
        pass: 0,
        fail: 1,
        excepted: 0,
        unknown: 0,
    };
    let reason = Reason::new("devices.failing").with("since", at(4));
    let verdict = RowVerdict {
        verdict: Verdict::NotMet,
        reason: reason.clone(),
        counts,
        finding: Some(Finding {
            counts,
            reason: Some(reason),
            period: None,
        }),
        evidence: vec![Evidence {
            source: "check:disk_encryption".to_owned(),
            at: at(3),
            digest: Some("cd".repeat(32)),
        }],
    };
    vec![
        Event::VerdictChanged {
            change: VerdictChange {
                row: row(),
                scope: Scope::Body,
                verdict,
            },
        },
        Event::AssessmentHeld {
            held: Assessment {
                profile: Profile::Gov,
                results: "ef".repeat(32),
                rows: BTreeMap::from([("not_met".to_owned(), 1)]),
                catalogue: "2026.11".to_owned(),
                program: "0.1.0".to_owned(),
                feeds: BTreeMap::from([("kev/catalog".to_owned(), "01".repeat(32))]),
            },
        },
    ]
}

fn knowledge() -> Vec<Event> {
    vec![
        Event::AttestationMade {
            attestation: Attestation {
                id: AttestationId::new(fresh(9)),
                row: row(),
                scope: Scope::Body,
                appointment: AppointmentId::new(fresh(4)),
                valid: Interval {
                    from: at(5),
                    until: Some(at(5000)),
                },
            },
            statement: Some(sealed(officer())),
        },
        Event::FeedImported {
            feed: FeedState {
                kind: FeedKind::Kev,
                part: "catalog".to_owned(),
                digest: "01".repeat(32),
                as_of: at(-6000),
                imported_at: at(6),
                entries: 1674,
            },
        },
    ]
}

fn record_only() -> Vec<Event> {
    vec![
        Event::PersonalRead {
            subject: "sign-ins".to_owned(),
            purpose: sealed(officer()),
        },
        Event::ClockConfirmed { step: -600_000 },
        Event::CheckpointTargetsSet {
            targets: vec!["file:/srv/witness".to_owned()],
        },
        Event::AppointmentEnded {
            appointment: AppointmentId::new(fresh(4)),
            until: at(9000),
        },
        Event::AccountClosed {
            account: AccountId::new(fresh(7)),
        },
        Event::PersonForgotten { person: officer() },
    ]
}

/// The golden events, in order.
pub fn events() -> Vec<StoredEvent> {
    let all = [
        founding(),
        people(),
        devices(),
        verdicts(),
        knowledge(),
        record_only(),
    ]
    .concat();
    let actors = [
        Actor::Setup,
        Actor::Operator,
        Actor::System,
        Actor::Device {
            device: DeviceId::new(fresh(8)),
        },
        Actor::Person {
            person: officer(),
            appointment: Some(AppointmentId::new(fresh(4))),
            via: None,
        },
        Actor::person(officer()),
    ];
    all.into_iter()
        .enumerate()
        .map(|(place, event)| StoredEvent {
            actor: actors[place % actors.len()].clone(),
            recorded_at: at(i64::try_from(place).unwrap()),
            effective_from: (place == 3).then(|| at(-1)),
            event,
        })
        .collect()
}
