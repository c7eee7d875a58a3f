//! Populations of any size for benchmarks: a World folded from events, and a posture.

use std::sync::LazyLock;

use base64ct::{Base64UrlUnpadded, Encoding};
use sekisho_domain::actor::Actor;
use sekisho_domain::appointment::{Appointment, AppointmentKind};
use sekisho_domain::attestation::Attestation;
use sekisho_domain::check::{CheckResult, DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::{DeviceClass, DeviceKey};
use sekisho_domain::event::{Event, Sealed, StoredEvent};
use sekisho_domain::id::{
    AppointmentId, AttestationId, DeviceId, OrganisationId, PersonId, PostId, UnitId,
};
use sekisho_domain::name::{Line, Name};
use sekisho_domain::organisation::Organisation;
use sekisho_domain::post::Post;
use sekisho_domain::posture::Posture;
use sekisho_domain::profile::Profile;
use sekisho_domain::requirement::RequirementId;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Span, Timestamp};
use sekisho_domain::unit::Unit;
use sekisho_domain::verdict::Scope;
use sekisho_domain::world::{NoDocuments, World, WorldError};

use crate::random::SplitMix64;

/// People in one unit.
const PER_UNIT: u32 = 40;

/// How many there are of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Population {
    /// People, forty to a unit, each appointed to the unit's post of staff.
    pub people: u32,
    /// Devices, each with a user; one in seven is the user's own.
    pub devices: u32,
    /// Records of the size of a permit: id, row, subject, appointment and time. Attestations, the
    /// records of that kind that there are.
    pub permits: u32,
}

impl Population {
    /// Hands every event of the population to `each`, in an order that a World takes.
    ///
    /// # Errors
    /// What `each` fails with.
    pub fn events<E>(
        self,
        seed: u64,
        at: Timestamp,
        mut each: impl FnMut(StoredEvent) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut put = |event| {
            each(StoredEvent {
                actor: Actor::System,
                recorded_at: at,
                effective_from: None,
                event,
            })
        };
        put(Event::OrganisationFounded {
            organisation: organisation(seed),
        })?;
        for number in 0..=self.units() {
            put(Event::UnitFounded {
                unit: unit(seed, number, at),
            })?;
            put(Event::PostCreated {
                post: post(seed, number),
            })?;
        }
        for number in 0..self.people {
            put(person(seed, number))?;
            put(Event::AppointmentMade {
                appointment: appointment(seed, number, at),
            })?;
        }
        for number in 0..self.devices {
            put(self.device(seed, number))?;
        }
        for number in 0..self.permits {
            put(self.permit(seed, number, at))?;
        }
        Ok(())
    }

    /// The World of the population.
    ///
    /// # Errors
    /// [`WorldError`] where the events do not fit the World any more.
    pub fn world(self, seed: u64, at: Timestamp) -> Result<World, WorldError> {
        let mut world = World::default();
        self.events(seed, at, |event| world.apply(&event, &NoDocuments))?;
        Ok(world)
    }

    /// A result of every check for every device but one in fifty, received up to five days before
    /// `now`: most pass, some fail, some are unknown, some have expired.
    #[must_use]
    pub fn posture(self, seed: u64, now: Timestamp) -> Posture {
        let mut posture = Posture::default();
        for number in 0..self.devices {
            let mut random = SplitMix64::fork(seed, "results", u64::from(number));
            if random.below(50) == 0 {
                continue;
            }
            let device = DeviceId::new(id(seed, "device", number));
            let hours = if random.chance(50) {
                random.below(120)
            } else {
                random.below(24)
            };
            let received = now.before(Span::hours(hours));
            for check in DeviceCheck::ALL {
                posture.set(
                    device,
                    check,
                    &result(&mut random, check, received),
                    u64::from(number),
                );
            }
        }
        posture
    }

    fn units(self) -> u32 {
        self.people.div_ceil(PER_UNIT).max(1)
    }

    fn device(self, seed: u64, number: u32) -> Event {
        let mut random = SplitMix64::fork(seed, "key", u64::from(number));
        let user = random.below(self.people);
        // Of the form of a key and no point on the curve: nothing signs in a benchmark.
        let key = Base64UrlUnpadded::encode_string(&random.bytes::<33>());
        Event::DeviceEnrolled {
            device: DeviceId::new(id(seed, "device", number)),
            ordinal: number,
            key: DeviceKey::try_from(key).expect("33 bytes are 44 characters of base64url"),
            class: if number.is_multiple_of(7) {
                DeviceClass::Byod
            } else {
                DeviceClass::Issued
            },
            unit: unit_of(seed, user),
            user: (self.people > 0).then(|| PersonId::new(id(seed, "person", user))),
        }
    }

    fn permit(self, seed: u64, number: u32, at: Timestamp) -> Event {
        let mut random = SplitMix64::fork(seed, "permit", u64::from(number));
        let holder = random.below(self.people);
        let attestation = Attestation {
            id: AttestationId::new(random.fresh()),
            row: ROW.clone(),
            scope: Scope::Body,
            appointment: AppointmentId::new(id(seed, "appointment", holder)),
            valid: Interval {
                from: at,
                until: Some(at.after(Span::days(1 + random.below(180)))),
            },
        };
        Event::AttestationMade {
            attestation,
            statement: None,
        }
    }
}

/// The row that the permit-sized records name.
static ROW: LazyLock<RequirementId> =
    LazyLock::new(|| "GOV-2-1-a".parse().expect("the id has the form of one"));

fn id(seed: u64, label: &str, number: u32) -> sekisho_domain::id::Fresh {
    SplitMix64::fork(seed, label, u64::from(number)).fresh()
}

fn name(text: &str) -> Name {
    Name::ja(Line::parse(text).expect("the text is short and plain"))
}

fn organisation(seed: u64) -> Organisation {
    Organisation {
        id: OrganisationId::new(id(seed, "organisation", 0)),
        name: name("見本省"),
        profile: Profile::Gov,
        clauses_opted_in: false,
        root: UnitId::new(id(seed, "unit", 0)),
        demo: true,
    }
}

fn unit(seed: u64, number: u32, at: Timestamp) -> Unit {
    Unit::founded(
        UnitId::new(id(seed, "unit", number)),
        (number > 0).then(|| UnitId::new(id(seed, "unit", 0))),
        name(&format!("第{number}課")),
        Interval::starting(at),
    )
}

fn post(seed: u64, number: u32) -> Post {
    Post::created(
        PostId::new(id(seed, "post", number)),
        UnitId::new(id(seed, "unit", number)),
        name("職員"),
        vec![Role::Staff],
    )
}

fn unit_of(seed: u64, person: u32) -> UnitId {
    UnitId::new(id(seed, "unit", 1 + person / PER_UNIT))
}

fn person(seed: u64, number: u32) -> Event {
    let person = PersonId::new(id(seed, "person", number));
    // The World keeps nothing of a sealed text, so that its length does not matter here.
    let profile = Sealed {
        person,
        key: String::new(),
        nonce: String::new(),
        ciphertext: String::new(),
    };
    Event::PersonRegistered {
        person,
        unit: unit_of(seed, number),
        profile,
    }
}

fn appointment(seed: u64, number: u32, at: Timestamp) -> Appointment {
    Appointment {
        id: AppointmentId::new(id(seed, "appointment", number)),
        person: PersonId::new(id(seed, "person", number)),
        post: PostId::new(id(seed, "post", 1 + number / PER_UNIT)),
        valid: Interval::starting(at),
        kind: AppointmentKind::Regular,
    }
}

fn result(random: &mut SplitMix64, check: DeviceCheck, received: Timestamp) -> CheckResult {
    let (outcome, code) = match random.below(100) {
        0..=4 => (Outcome::Fail, "update.security-pending"),
        5..=6 => (Outcome::Unknown, "unseen.not-reported"),
        _ => (Outcome::Pass, "update.none-pending"),
    };
    let reason = Reason::new(code);
    let reason = if outcome == Outcome::Fail {
        reason.with("n", random.below(30))
    } else {
        reason
    };
    CheckResult {
        outcome,
        reason,
        observed_at: received,
        received_at: received,
        fresh_until: received.after(check.freshness()),
    }
}
