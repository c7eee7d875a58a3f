//! What changed between two versions, clause by clause and character by character.

use maud::{Markup, html};
use sekisho_domain::rule::Piece;
use sekisho_messages::t;

use super::super::components::empty_state;
use super::super::layout::{Frame, page as frame_page, titled};
use super::PATH;

/// What became of a clause.
#[derive(Clone, Debug)]
pub struct ChangeLine {
    /// What became of it: the code of `rule.change.<code>`.
    pub change: &'static str,
    /// What is printed before it.
    pub label: Markup,
    /// Its text, with what came and went.
    pub text: Markup,
    /// Fields of it that changed: name, before and after.
    pub fields: Vec<(String, Markup, Markup)>,
}

/// The page's view-model.
#[derive(Clone, Debug)]
pub struct ChangesView {
    /// What the rule is called, and where it is.
    pub rule: (String, String),
    /// From what to what.
    pub between: (String, String),
    /// The clauses that changed.
    pub lines: Vec<ChangeLine>,
    /// How many are as they were.
    pub same: usize,
}

/// Pieces of a text: what went is struck out, what came is marked.
#[must_use]
pub fn pieces(list: &[Piece<'_>]) -> Markup {
    html! {
        @for piece in list {
            @match piece {
                Piece::Same(text) => { (text) }
                Piece::Added(text) => { ins { (text) } }
                Piece::Removed(text) => { del { (text) } }
            }
        }
    }
}

/// The page.
#[must_use]
pub fn changes_page(frame: &Frame, view: &ChangesView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "rule.changes");
    let (name, href) = view.rule.clone();
    let trail = [
        (t!(lang, "rule.title").into_owned(), PATH.to_owned()),
        (name, href),
    ];
    let (before, after) = &view.between;
    let main = html! {
        (titled(&trail, &html! { (title) }, &html! { (before) " → " (after) }, &html! {}))
        @if view.lines.is_empty() {
            (empty_state(&t!(lang, "rule.no-changes"), &t!(lang, "rule.no-changes-how")))
        }
        @for line in &view.lines {
            article class={ "clause clause--" (line.change) } {
                h2 { (line.label) " " span class="badge" { (t!(lang, format!("rule.change.{}", line.change))) } }
                p class="clause-text" { (line.text) }
                @if !line.fields.is_empty() {
                    dl class="facts" {
                        @for (field, before, after) in &line.fields {
                            div { dt { (field) } dd { del { (before) } " → " ins { (after) } } }
                        }
                    }
                }
            }
        }
        p class="muted" { (t!(lang, "rule.unchanged-clauses", n = view.same)) }
    };
    frame_page(frame, &title, &main)
}
