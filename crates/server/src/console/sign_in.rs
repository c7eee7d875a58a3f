//! Signing in, and having signed out.

use maud::{Markup, html};
use sekisho_messages::t;

use super::components::{Field, Input, Tone, alert, csrf_field, field, submit};
use super::layout::{Frame, heading, page as frame_page};

/// The sign-in form.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// Token against forged requests.
    pub csrf: String,
    /// The login entered before.
    pub login: String,
    /// Path to go to afterwards.
    pub next: String,
    /// Why the last attempt was refused, as a sentence that tells nothing about accounts.
    pub refusal: Option<String>,
    /// Whether a one-time code is asked for now, the password having been right.
    pub code_wanted: bool,
}

fn password_fields(frame: &Frame, view: &SignIn) -> Markup {
    let lang = frame.lang;
    let login = Field {
        name: "login",
        label: t!(lang, "setup.login"),
        support: None,
        required: true,
        input: Input::Text,
        value: &view.login,
        error: None,
        autocomplete: "username",
        lang: None,
    };
    let password = Field {
        name: "password",
        label: t!(lang, "setup.password"),
        input: Input::Password,
        value: "",
        autocomplete: "current-password",
        ..login.clone()
    };
    html! { (field(lang, &login)) (field(lang, &password)) }
}

/// The sign-in page.
#[must_use]
pub fn page(frame: &Frame, view: &SignIn) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "setup.sign_in");
    let code = Field {
        name: "code",
        label: t!(lang, "setup.code"),
        support: Some(t!(lang, "setup.code_support")),
        required: true,
        input: Input::Code,
        value: "",
        error: None,
        autocomplete: "one-time-code",
        lang: None,
    };
    let main = html! {
        (heading(&[], &html! { (title) }, &html! { (t!(lang, "setup.sign_in_lead")) }))
        @if let Some(refusal) = &view.refusal { (alert(Tone::Error, refusal, &html! {})) }
        form method="post" action="/sign-in" class="form" {
            (csrf_field(&view.csrf))
            input type="hidden" name="next" value=(view.next);
            @if view.code_wanted { (field(lang, &code)) } @else { (password_fields(frame, view)) }
            (submit(&t!(lang, "setup.sign_in_do")))
        }
    };
    frame_page(frame, &title, &main)
}

/// The page after signing out.
#[must_use]
pub fn signed_out(frame: &Frame) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "setup.signed_out");
    let main = html! {
        (heading(&[], &html! { (title) }, &html! { (t!(lang, "setup.signed_out_lead")) }))
        p { a class="button" href="/sign-in" { (t!(lang, "setup.sign_in_again")) } }
    };
    frame_page(frame, &title, &main)
}
