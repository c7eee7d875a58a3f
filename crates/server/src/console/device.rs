//! One device: the results of its checks, then every fact with its source and age.

use maud::{Markup, html};
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::{DeviceClass, StateSource};
use sekisho_domain::fact::{Fact, FactKind, Seen};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, age as age_text, t};
use sekisho_rules::check::needs;

use super::components::{
    Column, Tone, age, alert, cell, definitions, instant, instant_with_age, outcome_badge,
    row_header, table,
};
use super::device_inside::InsideView;
pub use super::device_life::LifeForms;
use super::facts::{unseen, value};
use super::layout::{Frame, heading, page as frame_page};
pub use super::personal::Personal;
use super::requirements::href as requirement_href;
use super::words::{self, Localised};

/// The result of one check.
#[derive(Clone, Debug)]
pub struct CheckItem {
    /// The check.
    pub check: DeviceCheck,
    /// The outcome that counts now: stale and absent are unknown.
    pub outcome: Outcome,
    /// Why, as a sentence.
    pub reason: String,
    /// What to do, as a sentence; none when nothing is to be done.
    pub next_step: Option<String>,
    /// When the server received the oldest fact it rests on.
    pub received_at: Option<Timestamp>,
    /// Until when the result counts.
    pub fresh_until: Option<Timestamp>,
    /// Requirements that rest on this check.
    pub requirements: Vec<String>,
}

/// A device's page.
#[derive(Clone, Debug)]
pub struct DeviceView {
    /// Its id.
    pub id: String,
    /// Host name as it states it.
    pub name: String,
    /// Issued or BYOD.
    pub class: DeviceClass,
    /// The unit it belongs to.
    pub unit: Localised,
    /// Name of its user, where there is one and the reader may see it.
    pub user: Option<String>,
    /// Why it is suspended or retired, as a sentence; none while active.
    pub not_active: Option<String>,
    /// Since when it is enrolled.
    pub enrolled_at: Timestamp,
    /// When it last reported; none when never.
    pub reported_at: Option<Timestamp>,
    /// Fingerprint of its key.
    pub key: String,
    /// Who tells of its state.
    pub source: StateSource,
    /// Results in the order of [`DeviceCheck::ALL`].
    pub checks: Vec<CheckItem>,
    /// How it stands at internal lines, where one asks before it lets devices on.
    pub inside: Option<InsideView>,
    /// The newest fact of each kind.
    pub facts: Vec<Fact>,
    /// The personal ones among them, which may be left out.
    pub personal: Personal,
    /// What the reader can do about its state.
    pub life: Option<LifeForms>,
    /// Its entry in the register of devices, or where it can be entered: label and address.
    pub register: Option<(String, String)>,
    /// Whether every package is listed, not only the first ones (`?packages=all`).
    pub all_packages: bool,
}

fn summary(frame: &Frame, view: &DeviceView) -> Markup {
    let lang = frame.lang;
    let failing = view
        .checks
        .iter()
        .filter(|c| c.outcome == Outcome::Fail)
        .count();
    let unknown = view
        .checks
        .iter()
        .filter(|c| c.outcome == Outcome::Unknown)
        .count();
    let (tone, head) = match (failing, unknown) {
        // No green for what nothing of ours has seen.
        (0, 0) if view.source == StateSource::Declared => {
            (Tone::Info, t!(lang, "device.all_declared"))
        }
        (0, 0) => (Tone::Success, t!(lang, "device.all_pass")),
        (0, n) => (Tone::Warning, t!(lang, "device.some_unknown", n = n)),
        (f, u) => (
            Tone::Error,
            t!(lang, "device.some_fail", failing = f, unknown = u),
        ),
    };
    let body = match view.reported_at {
        Some(at) if view.source == StateSource::Declared => {
            html! { p { (t!(lang, "device.last_declaration")) (t!(lang, "console.colon")) (age(lang, at, frame.now)) } }
        }
        None if view.source == StateSource::Declared => {
            html! { p { (t!(lang, "device.never_declared_how")) } }
        }
        Some(at) => {
            html! { p { (t!(lang, "device.last_report")) (t!(lang, "console.colon")) (age(lang, at, frame.now)) } }
        }
        None => html! { p { (t!(lang, "device.never_reported_how")) } },
    };
    html! {
        div class=(match tone { Tone::Error => "quiet-role", _ => "" }) { (alert(tone, &head, &body)) }
        @if view.source == StateSource::Declared {
            (alert(Tone::Info, &t!(lang, "device.declared"), &html! { p { (t!(lang, "device.declared_means")) } }))
        }
        @if let Some(why) = &view.not_active {
            (alert(Tone::Warning, &t!(lang, "device.not_active"), &html! { p { (why) } }))
        }
    }
}

fn check_row(
    frame: &Frame,
    view: &DeviceView,
    columns: &[Column; 4],
    item: &CheckItem,
) -> Vec<Markup> {
    let lang = frame.lang;
    let [name, result, reason, fresh] = columns;
    // The fact that it rests on first.
    let reported = |kind: &&FactKind| {
        view.facts
            .iter()
            .any(|f| f.observation.seen.kind() == **kind)
    };
    let fact = needs(item.check).iter().find(reported);
    let head = html! {
        span id={ "check-" (item.check.code()) } {
            @if let Some(kind) = fact { a href={ "#fact-" (kind.code()) } { (words::check(lang, item.check)) } }
            @else { (words::check(lang, item.check)) }
        }
        @if !item.requirements.is_empty() {
            p class="small rows" {
                @for id in &item.requirements { a class="code" href=(requirement_href(id)) { (id) } " " }
            }
        }
    };
    let why = html! {
        (item.reason)
        @if let Some(step) = &item.next_step {
            p class="todo" { strong { (t!(lang, "requirement.next_step")) } (t!(lang, "console.colon")) (step) }
        }
    };
    let times = html! {
        @if let Some(at) = item.received_at { (age(lang, at, frame.now)) }
        @else { span class="muted" { (t!(lang, "device.no_result")) } }
        @if view.source == StateSource::Declared { p class="small" { (t!(lang, "device.declared_mark")) } }
        @if let Some(until) = item.fresh_until {
            @if until <= frame.now { p class="small stale" { (t!(lang, "device.stale", age = age_text(lang, until, frame.now))) } }
            @else { p class="small muted" { (t!(lang, "device.fresh", age = age_text(lang, until, frame.now))) } }
        }
    };
    vec![
        row_header(name, &head),
        cell(result, &outcome_badge(lang, item.outcome)),
        cell(reason, &why),
        cell(fresh, &times),
    ]
}

fn checks(frame: &Frame, view: &DeviceView) -> Markup {
    let lang = frame.lang;
    let columns = [
        Column::text(t!(lang, "device.column.check")),
        Column::text(t!(lang, "device.column.result")),
        Column::text(t!(lang, "device.column.reason")),
        Column::text(t!(lang, "device.column.evidence")),
    ];
    let mut order: Vec<&CheckItem> = view.checks.iter().collect();
    order.sort_by_key(|item| match item.outcome {
        Outcome::Fail => 0,
        Outcome::Unknown => 1,
        Outcome::Pass => 2,
    });
    let rows: Vec<Vec<Markup>> = order
        .into_iter()
        .map(|item| check_row(frame, view, &columns, item))
        .collect();
    html! {
        section class="checks" aria-labelledby="checks" {
            h2 id="checks" { (t!(lang, "device.checks")) }
            (table(&t!(lang, "device.checks"), &columns, &rows))
        }
    }
}

fn fact(frame: &Frame, view: &DeviceView, fact: &Fact) -> Markup {
    let lang = frame.lang;
    let seen = &fact.observation.seen;
    // What was seen in part proves no good: such a fact carries no tick.
    let class = match seen {
        Seen::Unseen { .. } => "fact fact--unseen",
        Seen::Value(_) if fact.observation.partial.is_some() => "fact fact--partial",
        Seen::Value(_) => "fact",
    };
    html! {
        section class=(class) id={ "fact-" (seen.kind().code()) } {
            h3 { (words::fact_kind(lang, seen.kind())) }
            @match seen {
                Seen::Value(fact_value) => { (value(lang, fact_value, frame.now, view.all_packages)) }
                Seen::Unseen { reason, .. } => { (unseen(lang, reason, false)) }
            }
            @if let Some(partial) = &fact.observation.partial { (unseen(lang, partial, true)) }
            p class="fact-source" {
                span { (t!(lang, "device.source")) (t!(lang, "console.colon"))
                    @if view.source == StateSource::Declared { (t!(lang, "device.declared_mark")) }
                    @else { code { (fact.observation.source) } } }
                span { (t!(lang, "device.observed")) (t!(lang, "console.colon")) (instant_with_age(lang, fact.observation.observed_at, frame.now)) }
                span { (t!(lang, "device.received")) (t!(lang, "console.colon")) (age(lang, fact.received_at, frame.now)) }
            }
        }
    }
}

fn facts(frame: &Frame, view: &DeviceView) -> Markup {
    let lang = frame.lang;
    let of = |kind: FactKind| {
        view.facts
            .iter()
            .find(|f| f.observation.seen.kind() == kind)
    };
    let missing: Vec<_> = FactKind::ALL
        .into_iter()
        .filter(|kind| of(*kind).is_none() && !(view.personal.hidden && kind.is_personal()))
        .collect();
    html! {
        section aria-labelledby="facts" {
            h2 id="facts" { (t!(lang, "device.facts")) }
            p class="lead" { (t!(lang, "device.facts_lead")) }
            div class="facts" {
                @for kind in FactKind::ALL { @if let Some(found) = of(kind) { (fact(frame, view, found)) } }
            }
            @if !missing.is_empty() && view.source == StateSource::Observed {
                @let list = html! {
                    p { (t!(lang, "device.not_reported_how")) }
                    ul class="inline" { @for kind in &missing { li { (words::fact_kind(lang, *kind)) } } }
                };
                (alert(Tone::Info, &t!(lang, "device.not_reported", n = missing.len()), &list))
            }
        }
    }
}

fn about(lang: Lang, view: &DeviceView) -> Markup {
    let mut list = vec![
        (
            t!(lang, "device.about.class"),
            html! { (words::class(lang, view.class)) },
        ),
        (t!(lang, "device.about.unit"), view.unit.show(lang)),
    ];
    if let Some(user) = &view.user {
        list.push((t!(lang, "device.about.user"), html! { (user) }));
    }
    list.push((
        t!(lang, "device.about.enrolled"),
        instant(lang, view.enrolled_at),
    ));
    list.push((
        t!(lang, "device.about.id"),
        html! { code class="digest" { (view.id) } },
    ));
    list.push((
        t!(lang, "device.about.key"),
        html! { code class="digest" { (view.key) } },
    ));
    html! { div class="about about--wide" { (definitions(&list)) } }
}

/// The page.
#[must_use]
pub fn page(frame: &Frame, view: &DeviceView) -> Markup {
    let lang = frame.lang;
    let trail = [(t!(lang, "device.list").into_owned(), "/devices".to_owned())];
    let main = html! {
        (heading(&trail, &html! { (view.name) }, &html! { (t!(lang, "device.lead")) }))
        @if let Some((label, href)) = &view.register {
            p class="actions" { a class="button button--secondary" href=(href) { (label) } }
        }
        (summary(frame, view))
        @if let Some(inside) = &view.inside { (super::device_inside::section(lang, frame.now, inside)) }
        (checks(frame, view))
        (about(lang, view))
        (facts(frame, view))
        (super::personal::section(lang, frame.now, &view.personal))
        @if let Some(forms) = &view.life { (super::device_life::section(lang, forms)) }
    };
    frame_page(frame, &view.name, &main)
}
