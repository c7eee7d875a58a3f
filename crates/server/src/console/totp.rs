//! The second factor: an authenticator app, optional.

use maud::{Markup, html};
use sekisho_messages::t;

use super::components::{Field, Input, csrf_field, field, submit};
use super::layout::{Frame, heading, page as frame_page};
use super::set_up::steps;
use super::svg::qr_code;

/// The page's view-model.
#[derive(Clone, Debug)]
pub struct Totp {
    /// Token against forged requests.
    pub csrf: String,
    /// The secret in base32 (RFC 4648).
    pub secret: String,
    /// The `otpauth:` address of the secret.
    pub uri: String,
    /// Why the code was not accepted, as a sentence.
    pub error: Option<String>,
    /// Whether this is a step of the first run.
    pub first_run: bool,
}

/// The secret in groups of four, to be read and typed.
fn grouped(secret: &str) -> String {
    let characters: Vec<char> = secret.chars().collect();
    characters
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect::<Vec<String>>()
        .join(" ")
}

/// The page.
#[must_use]
pub fn page(frame: &Frame, view: &Totp) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "setup.totp");
    let code = Field {
        name: "code",
        label: t!(lang, "setup.code"),
        support: Some(t!(lang, "setup.code_support")),
        required: true,
        input: Input::Code,
        value: "",
        error: view.error.as_deref(),
        autocomplete: "one-time-code",
        lang: None,
    };
    let main = html! {
        @if view.first_run { (steps(lang, 1)) }
        (heading(&[], &html! { (title) }, &html! { (t!(lang, "setup.totp_lead")) }))
        div class="totp" {
            @if let Some(picture) = qr_code(&view.uri, &t!(lang, "setup.totp_qr")) { (picture) }
            div {
                p { (t!(lang, "setup.totp_scan")) }
                p { (t!(lang, "setup.totp_type")) }
                p { code class="secret" { (grouped(&view.secret)) } }
            }
        }
        form method="post" action="/set-up/second-factor" class="form" {
            (csrf_field(&view.csrf))
            (field(lang, &code))
            div class="buttons" { (submit(&t!(lang, "setup.totp_do"))) }
        }
        form method="post" action="/set-up/second-factor/skip" {
            (csrf_field(&view.csrf))
            button class="button button--secondary" type="submit" { (t!(lang, "setup.totp_skip")) }
        }
    };
    frame_page(frame, &title, &main)
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn a_secret_is_read_in_groups_of_four() {
        assert_eq!(grouped("ABCDEFGHIJ"), "ABCD EFGH IJ");
        assert_eq!(grouped(""), "");
    }
}
