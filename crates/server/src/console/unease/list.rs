//! Reports of unease: what waits for the reader's answer, the reader's own, and the others in sight.

use maud::{Markup, html};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t};

use super::super::components::{Column, cell, csrf_field, empty_state, instant, row_header, table};
use super::super::layout::{Frame, page as frame_page, titled};
use super::{CONCERNS_PATH, TELL_PATH, state_badge};

/// A report in a list.
#[derive(Clone, Debug)]
pub struct ConcernLine {
    /// Its id.
    pub id: String,
    /// What it is about.
    pub kind: String,
    /// The task or unit where it arose.
    pub place: String,
    /// When it was told.
    pub told_at: Timestamp,
    /// Until when it is answered, in words.
    pub due: String,
    /// `open`, `examined`, `late` or `answered`.
    pub state: &'static str,
}

/// The page's view-model.
#[derive(Clone, Debug)]
pub struct ConcernsView {
    /// Those that the reader answers, the most urgent first; none where the reader answers none.
    pub waiting: Option<Vec<ConcernLine>>,
    /// The reader's own.
    pub own: Vec<ConcernLine>,
    /// The others that the reader may read; none where there are none to read.
    pub others: Option<Vec<ConcernLine>>,
    /// Whether reports without a name are taken.
    pub nameless: bool,
    /// The token of the form by which that is chosen; none for who does not choose.
    pub choose: Option<String>,
}

fn list(lang: Lang, caption: &str, lines: &[ConcernLine]) -> Markup {
    let columns = [
        Column::text(t!(lang, "unease.kind")),
        Column::text(t!(lang, "unease.place")),
        Column::text(t!(lang, "unease.told")),
        Column::text(t!(lang, "unease.due")),
        Column::text(t!(lang, "unease.status")),
    ];
    let [kind, place, told, due, state] = &columns;
    let row = |line: &ConcernLine| {
        let href = format!("{CONCERNS_PATH}/{}", line.id);
        vec![
            row_header(kind, &html! { a href=(href) { (line.kind) } }),
            cell(place, &html! { (line.place) }),
            cell(told, &instant(lang, line.told_at)),
            cell(due, &html! { (line.due) }),
            cell(state, &state_badge(lang, line.state)),
        ]
    };
    let rows: Vec<Vec<Markup>> = lines.iter().map(row).collect();
    table(caption, &columns, &rows)
}

fn section(lang: Lang, id: &str, title: &str, lines: &[ConcernLine], none: (&str, &str)) -> Markup {
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (title) }
            @if lines.is_empty() { (empty_state(none.0, none.1)) }
            @else { (list(lang, title, lines)) }
        }
    }
}

fn setting(lang: Lang, view: &ConcernsView) -> Markup {
    let now = if view.nameless {
        t!(lang, "unease.nameless_on")
    } else {
        t!(lang, "unease.nameless_off")
    };
    html! {
        section aria-labelledby="setting" {
            h2 id="setting" { (t!(lang, "unease.setting")) }
            p { (now) }
            @if let Some(csrf) = &view.choose {
                form method="post" action={ (CONCERNS_PATH) "/rules" } class="form screen-only" {
                    (csrf_field(csrf))
                    input type="hidden" name="nameless" value=(if view.nameless { "no" } else { "yes" });
                    button class="button button--secondary" type="submit" {
                        @if view.nameless { (t!(lang, "unease.turn_off")) } @else { (t!(lang, "unease.turn_on")) }
                    }
                }
            }
        }
    }
}

/// The page.
#[must_use]
pub fn concerns_page(frame: &Frame, view: &ConcernsView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "unease.title");
    let tell = html! { a class="button" href=(TELL_PATH) { (t!(lang, "unease.tell")) } };
    let none_waiting = (
        t!(lang, "unease.none_waiting"),
        t!(lang, "unease.none_waiting_how"),
    );
    let none_own = (t!(lang, "unease.none_own"), t!(lang, "unease.none_own_how"));
    let main = html! {
        (titled(&[], &html! { (title) }, &html! { (t!(lang, "unease.lead")) }, &tell))
        @if let Some(lines) = &view.waiting {
            (section(lang, "waiting", &t!(lang, "unease.waiting"), lines, (&none_waiting.0, &none_waiting.1)))
        }
        (section(lang, "own", &t!(lang, "unease.own"), &view.own, (&none_own.0, &none_own.1)))
        @if let Some(lines) = view.others.as_ref().filter(|lines| !lines.is_empty()) {
            section aria-labelledby="others" {
                h2 id="others" { (t!(lang, "unease.others")) }
                (list(lang, &t!(lang, "unease.others"), lines))
            }
        }
        (setting(lang, view))
    };
    frame_page(frame, &title, &main)
}
