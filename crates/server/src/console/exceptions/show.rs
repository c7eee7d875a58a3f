//! One exception: what it departs from and for what, what was measured of it, and what was found.

use maud::{Markup, html};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t, text};

use super::super::components::{
    Column, Definitions, cell, definitions, instant, row_header, table,
};
use super::super::layout::{Frame, page as frame_page, titled};
use super::super::register::{LinkTo, links};
use super::measured::{MeasuredView, measured};
use super::{PATH, state_badge};

/// That it was looked at again.
#[derive(Clone, Debug)]
pub struct ReviewLine {
    /// When.
    pub at: Timestamp,
    /// The code of what was found.
    pub judgement: &'static str,
    /// The digest of the figures.
    pub digest: String,
}

/// The page.
#[derive(Clone, Debug)]
pub struct ExceptionView {
    /// What it is called.
    pub title: String,
    /// The code of where it stands.
    pub state: &'static str,
    /// Whose it is.
    pub applicant: String,
    /// What the reader can do.
    pub links: Vec<LinkTo>,
    /// What must be said first.
    pub notes: Vec<Markup>,
    /// What it departs from, for what, from when to when.
    pub facts: Definitions,
    /// What was measured now.
    pub measured: MeasuredView,
    /// When it was looked at again, the newest first.
    pub reviews: Vec<ReviewLine>,
}

fn reviews(lang: Lang, lines: &[ReviewLine]) -> Markup {
    let columns = [
        Column::text(t!(lang, "exception.looked-at")),
        Column::text(t!(lang, "exception.column.judgement")),
        Column::text(t!(lang, "exception.figures")),
    ];
    let [at, found, figures] = &columns;
    let row = |line: &ReviewLine| {
        let word = text(lang, format!("exception.judgement.{}", line.judgement), &[]);
        let short = line.digest.get(..16).unwrap_or_default();
        vec![
            row_header(at, &instant(lang, line.at)),
            cell(found, &html! { (word) }),
            cell(figures, &html! { code title=(line.digest) { (short) "…" } }),
        ]
    };
    let rows: Vec<Vec<Markup>> = lines.iter().map(row).collect();
    table(&t!(lang, "exception.reviews"), &columns, &rows)
}

/// The page.
#[must_use]
pub fn exception_page(frame: &Frame, view: &ExceptionView) -> Markup {
    let lang = frame.lang;
    let trail = [(t!(lang, "exception.title").into_owned(), PATH.to_owned())];
    let lead = html! { (state_badge(lang, view.state)) " " (view.applicant) };
    let main = html! {
        (titled(&trail, &html! { (view.title) }, &lead, &links(&view.links)))
        @for note in &view.notes { (note) }
        section aria-labelledby="about" {
            h2 id="about" { (t!(lang, "exception.about")) }
            (definitions(&view.facts))
        }
        section aria-labelledby="measured" {
            h2 id="measured" { (t!(lang, "exception.measured")) }
            (measured(lang, &view.measured))
        }
        section aria-labelledby="reviews" {
            h2 id="reviews" { (t!(lang, "exception.reviews")) }
            @if view.reviews.is_empty() { p class="muted" { (t!(lang, "exception.no-reviews")) } }
            @else { (reviews(lang, &view.reviews)) }
        }
    };
    frame_page(frame, &view.title, &main)
}
