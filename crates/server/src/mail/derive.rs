//! Which letters follow from what was recorded, and from time going by.
//!
//! From a record each letter follows once: its key holds the record's number. From time, its key
//! holds what it speaks of and until when, so that a term that was put off is told anew.

use std::collections::HashSet;

use sekisho_domain::event::Event;
use sekisho_domain::id::{ConcernId, PermitId, PersonId, PostId};
use sekisho_domain::permit::{Capacity, Decision, EndKind, Permit};
use sekisho_domain::plan::{Case, CaseOpened};
use sekisho_domain::role::Role;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;
use sekisho_store::observations::NewLetter;

use super::letter::{Letter, Verdict};
use super::review::to_review;
use super::{proposed, reading, told, vouched};

/// Most letters that time brings in one look; the next look brings the rest.
const AT_ONCE: usize = 2_000;
/// For so long, in milliseconds, words that are added to one report are gathered.
const HOUR: i64 = Span::hours(1).as_millis();
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
        Event::CaseOpened { opened } => {
            for person in reassessors(world, opened, at) {
                letters.to(person, &Letter::ToReassess { case: opened.case });
            }
        }
        Event::ConcernSaid { said } => words_added(world, said.concern, &mut letters),
        other if told::speaks_of(other) => {
            for (person, letter) in told::from_event(world, other, at) {
                letters.to(person, &letter);
            }
        }
        other => {
            if let Some((permit, verdict, decision)) = news_of(other) {
                decided(world, permit, verdict, decision, &mut letters);
            }
        }
    }
    letters.list
}

/// Words that are added to one report within an hour are told together, at its end: whoever writes often, and
/// without a name, fills nobody's mailbox.
fn words_added(world: &World, concern: ConcernId, letters: &mut Letters) {
    let hour = letters.at.as_millis().div_euclid(HOUR);
    let end = Timestamp::from_millis(hour.saturating_add(1).saturating_mul(HOUR));
    for person in told::added(world, concern, letters.at) {
        let key = format!("concern/{concern}/words/{hour}/{person}");
        let letter = Letter::ConcernAdded { concern };
        letters.list.extend(new(key, person, &letter, end));
    }
}

/// Who is to reassess a case: the head officer of the whole; of a unit its officer, with the head officer
/// where the risk may be high or the unit has none.
fn reassessors(world: &World, opened: &CaseOpened, at: Timestamp) -> Vec<PersonId> {
    let holders = |unit, role| -> Vec<PersonId> {
        let posts = world.posts_with(role, unit, at).into_iter();
        posts.flat_map(|post| world.holders(post, at)).collect()
    };
    let mut told = match opened.scope.unit() {
        Some(unit) => holders(unit, Role::Diso),
        None => Vec::new(),
    };
    if told.is_empty() || opened.high {
        let root = world.organisation.as_ref().map(|it| it.root);
        told.extend(root.into_iter().flat_map(|root| holders(root, Role::Hiso)));
    }
    told.sort_unstable();
    told.dedup();
    told
}

/// That a case is late, told once to whoever is to reassess it.
fn is_late(world: &World, case: &Case, now: Timestamp) -> Vec<Wanted> {
    let (id, due) = (case.opened.case, case.opened.due);
    let told = reassessors(world, &case.opened, now).into_iter();
    let wanted = |person: PersonId| {
        let letter = Letter::ReassessmentLate { case: id, due };
        let key = format!("case/{id}/{}/{person}", due.as_millis());
        (key, person, letter)
    };
    told.map(wanted).collect()
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
            if matches!(
                step.how,
                EndKind::Revoked | EndKind::Transferred | EndKind::Regularised
            ) =>
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
        .filter(|who| !world.is_own_permit(permit, *who))
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
    let late = world.plan.overdue(now);
    let late = late.flat_map(|case| is_late(world, case, now));
    let reviews = world.live_exceptions(now);
    let reviews = reviews.flat_map(|permit| to_review(world, permit, soon, now));
    ends.chain(overdue)
        .chain(unseen)
        .chain(late)
        .chain(reviews)
        .chain(told::from_time(world, now))
        .chain(proposed::from_time(world, now))
        .chain(vouched::from_time(world, now))
        // Last, since they may be for everybody.
        .chain(reading::from_time(world, now))
        .filter(|(key, ..)| !asked.contains(key))
        .take(AT_ONCE)
        .filter_map(|(key, person, letter)| new(key, person, &letter, now))
        .collect()
}

/// A letter that is asked for, with its key and its reader.
pub(super) type Wanted = (String, PersonId, Letter);

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
        let Some(waiting) = permit.to_view.iter().find(|it| it.post == post) else {
            continue;
        };
        let since = waiting.since;
        if calendar.deadline(since, VIEW_WITHIN) > now {
            continue;
        }
        // Once a week, as long as it waits. What is decided after the last was viewed counts anew.
        let week = now.since(since).as_millis() / Span::days(7).as_millis();
        let since = since.as_millis();
        for person in world.holders(post, now) {
            let letter = Letter::ViewWaiting {
                permit: permit.id,
                post,
            };
            let key = format!("view/{}/{post}/{since}/{person}/{week}", permit.id);
            wanted.push((key, person, letter));
        }
    }
    wanted
}

#[cfg(test)]
mod tests {
    use sekisho_domain::actor::Actor;
    use sekisho_domain::appointment::{Appointment, AppointmentKind};
    use sekisho_domain::concern::ConcernSaid;
    use sekisho_domain::event::{Sealed, StoredEvent};
    use sekisho_domain::id::{AppointmentId, Fresh, PostId, StandInId, TaskId, UnitId};
    use sekisho_domain::name::{Line, Name};
    use sekisho_domain::permit::event::{Applied, Approved, Request};
    use sekisho_domain::permit::particulars::{Telework, TeleworkPlace};
    use sekisho_domain::permit::{
        Clause, NumberSeries, Particulars, PermitKind, PermitNumber, Route, Term,
    };
    use sekisho_domain::post::Post;
    use sekisho_domain::register::concern::{ConcernKind, ConcernState};
    use sekisho_domain::register::{self, Concern, EntryId};
    use sekisho_domain::time::Interval;
    use sekisho_domain::unit::Unit;
    use sekisho_domain::world::NoDocuments;

    use super::*;

    const fn fresh(n: u8) -> Fresh {
        Fresh([n; 16])
    }

    /// The morning of a day from Monday, 5 January 2026 on.
    fn day(n: i64) -> Timestamp {
        Timestamp::from_millis(1_767_571_200_000 + n * 86_400_000)
    }

    fn happens(world: &mut World, at: Timestamp, event: Event) {
        let stored = StoredEvent {
            actor: Actor::System,
            recorded_at: at,
            effective_from: None,
            event,
        };
        world.apply(&stored, &NoDocuments).unwrap();
    }

    /// A unit with a post and its holder.
    fn office() -> (World, UnitId, PostId) {
        let (unit, post) = (UnitId::new(fresh(1)), PostId::new(fresh(2)));
        let name = || Name::ja(Line::parse("総務課").unwrap());
        let mut world = World::default();
        let from = Interval::starting(day(-9));
        let unit_founded = Unit::founded(unit, None, name(), from);
        happens(
            &mut world,
            day(-9),
            Event::UnitFounded { unit: unit_founded },
        );
        let created = Post::created(post, unit, name(), vec![Role::Diso]);
        happens(&mut world, day(-9), Event::PostCreated { post: created });
        let appointment = Appointment {
            id: AppointmentId::new(fresh(3)),
            person: PersonId::new(fresh(4)),
            post,
            valid: from,
            kind: AppointmentKind::Regular,
        };
        happens(&mut world, day(-9), Event::AppointmentMade { appointment });
        (world, unit, post)
    }

    /// A permit on which someone who stood in decided on the first day.
    fn decided_by_a_stand_in() -> (World, PermitId) {
        let (mut world, unit, post) = office();
        let (permit, applicant) = (PermitId::new(fresh(5)), PersonId::new(fresh(6)));
        let wanted = Term {
            from: day(0),
            until: day(300),
        };
        let route = Route {
            post,
            role: Role::Diso,
            clause: Clause::Default,
        };
        let request = Request {
            particulars: Particulars::Telework(Telework {
                task: TaskId::new(fresh(7)),
                place: TeleworkPlace::Home,
                device: None,
                grade: None,
                days_per_week: None,
            }),
            grade: None,
            wanted,
            unit,
            route,
            purpose: Sealed {
                person: applicant,
                key: String::new(),
                nonce: String::new(),
                ciphertext: String::new(),
            },
        };
        let applied = Box::new(Applied {
            permit,
            applicant,
            request,
        });
        happens(&mut world, day(0), Event::PermitApplied { applied });
        let capacity = Capacity::StandIn {
            stand_in: StandInId::new(fresh(8)),
        };
        let step = Box::new(Approved {
            permit,
            number: PermitNumber {
                series: NumberSeries::at(PermitKind::Telework, day(0), false),
                serial: 1,
            },
            decision: Decision {
                by: PersonId::new(fresh(9)),
                capacity,
                route,
            },
            term: wanted,
            deadlines: Default::default(),
            conditions: None,
            remark: None,
            for_everybody: false,
        });
        happens(&mut world, day(0), Event::PermitApproved { step });
        (world, permit)
    }

    fn reminders(world: &World, now: Timestamp) -> Vec<String> {
        let letters = from_time(world, 1, now, &HashSet::new()).into_iter();
        let keys = letters.map(|letter| letter.key);
        keys.filter(|key| key.starts_with("view/")).collect()
    }

    /// It began anew whenever something else happened to the permit.
    #[test]
    fn viewing_is_asked_for_from_the_decision_on_whatever_happens_to_the_permit_since() {
        let (mut world, permit) = decided_by_a_stand_in();
        assert!(reminders(&world, day(2)).is_empty());
        let due = reminders(&world, day(7));
        assert_eq!(due.len(), 1);
        happens(&mut world, day(6), Event::PermitActivated { permit });
        assert_eq!(reminders(&world, day(7)), due);
        // Again a week later, as something else.
        let again = reminders(&world, day(14));
        assert_eq!(again.len(), 1);
        assert_ne!(again, due);
    }

    /// Whoever writes often, and without a name, once filled mailboxes.
    #[test]
    fn words_added_to_one_report_within_an_hour_are_one_letter_at_its_end() {
        let (mut world, unit, _) = office();
        let concern = ConcernId::new(fresh(20));
        let told = Concern {
            kind: ConcernKind::Place,
            task: None,
            anonymous: true,
            state: ConcernState::Open,
        };
        let entered = Event::RegisterEntered {
            id: EntryId::Concern(concern),
            unit: Some(unit),
            particulars: register::Particulars::Concern(told),
            remark: None,
        };
        happens(&mut world, day(0), entered);
        let said = Event::ConcernSaid {
            said: ConcernSaid {
                concern,
                words: Sealed {
                    person: PersonId::new(fresh(6)),
                    key: String::new(),
                    nonce: String::new(),
                    ciphertext: String::new(),
                },
            },
        };
        let at = |minutes: u32| day(0).after(Span::minutes(minutes));
        let letters = |sequence: u64, minutes: u32| {
            let letters = from_event(&world, sequence, &said, at(minutes)).into_iter();
            letters
                .map(|letter| (letter.key, letter.due_at))
                .collect::<Vec<_>>()
        };
        let first = letters(1, 1);
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].1, at(60).as_millis());
        assert_eq!(letters(2, 59), first);
        assert_ne!(letters(3, 60), first);
    }
}
