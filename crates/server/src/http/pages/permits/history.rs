//! What happened to a permit, from the ledger.

use maud::html as markup;
use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::event::{Event, Sealed, StoredEvent};
use sekisho_domain::field::Values;
use sekisho_domain::permit::event::Request;
use sekisho_domain::permit::{Capacity, Decision, Permit};
use sekisho_messages::{Lang, t, text};

use super::super::super::ctx::Ctx;
use super::super::super::fault::Fault;
use super::super::person_name;
use super::super::register::history::who;
use super::super::register::referents::Things;
use super::post_called;
use crate::app::PERMIT_PURPOSE;
use crate::console::fields::{Words, changes};
use crate::console::register::Change;

/// What one record says.
struct Told<'a> {
    decision: Option<Decision>,
    said: Option<&'a Sealed>,
    request: Option<&'a Request>,
    more: Option<String>,
}

impl<'a> Told<'a> {
    const NOTHING: Self = Self {
        decision: None,
        said: None,
        request: None,
        more: None,
    };

    fn said(said: Option<&'a Sealed>) -> Self {
        Self {
            said,
            ..Self::NOTHING
        }
    }

    fn decided(decision: Decision, said: Option<&'a Sealed>) -> Self {
        Self {
            decision: Some(decision),
            said,
            ..Self::NOTHING
        }
    }

    fn asked(request: &'a Request) -> Self {
        Self {
            said: Some(&request.purpose),
            request: Some(request),
            ..Self::NOTHING
        }
    }

    fn of(lang: Lang, event: &'a Event) -> Option<Self> {
        Some(match event {
            Event::PermitApplied { applied } => Self::asked(&applied.request),
            Event::PermitResubmitted { step } => Self::asked(&step.request),
            Event::PermitSentBack { step }
            | Event::PermitRefused { step }
            | Event::PermitExtensionRefused { step } => {
                Self::decided(step.decision, Some(&step.reason))
            }
            Event::PermitApproved { step } => Self::decided(step.decision, step.remark.as_ref()),
            Event::PermitSuspended { step } => Self {
                more: Some(
                    text(lang, format!("permits.cause.{}", step.cause.code()), &[]).into_owned(),
                ),
                ..Self::said(step.remark.as_ref())
            },
            Event::PermitResumed { step } => Self {
                decision: step.decision,
                ..Self::said(step.remark.as_ref())
            },
            Event::PermitExtensionAsked { step } => Self {
                more: Some(last_day(lang, step.until)),
                ..Self::said(Some(&step.reason))
            },
            Event::PermitExtended { step } => Self {
                decision: Some(step.decision),
                more: Some(last_day(lang, step.until)),
                ..Self::NOTHING
            },
            Event::PermitEnded { step } => Self {
                decision: step.decision,
                more: Some(
                    text(lang, format!("permits.end.{}", step.how.code()), &[]).into_owned(),
                ),
                ..Self::said(step.remark.as_ref())
            },
            Event::PermitObligationMet { step } => Self {
                more: Some(
                    text(
                        lang,
                        format!("permits.duty.{}", step.obligation.code()),
                        &[],
                    )
                    .into_owned(),
                ),
                ..Self::said(step.statement.as_ref())
            },
            Event::PermitActivated { .. }
            | Event::PermitWithdrawn { .. }
            | Event::PermitClosed { .. }
            | Event::PermitViewed { .. }
            | Event::PermitRerouted { .. } => Self::NOTHING,
            _ => return Self::of_exception(lang, event),
        })
    }

    /// What is more to an exception.
    fn of_exception(lang: Lang, event: &'a Event) -> Option<Self> {
        Some(match event {
            Event::ExceptionReviewed { step } => Self {
                decision: Some(step.decision),
                more: Some(
                    text(
                        lang,
                        format!("exception.judgement.{}", step.judgement.code()),
                        &[],
                    )
                    .into_owned(),
                ),
                ..Self::NOTHING
            },
            Event::ExceptionRegularised { step } => Self {
                decision: Some(step.decision),
                more: Some(step.note.as_str().to_owned()),
                ..Self::NOTHING
            },
            Event::ExceptionStopped { step } => Self {
                decision: Some(step.decision),
                more: Some(step.note.as_str().to_owned()),
                ..Self::NOTHING
            },
            Event::ExceptionDecidedAgain { step } => Self {
                decision: Some(step.decision),
                more: Some(step.note.as_str().to_owned()),
                ..Self::NOTHING
            },
            _ => return None,
        })
    }
}

fn last_day(lang: Lang, until: sekisho_domain::time::Timestamp) -> String {
    let last = until.before(sekisho_domain::time::Span::seconds(1));
    t!(
        lang,
        "permits.until_day",
        day = sekisho_messages::day(lang, last)
    )
    .into_owned()
}

/// What happened, the newest first.
pub(super) fn of_permit(ctx: &Ctx, permit: &Permit) -> Result<Vec<Change>, Fault> {
    let lang = ctx.lang;
    let linked = ctx.may(Action::ReadLedger, Subject::Body);
    let mut before: Option<Values> = None;
    let mut list = Vec::new();
    for (record, stored) in records(ctx, permit)? {
        let Some(told) = Told::of(lang, &stored.event) else {
            continue;
        };
        let mut fields = Vec::new();
        if let Some(request) = told.request {
            let after = request.particulars.values();
            if let Some(before) = &before {
                let things = Things { ctx };
                let words = Words::permit(permit.kind().code());
                let known = permit.kind().fields();
                fields = changes(lang, words, known, (before, &after), &things);
            }
            before = Some(after);
        }
        let kind = text(lang, format!("domain.event.{}", stored.event.kind().0), &[]);
        let what = match &told.more {
            Some(more) => t!(lang, "permits.with", what = kind, more = more.as_str()).into_owned(),
            None => kind.into_owned(),
        };
        list.push(Change {
            at: stored.recorded_at,
            record,
            linked,
            what,
            who: acted(ctx, permit, &stored.actor, told.decision.as_ref()),
            fields,
            said: told.said.map(|said| opened(ctx, said)).transpose()?,
        });
    }
    list.reverse();
    Ok(list)
}

fn records(ctx: &Ctx, permit: &Permit) -> Result<Vec<(u64, StoredEvent)>, Fault> {
    Ok(ctx.site.app.records(&permit.records)?)
}

/// Who acted; of a decision for which post and in what capacity.
pub(super) fn acted(
    ctx: &Ctx,
    permit: &Permit,
    actor: &Actor,
    decision: Option<&Decision>,
) -> maud::Markup {
    match (decision, actor) {
        (Some(decision), _) => {
            let who = decided_by(ctx, decision);
            markup! { (who) }
        }
        (None, Actor::Person { person, .. }) if *person == permit.applicant => {
            let name = person_name(ctx, *person);
            markup! { (t!(ctx.lang, "permits.applicant")) @if let Some(name) = name { " " (name) } }
        }
        (None, actor) => who(ctx, actor),
    }
}

/// Post, person and capacity of a decision.
pub(super) fn decided_by(ctx: &Ctx, decision: &Decision) -> String {
    let title = post_called(ctx, &ctx.site.app.world(), decision.route.post);
    let name = person_name(ctx, decision.by).unwrap_or_default();
    let capacity = match decision.capacity {
        Capacity::Holder => return format!("{title} {name}"),
        other => text(ctx.lang, format!("permits.capacity.{}", other.code()), &[]),
    };
    t!(
        ctx.lang,
        "permits.decided_as",
        title = title,
        name = name,
        capacity = capacity
    )
    .into_owned()
}

/// A sealed text; what cannot be opened any more says so.
pub(super) fn opened(ctx: &Ctx, sealed: &Sealed) -> Result<String, Fault> {
    let text = ctx.site.app.unseal(PERMIT_PURPOSE, sealed)?;
    Ok(text.unwrap_or_else(|| t!(ctx.lang, "register.words_gone").into_owned()))
}

/// What the permit is for, as it was last said.
pub(super) fn purpose(ctx: &Ctx, permit: &Permit) -> Result<Option<String>, Fault> {
    let all = records(ctx, permit)?;
    let last = all
        .iter()
        .rev()
        .find_map(|(_, stored)| match &stored.event {
            Event::PermitApplied { applied } => Some(&applied.request.purpose),
            Event::PermitResubmitted { step } => Some(&step.request.purpose),
            _ => None,
        });
    last.map(|sealed| opened(ctx, sealed)).transpose()
}
