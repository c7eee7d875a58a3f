//! Exceptions: the list, and one with what was measured of it.

mod measured;
mod show;

use maud::{Markup, html};
use sekisho_messages::{Lang, t, text};

use super::components::{Column, Icon, cell, empty_state, icon, row_header, table};
use super::layout::{Frame, page as frame_page, titled};
use super::register::{LinkTo, links};

pub use measured::{CheckLine, MeasureLine, MeasuredView, measured};
pub use show::{ExceptionView, ReviewLine, exception_page};

/// Where the list stands.
pub const PATH: &str = "/exceptions";

/// An exception in the list.
#[derive(Clone, Debug)]
pub struct ExceptionLine {
    /// Its page.
    pub href: String,
    /// What it is called.
    pub name: String,
    /// The row from which it departs.
    pub requirement: String,
    /// Whose it is, and of which unit.
    pub who: Markup,
    /// The code of where it stands.
    pub state: &'static str,
    /// Whether it was taken in a hurry.
    pub urgent: bool,
    /// From when to when it holds.
    pub term: Markup,
    /// When it is to be looked at again; none where it is over.
    pub review: Markup,
    /// How often its end was put off, and whether that calls for a decision.
    pub renewed: (u32, bool),
    /// For how many days it has run, and whether that calls for a decision.
    pub days: (i64, bool),
    /// The code of how its measures stand.
    pub standing: &'static str,
    /// The code of what the newest review found.
    pub judgement: Option<&'static str>,
    /// The number of the one that it goes on with by whose review its effect stands confirmed.
    pub proved: Option<String>,
}

/// The list's view-model.
#[derive(Clone, Debug)]
pub struct ExceptionsView {
    /// What the reader can do.
    pub links: Vec<LinkTo>,
    /// Those that can still hold, the most urgent first.
    pub live: Vec<ExceptionLine>,
    /// The others, the newest first.
    pub over: Vec<ExceptionLine>,
}

/// Where an exception stands, as a badge.
pub(super) fn state_badge(lang: Lang, state: &str) -> Markup {
    let (class, sign) = match state {
        "late" => ("not_met", Icon::Fail),
        "held" | "approved" => ("findings", Icon::Findings),
        _ => ("met", Icon::Pass),
    };
    html! { span class={ "badge badge--" (class) } { (icon(sign)) (text(lang, format!("exception.state.{state}"), &[])) } }
}

/// How measures stand, as a badge.
pub(super) fn standing_badge(lang: Lang, standing: &str) -> Markup {
    let (class, sign) = match standing {
        "holds" => ("met", Icon::Pass),
        "fails" => ("not_met", Icon::Fail),
        _ => ("findings", Icon::Findings),
    };
    html! { span class={ "badge badge--" (class) } { (icon(sign)) (text(lang, format!("exception.standing.{standing}"), &[])) } }
}

fn counted(lang: Lang, number: &str, calls: bool) -> Markup {
    html! {
        (number)
        @if calls { " " span class="state state--bad" { (t!(lang, "exception.settle")) } }
    }
}

fn list(lang: Lang, caption: &str, lines: &[ExceptionLine]) -> Markup {
    let columns = [
        Column::text(t!(lang, "exception.column.number")),
        Column::text(t!(lang, "exception.who")),
        Column::text(t!(lang, "exception.column.state")),
        Column::text(t!(lang, "exception.term")),
        Column::text(t!(lang, "exception.column.review_on")),
        Column::number(t!(lang, "exception.column.renewed")),
        Column::number(t!(lang, "exception.column.days")),
        Column::text(t!(lang, "exception.column.standing")),
        Column::text(t!(lang, "exception.column.judgement")),
    ];
    let row = |line: &ExceptionLine| {
        let [
            name,
            who,
            state,
            term,
            review,
            renewed,
            days,
            standing,
            judgement,
        ] = &columns;
        let found = line
            .judgement
            .map(|code| text(lang, format!("exception.judgement.{code}"), &[]));
        vec![
            row_header(
                name,
                &html! {
                    a href=(line.href) { (line.name) }
                    span class="todo" { (line.requirement) }
                    @if line.urgent { span class="todo" { (t!(lang, "exception.urgent")) } }
                },
            ),
            cell(who, &line.who),
            cell(state, &state_badge(lang, line.state)),
            cell(term, &line.term),
            cell(review, &line.review),
            cell(
                renewed,
                &counted(lang, &line.renewed.0.to_string(), line.renewed.1),
            ),
            cell(days, &counted(lang, &line.days.0.to_string(), line.days.1)),
            cell(standing, &standing_badge(lang, line.standing)),
            cell(
                judgement,
                &html! {
                    @match &found { Some(word) => { (word) }, None => { span class="muted" { "–" } } }
                    @if let Some(number) = &line.proved {
                        span class="todo" { (t!(lang, "exception.proved-before", number = number)) }
                    }
                },
            ),
        ]
    };
    let rows: Vec<Vec<Markup>> = lines.iter().map(row).collect();
    table(caption, &columns, &rows)
}

/// The list.
#[must_use]
pub fn exceptions_page(frame: &Frame, view: &ExceptionsView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "exception.title");
    let main = html! {
        (titled(&[], &html! { (title) }, &html! { (t!(lang, "exception.lead")) }, &links(&view.links)))
        section aria-labelledby="live" {
            h2 id="live" { (t!(lang, "exception.live-list")) }
            @if view.live.is_empty() { (empty_state(&t!(lang, "exception.none-live"), &t!(lang, "exception.none-live-how"))) }
            @else { (list(lang, &t!(lang, "exception.live-list"), &view.live)) }
        }
        @if !view.over.is_empty() {
            section aria-labelledby="over" {
                h2 id="over" { (t!(lang, "exception.over-list")) }
                (list(lang, &t!(lang, "exception.over-list"), &view.over))
            }
        }
    };
    frame_page(frame, &title, &main)
}
