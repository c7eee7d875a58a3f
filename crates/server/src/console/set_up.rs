//! The first run: the organisation, its profile, its first officer.

use maud::{Markup, html};
use sekisho_domain::profile::Profile;
use sekisho_messages::{Lang, t, text};

use super::components::{Choice, Field, Input, choices, csrf_field, error_summary, field, submit};
use super::layout::{Frame, heading, page as frame_page};
use super::passkey::{self, Address, Ask};
use super::words;

/// One entry of the form: what was entered and what is wrong with it, as a sentence.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// What was entered.
    pub value: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// The set-up form.
#[derive(Clone, Debug, Default)]
pub struct SetUp {
    /// Token against forged requests.
    pub csrf: String,
    /// The one-time token of the link, sent back with the form.
    pub token: String,
    /// The organisation's name in Japanese.
    pub organisation_ja: Entry,
    /// The organisation's name in English.
    pub organisation_en: Entry,
    /// The profile's code.
    pub profile: Entry,
    /// The first officer's name.
    pub officer_name: Entry,
    /// The first officer's name in kana.
    pub officer_kana: Entry,
    /// The first officer's mail address.
    pub mail: Entry,
    /// The first officer's login.
    pub login: Entry,
    /// What is wrong with the password; it is never shown again.
    pub password_error: Option<String>,
    /// How passkeys stand at this address.
    pub passkey: Address,
}

struct Row<'a> {
    name: &'static str,
    entry: &'a Entry,
    required: bool,
    autocomplete: &'static str,
    entered_in: Option<Lang>,
}

fn row(lang: Lang, row: &Row<'_>) -> Markup {
    let support = format!("setup.{}_support", row.name);
    field(
        lang,
        &Field {
            name: row.name,
            label: text(lang, format!("setup.{}", row.name), &[]),
            support: sekisho_messages::contains(&support).then(|| text(lang, support, &[])),
            required: row.required,
            input: Input::Text,
            value: &row.entry.value,
            error: row.entry.error.as_deref(),
            autocomplete: row.autocomplete,
            lang: row.entered_in,
        },
    )
}

fn passwords(lang: Lang, view: &SetUp) -> Markup {
    let first = Field {
        name: "password",
        label: t!(lang, "setup.password"),
        support: Some(t!(lang, "setup.password_support")),
        required: true,
        input: Input::NewPassword,
        value: "",
        error: view.password_error.as_deref(),
        autocomplete: "new-password",
        lang: None,
    };
    let again = Field {
        name: "password_again",
        label: t!(lang, "setup.password_again"),
        support: None,
        error: None,
        ..first.clone()
    };
    html! { (field(lang, &first)) (field(lang, &again)) }
}

fn profiles(lang: Lang, view: &SetUp) -> Markup {
    let list = Profile::ALL.map(|profile| Choice {
        value: profile.code(),
        label: words::profile(lang, profile),
        support: text(lang, format!("setup.profile_{}", profile.code()), &[]),
    });
    let legend = t!(lang, "setup.profile");
    choices(
        lang,
        "profile",
        &legend,
        &list,
        &view.profile.value,
        view.profile.error.as_deref(),
    )
}

fn errors(view: &SetUp) -> Vec<(&str, &str)> {
    let entries = [
        ("organisation_ja", &view.organisation_ja.error),
        ("organisation_en", &view.organisation_en.error),
        ("profile", &view.profile.error),
        ("officer_name", &view.officer_name.error),
        ("officer_kana", &view.officer_kana.error),
        ("mail", &view.mail.error),
        ("login", &view.login.error),
        ("password", &view.password_error),
    ];
    entries
        .into_iter()
        .filter_map(|(name, error)| error.as_deref().map(|error| (name, error)))
        .collect()
}

/// The steps of set-up; `current` counts from 0.
#[must_use]
pub fn steps(lang: Lang, current: usize) -> Markup {
    let names = [
        "setup.step.organisation",
        "setup.step.second_factor",
        "setup.step.done",
    ];
    html! {
        ol class="steps" aria-label=(t!(lang, "setup.steps")) {
            @for (index, name) in names.iter().enumerate() {
                li aria-current=[(index == current).then_some("step")] { span { (index + 1) } (text(lang, name, &[])) }
            }
        }
    }
}

/// The page.
#[must_use]
pub fn page(frame: &Frame, view: &SetUp) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "setup.title");
    let plain = |name, entry, required, autocomplete, entered_in| {
        row(
            lang,
            &Row {
                name,
                entry,
                required,
                autocomplete,
                entered_in,
            },
        )
    };
    let main = html! {
        (steps(lang, 0))
        (heading(&[], &html! { (title) }, &html! { (t!(lang, "setup.lead")) }))
        (error_summary(lang, &errors(view)))
        form method="post" action="/set-up" class="form" {
            (csrf_field(&view.csrf))
            input type="hidden" name="token" value=(view.token);
            h2 { (t!(lang, "setup.organisation")) }
            (plain("organisation_ja", &view.organisation_ja, true, "organization", Some(Lang::Ja)))
            (plain("organisation_en", &view.organisation_en, false, "off", Some(Lang::En)))
            (profiles(lang, view))
            h2 { (t!(lang, "setup.officer")) }
            p class="lead" { (t!(lang, "setup.officer_lead")) }
            (plain("officer_name", &view.officer_name, true, "name", None))
            (plain("officer_kana", &view.officer_kana, false, "off", Some(Lang::Ja)))
            (plain("mail", &view.mail, false, "email", None))
            (plain("login", &view.login, true, "username", None))
            h2 { (t!(lang, "passkey.means")) }
            @match &view.passkey {
                Address::Works => {
                    p class="lead" { (t!(lang, "passkey.first_lead")) }
                    (passkey::button(lang, Ask::Make, &format!("/link/{}/challenge", view.token), &t!(lang, "passkey.first_make")))
                    (passkey::without(lang))
                    p { (t!(lang, "passkey.or_password")) }
                }
                Address::Elsewhere(href) => (passkey::elsewhere(lang, href)),
                Address::Nowhere => {}
            }
            (passwords(lang, view))
            (submit(&t!(lang, "setup.do")))
        }
    };
    frame_page(frame, &title, &main)
}
