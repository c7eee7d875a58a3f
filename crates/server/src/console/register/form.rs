//! A form about an entry: its fields, or the confirmation of what is done to it.

use maud::{Markup, html};
use sekisho_messages::t;

use super::super::components::{Field, Input, csrf_field, error_summary, text_area};
use super::super::layout::{Frame, heading, page as frame_page};

/// What the writer says in words, sealed under the writer's key.
#[derive(Clone, Debug)]
pub struct Remark {
    /// What it asks for.
    pub label: String,
    /// How to fill it in.
    pub support: Option<String>,
    /// Whether it must be filled in.
    pub required: bool,
    /// What was entered.
    pub value: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// The page.
#[derive(Clone, Debug)]
pub struct FormView {
    /// Pages above.
    pub trail: Vec<(String, String)>,
    /// What is done.
    pub title: String,
    /// What it means.
    pub lead: String,
    /// What stands above the form.
    pub note: Markup,
    /// Where the form goes.
    pub action: String,
    /// Token against forged requests.
    pub csrf: String,
    /// Values that the form carries unseen: the version it was made of.
    pub hidden: Vec<(&'static str, String)>,
    /// The inputs.
    pub inputs: Markup,
    /// What is said in words, where something is.
    pub remark: Option<Remark>,
    /// What the button says.
    pub submit: String,
    /// Whether it cannot be undone easily.
    pub danger: bool,
    /// Where to go instead.
    pub back: String,
    /// All that is wrong, with the id it is about.
    pub errors: Vec<(String, String)>,
}

/// The longest remark, in characters.
const REMARK_MAX: usize = 2000;

/// The page.
#[must_use]
pub fn page(frame: &Frame, view: &FormView) -> Markup {
    let lang = frame.lang;
    let main = html! {
        (heading(&view.trail, &html! { (view.title) }, &html! { (view.lead) }))
        (error_summary(lang, &view.errors))
        (view.note)
        form method="post" action=(view.action) class="form" {
            (csrf_field(&view.csrf))
            @for (name, value) in &view.hidden { input type="hidden" name=(name) value=(value); }
            // The first button of a form is what the enter key presses: it is not a search.
            button class="visually-hidden" type="submit" tabindex="-1" aria-hidden="true" { (view.submit) }
            (view.inputs)
            @if let Some(remark) = &view.remark {
                (text_area(lang, &Field {
                    name: "remark", label: remark.label.clone().into(), support: remark.support.clone().map(Into::into),
                    required: remark.required, input: Input::Text, value: &remark.value, error: remark.error.as_deref(),
                    autocomplete: "off", lang: None,
                }, REMARK_MAX))
            }
            div class="form-end" {
                button class=(if view.danger { "button button--danger" } else { "button" }) type="submit" { (view.submit) }
                a class="button button--quiet" href=(view.back) { (t!(lang, "register.cancel")) }
            }
        }
    };
    frame_page(frame, &view.title, &main)
}
