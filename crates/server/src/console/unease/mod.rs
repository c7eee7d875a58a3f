//! Pages of unease: telling of it with or without a name, what became of it, and what waits for an answer;
//! and the steps of incidents.

mod incidents;
mod list;
mod nameless;
mod tell;
mod thread;

use maud::{Markup, html};
use sekisho_messages::{Lang, t, text};

use super::components::{Field, Icon, Input, error_at, icon, text_area};

pub use incidents::{
    IncidentForm, IncidentLine, IncidentView, incident_page, incidents_page, report_page,
};
pub use list::{ConcernLine, ConcernsView, concerns_page};
pub use nameless::{
    AnswerView, NamelessForm, ReceiptView, answer_page, closed_page, code_page, nameless_page,
    receipt_page,
};
pub use tell::{TellForm, tell_page};
pub use thread::{AnswerForm, ThreadView, thread_page};

/// Where unease is told without a name.
pub const NAMELESS_PATH: &str = "/unease";
/// Where its answer is read.
pub const NAMELESS_ANSWER_PATH: &str = "/unease/answer";
/// The reports.
pub const CONCERNS_PATH: &str = "/concerns";
/// Where unease is told under one's name.
pub const TELL_PATH: &str = "/concerns/new";
/// The incidents.
pub const INCIDENTS_PATH: &str = "/incidents";

/// The longest words, in characters.
pub const WORDS_MAX: usize = 2000;

/// The kinds as the forms offer them: each is a button that sends the form, so that one press is enough.
fn kind_buttons(lang: Lang, codes: &[&'static str]) -> Markup {
    html! {
        fieldset class="field kinds" id="kind" {
            legend { (t!(lang, "unease.press")) }
            div class="buttons" {
                @for code in codes {
                    button class="button button--secondary" type="submit" name="kind" value=(code) {
                        (text(lang, format!("register.concern.kind.{code}"), &[]))
                    }
                }
            }
        }
    }
}

/// Where a report stands, as a badge of icon and word: `open`, `examined`, `late` or `answered`.
fn state_badge(lang: Lang, state: &str) -> Markup {
    let (class, sign) = match state {
        "late" => ("not_met", Icon::Fail),
        "answered" | "closed" => ("met", Icon::Pass),
        _ => ("findings", Icon::Findings),
    };
    html! {
        span class={ "badge badge--" (class) } {
            (icon(sign)) (text(lang, format!("unease.state.{state}"), &[]))
        }
    }
}

/// The input of words, which are sealed: the keys of its label and support, and whether it must be filled in.
fn words_area(
    lang: Lang,
    [label, support]: [&str; 2],
    required: bool,
    value: &str,
    errors: &[(String, String)],
) -> Markup {
    let words = Field {
        name: "words",
        label: text(lang, label, &[]),
        support: Some(text(lang, support, &[])),
        required,
        input: Input::Text,
        value,
        error: error_at(errors, "words"),
        autocomplete: "off",
        lang: None,
    };
    text_area(lang, &words, WORDS_MAX)
}
