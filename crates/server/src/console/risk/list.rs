//! The list: what waits, what is in force, the matrix and how it went.

use maud::{Markup, html};
use sekisho_domain::plan::RiskLevel;
use sekisho_domain::risk::{Rank, RiskTable};
use sekisho_domain::time::Timestamp;
use sekisho_messages::t;

use super::super::components::{
    Column, Tone, alert, cell, empty_state, instant, row_header, table,
};
use super::super::layout::{Frame, page as frame_page, titled};
use super::super::register::{LinkTo, links};
use super::chart::{Month, matrix, trend};
use super::{PATH, level_badge};

/// An assessment in the list.
#[derive(Clone, Debug)]
pub struct RiskRow {
    /// Its id.
    pub id: String,
    /// What is assessed.
    pub subject: String,
    /// The grade.
    pub grade: String,
    /// Importance, highest likelihood, and the risk.
    pub numbers: (Rank, Rank, u8),
    /// The level.
    pub level: RiskLevel,
    /// What is done about it, in words.
    pub treatments: Vec<String>,
    /// When it was approved, or last written.
    pub at: Timestamp,
    /// Of what waits: whether it waits for approval.
    pub proposed: bool,
    /// Whether it is high and nothing stands against it any more.
    pub open: bool,
}

/// The list's view-model.
#[derive(Clone, Debug)]
pub struct ListView {
    /// What is worked on or waits for approval.
    pub work: Vec<RiskRow>,
    /// What is in force, the gravest first.
    pub in_force: Vec<RiskRow>,
    /// The ends of months.
    pub months: Vec<Month>,
    /// The table, which says what a product counts as.
    pub table: RiskTable,
    /// What the reader can do.
    pub links: Vec<LinkTo>,
}

fn rows(frame: &Frame, caption: &str, list: &[RiskRow], waits: bool) -> Markup {
    let lang = frame.lang;
    let columns = [
        Column::text(t!(lang, "risk.subject")),
        Column::text(t!(lang, "risk.grade")),
        Column::number(t!(lang, "risk.risk")),
        Column::text(t!(lang, "risk.level")),
        Column::text(t!(lang, "risk.treatments")),
        Column::text(t!(
            lang,
            if waits {
                "risk.written"
            } else {
                "risk.approved"
            }
        )),
    ];
    let [subject, grade, risk, level, treatments, at] = &columns;
    let row = |it: &RiskRow| {
        let (importance, likelihood, product) = it.numbers;
        vec![
            row_header(
                subject,
                &html! { a href={ (PATH) "/" (it.id) } { (it.subject) } },
            ),
            cell(grade, &html! { span class="grade" { (it.grade) } }),
            cell(
                risk,
                &html! { (product) " " span class="muted" { "(" (importance.number()) "×" (likelihood.number()) ")" } },
            ),
            cell(
                level,
                &html! {
                    (level_badge(lang, it.level))
                    @if it.proposed { " " span class="badge" { (t!(lang, "risk.waits")) } }
                    @if it.open { " " strong class="plan-over" { (t!(lang, "risk.acceptance-over")) } }
                },
            ),
            cell(
                treatments,
                &html! {
                    @if it.treatments.is_empty() { span class="muted" { "–" } }
                    @else { ul class="values" { @for treatment in &it.treatments { li { (treatment) } } } }
                },
            ),
            cell(at, &instant(lang, it.at)),
        ]
    };
    let rows: Vec<Vec<Markup>> = list.iter().map(row).collect();
    table(caption, &columns, &rows)
}

/// The list.
#[must_use]
pub fn list_page(frame: &Frame, view: &ListView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "risk.title");
    let open = view.in_force.iter().filter(|it| it.open).count();
    let count = |importance: Rank, likelihood: Rank| {
        let there = |it: &&RiskRow| (it.numbers.0, it.numbers.1) == (importance, likelihood);
        u32::try_from(view.in_force.iter().filter(there).count()).unwrap_or(u32::MAX)
    };
    let main = html! {
        (titled(&[], &html! { (title) }, &html! { (t!(lang, "risk.lead")) }, &links(&view.links)))
        @if open > 0 {
            (alert(Tone::Error, &t!(lang, "risk.open-high", n = open), &html! { p { (t!(lang, "risk.open-high-how")) } }))
        }
        @if !view.work.is_empty() {
            section aria-labelledby="work" {
                h2 id="work" { (t!(lang, "risk.in-work")) }
                (rows(frame, &t!(lang, "risk.in-work"), &view.work, true))
            }
        }
        @if view.in_force.is_empty() {
            (empty_state(&t!(lang, "risk.nothing"), &t!(lang, "risk.nothing-how")))
        } @else {
            section aria-labelledby="matrix" {
                h2 id="matrix" { (t!(lang, "risk.matrix")) }
                (matrix(lang, &count, &|product| view.table.level(product)))
            }
            section aria-labelledby="in-force" {
                h2 id="in-force" { (t!(lang, "risk.in-force")) }
                (rows(frame, &t!(lang, "risk.in-force"), &view.in_force, false))
            }
            section aria-labelledby="trend" {
                h2 id="trend" { (t!(lang, "risk.trend")) }
                (trend(lang, &view.months))
            }
        }
        p class="small muted" { a href={ (PATH) "/annex" } { (t!(lang, "risk.annex.title")) } " – " (t!(lang, "risk.annex.lead")) }
    };
    frame_page(frame, &title, &main)
}
