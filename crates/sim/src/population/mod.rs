//! Populations of any size for benchmarks: a World folded from events, and a posture.
//!
//! The one generator of large ministries: what differs from the demonstration is that it goes by
//! numbers alone, so that any person, device or permit is made again without keeping the others, and
//! that nothing passes through the writer.

mod mix;
mod office;
mod permits;
mod ready;
mod things;

use sekisho_domain::actor::Actor;
use sekisho_domain::check::{CheckResult, DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::event::{Sealed, StoredEvent};
use sekisho_domain::id::{AccountId, DeviceId, PersonId, SystemId, TaskId};
use sekisho_domain::posture::Posture;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::{NoDocuments, World, WorldError};
use sekisho_server::app::directory::PersonProfile;

use crate::random::SplitMix64;
use office::Office;

/// How long before now a population was founded: permits were applied for over the last year.
const AGE: Span = Span::days(400);

/// How many there are of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Population {
    /// People, forty to a section, each with a post and an account.
    pub people: u32,
    /// Devices, each with a user and in its register; one in seven is the user's own.
    pub devices: u32,
    /// Permits of every kind and state. There are none below forty people.
    pub permits: u32,
    /// So many of the people are ready to work from elsewhere: each has five more permits, which hold,
    /// and a device that is in order or fails one check.
    pub ready: u32,
}

/// A text of a person that is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// What is known of the person: [`Population::profile`].
    Profile,
    /// What the person says in an application.
    Words,
}

/// Seals a text of the person of a number.
pub type Texts<'a> = dyn FnMut(u32, Text) -> Sealed + 'a;

impl Population {
    /// Hands every event of the population to `each`, in the order of their times and in one that
    /// a World takes. The newest are of the last hours before `now`.
    ///
    /// # Errors
    /// What `each` fails with.
    pub fn events<E>(
        self,
        seed: u64,
        now: Timestamp,
        texts: &mut Texts<'_>,
        mut each: impl FnMut(StoredEvent) -> Result<(), E>,
    ) -> Result<(), E> {
        let office = self.office(seed, now);
        let mut put = |recorded_at, event| {
            each(StoredEvent {
                actor: Actor::System,
                recorded_at,
                effective_from: None,
                event,
            })
        };
        office.events(texts, &mut |event| put(office.began, event))?;
        office.entries(&mut |event| put(office.began, event))?;
        permits::events(office, now, texts, &mut put)
    }

    /// The World of the population, of which no text was kept.
    ///
    /// # Errors
    /// [`WorldError`] where the events do not fit the World any more.
    pub fn world(self, seed: u64, now: Timestamp) -> Result<World, WorldError> {
        let mut world = World::default();
        let mut unsealed = |number, _| unsealed(self.person(seed, number));
        self.events(seed, now, &mut unsealed, |event| {
            world.apply(&event, &NoDocuments)
        })?;
        Ok(world)
    }

    fn office(self, seed: u64, now: Timestamp) -> Office {
        Office {
            size: self,
            seed,
            began: now.before(AGE),
        }
    }

    /// The person of a number.
    #[must_use]
    pub fn person(self, seed: u64, number: u32) -> PersonId {
        self.office(seed, Timestamp::default()).person(number)
    }

    /// The number of the person who is ready to work from elsewhere as the `nth`.
    #[must_use]
    pub const fn ready_person(self, nth: u32) -> u32 {
        ready::person(nth)
    }

    /// The system of the section of a number.
    #[must_use]
    pub fn system_of(self, seed: u64, section: u32) -> SystemId {
        self.office(seed, Timestamp::default()).system_of(section)
    }

    /// The account of the person of a number.
    #[must_use]
    pub fn account(self, seed: u64, number: u32) -> AccountId {
        self.office(seed, Timestamp::default()).account(number)
    }

    /// The device of a number, used by the person of that number.
    #[must_use]
    pub fn device(self, seed: u64, number: u32) -> DeviceId {
        self.office(seed, Timestamp::default()).device(number)
    }

    /// The task of the section of a number.
    #[must_use]
    pub fn task(self, seed: u64, section: u32) -> TaskId {
        self.office(seed, Timestamp::default()).task(section)
    }

    /// What is known of the person of a number.
    #[must_use]
    pub fn profile(self, seed: u64, number: u32) -> PersonProfile {
        office::profile(seed, number)
    }

    /// The number of the person who holds a post of the whole.
    #[must_use]
    pub fn central(self, role: Role) -> u32 {
        self.office(0, Timestamp::default()).central_holder(role)
    }

    /// The number of the chief of the section of a number.
    #[must_use]
    pub fn chief(self, section: u32) -> u32 {
        self.office(0, Timestamp::default()).chief_of(section)
    }

    /// The number of the officer for systems of the bureau of a section.
    #[must_use]
    pub fn systems_officer(self, section: u32) -> u32 {
        let office = self.office(0, Timestamp::default());
        office.systems_officer_of(section)
    }

    /// A result of every check for every device but one in fifty, received up to five days before
    /// `now`: most pass, some fail, some are unknown, some have expired.
    #[must_use]
    pub fn posture(self, seed: u64, now: Timestamp) -> Posture {
        let mut posture = Posture::default();
        let office = self.office(seed, now);
        for number in 0..self.devices {
            let mut random = SplitMix64::fork(seed, "results", u64::from(number));
            let device = office.device(number);
            if ready::is_ready(self.ready, number) {
                let failing = ready::failing(&mut random);
                for check in DeviceCheck::ALL {
                    let outcome = ready::outcome(failing, check);
                    let result = told(outcome, check, now.before(Span::minutes(10)));
                    posture.set(device, check, &result, u64::from(number));
                }
                continue;
            }
            if random.below(50) == 0 {
                continue;
            }
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
}

/// What stands where a text would, of which the World keeps nothing.
fn unsealed(person: PersonId) -> Sealed {
    Sealed {
        person,
        key: String::new(),
        nonce: String::new(),
        ciphertext: String::new(),
    }
}

fn result(random: &mut SplitMix64, check: DeviceCheck, received: Timestamp) -> CheckResult {
    let outcome = match random.below(100) {
        0..=4 => Outcome::Fail,
        5..=6 => Outcome::Unknown,
        _ => Outcome::Pass,
    };
    let mut result = told(outcome, check, received);
    if outcome == Outcome::Fail {
        result.reason = result.reason.with("n", random.below(30));
    }
    result
}

fn told(outcome: Outcome, check: DeviceCheck, received: Timestamp) -> CheckResult {
    let code = match outcome {
        Outcome::Fail => "update.security-pending",
        Outcome::Unknown => "unseen.not-reported",
        Outcome::Pass => "update.none-pending",
    };
    CheckResult {
        outcome,
        reason: Reason::new(code),
        observed_at: received,
        received_at: received,
        fresh_until: received.after(check.freshness()),
    }
}
