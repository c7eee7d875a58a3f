//! Which letters follow from what was recorded, and from time going by.
//!
//! From a record each letter follows once: its key holds the record's number. From time, its key
//! holds what it speaks of and until when, so that a term that was put off is told anew.

use std::collections::HashSet;

use sekisho_domain::event::Event;
use sekisho_domain::id::{PermitId, PersonId, PostId};
use sekisho_domain::permit::{Capacity, Decision, EndKind, Permit};
use sekisho_domain::role::Role;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;
use sekisho_store::observations::NewLetter;

use super::letter::{Letter, Verdict};

/// Most letters that time brings in one look; the next look brings the rest.
const AT_ONCE: usize = 2_000;
/// How long what a stand-in decided may wait to be viewed before the holder is reminded.
const VIEW_WITHIN: u32 = 3;

/// The letters that follow from one record, as the World stands after it.
pub(super) fn from_event(
    world: &World,
    sequence: u64,
    event: &Event,
    at: Timestamp,
) -> Vec<NewLetter> {
    let mut letters = Letters {
        prefix: format!("record/{sequence}"),
        at,
        list: Vec::new(),
    };
    match event {
        Event::PermitApplied { applied } => to_decide(world, applied.permit, &mut letters),
        Event::PermitResubmitted { step } => to_decide(world, step.permit, &mut letters),
        Event::PermitExtensionAsked { step } => to_decide(world, step.permit, &mut letters),
        Event::PermitRerouted { step } => to_decide(world, step.permit, &mut letters),
        other => {
            if let Some((permit, verdict, decision)) = news_of(other) {
                decided(world, permit, verdict, decision, &mut letters);
            }
        }
    }
    letters.list
}

/// What a record tells the applicant, and who decided it where someone did.
fn news_of(event: &Event) -> Option<(PermitId, Verdict, Option<&Decision>)> {
    Some(match event {
        Event::PermitSentBack { step } => (step.permit, Verdict::SentBack, Some(&step.decision)),
        Event::PermitRefused { step } => (step.permit, Verdict::Refused, Some(&step.decision)),
        Event::PermitApproved { step } => (step.permit, Verdict::Approved, Some(&step.decision)),
        Event::PermitExtended { step } => (step.permit, Verdict::Extended, Some(&step.decision)),
        Event::PermitExtensionRefused { step } => {
            let verdict = Verdict::ExtensionRefused;
            (step.permit, verdict, Some(&step.decision))
        }
        Event::PermitSuspended { step } => (step.permit, Verdict::Suspended, None),
        Event::PermitResumed { step } => (step.permit, Verdict::Resumed, step.decision.as_ref()),
        // Whoever gives a permit back or lets it run out knows it.
        Event::PermitEnded { step }
            if matches!(step.how, EndKind::Revoked | EndKind::Transferred) =>
        {
            (step.permit, Verdict::Ended, step.decision.as_ref())
        }
        _ => return None,
    })
}

struct Letters {
    prefix: String,
    at: Timestamp,
    list: Vec<NewLetter>,
}

impl Letters {
    fn to(&mut self, person: PersonId, letter: &Letter) {
        let key = format!("{}/{}/{person}", self.prefix, letter.kind());
        self.list.extend(new(key, person, letter, self.at));
    }
}

fn new(key: String, person: PersonId, letter: &Letter, at: Timestamp) -> Option<NewLetter> {
    Some(NewLetter {
        key,
        person: person.to_string(),
        payload: serde_json::to_value(letter).ok()?,
        due_at: at.as_millis(),
    })
}

fn to_decide(world: &World, id: PermitId, letters: &mut Letters) {
    let Some(permit) = world.permits.get(id).filter(|it| it.waits(letters.at)) else {
        return;
    };
    let mut told: Vec<PersonId> = world
        .deciders(permit.route.post, permit.kind(), permit.grade, letters.at)
        .map(|(who, _)| who)
        .filter(|who| *who != permit.applicant)
        .collect();
    told.sort_unstable();
    told.dedup();
    for person in told {
        letters.to(person, &Letter::ToDecide { permit: id });
    }
}

fn decided(
    world: &World,
    id: PermitId,
    verdict: Verdict,
    decision: Option<&Decision>,
    letters: &mut Letters,
) {
    let Some(permit) = world.permits.get(id) else {
        return;
    };
    letters.to(
        permit.applicant,
        &Letter::Decided {
            permit: id,
            verdict,
        },
    );
    let Some(decision) = decision else { return };
    if !matches!(decision.capacity, Capacity::StandIn { .. }) {
        return;
    }
    let post = decision.route.post;
    let holders: Vec<PersonId> = world.holders(post, letters.at).collect();
    for principal in holders.into_iter().filter(|who| *who != decision.by) {
        let letter = Letter::StandInDecided {
            permit: id,
            post,
            by: decision.by,
            verdict,
        };
        letters.to(principal, &letter);
    }
}

/// The letters that time brings at an instant: ends that come within so many working days, what is
/// overdue, and what waits to be viewed. Those that were asked for already are left out; so many at
/// once at most.
pub(super) fn from_time(
    world: &World,
    lead: u32,
    now: Timestamp,
    asked: &HashSet<String>,
) -> Vec<NewLetter> {
    let soon = world.calendar().deadline(now, lead);
    let ends = world.permits.ending(now, soon).filter_map(end_coming);
    let overdue = world.permits.overdue(now);
    let overdue = overdue.flat_map(|permit| is_overdue(world, permit, now));
    let posts = world.posts.keys().copied();
    let unseen = posts.flat_map(|post| to_view(world, post, now));
    ends.chain(overdue)
        .chain(unseen)
        .filter(|(key, ..)| !asked.contains(key))
        .take(AT_ONCE)
        .filter_map(|(key, person, letter)| new(key, person, &letter, now))
        .collect()
}

type Wanted = (String, PersonId, Letter);

fn end_coming(permit: &Permit) -> Option<Wanted> {
    let until = permit.grant()?.term.until;
    let letter = Letter::EndComing {
        permit: permit.id,
        until,
    };
    let key = format!("end/{}/{}", permit.id, until.as_millis());
    Some((key, permit.applicant, letter))
}

fn is_overdue(world: &World, permit: &Permit, now: Timestamp) -> Vec<Wanted> {
    let Some(due) = permit.grant().and_then(|grant| grant.due()) else {
        return Vec::new();
    };
    let mut told = vec![permit.applicant];
    for post in world.posts_with(Role::Diso, permit.unit, now) {
        told.extend(world.holders(post, now));
    }
    told.sort_unstable();
    told.dedup();
    let wanted = |person: PersonId| {
        let letter = Letter::Overdue {
            permit: permit.id,
            due,
        };
        let key = format!("due/{}/{}/{person}", permit.id, due.as_millis());
        (key, person, letter)
    };
    told.into_iter().map(wanted).collect()
}

fn to_view(world: &World, post: PostId, now: Timestamp) -> Vec<Wanted> {
    let calendar = world.calendar();
    let mut wanted = Vec::new();
    for permit in world.permits.to_view_at(post) {
        if calendar.deadline(permit.changed_at, VIEW_WITHIN) > now {
            continue;
        }
        // Once a week, as long as it waits.
        let week = now.since(permit.changed_at).as_millis() / Span::days(7).as_millis();
        for person in world.holders(post, now) {
            let letter = Letter::ViewWaiting {
                permit: permit.id,
                post,
            };
            let key = format!("view/{}/{post}/{person}/{week}", permit.id);
            wanted.push((key, person, letter));
        }
    }
    wanted
}
