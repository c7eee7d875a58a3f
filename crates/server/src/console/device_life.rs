//! The part of a device's page that suspends, resumes and retires it.

use maud::{Markup, html};
use sekisho_domain::device::DeviceState;
use sekisho_messages::{Lang, t, text};

use super::components::{
    Field, Input, confirmation, csrf_field, error_summary, field, select, submit,
};

/// Why an officer changes the state of a device: stable codes, by the state it comes to.
#[must_use]
pub const fn reasons(to: DeviceState) -> &'static [&'static str] {
    match to {
        DeviceState::Active => &["found", "cleared", "repaired"],
        DeviceState::Suspended => &["lost", "suspected", "repair"],
        DeviceState::Retired => &["replaced", "returned", "lost", "suspected"],
    }
}

/// The field of the reason, of its own for each form of the page.
#[must_use]
pub const fn reason_field(to: DeviceState) -> &'static str {
    match to {
        DeviceState::Active => "resume_reason",
        DeviceState::Suspended => "suspend_reason",
        DeviceState::Retired => "retire_reason",
    }
}

/// What an officer can do about a device's state.
#[derive(Clone, Debug)]
pub struct LifeForms {
    /// Token against forged requests.
    pub csrf: String,
    /// The device's id.
    pub id: String,
    /// What must be typed to retire it: the name that it states.
    pub name: String,
    /// Where it stands: suspended or active.
    pub state: DeviceState,
    /// What is wrong with what was entered, by field, as a sentence.
    pub wrong: Vec<(&'static str, String)>,
}

impl LifeForms {
    fn at(&self, name: &str) -> Option<&str> {
        let found = self.wrong.iter().find(|(field, _)| *field == name);
        found.map(|(_, sentence)| sentence.as_str())
    }

    fn reason(&self, lang: Lang, to: DeviceState) -> Markup {
        let word = |code: &&str| {
            let label = text(lang, format!("device.why.{code}"), &[]);
            ((*code).to_owned(), label.into_owned())
        };
        let list: Vec<(String, String)> = reasons(to).iter().map(word).collect();
        let (name, label) = (reason_field(to), t!(lang, "device.why"));
        select(lang, name, &label, &list, self.at(name))
    }

    fn pause(&self, lang: Lang) -> Markup {
        let suspended = self.state == DeviceState::Suspended;
        let to = if suspended {
            DeviceState::Active
        } else {
            DeviceState::Suspended
        };
        let path = if suspended { "resume" } else { "suspend" };
        html! {
            h3 { (text(lang, format!("device.{path}"), &[])) }
            p { (text(lang, format!("device.{path}_lead"), &[])) }
            form method="post" action={ "/devices/" (self.id) "/" (path) } class="form" {
                (csrf_field(&self.csrf))
                (self.reason(lang, to))
                (submit(&text(lang, format!("device.{path}_do"), &[])))
            }
        }
    }

    fn retire(&self, lang: Lang) -> Markup {
        let typed = Field {
            name: "name",
            label: t!(lang, "device.retire_type", name = self.name.as_str()),
            support: None,
            required: true,
            input: Input::Text,
            value: "",
            error: self.at("name"),
            autocomplete: "off",
            lang: None,
        };
        let confirm = t!(lang, "device.retire_confirm");
        html! {
            h3 { (t!(lang, "device.retire")) }
            p { (t!(lang, "device.retire_lead")) }
            form method="post" action={ "/devices/" (self.id) "/retire" } class="form" {
                (csrf_field(&self.csrf))
                (self.reason(lang, DeviceState::Retired))
                (field(lang, &typed))
                (confirmation(lang, "confirmed", &confirm, self.at("confirmed")))
                button class="button button--danger" type="submit" { (t!(lang, "device.retire_do")) }
            }
        }
    }
}

/// The section.
#[must_use]
pub fn section(lang: Lang, forms: &LifeForms) -> Markup {
    let errors: Vec<(&str, &str)> = forms.wrong.iter().map(|(n, e)| (*n, e.as_str())).collect();
    html! {
        section id="life" aria-labelledby="life-title" {
            h2 id="life-title" { (t!(lang, "device.life")) }
            (error_summary(lang, &errors))
            (forms.pause(lang))
            (forms.retire(lang))
        }
    }
}
