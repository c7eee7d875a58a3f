//! Signing in, and having signed out.

use maud::{Markup, html};
use sekisho_messages::{Lang, t};

use super::components::{Field, Input, Tone, alert, csrf_field, field, submit};
use super::layout::{Frame, heading, page as frame_page};
use super::passkey::{self, Ask};
use crate::identity::way::Offer;

/// The sign-in form.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// Token against forged requests.
    pub csrf: String,
    /// The login entered before.
    pub login: String,
    /// Path to go to afterwards, or address of an application behind a proxy.
    pub next: String,
    /// Why the last attempt was refused, as a sentence that tells nothing about accounts.
    pub refusal: Option<String>,
    /// Whether this is the second step, the first having been right.
    pub second: bool,
    /// What each way of signing in offers for this step, by its code.
    pub offers: Vec<(&'static str, Offer)>,
}

fn password_fields(lang: Lang, view: &SignIn) -> Markup {
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

fn code_field(lang: Lang) -> Markup {
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
    field(lang, &code)
}

/// A form of one way; every form says by which way it is sent.
fn form(view: &SignIn, way: &str, content: &Markup) -> Markup {
    html! {
        form method="post" action="/sign-in" class="form" {
            (csrf_field(&view.csrf))
            input type="hidden" name="next" value=(view.next);
            input type="hidden" name="way" value=(way);
            (content)
        }
    }
}

/// What a way offers for this step.
fn offer(lang: Lang, view: &SignIn, way: &str, offer: &Offer) -> Markup {
    let send = submit(&t!(lang, "setup.sign_in_do"));
    match offer {
        Offer::Nothing => html! {},
        Offer::Password => form(view, way, &html! { (password_fields(lang, view)) (send) }),
        Offer::Code => form(view, way, &html! { (code_field(lang)) (send) }),
        Offer::Authenticator => {
            let label = t!(lang, "passkey.sign_in");
            let challenge = format!("/sign-in/{way}/challenge");
            form(
                view,
                way,
                &passkey::button(lang, Ask::Use, &challenge, &label),
            )
        }
        Offer::Elsewhere(origin) => passkey::elsewhere(lang, &format!("{origin}/sign-in")),
        Offer::Leads { path, name } => html! {
            p { a class="button button--secondary" href=(path) { (t!(lang, "passkey.sign_in_at", name = name.as_str())) } }
        },
    }
}

/// The sign-in page.
#[must_use]
pub fn page(frame: &Frame, view: &SignIn) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "setup.sign_in");
    let lead = if view.second {
        t!(lang, "passkey.second_lead")
    } else {
        t!(lang, "setup.sign_in_lead")
    };
    let passkey_only = view.second && !view.offers.iter().any(|(_, offer)| *offer == Offer::Code);
    let main = html! {
        (heading(&[], &html! { (title) }, &html! { (lead) }))
        @if let Some(refusal) = &view.refusal { (alert(Tone::Error, refusal, &html! {})) }
        @for (way, it) in &view.offers { (offer(lang, view, way, it)) }
        @if passkey_only {
            p class="field-support" data-without-passkey { (t!(lang, "passkey.second_no_script")) }
        }
        @if view.second { p { a href="/sign-in?anew=1" { (t!(lang, "passkey.second_anew")) } } }
    };
    frame_page(frame, &title, &main)
}

/// The page after signing in at the wish of an application behind a proxy, which the browser leaves at once.
#[must_use]
pub fn signed_in(frame: &Frame, address: &str) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "setup.signed_in");
    let main = html! {
        (heading(&[], &html! { (title) }, &html! { (t!(lang, "setup.signed_in_lead")) }))
        p { a class="button" href=(address) { (t!(lang, "setup.signed_in_on")) } }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What a provider of identities will need of the page: a link and no form.
    #[test]
    fn a_way_can_lead_to_another_server() {
        let view = SignIn::default();
        let offered = Offer::Leads {
            path: "/sign-in/house".to_owned(),
            name: "<省内認証>".to_owned(),
        };
        let shown = offer(Lang::Ja, &view, "house", &offered).into_string();
        assert!(shown.contains("href=\"/sign-in/house\""), "{shown}");
        assert!(shown.contains("&lt;省内認証&gt;") && !shown.contains("<form"));
    }
}
