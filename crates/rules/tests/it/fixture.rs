//! Small worlds, devices and facts for the tests.

use std::sync::LazyLock;

use sekisho_domain::actor::Actor;
use sekisho_domain::appointment::{Appointment, AppointmentKind};
use sekisho_domain::attestation::Attestation;
use sekisho_domain::check::{CheckResult, DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::{DeviceClass, DeviceKey};
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::fact::{Fact, FactKind, FactValue, Observation, Seen, UnseenReason};
use sekisho_domain::feed::{FeedKind, FeedState};
use sekisho_domain::id::{
    AppointmentId, AttestationId, DeviceId, Fresh, OrganisationId, PersonId, PostId, UnitId,
};
use sekisho_domain::name::{Line, Name};
use sekisho_domain::organisation::Organisation;
use sekisho_domain::post::Post;
use sekisho_domain::posture::Posture;
use sekisho_domain::profile::Profile;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Span, Timestamp};
use sekisho_domain::unit::Unit;
use sekisho_domain::verdict::Scope;
use sekisho_domain::world::{NoDocuments, World};
use sekisho_rules::access::AccessEvidence;
use sekisho_rules::assess::{Assessment, RowAssessment, assess};
use sekisho_rules::catalogue::Catalogue;

/// 2026-11-23T00:00:00Z.
pub const NOW: Timestamp = Timestamp::from_millis(1_795_392_000_000);

/// Read once: some tests make a hundred thousand scenes.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().unwrap());

pub fn fresh(kind: u8, n: u32) -> Fresh {
    let mut bytes = [kind; 16];
    bytes[12..].copy_from_slice(&n.to_be_bytes());
    Fresh(bytes)
}

pub fn device(n: u32) -> DeviceId {
    DeviceId::new(fresh(1, n))
}

pub fn name(text: &str) -> Name {
    Name::ja(Line::parse(text).unwrap())
}

/// Everything was read, and there was nothing.
pub fn nothing_seen() -> AccessEvidence {
    let mut access = AccessEvidence::default();
    access.read_from(NOW.before(Span::days(28)));
    access
}

/// An organisation with devices, and what is known of them.
pub struct Scene {
    pub world: World,
    pub posture: Posture,
    pub access: AccessEvidence,
    pub catalogue: &'static Catalogue,
    pub profile: Profile,
}

impl Scene {
    pub fn new(profile: Profile) -> Self {
        let mut scene = Self {
            world: World::default(),
            posture: Posture::default(),
            access: nothing_seen(),
            catalogue: &CATALOGUE,
            profile,
        };
        let root = UnitId::new(fresh(2, 0));
        scene.apply(Event::OrganisationFounded {
            organisation: Organisation {
                id: OrganisationId::new(fresh(3, 0)),
                name: name("検証省"),
                profile,
                clauses_opted_in: false,
                root,
                demo: false,
            },
        });
        scene.apply(Event::UnitFounded {
            unit: Unit::founded(
                root,
                None,
                name("検証省"),
                Interval::starting(NOW.before(Span::days(100))),
            ),
        });
        scene
    }

    pub fn apply(&mut self, event: Event) {
        self.apply_at(event, NOW.before(Span::days(1)));
    }

    pub fn apply_at(&mut self, event: Event, recorded_at: Timestamp) {
        let stored = StoredEvent {
            actor: Actor::System,
            recorded_at,
            effective_from: None,
            event,
        };
        self.world.apply(&stored, &NoDocuments).unwrap();
    }

    /// Brings in one feed of every kind, all of this age.
    pub fn feeds(&mut self, age: Span) {
        for kind in FeedKind::ALL {
            self.apply(Event::FeedImported {
                feed: feed(kind, kind.code(), age),
            });
        }
    }

    pub fn enrol(&mut self, class: DeviceClass) -> DeviceId {
        let ordinal = u32::try_from(self.world.devices.len()).unwrap();
        let id = device(ordinal);
        self.apply(Event::DeviceEnrolled {
            device: id,
            ordinal,
            key: DeviceKey::try_from(format!("{ordinal:0>44}")).unwrap(),
            class,
            unit: UnitId::new(fresh(2, 0)),
            user: None,
        });
        id
    }

    pub fn result(&mut self, device: DeviceId, check: DeviceCheck, outcome: Outcome) {
        let code = match outcome {
            Outcome::Pass => "disk.encrypted",
            Outcome::Fail => "disk.plain",
            Outcome::Unknown => "unseen.timed-out",
        };
        let result = CheckResult {
            outcome,
            reason: Reason::new(code),
            observed_at: NOW.before(Span::hours(2)),
            received_at: NOW.before(Span::hours(2)),
            fresh_until: NOW.after(Span::days(1)),
        };
        self.posture.set(device, check, &result, 1);
    }

    pub fn all_results(&mut self, device: DeviceId, outcome: Outcome) {
        for check in DeviceCheck::ALL {
            self.result(device, check, outcome);
        }
    }

    /// Appoints someone with a role, once.
    pub fn appoint(&mut self, role: Role) -> AppointmentId {
        let n = role as u32;
        let (post, id) = (PostId::new(fresh(4, n)), AppointmentId::new(fresh(5, n)));
        self.apply(Event::PostCreated {
            post: Post::created(post, UnitId::new(fresh(2, 0)), name("官職"), vec![role]),
        });
        self.apply(Event::AppointmentMade {
            appointment: Appointment {
                id,
                person: PersonId::new(fresh(6, n)),
                post,
                valid: Interval::starting(NOW.before(Span::days(90))),
                kind: AppointmentKind::Regular,
            },
        });
        id
    }

    pub fn attest(&mut self, row: &str, appointment: AppointmentId, valid: Interval) {
        let n = u32::try_from(self.world.attestations.len()).unwrap();
        self.apply(Event::AttestationMade {
            attestation: Attestation {
                id: AttestationId::new(fresh(7, n)),
                row: row.parse().unwrap(),
                scope: Scope::Body,
                appointment,
                valid,
            },
            statement: None,
        });
    }

    pub fn assess(&self) -> Assessment {
        self.assess_at(NOW)
    }

    pub fn assess_at(&self, now: Timestamp) -> Assessment {
        assess(
            &self.world,
            &self.posture,
            &self.access,
            self.catalogue,
            self.profile,
            now,
        )
    }
}

pub fn row<'a>(assessment: &'a Assessment, id: &str) -> &'a RowAssessment {
    assessment
        .rows
        .iter()
        .find(|row| row.id.as_str() == id)
        .unwrap()
}

pub fn around_now() -> Interval {
    Interval {
        from: NOW.before(Span::days(10)),
        until: Some(NOW.after(Span::days(10))),
    }
}

/// A fact received an hour ago.
pub fn seen(value: FactValue) -> Fact {
    fact(Seen::Value(value), None)
}

pub fn fact(seen: Seen, partial: Option<UnseenReason>) -> Fact {
    Fact {
        subject: device(0),
        observation: Observation {
            seen,
            source: "test".to_owned(),
            partial,
            observed_at: NOW.before(Span::hours(1)),
        },
        received_at: NOW.before(Span::hours(1)),
    }
}

pub fn unseen(kind: FactKind) -> Fact {
    let reason = UnseenReason::NeedsPrivilege {
        what: "/etc/shadow".to_owned(),
    };
    fact(Seen::Unseen { kind, reason }, None)
}

pub fn feed(kind: FeedKind, part: &str, age: Span) -> FeedState {
    FeedState {
        kind,
        part: part.to_owned(),
        digest: "00".repeat(32),
        as_of: NOW.before(age),
        imported_at: NOW.before(age),
        entries: 1,
    }
}
