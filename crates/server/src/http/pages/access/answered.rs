//! From a decision to the words of the page.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::id::{PermitId, PersonId};
use sekisho_domain::permit::PermitKind;
use sekisho_messages::{Arg, Lang, text};
use sekisho_rules::decide::{Decision, Denied, Fix, Missing};

use super::super::super::access::reasons::{fix_words, grantor_name};
use super::super::super::ctx::Ctx;
use super::super::permits;
use crate::console::access::{Allowing, Lacking};
use crate::console::register::LinkTo;
use crate::console::requirements::href as requirement_href;
use crate::console::words;

/// The answer about a person, or about a shared device that is asked about in nobody's name, as the reader may
/// follow it.
pub(in crate::http::pages) fn answered(
    ctx: &Ctx,
    person: impl Into<Option<PersonId>>,
    decision: &Decision,
) -> Result<Allowing, Vec<Lacking>> {
    let person = person.into();
    match decision {
        Decision::Allow(allowed) => Ok(Allowing {
            permits: allowed.permits.iter().map(|id| permit(ctx, *id)).collect(),
            restrictions: allowed
                .restrictions
                .iter()
                .map(|it| crate::console::fields::restriction_words(ctx.lang, it))
                .collect(),
            until: allowed.until,
            declared: allowed.declared,
        }),
        Decision::Deny(Denied::Failed(why)) => {
            tracing::error!(code = "access.failed", %why, "a decision could not be made");
            Err(Vec::new())
        }
        Decision::Deny(Denied::Missing(all)) => {
            Err(all.iter().map(|it| lacking(ctx, person, it)).collect())
        }
    }
}

/// A permit by its kind and number.
pub(super) fn permit(ctx: &Ctx, id: PermitId) -> LinkTo {
    let known = ctx.site.app.world().permits.get(id).cloned();
    LinkTo {
        label: known.map_or_else(|| id.to_string(), |it| permits::title(ctx, &it)),
        href: permits::path(id),
        primary: false,
    }
}

fn lacking(ctx: &Ctx, person: Option<PersonId>, missing: &Missing) -> Lacking {
    let lang = ctx.lang;
    Lacking {
        what: words::missing(lang, missing).into_owned(),
        clause: missing.rule.clause.as_ref().map(|clause| LinkTo {
            label: clause.to_string(),
            href: requirement_href(clause.as_str()),
            primary: false,
        }),
        grantor: missing.grantor.map(|it| grantor_name(lang, it)),
        from: missing.from,
        todo: missing
            .fixes
            .iter()
            .map(|fix| todo(ctx, person, fix))
            .collect(),
    }
}

/// What to do, with the page where the reader can do it or see it.
fn todo(ctx: &Ctx, person: Option<PersonId>, fix: &Fix) -> Markup {
    let lang = ctx.lang;
    // For a shared device whoever reads it can apply.
    let own = ctx
        .live()
        .is_ok_and(|live| person.is_none_or(|person| live.person == person));
    let (said, href) = match fix {
        Fix::TakeUp(id) | Fix::AwaitDecision(id) | Fix::Resubmit(id) | Fix::Resume(id) => {
            let link = permit(ctx, *id);
            let may = ctx.may(Action::ReadPermit, Subject::Permit(*id));
            (of_permit(lang, fix, &link.label), may.then_some(link.href))
        }
        Fix::Apply(kind) | Fix::ApplyWhole(kind) => {
            (fix_words(lang, fix), own.then(|| apply(*kind)))
        }
        Fix::Check(device, _) | Fix::Declare(device) => {
            let may = ctx.may(Action::ReadDevice, Subject::Device(*device));
            (
                fix_words(lang, fix),
                may.then(|| format!("/devices/{device}")),
            )
        }
        Fix::ReviewRisk(id) => (fix_words(lang, fix), super::super::risk::href(ctx, *id)),
        _ => (fix_words(lang, fix), None),
    };
    markup! {
        @match href { Some(href) => a href=(href) { (said) }, None => (said) }
    }
}

fn apply(kind: PermitKind) -> String {
    format!("/permits/new/{}", kind.code())
}

/// The same words as elsewhere, with the permit as it is called.
fn of_permit(lang: Lang, fix: &Fix, called: &str) -> String {
    let key = format!("access.fix.{}", fix.code());
    text(lang, key, &[("permit", Arg::from(called))]).into_owned()
}
