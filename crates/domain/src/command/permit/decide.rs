//! Decisions by the post on the route.

use super::{Case, PermitAct, Refusal, Step};
use crate::actor::Actor;
use crate::event::Event;
use crate::name::Line;
use crate::permit::event::{Answer, Approved, Ended, Extended, Viewed};
use crate::permit::particulars::Exception;
use crate::permit::{Conditions, Deadlines, EndKind, LONGEST, Obligations, PermitKind, Term};
use crate::time::Timestamp;

pub(super) fn decide(case: &Case<'_>, act: &PermitAct) -> Result<Vec<Event>, Refusal> {
    let permit = case.permit.id;
    match act {
        PermitAct::SendBack { reason } => {
            let step = answer(case, reason)?;
            Ok(vec![Event::PermitSentBack { step }])
        }
        PermitAct::Refuse { reason } => {
            let step = answer(case, reason)?;
            Ok(vec![Event::PermitRefused { step }])
        }
        PermitAct::RefuseExtension { reason } => {
            asked(case)?;
            let step = answer(case, reason)?;
            Ok(vec![Event::PermitExtensionRefused { step }])
        }
        PermitAct::Approve {
            term,
            conditions,
            remark,
            answer,
        } => {
            let remark = case.remark(remark)?;
            let (term, conditions) = (*term, conditions.as_deref());
            let approved = approve(case, term, conditions)?;
            let step = Box::new(Approved { remark, ..approved });
            let weighed = super::exception::weighed(case, answer.as_ref())?;
            let given = Event::PermitApproved { step };
            Ok(weighed.into_iter().chain([given]).collect())
        }
        // The end of an exception is put off with what was measured of it in view, and not by the way.
        PermitAct::Extend { .. } if case.permit.kind() == PermitKind::Exception => {
            Err(Refusal::new("exception.decide-again"))
        }
        PermitAct::Extend { until, answer } => extend(case, *until, answer.as_ref()),
        PermitAct::Revoke { reason } => Ok(case.end(Ended {
            permit,
            how: EndKind::Revoked,
            at: case.now,
            deadlines: Deadlines::default(),
            decision: Some(case.decision()?),
            remark: Some(case.sealed(reason, "reason")?),
        })),
        PermitAct::View => view(case),
        _ => Err(Refusal::new("command.misrouted")),
    }
}

fn answer(case: &Case<'_>, reason: &crate::event::Sealed) -> Result<Box<Answer>, Refusal> {
    Ok(Box::new(Answer {
        permit: case.permit.id,
        decision: case.decision()?,
        reason: case.sealed(reason, "reason")?,
    }))
}

/// Nothing is given beyond what was asked for, nor what can never be permitted.
fn approve(
    case: &Case<'_>,
    term: Option<Term>,
    conditions: Option<&Conditions>,
) -> Result<Approved, Refusal> {
    let permit = case.permit;
    let decision = case.decision()?;
    let term = term.unwrap_or(permit.wanted);
    term.check(case.now)
        .map_err(|fault| Refusal::new(fault.code()).at("term"))?;
    if term.from < permit.wanted.from || term.until > permit.wanted.until {
        return Err(Refusal::new("permit.beyond-what-was-asked").at("term"));
    }
    // Use before the decision stays what it was: use without a permit.
    let term = term.from_today(case.now);
    case.permissible(Step::Asked)?;
    if let Some(exception) = permit.exception() {
        super::exception::review_within(exception.review_on, term, case.now)?;
        super::exception::suppresses_within(case)?;
    }
    if let Some(field) = conditions.and_then(Conditions::fault) {
        return Err(Refusal::new("permit.out-of-range").at(field));
    }
    let none = Conditions::none();
    let owed = Obligations::of(permit.kind(), permit.grade);
    Ok(Approved {
        permit: permit.id,
        number: case.world.permits.next_number(permit.kind(), case.now),
        decision,
        term,
        deadlines: Deadlines::from_end(owed, term.until, &case.world.calendar()),
        conditions: conditions.filter(|it| **it != none).cloned(),
        remark: None,
        for_everybody: permit.exception().is_some_and(Exception::is_open),
    })
}

fn asked(case: &Case<'_>) -> Result<Timestamp, Refusal> {
    let none = || Refusal::new("permit.no-extension-asked");
    case.permit.asked_until().ok_or_else(none)
}

fn extend(
    case: &Case<'_>,
    until: Option<Timestamp>,
    answer: Option<&Line>,
) -> Result<Vec<Event>, Refusal> {
    let asked = asked(case)?;
    let until = until.unwrap_or(asked);
    let grant = case.permit.grant();
    let grant = grant.ok_or_else(|| Refusal::new("permit.no-extension-asked"))?;
    if until > asked {
        return Err(Refusal::new("permit.beyond-what-was-asked").at("until"));
    }
    longer(grant.term, until)?;
    case.permissible(Step::Given)?;
    let weighed = super::exception::weighed(case, answer)?;
    let step = Extended {
        permit: case.permit.id,
        until,
        deadlines: Deadlines::from_end(grant.owed, until, &case.world.calendar()),
        decision: case.decision()?,
    };
    let extended = Event::PermitExtended { step };
    Ok(weighed.into_iter().chain([extended]).collect())
}

/// An extension makes the term longer, and not longer than any term may be.
pub(super) fn longer(term: Term, until: Timestamp) -> Result<(), Refusal> {
    if until <= term.until {
        return Err(Refusal::new("permit.not-longer").at("until"));
    }
    if until.since(term.from) > LONGEST {
        return Err(Refusal::new("term.too-long").at("until"));
    }
    Ok(())
}

/// Viewing is for the holder of the post in whose stead it was decided.
fn view(case: &Case<'_>) -> Result<Vec<Event>, Refusal> {
    let Actor::Person { person, .. } = case.actor else {
        return Err(Refusal::new("authorise.no-authority"));
    };
    let held = |post: &crate::id::PostId| {
        let mut holders = case.world.holders(*post, case.now);
        holders.any(|holder| holder == *person)
    };
    let posts = case.permit.to_view.iter().map(|it| &it.post);
    let posts: Vec<_> = posts.filter(|it| held(it)).collect();
    if posts.is_empty() {
        return Err(Refusal::new("permit.nothing-to-view"));
    }
    let viewed = posts.into_iter().map(|post| Event::PermitViewed {
        step: Viewed {
            permit: case.permit.id,
            post: *post,
        },
    });
    Ok(viewed.collect())
}
