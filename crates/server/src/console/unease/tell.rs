//! Telling of unease under one's name.

use maud::{Markup, html};
use sekisho_messages::t;

use super::super::components::{csrf_field, error_summary};
use super::super::layout::{Frame, heading, page as frame_page};
use super::{CONCERNS_PATH, NAMELESS_PATH, kind_buttons, words_area};

/// What was entered, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct TellForm {
    /// Token against forged requests.
    pub csrf: String,
    /// The codes of the kinds.
    pub kinds: Vec<&'static str>,
    /// The inputs of task and unit.
    pub inputs: Markup,
    /// The words.
    pub words: String,
    /// Whether the section chief is not to see the name.
    pub hidden: bool,
    /// Whether reports without a name are taken.
    pub nameless: bool,
    /// What is wrong, with the id it is about.
    pub errors: Vec<(String, String)>,
}

/// The page.
#[must_use]
pub fn tell_page(frame: &Frame, form: &TellForm) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "unease.tell");
    let trail = [(
        t!(lang, "unease.title").into_owned(),
        CONCERNS_PATH.to_owned(),
    )];
    let main = html! {
        (heading(&trail, &html! { (title) }, &html! { (t!(lang, "unease.tell_lead")) }))
        (error_summary(lang, &form.errors))
        @if form.nameless {
            p { (t!(lang, "unease.rather_nameless")) " " a href=(NAMELESS_PATH) { (t!(lang, "unease.nameless")) } }
        }
        form method="post" action=(CONCERNS_PATH) class="form" {
            (csrf_field(&form.csrf))
            (words_area(lang, ["unease.words", "unease.words_named"], false, &form.words, &form.errors))
            details {
                summary { (t!(lang, "unease.where_it_arose")) }
                (form.inputs)
                div class="choice" {
                    input type="checkbox" id="hidden" name="hidden" value="yes" checked[form.hidden];
                    label for="hidden" { (t!(lang, "register.concern.anonymous")) }
                }
            }
            (kind_buttons(lang, &form.kinds))
        }
    };
    frame_page(frame, &title, &main)
}
