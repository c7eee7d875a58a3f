//! Passkeys on pages: the button, and the list of the own ones.

use maud::{Markup, html};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t};

use super::assets::assets;
use super::components::{
    Column, Field, Input, Tone, alert, cell, csrf_field, empty_state, field, instant, row_header,
    table,
};

/// What the button asks the authenticator for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// To make a key.
    Make,
    /// To use one.
    Use,
}

/// The button, shown once the script has seen that the browser knows passkeys. It stands in the
/// form that its answer is sent with.
#[must_use]
pub fn button(lang: Lang, ask: Ask, challenge: &str, label: &str) -> Markup {
    let ask = match ask {
        Ask::Make => "create",
        Ask::Use => "get",
    };
    html! {
        div class="passkey" hidden data-passkey-area data-known=(t!(lang, "passkey.script.known"))
            data-cancelled=(t!(lang, "passkey.script.cancelled"))
            data-failed=(t!(lang, "passkey.script.failed")) {
            input type="hidden" name="credential" value="";
            button class="button" type="button" data-passkey=(ask) data-challenge=(challenge) { (label) }
            p class="field-error" role="status" {}
        }
        script type="module" src=(assets().passkey.href()) {}
    }
}

/// What stands in place of the button where the browser does not know passkeys or runs no script.
#[must_use]
pub fn without(lang: Lang) -> Markup {
    html! { p class="field-support" data-without-passkey { (t!(lang, "passkey.no_script")) } }
}

/// That passkeys work at another address of this server, and where.
#[must_use]
pub fn elsewhere(lang: Lang, href: &str) -> Markup {
    let body = html! { p { a href=(href) { (t!(lang, "passkey.elsewhere_go")) } } };
    alert(Tone::Info, &t!(lang, "passkey.elsewhere"), &body)
}

/// How passkeys stand at the address of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Address {
    /// They work.
    Works,
    /// They work under this link.
    Elsewhere(String),
    /// They work nowhere.
    #[default]
    Nowhere,
}

/// One passkey of the list.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its credential id in base64url.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was registered.
    pub since: Timestamp,
    /// When it last signed in.
    pub last_used: Option<Timestamp>,
    /// Whether it is refused because there is a copy.
    pub blocked: bool,
}

/// The passkeys of the person's own account.
#[derive(Clone, Debug)]
pub struct Own<'a> {
    /// Token against forged requests.
    pub csrf: &'a str,
    /// The keys.
    pub list: Vec<Entry>,
    /// How passkeys stand here.
    pub address: Address,
    /// Whether the sign-in is fresh enough to change them.
    pub fresh: bool,
    /// What was entered as name.
    pub name: &'a str,
    /// What is wrong with the name.
    pub wrong_name: Option<&'a str>,
}

fn list(lang: Lang, own: &Own<'_>) -> Markup {
    if own.list.is_empty() {
        return empty_state(&t!(lang, "passkey.none"), &t!(lang, "passkey.none_how"));
    }
    let name = Column::text(t!(lang, "passkey.name"));
    let since = Column::text(t!(lang, "passkey.since"));
    let used = Column::text(t!(lang, "passkey.last_used"));
    let what = Column::text(t!(lang, "passkey.what"));
    let row = |key: &Entry| {
        vec![
            row_header(
                &name,
                &html! {
                    (key.name)
                    @if key.blocked { p class="field-error" { (t!(lang, "passkey.blocked")) } }
                },
            ),
            cell(&since, &instant(lang, key.since)),
            cell(
                &used,
                &html! {
                    @if let Some(at) = key.last_used { (instant(lang, at)) }
                    @else { span class="muted" { (t!(lang, "passkey.never_used")) } }
                },
            ),
            cell(&what, &removal(lang, own, key)),
        ]
    };
    let rows: Vec<Vec<Markup>> = own.list.iter().map(row).collect();
    table(
        &t!(lang, "passkey.title"),
        &[name, since, used, what],
        &rows,
    )
}

fn removal(lang: Lang, own: &Own<'_>, key: &Entry) -> Markup {
    let label = t!(lang, "passkey.remove_named", name = key.name.as_str());
    html! {
        @if own.fresh {
            form method="post" action="/account/passkeys/remove" {
                (csrf_field(own.csrf))
                input type="hidden" name="key" value=(key.id);
                button class="button button--quiet" type="submit" aria-label=(label) { (t!(lang, "passkey.remove")) }
            }
        } @else { span class="muted" { "–" } }
    }
}

fn addition(lang: Lang, own: &Own<'_>) -> Markup {
    let name = Field {
        name: "name",
        label: t!(lang, "passkey.name"),
        support: Some(t!(lang, "passkey.name_support")),
        required: true,
        input: Input::Text,
        value: own.name,
        error: own.wrong_name,
        autocomplete: "off",
        lang: None,
    };
    html! {
        form method="post" action="/account/passkeys" class="form" {
            (csrf_field(own.csrf))
            (field(lang, &name))
            (button(lang, Ask::Make, "/account/passkeys/challenge", &t!(lang, "passkey.add")))
            (without(lang))
        }
    }
}

/// The offer to take a passkey as the first means of signing in, for the holder of the link that
/// is at `path`.
#[must_use]
pub fn first(lang: Lang, address: &Address, csrf: &str, path: &str) -> Markup {
    let challenge = format!("{path}/challenge");
    html! {
        @match address {
            Address::Works => {
                h2 { (t!(lang, "passkey.first")) }
                p { (t!(lang, "passkey.first_lead")) }
                form method="post" action=(path) class="form" {
                    (csrf_field(csrf))
                    (button(lang, Ask::Make, &challenge, &t!(lang, "passkey.first_make")))
                    (without(lang))
                }
            }
            Address::Elsewhere(href) => (elsewhere(lang, href)),
            Address::Nowhere => {}
        }
        h2 { (t!(lang, "passkey.first_password")) }
    }
}

/// The section of the account page.
#[must_use]
pub fn section(lang: Lang, own: &Own<'_>) -> Markup {
    html! {
        section {
            h2 id="passkeys" { (t!(lang, "passkey.title")) }
            p { (t!(lang, "passkey.lead")) }
            (list(lang, own))
            @match &own.address {
                Address::Elsewhere(href) => (elsewhere(lang, href)),
                Address::Nowhere => (alert(Tone::Info, &t!(lang, "passkey.nowhere"), &html! { p { (t!(lang, "passkey.nowhere_how")) } })),
                Address::Works if own.fresh => (addition(lang, own)),
                Address::Works => {}
            }
            @if !own.fresh {
                (alert(Tone::Info, &t!(lang, "passkey.not_fresh"), &html! {
                    p { a href="/sign-in?again=1&next=/account" { (t!(lang, "passkey.sign_in_again")) } }
                }))
            }
        }
    }
}
