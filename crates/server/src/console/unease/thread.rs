//! One report: what was told, what was said since, and what can be done about it.

use maud::{Markup, html};
use sekisho_messages::{Lang, t};

use super::super::components::{
    Definitions, confirmation, csrf_field, definitions, error_at, error_summary,
};
use super::super::layout::{Frame, heading, page as frame_page};
use super::super::register::{Change, history};
use super::{CONCERNS_PATH, state_badge, words_area};

/// One report's view-model.
#[derive(Clone, Debug)]
pub struct ThreadView {
    /// Its id.
    pub id: String,
    /// What it is about.
    pub kind: String,
    /// `open`, `examined`, `late` or `answered`.
    pub state: &'static str,
    /// Facts about it.
    pub facts: Definitions,
    /// What happened, the newest first.
    pub changes: Vec<Change>,
    /// What the reader can do; none where nothing.
    pub form: Option<AnswerForm>,
}

/// What can be done about a report.
#[derive(Clone, Debug)]
pub struct AnswerForm {
    /// Token against forged requests.
    pub csrf: String,
    /// The version that the page shows.
    pub seen: u64,
    /// Whether the reader answers.
    pub answers: bool,
    /// Whether it can be made an incident.
    pub turns: bool,
    /// Whether the reader told it and adds to it.
    pub says: bool,
    /// Whether its words can be destroyed.
    pub erases: bool,
    /// The words that were entered.
    pub words: String,
    /// What is wrong, with the id it is about.
    pub errors: Vec<(String, String)>,
}

fn acting(lang: Lang, id: &str, form: &AnswerForm) -> Markup {
    let begin = html! {
        (csrf_field(&form.csrf))
        input type="hidden" name="expected" value=(form.seen);
    };
    let action = |act: &str| format!("{CONCERNS_PATH}/{id}/{act}");
    html! {
        @if form.answers {
            section aria-labelledby="answer" class="screen-only" {
                h2 id="answer" { (t!(lang, "unease.answer")) }
                form method="post" action=(action("answer")) class="form" {
                    (begin)
                    (words_area(lang, ["unease.answer_words", "unease.words_sealed"], true, &form.words, &form.errors))
                    div class="buttons" {
                        button class="button" type="submit" { (t!(lang, "unease.answer_do")) }
                        button class="button button--secondary" type="submit" formaction=(action("examine")) formnovalidate { (t!(lang, "unease.examine_do")) }
                        @if form.turns {
                            button class="button button--secondary" type="submit" formaction=(action("incident")) { (t!(lang, "unease.turn_do")) }
                        }
                    }
                }
            }
        }
        @if form.says {
            section aria-labelledby="say" class="screen-only" {
                h2 id="say" { (t!(lang, "unease.say_more")) }
                form method="post" action=(action("say")) class="form" {
                    (begin)
                    (words_area(lang, ["unease.words", "unease.words_sealed"], true, &form.words, &form.errors))
                    div class="buttons" { button class="button" type="submit" { (t!(lang, "unease.say_more_do")) } }
                }
            }
        }
        @if form.erases {
            section aria-labelledby="erase" class="screen-only" {
                h2 id="erase" { (t!(lang, "unease.erase")) }
                p { (t!(lang, "unease.erase_how")) }
                form method="post" action=(action("erase")) class="form" {
                    (begin)
                    (confirmation(lang, "confirm", &t!(lang, "unease.erase_confirm"), error_at(&form.errors, "confirm")))
                    div class="buttons" { button class="button button--danger" type="submit" { (t!(lang, "unease.erase_do")) } }
                }
            }
        }
    }
}

/// The page.
#[must_use]
pub fn thread_page(frame: &Frame, view: &ThreadView) -> Markup {
    let lang = frame.lang;
    let trail = [(
        t!(lang, "unease.title").into_owned(),
        CONCERNS_PATH.to_owned(),
    )];
    let errors = view
        .form
        .as_ref()
        .map_or(&[][..], |form| form.errors.as_slice());
    let main = html! {
        (heading(&trail, &html! { (view.kind) }, &state_badge(lang, view.state)))
        (error_summary(lang, errors))
        (definitions(&view.facts))
        (history(frame, &view.changes))
        @if let Some(form) = &view.form { (acting(lang, &view.id, form)) }
    };
    frame_page(frame, &view.kind, &main)
}
