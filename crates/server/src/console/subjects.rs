//! The subjects of a requirement that are not as they should be.

use maud::{Markup, html};
use sekisho_domain::check::Outcome;
use sekisho_messages::{Lang, t};

use super::components::{Column, cell, outcome_badge, row_header, table};

/// A subject that is not as it should be.
#[derive(Clone, Debug)]
pub struct SubjectItem {
    /// Its name.
    pub name: String,
    /// Its page.
    pub href: String,
    /// Whose doing it was, where it was a person's that the reader may know.
    pub person: Option<String>,
    /// Every check of the row that it does not pass.
    pub checks: Vec<SubjectCheck>,
}

/// A check that a subject does not pass.
#[derive(Clone, Debug)]
pub struct SubjectCheck {
    /// The check, by name.
    pub name: String,
    /// Where its result is shown.
    pub href: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Why, as a sentence.
    pub reason: String,
}

/// A row for every check that a subject does not pass.
pub(super) fn list(lang: Lang, list: &[SubjectItem]) -> Markup {
    let name = Column::text(t!(lang, "requirement.column.subject"));
    let result = Column::text(t!(lang, "requirement.column.result"));
    let reason = Column::text(t!(lang, "requirement.column.reason"));
    let what = Column::text(t!(lang, "requirement.column.check"));
    let mut rows: Vec<Vec<Markup>> = Vec::new();
    for subject in list {
        for check in &subject.checks {
            rows.push(vec![
                row_header(&name, &html! {
                    a href=(subject.href) { (subject.name) }
                    @if let Some(person) = &subject.person { p class="small muted" { (person) } }
                }),
                cell(&what, &html! { a href=(check.href) { (check.name) } }),
                cell(&result, &outcome_badge(lang, check.outcome)),
                cell(&reason, &html! { (check.reason) }),
            ]);
        }
    }
    let caption = t!(lang, "requirement.column.subject");
    html! { div class="subject-table" { (table(&caption, &[name, what, result, reason], &rows)) } }
}
