//! Rows on exceptions (notices 2): that they are looked at again by their date, and that those which work do not
//! stay exceptions.
//!
//! A row that nothing speaks of is in order only where permits are really given here and none of them ever was
//! an exception; beside it the row's owner has to say so.

use sekisho_domain::check::Outcome;
use sekisho_domain::code::Reason;
use sekisho_domain::exception::{MeasureStanding, Outcome as Settled};
use sekisho_domain::permit::{Permit, PermitKind};
use sekisho_domain::time::Span;
use sekisho_domain::verdict::{Counts, Evidence, Finding, Verdict};

use super::Ground;
use super::concerned::{CONCERNED, Concerned, Thing};
use super::part::Part;
use crate::exception::Standings;

/// Exceptions are looked at again by their date.
const REVIEWED: &str = "CK-EXC-REVIEWED";
/// Exceptions that work become ordinary operation, with their measures in effect.
const REGULAR: &str = "CK-EXC-REGULAR";

/// For how long an exception that ended without anybody having looked at it counts. Our own choice.
const REMEMBERED: Span = Span::days(365);

/// Within how long after its end an exception is to be looked at, where its date does not come earlier. Our own
/// choice.
const AFTER_END: Span = Span::days(10);

/// Whether exceptions answer a check by themselves.
pub(super) fn answers(check: &str) -> bool {
    matches!(check, REVIEWED | REGULAR)
}

/// What exceptions say; none where they do not answer the check.
pub(super) fn judge(check: &str, ground: &Ground<'_>) -> Option<Part> {
    if !answers(check) {
        return None;
    }
    let mut part = if check == REVIEWED {
        reviewed(ground)
    } else {
        regular(ground)
    };
    part.evidence.push(Evidence {
        source: "register:permits".to_owned(),
        at: ground.world.recorded_at,
        digest: None,
    });
    Some(part)
}

/// Every exception that was ever given.
fn given<'a>(ground: &'a Ground<'_>) -> impl Iterator<Item = &'a Permit> {
    let all = ground.world.permits.of_kind(PermitKind::Exception);
    all.filter(|permit| permit.grant().is_some())
}

/// Where no exception is to be counted. That none was ever given says something only where permits are given.
fn none(ground: &Ground<'_>, over: &'static str) -> Part {
    let before = given(ground).count();
    if before > 0 {
        return Part::of(Verdict::Met, Reason::new(over).with("n", before));
    }
    let others = ground.world.permits.iter();
    let others = others.filter(|permit| permit.grant().is_some()).count();
    if others == 0 {
        let none = Reason::new("permit.none").with("kind", PermitKind::Exception.code());
        return Part::of(Verdict::Unknown, none);
    }
    Part::of(
        Verdict::Met,
        Reason::new("exception.none-taken").with("n", others),
    )
}

fn counted(counts: Counts, reason: Reason, mut concerned: Vec<Concerned>) -> Part {
    let mut part = Part::of(counts.verdict(), reason);
    part.counts = counts;
    concerned.truncate(CONCERNED);
    part.concerned = concerned;
    part
}

fn named(permit: &Permit, outcome: Outcome, reason: Reason) -> Concerned {
    Concerned {
        what: Thing::Permit(permit.id),
        person: None,
        outcome,
        reason,
    }
}

/// How it stands with looking at an exception that ended lately and that nobody has looked at since it was
/// given: it fails once its date, or ten days after an earlier end, has come. None of others.
fn ended_unseen(ground: &Ground<'_>, permit: &Permit) -> Option<Outcome> {
    let (world, now) = (ground.world, ground.now);
    let end = permit.grant()?.end(now)?;
    let record = world.exceptions.get(&permit.id);
    let seen = record.is_some_and(|it| {
        !it.reviews.is_empty() || !it.decided_again.is_empty() || it.outcome.is_some()
    });
    if seen || permit.was_done_without() || now.since(end.at) > REMEMBERED {
        return None;
    }
    let grace = end.at.after(AFTER_END);
    let late = world.exception_review_late(permit);
    let late = late.map_or(grace, |late| late.min(grace));
    Some(if late <= now {
        Outcome::Fail
    } else {
        Outcome::Unknown
    })
}

/// How it stands with looking at one exception again; none where that is past.
fn looked_at(ground: &Ground<'_>, permit: &Permit) -> Option<(Outcome, Reason)> {
    if ground.world.is_exception_past_review(permit, ground.now) {
        let due = ground.world.exception_review_on(permit);
        let due = due.map_or_else(String::new, |day| day.to_string());
        let reason = Reason::new("exception.review-late").with("day", due);
        return Some((Outcome::Fail, reason));
    }
    if let Some(outcome) = ended_unseen(ground, permit) {
        return Some((outcome, Reason::new("exception.ended-unseen")));
    }
    let grant = permit.grant()?;
    let live = grant.end(ground.now).is_none();
    live.then(|| (Outcome::Pass, Reason::new("exception.not-confirmed-yet")))
}

/// None that was given and has not ended is past its date; and none ended without anybody having looked at it.
fn reviewed(ground: &Ground<'_>) -> Part {
    let mut counts = Counts::default();
    let mut concerned = Vec::new();
    for permit in given(ground) {
        let Some((outcome, reason)) = looked_at(ground, permit) else {
            continue;
        };
        match outcome {
            Outcome::Pass => {
                counts.pass += 1;
                continue;
            }
            Outcome::Fail => counts.fail += 1,
            Outcome::Unknown => counts.unknown += 1,
        }
        concerned.push(named(permit, outcome, reason));
    }
    concerned.sort_by_key(|it| it.outcome != Outcome::Fail);
    let all = counts.total();
    if all == 0 {
        return none(ground, "exception.none-to-review");
    }
    let reason = if counts.fail > 0 {
        let reason = Reason::new("permit.exceptions-past-review").with("n", counts.fail);
        reason.with("all", all)
    } else if counts.unknown > 0 {
        let reason = Reason::new("exception.ended-to-review").with("n", counts.unknown);
        reason.with("all", all)
    } else {
        Reason::new("permit.exceptions-in-time").with("n", all)
    };
    counted(counts, reason, concerned)
}

/// How an exception stands as to whether it ought to be ordinary operation; none where that is past.
fn standing<'a>(
    ground: &Ground<'a>,
    standings: &mut Standings<'a>,
    permit: &Permit,
) -> Option<(Outcome, Reason)> {
    let (world, now) = (ground.world, ground.now);
    let record = world.exceptions.get(&permit.id);
    let said = |outcome, code| Some((outcome, Reason::new(code)));
    if let Some(Settled::Regularised { clause, .. }) = record.and_then(|it| it.outcome.as_ref()) {
        if !world.clause_stands(*clause, now) {
            return said(Outcome::Fail, "exception.clause-gone");
        }
        let exception = permit.exception();
        if exception.is_none_or(|it| !world.clause_answers(it, *clause, now)) {
            return said(Outcome::Fail, "exception.clause-not-its");
        }
        return match standings.gravest(permit) {
            MeasureStanding::Holds => said(Outcome::Pass, "exception.measures-hold"),
            MeasureStanding::Fails => said(Outcome::Fail, "exception.measures-fail"),
            MeasureStanding::Unknown => said(Outcome::Unknown, "exception.measures-unknown"),
        };
    }
    permit.grant().filter(|grant| grant.end(now).is_none())?;
    match world.exception_confirmed(permit.id) {
        Some(by) if by == permit.id => said(Outcome::Fail, "exception.effective-left"),
        Some(earlier) => {
            let earlier = world.permits.get(earlier).and_then(Permit::grant);
            let number = earlier.map_or_else(String::new, |grant| grant.number.to_string());
            let reason = Reason::new("exception.runs-on").with("number", number);
            Some((Outcome::Fail, reason))
        }
        None if world.is_exception_past_review(permit, now) => {
            said(Outcome::Unknown, "exception.effect-unknown")
        }
        None => said(Outcome::Pass, "exception.not-confirmed-yet"),
    }
}

/// No exception that works still runs as one, also where it was applied for anew, and the measures of those that
/// became ordinary operation are in effect. What is our own beside it is a finding, and no demand of the notice.
fn regular(ground: &Ground<'_>) -> Part {
    let mut counts = Counts::default();
    let mut concerned = Vec::new();
    let mut standings = Standings::new(ground.world, ground.posture, ground.now);
    for permit in given(ground) {
        let Some((outcome, reason)) = standing(ground, &mut standings, permit) else {
            continue;
        };
        match outcome {
            Outcome::Pass => counts.pass += 1,
            Outcome::Fail => counts.fail += 1,
            Outcome::Unknown => counts.unknown += 1,
        }
        if outcome == Outcome::Pass {
            continue;
        }
        concerned.push(named(permit, outcome, reason));
    }
    concerned.sort_by_key(|it| it.outcome != Outcome::Fail);
    let all = counts.total();
    let mut part = if all == 0 {
        none(ground, "exception.none-left")
    } else {
        let reason = if counts.fail > 0 {
            let reason = Reason::new("exception.not-regular").with("n", counts.fail);
            reason.with("all", all)
        } else if counts.unknown > 0 {
            let reason = Reason::new("exception.regular-unknown").with("n", counts.unknown);
            reason.with("all", all)
        } else {
            Reason::new("exception.regular").with("n", all)
        };
        counted(counts, reason, concerned)
    };
    part.finding = ours(ground);
    part
}

/// Our own: an exception that was put off twice or has run for more than 90 days is to be made ordinary
/// operation or stopped.
fn ours(ground: &Ground<'_>) -> Option<Finding> {
    let (world, now) = (ground.world, ground.now);
    let live: Vec<&Permit> = world.live_exceptions(now).collect();
    let long = |permit: &&&Permit| world.is_exception_to_settle(permit, now);
    if live.is_empty() {
        return None;
    }
    let fail = live.iter().filter(long).count();
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let reason = Reason::new("exception.undecided").with("n", fail);
    Some(Finding {
        counts: Counts {
            fail: number(fail),
            pass: number(live.len() - fail),
            ..Counts::default()
        },
        reason: (fail > 0).then(|| reason.with("all", live.len())),
        period: None,
    })
}
