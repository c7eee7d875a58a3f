//! One rule: the version in force with its clauses, and the versions before it.

use maud::{Markup, html};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t};

use super::super::components::{
    Column, Definitions, Tone, alert, cell, csrf_field, definitions, empty_state, instant,
    row_header, table,
};
use super::super::layout::{Frame, page as frame_page, titled};
use super::super::register::{LinkTo, links};
use super::{ClauseShown, PATH, clauses};

/// A version in the history.
#[derive(Clone, Debug)]
pub struct VersionLine {
    /// Its number.
    pub version: u32,
    /// Since when it is in force.
    pub from: Timestamp,
    /// Who proposed it.
    pub proposed_by: String,
    /// Who approved it.
    pub by: String,
    /// Where it is.
    pub href: String,
    /// Where it stands what it changed.
    pub changes: String,
}

/// The page's view-model.
#[derive(Clone, Debug)]
pub struct RuleView {
    /// What it is called.
    pub title: String,
    /// The number of the version in force; none where none is.
    pub version: Option<u32>,
    /// Facts about it.
    pub facts: Definitions,
    /// Its clauses.
    pub clauses: Vec<ClauseShown>,
    /// Where the reader says to have read it, with the token against forged requests; none where that is not
    /// asked.
    pub acknowledge: Option<(String, String)>,
    /// That the reader has read it.
    pub read: bool,
    /// That a draft is being worked on, or waits for approval, and where it is.
    pub work: Option<(&'static str, String)>,
    /// Every version, the newest first.
    pub history: Vec<VersionLine>,
    /// What the reader can do.
    pub links: Vec<LinkTo>,
}

fn acknowledgement(lang: Lang, view: &RuleView) -> Markup {
    html! {
        @if let (Some((href, csrf)), Some(version)) = (&view.acknowledge, view.version) {
            (alert(Tone::Warning, &t!(lang, "rule.please-read"), &html! {
                p { (t!(lang, "rule.please-read-how")) }
                form method="post" action=(href) {
                    (csrf_field(csrf))
                    input type="hidden" name="version" value=(version);
                    button class="button" type="submit" { (t!(lang, "rule.acknowledge")) }
                }
            }))
        } @else if view.read {
            p class="muted" { (t!(lang, "rule.was-read")) }
        }
    }
}

fn history(lang: Lang, list: &[VersionLine]) -> Markup {
    let columns = [
        Column::text(t!(lang, "rule.version-column")),
        Column::text(t!(lang, "rule.from")),
        Column::text(t!(lang, "rule.proposed-by")),
        Column::text(t!(lang, "rule.by")),
        Column::text(t!(lang, "rule.changes")),
    ];
    let [version, from, proposed, by, changes] = &columns;
    let row = |it: &VersionLine| {
        let name = t!(lang, "rule.version", n = it.version);
        vec![
            row_header(version, &html! { a href=(it.href) { (name) } }),
            cell(from, &html! { (instant(lang, it.from)) }),
            cell(proposed, &html! { (it.proposed_by) }),
            cell(by, &html! { (it.by) }),
            cell(
                changes,
                &html! { a href=(it.changes) { (t!(lang, "rule.see-changes")) } },
            ),
        ]
    };
    let rows: Vec<Vec<Markup>> = list.iter().map(row).collect();
    html! {
        @if !list.is_empty() {
            section aria-labelledby="history" {
                h2 id="history" { (t!(lang, "rule.history")) }
                (table(&t!(lang, "rule.history"), &columns, &rows))
            }
        }
    }
}

/// The page.
#[must_use]
pub fn rule_page(frame: &Frame, view: &RuleView) -> Markup {
    let lang = frame.lang;
    let trail = [(t!(lang, "rule.title").into_owned(), PATH.to_owned())];
    let main = html! {
        (titled(&trail, &html! { (view.title) }, &html! {}, &links(&view.links)))
        @if let Some((key, href)) = &view.work {
            (alert(Tone::Info, &t!(lang, *key), &html! { p { a href=(href) { (t!(lang, "rule.see-draft")) } } }))
        }
        @match view.version {
            Some(version) => {
                (acknowledgement(lang, view))
                section aria-labelledby="in-force" {
                    h2 id="in-force" { (t!(lang, "rule.version", n = version)) }
                    (definitions(&view.facts))
                }
                section aria-labelledby="clauses" {
                    h2 id="clauses" { (t!(lang, "rule.clauses")) }
                    (clauses(lang, &view.clauses))
                }
            }
            None => { (empty_state(&t!(lang, "rule.not-in-force"), &t!(lang, "rule.not-in-force-how"))) }
        }
        (history(lang, &view.history))
    };
    frame_page(frame, &view.title, &main)
}

/// The page of one version.
#[must_use]
pub fn version_page(
    frame: &Frame,
    (title, href): (&str, &str),
    version: u32,
    facts: &Definitions,
    list: &[ClauseShown],
) -> Markup {
    let lang = frame.lang;
    let name = t!(lang, "rule.version", n = version);
    let trail = [
        (t!(lang, "rule.title").into_owned(), PATH.to_owned()),
        (title.to_owned(), href.to_owned()),
    ];
    let main = html! {
        (titled(&trail, &html! { (name) }, &html! {}, &html! {}))
        (definitions(facts))
        section aria-labelledby="clauses" {
            h2 id="clauses" { (t!(lang, "rule.clauses")) }
            (clauses(lang, list))
        }
    };
    frame_page(frame, &name, &main)
}
