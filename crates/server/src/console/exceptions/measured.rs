//! What was measured of an exception.

use maud::{Markup, html};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t};

use super::super::components::{
    Column, Definitions, cell, definitions, instant, row_header, table,
};
use super::standing_badge;

/// A measure.
#[derive(Clone, Debug)]
pub struct MeasureLine {
    /// What is done.
    pub what: String,
    /// The checks that show it, by their names; none where no sensor sees it.
    pub checks: Vec<String>,
    /// The code of how it stands.
    pub standing: &'static str,
    /// When somebody last said that it is done.
    pub word_at: Option<Timestamp>,
}

/// A check to which measures are bound.
#[derive(Clone, Debug)]
pub struct CheckLine {
    /// Its name.
    pub name: String,
    /// On how many devices it passes, fails, and is not known.
    pub now: [u32; 3],
    /// On how many it failed at any time since the exception began.
    pub failed: u32,
}

/// What was measured.
#[derive(Clone, Debug)]
pub struct MeasuredView {
    /// Uses, renewals, days.
    pub facts: Definitions,
    /// The measures.
    pub measures: Vec<MeasureLine>,
    /// The checks.
    pub checks: Vec<CheckLine>,
    /// Incidents, with their pages for who may see them.
    pub incidents: Vec<(String, Option<String>)>,
}

fn measures(lang: Lang, lines: &[MeasureLine]) -> Markup {
    let columns = [
        Column::text(t!(lang, "exception.measure")),
        Column::text(t!(lang, "exception.shown-by")),
        Column::text(t!(lang, "exception.column.standing")),
    ];
    let [what, shown, standing] = &columns;
    let row = |line: &MeasureLine| {
        let by = html! {
            @if line.checks.is_empty() {
                (t!(lang, "exception.by-word"))
                @if let Some(at) = line.word_at { " " (instant(lang, at)) }
            } @else { (line.checks.join(", ")) }
        };
        vec![
            row_header(what, &html! { (line.what) }),
            cell(shown, &by),
            cell(standing, &standing_badge(lang, line.standing)),
        ]
    };
    let rows: Vec<Vec<Markup>> = lines.iter().map(row).collect();
    table(&t!(lang, "exception.measures"), &columns, &rows)
}

fn checks(lang: Lang, lines: &[CheckLine]) -> Markup {
    let columns = [
        Column::text(t!(lang, "exception.check")),
        Column::number(t!(lang, "exception.pass")),
        Column::number(t!(lang, "exception.fail")),
        Column::number(t!(lang, "exception.unknown")),
        Column::number(t!(lang, "exception.failed")),
    ];
    let [name, pass, fail, unknown, failed] = &columns;
    let row = |line: &CheckLine| {
        let [passes, fails, open] = line.now;
        vec![
            row_header(name, &html! { (line.name) }),
            cell(pass, &html! { (passes) }),
            cell(fail, &html! { (fails) }),
            cell(unknown, &html! { (open) }),
            cell(failed, &html! { (line.failed) }),
        ]
    };
    let rows: Vec<Vec<Markup>> = lines.iter().map(row).collect();
    table(&t!(lang, "exception.checks"), &columns, &rows)
}

/// What was measured, on a page of its own and beside a decision.
#[must_use]
pub fn measured(lang: Lang, view: &MeasuredView) -> Markup {
    html! {
        (definitions(&view.facts))
        h3 { (t!(lang, "exception.measures")) }
        @if view.measures.is_empty() { p class="muted" { (t!(lang, "exception.no-measures")) } }
        @else { (measures(lang, &view.measures)) }
        @if !view.checks.is_empty() {
            h3 { (t!(lang, "exception.checks")) }
            (checks(lang, &view.checks))
        }
        h3 { (t!(lang, "exception.incidents")) }
        @if view.incidents.is_empty() { p class="muted" { (t!(lang, "exception.no-incidents")) } }
        @else {
            ul { @for (name, href) in &view.incidents {
                li { @match href { Some(href) => { a href=(href) { (name) } }, None => { (name) } } }
            } }
        }
    }
}
