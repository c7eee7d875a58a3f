//! One answer of the decision point for people: allowed on what, or refused for what, and what to do.

use maud::{Markup, html};
use sekisho_domain::check::Outcome;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, date, t};

use super::super::components::outcome_badge_worded;
use super::super::register::LinkTo;

/// On what something is allowed.
#[derive(Clone, Debug, Default)]
pub struct Allowing {
    /// The permits that carry it.
    pub permits: Vec<LinkTo>,
    /// The restrictions that go with it.
    pub restrictions: Vec<String>,
    /// Until when without being asked again.
    pub until: Option<Timestamp>,
    /// Whether the device's state is only declared.
    pub declared: bool,
}

/// One thing that is missing.
#[derive(Clone, Debug)]
pub struct Lacking {
    /// What, as the rule says it.
    pub what: String,
    /// The row of the catalogue.
    pub clause: Option<LinkTo>,
    /// Who can settle it.
    pub grantor: Option<String>,
    /// From when it settles itself.
    pub from: Option<Timestamp>,
    /// What to do.
    pub todo: Vec<Markup>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct AnswerView {
    /// What was asked about.
    pub about: Markup,
    /// A line about it.
    pub more: Option<Markup>,
    /// Allowed, or what is missing. Nothing missing and yet refused: the rules could not be evaluated.
    pub answer: Result<Allowing, Vec<Lacking>>,
}

fn badge(lang: Lang, allowed: bool) -> Markup {
    if allowed {
        outcome_badge_worded(Outcome::Pass, &t!(lang, "access-page.allowed"))
    } else {
        outcome_badge_worded(Outcome::Fail, &t!(lang, "access-page.refused"))
    }
}

fn allowing(lang: Lang, it: &Allowing) -> Markup {
    html! {
        dl class="defs" {
            div {
                dt { (t!(lang, "access-page.by")) }
                dd {
                    @if it.permits.is_empty() { (t!(lang, "access-page.by_nothing")) }
                    @else { ul class="values" { @for permit in &it.permits { li { a href=(permit.href) { (permit.label) } } } } }
                }
            }
            @if let Some(until) = it.until {
                div { dt { (t!(lang, "access-page.until")) } dd { time datetime=(until.to_rfc3339()) { (date(lang, until)) } } }
            }
            @if it.declared {
                div { dt { (t!(lang, "access-page.told_by")) } dd { (t!(lang, "access-page.told_by_user")) } }
            }
            @if !it.restrictions.is_empty() {
                div { dt { (t!(lang, "access-page.restrictions")) } dd { ul class="values" { @for one in &it.restrictions { li { (one) } } } } }
            }
        }
    }
}

fn lacking(lang: Lang, it: &Lacking) -> Markup {
    html! {
        li {
            p { strong { (it.what) } }
            dl class="defs" {
                @if let Some(from) = it.from {
                    div { dt { (t!(lang, "access-page.from")) } dd { (t!(lang, "access-page.by_itself", at = date(lang, from))) } }
                }
                @if !it.todo.is_empty() {
                    div { dt { (t!(lang, "access.todo")) } dd { ul class="values" { @for one in &it.todo { li { (one) } } } } }
                }
                @if let Some(grantor) = &it.grantor {
                    div { dt { (t!(lang, "access.grantor")) } dd { (grantor) } }
                }
                @if let Some(clause) = &it.clause {
                    div { dt { (t!(lang, "access.clause")) } dd { a href=(clause.href) { (clause.label) } } }
                }
            }
        }
    }
}

/// The answer without what it is about.
#[must_use]
pub fn answer(lang: Lang, answer: &Result<Allowing, Vec<Lacking>>) -> Markup {
    match answer {
        Ok(it) => allowing(lang, it),
        Err(missing) if missing.is_empty() => html! { p { (t!(lang, "access.failed")) } },
        Err(missing) => {
            html! { ul class="words lacking" { @for it in missing { (lacking(lang, it)) } } }
        }
    }
}

/// Answers one below the other: those allowed are short, of those refused all that is missing can be
/// unfolded, and is where there is only one.
#[must_use]
pub fn answers(lang: Lang, list: &[AnswerView]) -> Markup {
    let open = list.len() == 1;
    html! {
        ul class="answers" {
            @for it in list {
                li class=(if it.answer.is_ok() { "answer" } else { "answer answer--refused" }) {
                    details open[open] {
                        summary {
                            span class="answer-about" { (it.about) }
                            (badge(lang, it.answer.is_ok()))
                            span class="answer-line" { (line(lang, it)) }
                        }
                        (answer(lang, &it.answer))
                    }
                    @if let Some(more) = &it.more { div class="answer-more" { (more) } }
                }
            }
        }
    }
}

/// The answer in one line.
fn line(lang: Lang, it: &AnswerView) -> String {
    match &it.answer {
        Ok(allowing) => allowing.until.map_or_else(String::new, |until| {
            t!(lang, "access-page.until_line", at = date(lang, until)).into_owned()
        }),
        Err(missing) => match missing.as_slice() {
            [] => String::new(),
            [one] => one.what.clone(),
            [first, ..] => {
                let n = missing.len() - 1;
                t!(
                    lang,
                    "access-page.and_more",
                    what = first.what.as_str(),
                    n = n
                )
                .into_owned()
            }
        },
    }
}
