//! Personal observations of a device: hidden until a purpose is stated, and who has read them.

use maud::{Markup, html};
use sekisho_domain::fact::FactKind;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t};

use super::components::{
    Field, Input, Tone, alert, csrf_field, error_summary, field, instant_with_age, submit,
};
use super::words::{self, Localised};

/// Where the personal observations of a device stand for the reader.
#[derive(Clone, Debug, Default)]
pub struct Personal {
    /// Whether they are left out of the page.
    pub hidden: bool,
    /// Who may read them, in words, where the reader may not.
    pub who: Option<String>,
    /// The form in which the reader states the purpose.
    pub form: Option<PurposeForm>,
    /// Who has read them, newest first; none where the reader may not know.
    pub readings: Option<Vec<Reading>>,
}

/// The form that asks for the purpose.
#[derive(Clone, Debug)]
pub struct PurposeForm {
    /// Token against forged requests.
    pub csrf: String,
    /// Where it is sent.
    pub action: String,
    /// What was entered.
    pub purpose: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// One reading, as the ledger holds it.
#[derive(Clone, Debug)]
pub struct Reading {
    /// When.
    pub at: Timestamp,
    /// The device that was read.
    pub subject: String,
    /// The post under which it was read.
    pub post: Option<Localised>,
    /// The purpose stated, where the reader of this page may see it.
    pub purpose: Option<String>,
    /// Number of the record in the ledger.
    pub sequence: u64,
}

fn kinds(lang: Lang) -> String {
    let personal = FactKind::ALL.into_iter().filter(|kind| kind.is_personal());
    words::list(lang, personal.map(|kind| words::fact_kind(lang, kind)))
}

fn form(lang: Lang, form: &PurposeForm) -> Markup {
    let errors: Vec<(&str, &str)> = form.error.iter().map(|e| ("purpose", e.as_str())).collect();
    html! {
        (error_summary(lang, &errors))
        form method="post" action=(form.action) class="form" {
            (csrf_field(&form.csrf))
            (field(lang, &Field {
                name: "purpose",
                label: t!(lang, "personal.purpose"),
                support: Some(t!(lang, "personal.purpose_support")),
                required: true,
                input: Input::Text,
                value: &form.purpose,
                error: form.error.as_deref(),
                autocomplete: "off",
                lang: None,
            }))
            (submit(&t!(lang, "personal.read")))
        }
    }
}

/// A list of readings.
#[must_use]
pub fn readings(lang: Lang, now: Timestamp, list: &[Reading], with_subject: bool) -> Markup {
    html! {
        @if list.is_empty() { p class="muted" { (t!(lang, "personal.never_read")) } }
        @else {
            ul class="words" { @for reading in list {
                li {
                    p {
                        (instant_with_age(lang, reading.at, now)) " "
                        strong {
                            @if let Some(post) = &reading.post { (post.show(lang)) }
                            @else { (t!(lang, "console.no_post")) }
                        }
                        @if with_subject { " " code { (reading.subject) } }
                    }
                    @if let Some(purpose) = &reading.purpose {
                        p class="small" { (t!(lang, "personal.purpose")) (t!(lang, "console.colon")) (purpose) }
                    }
                    a class="small" href={ "/ledger?record=" (reading.sequence) } { (t!(lang, "requirement.record", n = reading.sequence)) }
                }
            } }
        }
    }
}

/// The section of the device's page.
pub(super) fn section(lang: Lang, now: Timestamp, view: &Personal) -> Markup {
    html! {
        section id="personal" aria-labelledby="personal-title" {
            h2 id="personal-title" { (t!(lang, "personal.title")) }
            @if view.hidden {
                (alert(Tone::Info, &t!(lang, "personal.hidden", kinds = kinds(lang)), &html! {
                    p { (t!(lang, "personal.hidden_how")) }
                    @if let Some(who) = &view.who { p { (t!(lang, "personal.who", roles = who.as_str())) } }
                }))
                @if let Some(asked) = &view.form { (form(lang, asked)) }
            } @else { p { (t!(lang, "personal.shown", kinds = kinds(lang))) } }
            @if let Some(list) = &view.readings {
                h3 { (t!(lang, "personal.readings")) }
                (readings(lang, now, list, false))
            }
        }
    }
}
