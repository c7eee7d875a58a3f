//! Pages of a list.

use maud::{Markup, html};
use sekisho_messages::{Lang, t};

/// Where a list stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    /// Link to the page before, if there is one.
    pub previous: Option<String>,
    /// Link to the page after, if there is one.
    pub next: Option<String>,
    /// First entry shown, counted from 1.
    pub first: u64,
    /// Last entry shown.
    pub last: u64,
    /// All entries.
    pub total: u64,
}

/// Links to the pages before and after, and what part is shown.
#[must_use]
pub fn pagination(lang: Lang, pages: &Pages) -> Markup {
    let shown = t!(
        lang,
        "console.pages.shown",
        first = pages.first,
        last = pages.last,
        total = pages.total
    );
    html! {
        nav class="pages" aria-label=(t!(lang, "console.pages.label")) {
            @if let Some(href) = &pages.previous {
                a class="button button--secondary" rel="prev" href=(href) { (t!(lang, "console.pages.previous")) }
            }
            span { (shown) }
            @if let Some(href) = &pages.next {
                a class="button button--secondary" rel="next" href=(href) { (t!(lang, "console.pages.next")) }
            }
        }
    }
}
