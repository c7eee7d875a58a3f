//! The pages on which a person lets a device open the tunnel.

use maud::{Markup, html};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t, text};

use super::components::{
    Field, Input, Tone, alert, csrf_field, definitions, error_summary, field, instant, submit,
};
use super::layout::{Frame, heading, page as frame_page};
use super::words::Localised;

/// What is asked of the person.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Token against forged requests.
    pub csrf: String,
    /// The code as the device shows it.
    pub code: String,
    /// The device's name.
    pub device: String,
    /// The device's id.
    pub id: String,
    /// Whose device it is.
    pub class: DeviceClass,
    /// The unit that answers for it.
    pub unit: Localised,
    /// When the device asked.
    pub requested_at: Timestamp,
}

/// What the person said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// The tunnel may be opened.
    Yes,
    /// It may not.
    No,
}

fn lead(lang: Lang) -> Markup {
    heading(
        &[],
        &html! { (t!(lang, "connect.title")) },
        &html! { (t!(lang, "connect.lead")) },
    )
}

/// The form for the code.
#[must_use]
pub fn enter(frame: &Frame, code: &str, wrong: Option<&str>) -> Markup {
    let lang = frame.lang;
    let asked = Field {
        name: "code",
        label: t!(lang, "connect.code"),
        support: Some(t!(lang, "connect.code_support")),
        required: true,
        input: Input::Text,
        value: code,
        error: wrong,
        autocomplete: "off",
        lang: None,
    };
    let errors: Vec<(&str, &str)> = wrong.iter().map(|wrong| ("code", *wrong)).collect();
    let main = html! {
        (lead(lang))
        (error_summary(lang, &errors))
        form method="get" action="/access/connect" class="form" {
            (field(lang, &asked))
            div class="buttons" { (submit(&t!(lang, "connect.look"))) }
        }
    };
    frame_page(frame, &t!(lang, "connect.title"), &main)
}

/// The question whether this device may open the tunnel.
#[must_use]
pub fn ask(frame: &Frame, asked: &Asked) -> Markup {
    let lang = frame.lang;
    let class = text(lang, format!("device.class.{}", asked.class.code()), &[]);
    let about = [
        (
            t!(lang, "connect.device"),
            html! { strong { (asked.device) } },
        ),
        (t!(lang, "connect.id"), html! { code { (asked.id) } }),
        (t!(lang, "connect.class"), html! { (class) }),
        (t!(lang, "connect.unit"), html! { (asked.unit.get(lang)) }),
        (
            t!(lang, "connect.asked_at"),
            instant(lang, asked.requested_at),
        ),
        (t!(lang, "connect.code"), html! { code { (asked.code) } }),
    ];
    let careful = html! { p { (t!(lang, "connect.careful")) } };
    let main = html! {
        (lead(lang))
        (definitions(&about))
        (alert(Tone::Warning, &t!(lang, "connect.careful_title"), &careful))
        form method="post" action="/access/connect" class="form" {
            (csrf_field(&asked.csrf))
            input type="hidden" name="code" value=(asked.code);
            div class="buttons" {
                button class="button" type="submit" name="answer" value="yes" { (t!(lang, "connect.yes")) }
                button class="button button--secondary" type="submit" name="answer" value="no" { (t!(lang, "connect.no")) }
            }
        }
    };
    frame_page(frame, &t!(lang, "connect.title"), &main)
}

/// What the answer came to.
#[must_use]
pub fn said(frame: &Frame, said: Said, device: &str) -> Markup {
    let lang = frame.lang;
    let (tone, title, body) = match said {
        Said::Yes => (Tone::Success, "connect.said_yes", "connect.said_yes_lead"),
        Said::No => (Tone::Info, "connect.said_no", "connect.said_no_lead"),
    };
    let main = html! {
        (heading(&[], &html! { (t!(lang, "connect.title")) }, &html! {}))
        (alert(tone, &text(lang, title, &[("device", device.into())]), &html! { p { (text(lang, body, &[])) } }))
        p { a href="/" { (t!(lang, "console.error.home")) } }
    };
    frame_page(frame, &t!(lang, "connect.title"), &main)
}
