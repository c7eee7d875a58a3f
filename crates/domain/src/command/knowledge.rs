//! Feeds, attestations, assessments and what is kept for the record.

use super::{Command, Refusal};
use crate::access::ACCESS_RECORDS_MAX;
use crate::actor::Actor;
use crate::admission::ADMISSION_RECORDS_MAX;
use crate::attestation::{ATTESTATION_DEFAULT, Attestation};
use crate::authorise::{Action, GRANTS, Reach};
use crate::event::{Event, Sealed};
use crate::feed::FeedState;
use crate::role::Role;
use crate::time::{Interval, Span, Timestamp};
use crate::world::World;

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    command: &Command,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::Attest {
            attestation,
            statement,
        } => attest(world, actor, attestation, statement, now),
        Command::ImportFeed { feed, smaller } => import_feed(world, feed, *smaller, now),
        Command::ReplaceHolidays { holidays, digest } => {
            if world.holidays.as_ref() == Some(&**holidays) {
                return Ok(Vec::new());
            }
            Ok(vec![Event::HolidaysReplaced {
                holidays: (**holidays).clone(),
                digest: digest.clone(),
            }])
        }
        Command::RecordAccess { records } => recorded(records, ACCESS_RECORDS_MAX, |access| {
            Event::AccessRecorded { access }
        }),
        Command::RecordAdmissions { records } => {
            recorded(records, ADMISSION_RECORDS_MAX, |admission| {
                Event::AdmissionRecorded { admission }
            })
        }
        Command::RecordAssessment {
            checks,
            verdicts,
            held,
        } => {
            let checks = checks.iter().map(|change| Event::CheckChanged {
                change: change.clone(),
            });
            let verdicts = verdicts.iter().map(|change| Event::VerdictChanged {
                change: change.clone(),
            });
            let held = held.iter().map(|held| Event::AssessmentHeld {
                held: (**held).clone(),
            });
            Ok(checks.chain(verdicts).chain(held).collect())
        }
        Command::ReadPersonal { subject, purpose } => Ok(vec![Event::PersonalRead {
            subject: subject.clone(),
            purpose: purpose.clone(),
        }]),
        Command::ConfirmClock { step } => Ok(vec![Event::ClockConfirmed { step: *step }]),
        Command::SetCheckpointTargets { targets } => {
            if *targets == world.checkpoint_targets {
                return Ok(Vec::new());
            }
            Ok(vec![Event::CheckpointTargetsSet {
                targets: targets.clone(),
            }])
        }
        _ => Err(Refusal::new("command.misrouted")),
    }
}

/// What is of record of answers given elsewhere, each an event.
fn recorded<R: Clone>(
    records: &[R],
    most: usize,
    event: impl Fn(R) -> Event,
) -> Result<Vec<Event>, Refusal> {
    if records.len() > most {
        return Err(Refusal::new("access.too-many-records"));
    }
    Ok(records.iter().cloned().map(event).collect())
}

/// The same document stated to be true of a later moment is an import of its own: lists that
/// change seldom stay current without changing. Whether a list is one of those is for the
/// importer to say, who knows what it is.
fn import_feed(
    world: &World,
    feed: &FeedState,
    smaller: bool,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    // A clock or a feed that is wrong by more than a day must not make evidence fresh.
    if feed.as_of > now.after(Span::days(1)) {
        return Err(Refusal::new("feed.from-the-future").at("as_of"));
    }
    let key = feed.key();
    if let Some(current) = world.feeds.get(&key) {
        if current.as_of > feed.as_of {
            return Err(Refusal::new("feed.older-than-current").at("as_of"));
        }
        if current.digest == feed.digest && current.as_of == feed.as_of {
            return Ok(Vec::new());
        }
        // Measured by the most it ever had, so that no two halvings pass one after the other.
        let most = world.feed_most.get(&key).copied().unwrap_or_default();
        if feed.lost_most_of(most) && !smaller {
            return Err(Refusal::shrunk(most, feed.entries));
        }
    }
    Ok(vec![Event::FeedImported { feed: feed.clone() }])
}

impl Refusal {
    /// That a list lost most of its entries: of the `most` that it had so many are left.
    #[must_use]
    pub fn shrunk(most: u32, left: u32) -> Self {
        let mut refusal = Self::new("feed.shrunk").at("entries");
        let reason = refusal.reason.with("most", i64::from(most));
        refusal.reason = reason.with("new", i64::from(left));
        refusal
    }
}

/// Whether holders of a role may attest for the organisation as a whole.
#[must_use]
pub fn speaks_for_the_body(role: Role) -> bool {
    GRANTS.iter().any(|grant| {
        grant.action == Action::Attest && grant.role == role && grant.reach == Reach::Body
    })
}

/// The command names the appointment that speaks: who holds several posts attests a row as the
/// one that answers for it, and not as whichever the gate came upon first.
fn attest(
    world: &World,
    actor: &Actor,
    attestation: &Attestation,
    statement: &Option<Sealed>,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let Actor::Person { person, .. } = actor else {
        return Err(Refusal::new("authorise.no-authority"));
    };
    let (appointment, post) = world
        .posts_held(*person, now)
        .find(|(known, _)| known.id == attestation.appointment)
        .ok_or_else(|| Refusal::new("attestation.post-not-held").at("appointment"))?;
    if !post.roles.iter().copied().any(speaks_for_the_body) {
        return Err(Refusal::new("authorise.out-of-reach"));
    }
    let until = attestation
        .valid
        .until
        .unwrap_or(now.after(ATTESTATION_DEFAULT));
    if until <= now {
        return Err(Refusal::new("attestation.end-in-past").at("until"));
    }
    // An attestation expires: a longer one would make an old statement look like evidence.
    let until = until.min(now.after(ATTESTATION_DEFAULT));
    let attestation = Attestation {
        appointment: appointment.id,
        valid: Interval {
            from: now,
            until: Some(until),
        },
        ..attestation.clone()
    };
    Ok(vec![Event::AttestationMade {
        attestation,
        statement: statement.clone(),
    }])
}
