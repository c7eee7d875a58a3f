//! The life of a permit besides decisions: what its applicant, officers and the program do.

use super::{Case, PermitAct, Refusal, Step, apply, decide, held, routed};
use crate::actor::Actor;
use crate::event::{Event, Sealed};
use crate::permit::event::{Ended, ExtensionAsked, ObligationMet, Resubmitted, Resumed, Suspended};
use crate::permit::{Deadlines, Decision, EndKind, HoldCause, Obligation, Proof, Status};
use crate::time::Timestamp;

pub(super) fn act(case: &Case<'_>, act: &PermitAct) -> Result<Vec<Event>, Refusal> {
    let permit = case.permit.id;
    match act {
        PermitAct::Resubmit { application } => {
            if application.particulars.kind() != case.permit.kind() {
                return Err(Refusal::new("permit.other-kind").at("particulars"));
            }
            let applicant = case.permit.applicant;
            let request = apply::request(case.world, applicant, application, case.now)?;
            let step = Box::new(Resubmitted { permit, request });
            Ok(vec![Event::PermitResubmitted { step }])
        }
        PermitAct::Withdraw if case.permit.status(case.now) == Status::Approved => {
            Ok(case.end(ended(case, EndKind::Withdrawn)))
        }
        PermitAct::Withdraw => Ok(vec![Event::PermitWithdrawn { permit }]),
        PermitAct::Activate => {
            case.permissible(Step::Given)?;
            Ok(vec![Event::PermitActivated { permit }])
        }
        PermitAct::Return => Ok(case.end(ended(case, EndKind::Returned))),
        PermitAct::Transfer => Ok(case.end(ended(case, EndKind::Transferred))),
        PermitAct::Suspend { cause, remark } => suspend(case, *cause, remark),
        PermitAct::Release => release(case),
        PermitAct::Resume { remark } => {
            let (decision, remark) = (case.decision()?, case.remark(remark)?);
            case.permissible(Step::Given)?;
            Ok(vec![resumed(case, Some(decision), remark)])
        }
        PermitAct::AskExtension { until, reason } => ask_extension(case, *until, reason),
        PermitAct::Meet {
            obligation,
            proof,
            statement,
        } => meet(case, *obligation, proof, statement.as_ref()),
        _ => Err(Refusal::new("command.misrouted")),
    }
}

fn ended(case: &Case<'_>, how: EndKind) -> Ended {
    Ended {
        permit: case.permit.id,
        how,
        at: case.now,
        deadlines: Deadlines::default(),
        decision: None,
        remark: None,
    }
}

/// The program holds for what it sees, and a move; people for what they know.
fn suspend(
    case: &Case<'_>,
    cause: HoldCause,
    remark: &Option<Sealed>,
) -> Result<Vec<Event>, Refusal> {
    let by_program = *case.actor == Actor::System;
    let fits = match cause {
        HoldCause::Posture | HoldCause::Move => by_program,
        HoldCause::Incident | HoldCause::Officer => !by_program,
        HoldCause::Condition => true,
    };
    if !fits {
        return Err(Refusal::new("permit.cause-of-another").at("cause"));
    }
    let step = Suspended {
        permit: case.permit.id,
        cause,
        remark: case.remark(remark)?,
    };
    Ok(vec![Event::PermitSuspended { step }])
}

/// What the program holds for what it sees it lets go when the cause is gone.
fn release(case: &Case<'_>) -> Result<Vec<Event>, Refusal> {
    let seen = matches!(
        held(case.permit),
        Some(HoldCause::Posture | HoldCause::Condition)
    );
    if !seen || *case.actor != Actor::System {
        return Err(Refusal::new("permit.cause-of-another"));
    }
    Ok(vec![resumed(case, None, None)])
}

fn resumed(case: &Case<'_>, decision: Option<Decision>, remark: Option<Sealed>) -> Event {
    Event::PermitResumed {
        step: Resumed {
            permit: case.permit.id,
            decision,
            remark,
        },
    }
}

fn ask_extension(
    case: &Case<'_>,
    until: Timestamp,
    reason: &Sealed,
) -> Result<Vec<Event>, Refusal> {
    let permit = case.permit;
    let term = permit.grant().map(|grant| grant.term);
    let term = term.ok_or_else(|| Refusal::new("permit.no-extension-asked"))?;
    decide::longer(term, until)?;
    case.permissible(Step::Given)?;
    let (_, route) = routed(
        case.world,
        permit.applicant,
        &permit.particulars,
        permit.grade,
        case.now,
    )?;
    let step = Box::new(ExtensionAsked {
        permit: permit.id,
        until,
        route,
        reason: case.sealed(reason, "reason")?,
    });
    Ok(vec![Event::PermitExtensionAsked { step }])
}

/// A statement needs its text; what is handed over is received by someone else than the applicant.
fn meet(
    case: &Case<'_>,
    obligation: Obligation,
    proof: &Proof,
    statement: Option<&Sealed>,
) -> Result<Vec<Event>, Refusal> {
    let permit = case.permit;
    let owed = permit.grant().map(|grant| grant.owed).unwrap_or_default();
    if !owed.contains(obligation) {
        return Err(Refusal::new("permit.not-owed").at("obligation"));
    }
    if !obligation.can_be_met(permit.status(case.now)) {
        return Err(Refusal::new("permit.not-ended-yet").at("obligation"));
    }
    let own = matches!(case.actor, Actor::Person { person, .. } if *person == permit.applicant);
    let stated = obligation.is_stated_by_the_applicant();
    let fits = match proof {
        Proof::Received => !stated,
        Proof::Statement => stated && statement.is_some(),
        Proof::Receipt { .. } => true,
    };
    if !fits || !proof.is_sound() {
        return Err(Refusal::new("permit.proof-does-not-fit").at("proof"));
    }
    if own && !stated {
        return Err(Refusal::new("permit.received-by-oneself").at("obligation"));
    }
    // What is inspected has been given back before.
    if obligation == Obligation::DeviceInspected && owed.contains(Obligation::DeviceReturned) {
        return Err(Refusal::new("permit.not-returned-yet").at("obligation"));
    }
    let statement = statement
        .map(|text| case.sealed(text, "statement"))
        .transpose()?;
    let step = Box::new(ObligationMet {
        permit: permit.id,
        obligation,
        proof: proof.clone(),
        statement,
    });
    let mut events = vec![Event::PermitObligationMet { step }];
    let last = owed.without(obligation).is_empty();
    if last && permit.status(case.now) == Status::Ended {
        events.push(Event::PermitClosed { permit: permit.id });
    }
    Ok(events)
}
