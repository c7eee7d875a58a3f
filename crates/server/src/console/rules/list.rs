//! All rules.

use maud::{Markup, html};
use sekisho_domain::time::Timestamp;
use sekisho_messages::t;

use super::super::components::{
    Column, Tone, alert, cell, empty_state, instant, row_header, table,
};
use super::super::layout::{Frame, page as frame_page, titled};
use super::super::register::{LinkTo, links};

/// A rule in the list.
#[derive(Clone, Debug)]
pub struct RuleLine {
    /// What it is called.
    pub title: String,
    /// Where it is.
    pub href: String,
    /// The number of the version in force and since when; none where none is.
    pub in_force: Option<(u32, Timestamp)>,
    /// How many clauses that has.
    pub clauses: usize,
    /// The post that answers for it.
    pub owner: String,
    /// Whether the reader has still to read it.
    pub to_read: bool,
    /// What is being worked on: a draft, or a proposal.
    pub work: Option<&'static str>,
}

/// The page's view-model.
#[derive(Clone, Debug)]
pub struct ListView {
    /// The rules.
    pub rules: Vec<RuleLine>,
    /// What the reader can do.
    pub links: Vec<LinkTo>,
}

/// The page.
#[must_use]
pub fn list_page(frame: &Frame, view: &ListView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "rule.title");
    let columns = [
        Column::text(t!(lang, "rule.name")),
        Column::text(t!(lang, "rule.version-column")),
        Column::number(t!(lang, "rule.clauses")),
        Column::text(t!(lang, "rule.owner")),
        Column::text(t!(lang, "rule.state")),
    ];
    let [name, version, count, owner, state] = &columns;
    let row = |it: &RuleLine| {
        let since = html! {
            @match it.in_force {
                Some((number, at)) => { (t!(lang, "rule.version", n = number)) " " span class="muted small" { (instant(lang, at)) } }
                None => { span class="muted" { (t!(lang, "rule.not-in-force")) } }
            }
        };
        let note = html! {
            @if it.to_read { strong { (t!(lang, "rule.to-read")) } " " }
            @if let Some(key) = it.work { (t!(lang, key)) }
        };
        vec![
            row_header(name, &html! { a href=(it.href) { (it.title) } }),
            cell(version, &since),
            cell(count, &html! { (it.clauses) }),
            cell(owner, &html! { (it.owner) }),
            cell(state, &note),
        ]
    };
    let rows: Vec<Vec<Markup>> = view.rules.iter().map(row).collect();
    let unread = view.rules.iter().filter(|it| it.to_read).count();
    let main = html! {
        (titled(&[], &html! { (title) }, &html! { (t!(lang, "rule.lead")) }, &links(&view.links)))
        @if unread > 0 {
            (alert(Tone::Warning, &t!(lang, "rule.unread", n = unread), &html! { p { (t!(lang, "rule.unread-how")) } }))
        }
        @if view.rules.is_empty() {
            (empty_state(&t!(lang, "rule.none"), &t!(lang, "rule.none-how")))
        } @else {
            (table(&title, &columns, &rows))
        }
    };
    frame_page(frame, &title, &main)
}
