//! What was counted under the clauses of a rule, and the conclusion that is drawn from it.

use maud::{Markup, html};
use sekisho_domain::rule::ClauseEffect;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, day, t};

use super::super::components::{
    Choice, Column, Field, Input, Tone, alert, cell, choices, csrf_field, error_at, error_summary,
    field, instant, row_header, submit, table,
};
use super::super::layout::{Frame, page as frame_page, titled};
use super::super::register::{LinkTo, links};
use super::PATH;

/// A clause in the table.
#[derive(Clone, Debug)]
pub struct EffectLine {
    /// What is printed before it.
    pub label: String,
    /// Where it is.
    pub href: String,
    /// What was counted.
    pub effect: ClauseEffect,
}

/// The page's view-model.
#[derive(Clone, Debug)]
pub struct EffectView {
    /// What the rule is called, and where it is.
    pub rule: (String, String),
    /// From when to when.
    pub within: (Timestamp, Timestamp),
    /// The clauses.
    pub lines: Vec<EffectLine>,
    /// Whom the version concerns and who has read it; none where that is not asked.
    pub readers: Option<(u32, u32)>,
    /// Who has still to read it, as far as the reader may know their names, how many more there are, and by
    /// when.
    pub unread: (Vec<String>, usize, Option<Timestamp>),
    /// What was concluded before, the newest first: when, by whom, what was found, in a sentence, and until
    /// when a revision is due.
    pub concluded: Vec<(Timestamp, String, &'static str, String, Option<Timestamp>)>,
    /// Token against forged requests, for who may conclude.
    pub concludes: Option<String>,
    /// What is wrong, with the id it is about.
    pub errors: Vec<(String, String)>,
    /// What was entered as the note.
    pub note: String,
    /// What the reader can do.
    pub links: Vec<LinkTo>,
}

fn count(value: Option<u64>) -> Markup {
    html! {
        @match value { Some(value) => { (value) } None => { span class="muted" { "–" } } }
    }
}

fn used(lang: Lang, effect: &ClauseEffect) -> Markup {
    html! {
        @match effect.is_unused() {
            Some(true) => { strong { (t!(lang, "rule.effect.never")) } }
            Some(false) => { (t!(lang, "rule.effect.used")) }
            None => { span class="muted" { (t!(lang, "rule.effect.not-told")) } }
        }
    }
}

fn counted(lang: Lang, lines: &[EffectLine]) -> Markup {
    let columns = [
        Column::text(t!(lang, "rule.clause")),
        Column::number(t!(lang, "rule.effect.given")),
        Column::number(t!(lang, "rule.effect.refused")),
        Column::number(t!(lang, "rule.effect.ended")),
        Column::number(t!(lang, "rule.effect.forbidden")),
        Column::number(t!(lang, "rule.effect.exceptions")),
        Column::number(t!(lang, "rule.effect.failing")),
        Column::number(t!(lang, "rule.effect.breaches")),
        Column::text(t!(lang, "rule.effect.use")),
    ];
    let [
        clause,
        given,
        refused,
        ended,
        forbidden,
        exceptions,
        failing,
        breaches,
        used_at,
    ] = &columns;
    let row = |it: &EffectLine| {
        let effect = &it.effect;
        vec![
            row_header(clause, &html! { a href=(it.href) { (it.label) } }),
            cell(given, &count(Some(effect.given))),
            cell(refused, &count(Some(effect.refused))),
            cell(ended, &count(Some(effect.ended))),
            cell(forbidden, &count(effect.forbidden)),
            cell(exceptions, &count(Some(effect.exceptions))),
            cell(failing, &count(effect.failing)),
            cell(breaches, &count(Some(effect.breaches))),
            cell(used_at, &used(lang, effect)),
        ]
    };
    let rows: Vec<Vec<Markup>> = lines.iter().map(row).collect();
    table(&t!(lang, "rule.effect.title"), &columns, &rows)
}

fn conclude(lang: Lang, view: &EffectView) -> Markup {
    let at = |id: &str| error_at(&view.errors, id);
    let choice = |value: &'static str| Choice {
        value,
        label: t!(lang, format!("rule.finding.{value}")),
        support: t!(lang, format!("rule.finding.{value}_help")),
    };
    html! {
        @if let Some(csrf) = &view.concludes {
            section aria-labelledby="conclude" class="screen-only" {
                h2 id="conclude" { (t!(lang, "rule.conclude")) }
                p { (t!(lang, "rule.conclude-lead")) }
                form method="post" class="form" {
                    (csrf_field(csrf))
                    (choices(lang, "finding", &t!(lang, "rule.finding"), &[choice("works"), choice("wanting")], "", at("finding")))
                    (field(lang, &Field {
                        name: "note",
                        label: t!(lang, "rule.note"),
                        support: Some(t!(lang, "plan.names-nobody")),
                        required: true,
                        input: Input::Text,
                        value: &view.note,
                        error: at("note"),
                        autocomplete: "off",
                        lang: None,
                    }))
                    div class="buttons" { (submit(&t!(lang, "rule.record-conclusion"))) }
                }
            }
        }
    }
}

fn concluded(lang: Lang, view: &EffectView) -> Markup {
    html! {
        section aria-labelledby="concluded" {
            h2 id="concluded" { (t!(lang, "rule.concluded")) }
            @if view.concluded.is_empty() {
                (alert(Tone::Warning, &t!(lang, "rule.never-concluded"), &html! { p { (t!(lang, "rule.never-concluded-how")) } }))
            }
            ul {
                @for (at, by, finding, note, due) in &view.concluded {
                    li {
                        (instant(lang, *at)) " " (by) " " strong { (t!(lang, format!("rule.finding.{finding}"))) } " " (note)
                        @if let Some(due) = due { " " span class="muted" { (t!(lang, "rule.revise-by", day = day(lang, Timestamp::from_millis(due.as_millis() - 1)))) } }
                    }
                }
            }
        }
    }
}

fn readers(lang: Lang, view: &EffectView) -> Markup {
    let (names, more, by) = &view.unread;
    html! {
        @if let Some((concerned, read)) = view.readers {
            p {
                (t!(lang, "rule.readers", read = read, concerned = concerned))
                @if let Some(by) = by { " " (t!(lang, "rule.read-by", day = day(lang, Timestamp::from_millis(by.as_millis() - 1)))) }
            }
            @if !names.is_empty() {
                details {
                    summary { (t!(lang, "rule.unread-people")) }
                    ul { @for name in names { li { (name) } } }
                    @if *more > 0 { p class="muted" { (t!(lang, "conflict.more", n = *more)) } }
                }
            }
        }
    }
}

/// The page.
#[must_use]
pub fn effect_page(frame: &Frame, view: &EffectView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "rule.effect.title");
    let (name, href) = view.rule.clone();
    let trail = [
        (t!(lang, "rule.title").into_owned(), PATH.to_owned()),
        (name, href),
    ];
    let (from, until) = view.within;
    let main = html! {
        (titled(&trail, &html! { (title) }, &html! { (t!(lang, "rule.effect.lead")) }, &links(&view.links)))
        (error_summary(lang, &view.errors))
        p { (instant(lang, from)) " – " (instant(lang, until)) }
        (readers(lang, view))
        (counted(lang, &view.lines))
        (concluded(lang, view))
        (conclude(lang, view))
    };
    frame_page(frame, &title, &main)
}
