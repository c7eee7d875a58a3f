//! A page that says what went wrong and what to do.

use maud::{Markup, html};
use sekisho_messages::{ErrorText, t};

use super::components::{Tone, alert};
use super::layout::{Frame, heading, page as frame_page};

/// What went wrong.
#[derive(Clone, Debug)]
pub struct ErrorView {
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: String,
    /// What happened, where, and what to do.
    pub text: ErrorText,
    /// Under which the log has the details; none where nothing was logged.
    pub reference: Option<String>,
}

/// The page.
#[must_use]
pub fn page(frame: &Frame, view: &ErrorView) -> Markup {
    let lang = frame.lang;
    let body = html! {
        @if let Some(place) = &view.text.where_ { p { (place) } }
        p { strong { (t!(lang, "console.error.todo")) } (t!(lang, "console.colon")) (view.text.todo) }
    };
    let main = html! {
        (heading(&[], &html! { (t!(lang, "console.error.title")) }, &html! {}))
        (alert(Tone::Error, &view.text.what, &body))
        p { a href="/" { (t!(lang, "console.error.home")) } }
        p class="small muted" {
            (t!(lang, "console.error.code")) (t!(lang, "console.colon")) code { (view.code) } " (HTTP " (view.status) ")"
            @if let Some(reference) = &view.reference {
                br; (t!(lang, "console.error.reference")) (t!(lang, "console.colon")) code { (reference) }
            }
        }
    };
    frame_page(frame, &view.text.what, &main)
}
