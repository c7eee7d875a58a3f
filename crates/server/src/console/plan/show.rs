//! The plan in force: its state, use against the baseline, the decision table and the history.

use maud::{Markup, html};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, day as day_text, number, t};

use super::super::components::{
    Column, Definitions, Tile, Tone, alert, cell, definitions, empty_state, instant, row_header,
    table, tiles,
};
use super::super::layout::{Frame, page as frame_page, titled};
use super::super::register::{LinkTo, links};
use super::super::svg::sparkline;
use super::{CASES_PATH, DRAFT_PATH, PATH, TableLine, decision_table};

/// One measure of the whole against the baseline.
#[derive(Clone, Debug)]
pub struct Measured {
    /// What.
    pub label: String,
    /// How much within 28 days; none where it could not be measured.
    pub now: Option<u64>,
    /// How much the baseline has.
    pub base: u64,
    /// The ceiling that the plan sets; none where it sets none.
    pub ceiling: Option<u64>,
    /// Day by day, the oldest first.
    pub trend: Vec<u32>,
}

/// A version in the history.
#[derive(Clone, Debug)]
pub struct VersionLine {
    /// Its number.
    pub version: u32,
    /// Since when.
    pub at: Timestamp,
    /// Who approved it, or reassessed.
    pub by: String,
    /// Why there is one.
    pub cause: Markup,
}

/// The page's view-model.
#[derive(Clone, Debug)]
pub struct PlanView {
    /// What the newest version is called; none before there was one.
    pub title: Option<String>,
    /// Its number.
    pub version: u32,
    /// The first instant at which it is no longer in force.
    pub until: Timestamp,
    /// Whether that lies ahead.
    pub in_force: bool,
    /// Facts about it.
    pub facts: Definitions,
    /// Use against the baseline, and when it was evaluated.
    pub measured: Vec<Measured>,
    /// When.
    pub evaluated_at: Option<Timestamp>,
    /// What could not be measured.
    pub unmeasured: Vec<String>,
    /// What this program does not bring yet.
    pub not_watched: Vec<String>,
    /// What exceptions in force suppress: in words, with their pages for who may read them.
    pub suppressed: Vec<(String, Option<String>)>,
    /// The decision table.
    pub lines: Vec<TableLine>,
    /// Open cases, and those that are late; none for who may not read them.
    pub cases: Option<(usize, usize)>,
    /// Whether somebody works on a draft, and whether that waits for approval.
    pub draft: Option<bool>,
    /// Every version, the newest first.
    pub history: Vec<VersionLine>,
    /// What the reader can do.
    pub links: Vec<LinkTo>,
    /// Token against forged requests, for who may have it evaluated.
    pub evaluates: Option<String>,
}

fn state(lang: Lang, view: &PlanView) -> Markup {
    html! {
        @if !view.in_force {
            (alert(Tone::Error, &t!(lang, "plan.over", day = day_text(lang, view.until)), &html! { p { (t!(lang, "plan.over-how")) } }))
        }
        @if let Some((open, late)) = view.cases {
            @if late > 0 {
                (alert(Tone::Error, &t!(lang, "plan.cases-late", n = late), &html! {
                    p { (t!(lang, "plan.cases-late-how")) " " a href=(CASES_PATH) { (t!(lang, "case.title")) } }
                }))
            } @else if open > 0 {
                (alert(Tone::Warning, &t!(lang, "plan.cases-open", n = open), &html! {
                    p { a href=(CASES_PATH) { (t!(lang, "case.title")) } }
                }))
            }
        }
        (draft_note(lang, view))
    }
}

fn draft_note(lang: Lang, view: &PlanView) -> Markup {
    html! {
        @if let Some(proposed) = view.draft {
            @let key = if proposed { "plan.proposed-note" } else { "plan.draft-note" };
            (alert(Tone::Info, &t!(lang, key), &html! { p { a href=(DRAFT_PATH) { (t!(lang, "plan.see-draft")) } } }))
        }
    }
}

/// A measure as a tile: now, the baseline and the ceiling beside it, and how it went.
fn tile(lang: Lang, it: &Measured) -> Tile {
    let shown = |value: u64| number(i64::try_from(value).unwrap_or(i64::MAX));
    let now = it.now.unwrap_or_default();
    let over = it.ceiling.is_some_and(|ceiling| now > ceiling);
    let near = it
        .ceiling
        .is_some_and(|ceiling| !over && now * 10 >= ceiling * 9 && now > 0);
    Tile {
        label: html! { (it.label) },
        value: it.now.map_or_else(|| "–".to_owned(), shown),
        unit: it
            .ceiling
            .map_or_else(String::new, |it| format!("/ {}", shown(it))),
        note: html! {
            (t!(lang, "plan.against-base", base = shown(it.base)))
            @if it.now.is_none() { " " strong { (t!(lang, "plan.not-measured")) } }
            @else if over { " " strong class="plan-over" { (t!(lang, "plan.beyond")) } }
            @else if near { " " strong { (t!(lang, "plan.near")) } }
            @if it.trend.len() > 1 {
                br;
                (sparkline(&it.trend, &t!(lang, "plan.trend", days = it.trend.len())))
            }
        },
        href: None,
    }
}

fn against(lang: Lang, view: &PlanView) -> Markup {
    let list: Vec<Tile> = view.measured.iter().map(|it| tile(lang, it)).collect();
    html! {
        section aria-labelledby="measured" class="measured" {
            h2 id="measured" { (t!(lang, "plan.measured")) }
            p class="muted" {
                (t!(lang, "plan.measured-lead")) " "
                @if let Some(at) = view.evaluated_at { (t!(lang, "plan.evaluated-at")) " " (instant(lang, at)) }
                @else { (t!(lang, "plan.never-evaluated")) }
            }
            (tiles(&list))
            @if !view.unmeasured.is_empty() {
                (alert(Tone::Warning, &t!(lang, "plan.unmeasured"), &html! {
                    ul { @for feed in &view.unmeasured { li { (feed) } } }
                }))
            }
            @if !view.not_watched.is_empty() {
                p class="muted" { (t!(lang, "plan.not-watched")) }
                ul class="muted" { @for feed in &view.not_watched { li { (feed) } } }
            }
            @if !view.suppressed.is_empty() {
                (alert(Tone::Warning, &t!(lang, "plan.suppressed"), &html! {
                    ul { @for (what, href) in &view.suppressed {
                        li { @match href { Some(href) => { a href=(href) { (what) } }, None => { (what) } } }
                    } }
                }))
            }
            @if let Some(csrf) = &view.evaluates {
                form method="post" action={ (PATH) "/evaluate" } class="screen-only" {
                    input type="hidden" name="csrf" value=(csrf);
                    button class="button button--secondary" type="submit" { (t!(lang, "plan.evaluate")) }
                }
            }
        }
    }
}

fn history(lang: Lang, list: &[VersionLine]) -> Markup {
    let columns = [
        Column::text(t!(lang, "plan.version-column")),
        Column::text(t!(lang, "plan.since")),
        Column::text(t!(lang, "plan.cause")),
        Column::text(t!(lang, "plan.by")),
    ];
    let [version, at, cause, by] = &columns;
    let row = |it: &VersionLine| {
        let href = format!("{PATH}/versions/{}", it.version);
        vec![
            row_header(
                version,
                &html! { a href=(href) { (t!(lang, "plan.version", n = it.version)) } },
            ),
            cell(at, &html! { (instant(lang, it.at)) }),
            cell(cause, &it.cause),
            cell(by, &html! { (it.by) }),
        ]
    };
    let rows: Vec<Vec<Markup>> = list.iter().map(row).collect();
    html! {
        section aria-labelledby="history" {
            h2 id="history" { (t!(lang, "plan.history")) }
            (table(&t!(lang, "plan.history"), &columns, &rows))
        }
    }
}

/// The page.
#[must_use]
pub fn plan_page(frame: &Frame, view: &PlanView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "plan.title");
    let lead = t!(lang, "plan.lead");
    let main = html! {
        (titled(&[], &html! { (title) }, &html! { (lead) }, &links(&view.links)))
        @if let Some(name) = &view.title {
            (state(lang, view))
            section aria-labelledby="in-force" {
                h2 id="in-force" { (name) " " span class="muted" { (t!(lang, "plan.version", n = view.version)) } }
                (definitions(&view.facts))
            }
            (against(lang, view))
            section aria-labelledby="table" {
                h2 id="table" { (t!(lang, "plan.table")) }
                (decision_table(lang, &view.lines))
            }
            (history(lang, &view.history))
        } @else {
            (draft_note(lang, view))
            (empty_state(&t!(lang, "plan.none"), &t!(lang, "plan.none-how")))
        }
    };
    frame_page(frame, &title, &main)
}

/// The page of one version.
#[must_use]
pub fn version_page(
    frame: &Frame,
    version: u32,
    facts: &Definitions,
    lines: &[TableLine],
) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "plan.version", n = version);
    let trail = [(t!(lang, "plan.title").into_owned(), PATH.to_owned())];
    let main = html! {
        (titled(&trail, &html! { (title) }, &html! {}, &html! {}))
        (definitions(facts))
        section aria-labelledby="table" {
            h2 id="table" { (t!(lang, "plan.table")) }
            (decision_table(lang, lines))
        }
    };
    frame_page(frame, &title, &main)
}
