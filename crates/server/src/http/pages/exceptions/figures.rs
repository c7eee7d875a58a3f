//! What was measured of an exception, as its pages say it.

use maud::html as markup;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::exception::{Effect, Uses};
use sekisho_domain::id::IncidentId;
use sekisho_domain::permit::Permit;
use sekisho_domain::register::EntryId;
use sekisho_ledger::digest::Digest;
use sekisho_messages::{date, t};

use super::super::super::ctx::Ctx;
use super::super::register::{entry_path, title as entry_title};
use crate::console::components::{Definitions, instant};
use crate::console::exceptions::{CheckLine, MeasureLine, MeasuredView};
use crate::console::words;

/// Whether answers tell how an exception is used: only where a built-in rule rests on its row.
fn changes_answers(ctx: &Ctx, permit: &Permit) -> bool {
    let book = ctx.site.app.access().rulebook();
    let exception = permit.exception();
    exception.is_some_and(|it| book.rests_on_row(it.requirement.as_str()))
}

/// How often it was used, as far as that is told.
pub(super) fn uses(ctx: &Ctx, permit: &Permit, uses: Option<&Uses>) -> maud::Markup {
    let lang = ctx.lang;
    let Some(uses) = uses else {
        return if changes_answers(ctx, permit) {
            markup! { (t!(lang, "exception.uses-unmeasured")) }
        } else {
            markup! { (t!(lang, "exception.uses-untold")) }
        };
    };
    let since = date(lang, uses.since);
    let people = uses.people;
    let counted = match uses.told() {
        Some((answers, days)) => {
            let answers = answers.to_string();
            t!(
                lang,
                "exception.uses-measured",
                answers = answers,
                days = days,
                people = people
            )
        }
        None => t!(lang, "exception.uses-of-few", people = people),
    };
    markup! {
        (counted)
        @if uses.cut { p { (t!(lang, "exception.uses-cut")) } }
        p class="muted small" { (t!(lang, "exception.uses-how", since = since)) }
    }
}

fn facts(ctx: &Ctx, permit: &Permit, effect: &Effect) -> Definitions {
    let lang = ctx.lang;
    let used = uses(ctx, permit, effect.uses.as_ref());
    vec![
        (t!(lang, "exception.measured-at"), instant(lang, effect.at)),
        (
            t!(lang, "exception.column.days"),
            markup! { (effect.days()) },
        ),
        (
            t!(lang, "exception.column.renewed"),
            markup! { (effect.renewed) },
        ),
        (t!(lang, "exception.uses"), used),
        (t!(lang, "exception.devices"), markup! { (effect.devices) }),
    ]
}

fn incident(ctx: &Ctx, id: IncidentId) -> (String, Option<String>) {
    let entry = EntryId::Incident(id);
    let may = ctx.may(Action::ReadIncidents, Subject::Entry(entry));
    let named = {
        let world = ctx.site.app.world();
        let known = world.registers.entry(entry);
        known.map(|it| (entry_title(ctx.lang, it), it.register()))
    };
    match named.filter(|_| may) {
        Some((name, register)) => (name, Some(entry_path(register, entry))),
        None => (t!(ctx.lang, "exception.an-incident").into_owned(), None),
    }
}

/// What was measured.
pub(super) fn view(ctx: &Ctx, permit: &Permit, effect: &Effect) -> MeasuredView {
    let lang = ctx.lang;
    let known = permit.exception().map_or(&[][..], |it| &it.measures);
    let measures = known.iter().zip(&effect.measures);
    let checks = effect.checks.iter();
    MeasuredView {
        facts: facts(ctx, permit, effect),
        measures: measures
            .map(|(measure, standing)| MeasureLine {
                what: measure.what.as_str().to_owned(),
                checks: measure
                    .checks
                    .iter()
                    .map(|check| words::check(lang, *check).into_owned())
                    .collect(),
                standing: standing.standing.code(),
                word_at: standing.word_at,
            })
            .collect(),
        checks: checks
            .map(|it| CheckLine {
                name: words::check(lang, it.check).into_owned(),
                now: [it.pass, it.fail, it.unknown],
                failed: it.failed,
            })
            .collect(),
        incidents: effect
            .incidents
            .iter()
            .map(|id| incident(ctx, *id))
            .collect(),
    }
}

/// What of the figures has to be seen before something is decided on them: incidents and how the measures
/// stand. Uses go on while somebody reads.
pub(super) fn gist(effect: &Effect) -> String {
    let measures: Vec<_> = effect
        .measures
        .iter()
        .map(|it| it.standing.code())
        .collect();
    let seen = serde_json::json!([effect.incidents, measures, effect.renewed]);
    Digest::of(seen.to_string().as_bytes()).to_string()
}
