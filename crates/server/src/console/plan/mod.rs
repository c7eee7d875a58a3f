//! The plan of telework: what is in force with its decision table, use against the baseline, drafts, and
//! the cases that call for a reassessment.

mod cases;
mod draft;
mod show;

use maud::{Markup, html};
use sekisho_messages::{Lang, t, text};

use super::components::{Column, cell, empty_state, row_header, table};

pub use cases::{
    CaseForm, CaseLine, CaseView, CasesView, Choice, FigureLine, case_page, cases_page,
};
pub use draft::{DraftView, draft_page};
pub use show::{Measured, PlanView, VersionLine, plan_page, version_page};

/// The path of the plan's page.
pub const PATH: &str = "/plan";
/// The path of the draft's page.
pub const DRAFT_PATH: &str = "/plan/draft";
/// The path of the cases.
pub const CASES_PATH: &str = "/cases";

/// One line of the decision table, as people read it.
#[derive(Clone, Debug)]
pub struct TableLine {
    /// The task.
    pub task: Markup,
    /// The code of the decision.
    pub decision: &'static str,
    /// The highest grade.
    pub highest: Markup,
    /// Who, where and how many.
    pub limits: Vec<Markup>,
    /// Systems, services and tools.
    pub functions: Markup,
    /// Why.
    pub reason: String,
    /// Where it is changed; none where it is not.
    pub href: Option<String>,
}

/// What the plan decides, as a badge of icon and word.
#[must_use]
pub fn decision_badge(lang: Lang, code: &str) -> Markup {
    use super::components::{Icon, icon};
    let (class, sign) = match code {
        "allow" => ("met", Icon::Pass),
        "limit" => ("findings", Icon::Findings),
        _ => ("not_met", Icon::Fail),
    };
    html! {
        span class={ "badge badge--" (class) } {
            (icon(sign)) (text(lang, format!("register.plan_line.decision.{code}"), &[]))
        }
    }
}

/// The decision table.
#[must_use]
pub fn decision_table(lang: Lang, lines: &[TableLine]) -> Markup {
    if lines.is_empty() {
        return empty_state(&t!(lang, "plan.no-lines"), &t!(lang, "plan.no-lines-how"));
    }
    let label = |key: &str| Column::text(text(lang, format!("register.plan_line.{key}"), &[]));
    let columns = [
        label("task"),
        label("decision"),
        label("highest"),
        Column::text(t!(lang, "plan.limits")),
        Column::text(t!(lang, "plan.functions")),
        label("reason"),
    ];
    let [task, decision, highest, limits, functions, reason] = &columns;
    let row = |line: &TableLine| {
        let name = html! {
            @if let Some(href) = &line.href { a href=(href) { (line.task) } } @else { (line.task) }
        };
        vec![
            row_header(task, &name),
            cell(decision, &decision_badge(lang, line.decision)),
            cell(highest, &line.highest),
            cell(
                limits,
                &html! {
                    @if line.limits.is_empty() { span class="muted" { "–" } }
                    @else { ul class="values" { @for limit in &line.limits { li { (limit) } } } }
                },
            ),
            cell(functions, &line.functions),
            cell(reason, &html! { (line.reason) }),
        ]
    };
    let rows: Vec<Vec<Markup>> = lines.iter().map(row).collect();
    table(&t!(lang, "plan.table"), &columns, &rows)
}
