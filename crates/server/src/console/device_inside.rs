//! A device at internal lines (8.1.1(3)(i), (j)): what became of it, why, and its inspection.

use maud::{Markup, html};
use sekisho_domain::admission::AdmissionOutcome;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t, text};
use sekisho_rules::decide::{Counted, Inspection, LaterCheck, Outing};

use super::access::{Allowing, Lacking, answer};
use super::components::{
    Column, Tone, age, alert, cell, definitions, instant_with_age, outcome_badge, row_header, table,
};
use super::words;

/// How a device stands at the internal lines.
#[derive(Clone, Debug)]
pub struct InsideView {
    /// What became of it last, and when; none where it never asked.
    pub last: Option<(AdmissionOutcome, Timestamp)>,
    /// At which line.
    pub line: Option<String>,
    /// The switch and its port, while the connection stands.
    pub place: Option<(String, Option<String>)>,
    /// Whether it was outside.
    pub outing: Outing,
    /// The number of the permit by which it may have been, where nothing shows that it stayed.
    pub taken_out: Option<String>,
    /// What would be answered now.
    pub answer: NowView,
    /// The inspection as it stands.
    pub inspection: Inspection,
}

/// What would be answered now.
#[derive(Clone, Debug)]
pub enum NowView {
    /// It never asked.
    Unasked,
    /// The switch belongs to no line.
    NoLine,
    /// It is not issued and has no user.
    NoPerson,
    /// By the rulebook.
    Answer(Result<Allowing, Vec<Lacking>>),
}

fn state(lang: Lang, now: Timestamp, view: &InsideView) -> Markup {
    let outcome = view.last.map_or("never", |(outcome, _)| outcome.code());
    let mut list = vec![(
        t!(lang, "inside.state"),
        html! { strong { (text(lang, format!("inside.state.{outcome}"), &[])) } },
    )];
    if let Some((_, at)) = view.last {
        list.push((t!(lang, "inside.at"), instant_with_age(lang, at, now)));
    }
    if let Some(line) = &view.line {
        list.push((t!(lang, "inside.line"), html! { (line) }));
    }
    if let Some((switch, port)) = &view.place {
        let place = match port {
            Some(port) => t!(
                lang,
                "inside.port_of",
                switch = switch.as_str(),
                port = port.as_str()
            )
            .into_owned(),
            None => switch.clone(),
        };
        list.push((t!(lang, "inside.port"), html! { (place) }));
    }
    match view.outing {
        Outing::None => list.push((
            t!(lang, "inside.outing"),
            html! { (t!(lang, "inside.outing.none")) },
        )),
        Outing::Back { last_inside, since } => {
            list.push((
                t!(lang, "inside.outing"),
                html! { (t!(lang, "inside.outing.back")) },
            ));
            if let Some(number) = &view.taken_out {
                list.push((
                    t!(lang, "inside.outing.why"),
                    html! {
                        (t!(lang, "inside.outing.taken_out", number = number.as_str()))
                    },
                ));
            }
            if let Some(at) = last_inside {
                let when = instant_with_age(lang, at, now);
                list.push((t!(lang, "inside.outing.left"), when));
            }
            if view.last.is_some() {
                let when = instant_with_age(lang, since, now);
                list.push((t!(lang, "inside.outing.since"), when));
            }
        }
    }
    html! { div class="about about--wide" { (definitions(&list)) } }
}

fn now_answered(lang: Lang, view: &NowView) -> Markup {
    let refused = |body: &Markup| alert(Tone::Warning, &t!(lang, "inside.refused"), body);
    match view {
        NowView::Unasked => html! {},
        NowView::NoLine => refused(&html! { p { (t!(lang, "inside.no_line")) } }),
        NowView::NoPerson => refused(&html! { p { (t!(lang, "inside.no_person")) } }),
        NowView::Answer(Ok(it)) => alert(
            Tone::Success,
            &t!(lang, "inside.allowed"),
            &answer(lang, &Ok(it.clone())),
        ),
        NowView::Answer(missing) => refused(&answer(lang, missing)),
    }
}

fn check_row(lang: Lang, now: Timestamp, columns: &[Column; 4], it: &Counted) -> Vec<Markup> {
    let [name, result, why, at] = columns;
    let received = html! {
        @match it.received_at {
            Some(at) => (age(lang, at, now)),
            None => span class="muted" { (t!(lang, "device.no_result")) },
        }
    };
    vec![
        row_header(
            name,
            &html! { a href={ "#check-" (it.check.code()) } { (words::check(lang, it.check)) } },
        ),
        cell(result, &outcome_badge(lang, it.outcome)),
        cell(why, &html! { (words::reason(lang, &it.reason)) }),
        cell(at, &received),
    ]
}

/// One that is no check yet: it carries none of the badges of results.
fn later_row(lang: Lang, columns: &[Column; 4], check: LaterCheck) -> Vec<Markup> {
    let [name, result, why, at] = columns;
    vec![
        row_header(
            name,
            &html! { span id={ "later-" (check.code()) } { (words::later_check(lang, check)) } },
        ),
        cell(
            result,
            &html! { span class="muted" { (t!(lang, "inside.not_yet")) } },
        ),
        cell(why, &html! { (words::later_check_state(lang)) }),
        cell(at, &html! { span class="muted" { "—" } }),
    ]
}

/// The inspection, item by item.
fn inspection(lang: Lang, now: Timestamp, it: &Inspection) -> Markup {
    let columns = [
        Column::text(t!(lang, "device.column.check")),
        Column::text(t!(lang, "device.column.result")),
        Column::text(t!(lang, "device.column.reason")),
        Column::text(t!(lang, "device.column.evidence")),
    ];
    let checks = it.checks.iter();
    let mut rows: Vec<_> = checks
        .map(|check| check_row(lang, now, &columns, check))
        .collect();
    let later = it.later.iter();
    rows.extend(later.map(|check| later_row(lang, &columns, *check)));
    html! {
        h3 { (t!(lang, "inside.inspection")) }
        p class="lead" {
            @if it.since.is_some() { (t!(lang, "inside.inspection_since")) }
            @else { (t!(lang, "inside.inspection_held")) }
        }
        (table(&t!(lang, "inside.inspection"), &columns, &rows))
    }
}

/// The section of the page.
pub(super) fn section(lang: Lang, now: Timestamp, view: &InsideView) -> Markup {
    html! {
        section class="inside" aria-labelledby="inside" {
            h2 id="inside" { (t!(lang, "inside.title")) }
            p class="lead" { (t!(lang, "inside.lead")) }
            (state(lang, now, view))
            (now_answered(lang, &view.answer))
            (inspection(lang, now, &view.inspection))
        }
    }
}
