//! What pages of drafts share, as the plan and rules have them: acting on a revision, approving it and sending
//! it back, and the file that is brought in.

use std::borrow::Cow;

use maud::{Markup, html};
use sekisho_messages::{Lang, t};

use super::components::{Field, Input, Tone, alert, csrf_field, field};
use super::rules::answer_field;

/// A draft at the revision that its page shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draft<'a> {
    /// Where it is.
    pub(super) path: &'a str,
    /// Token against forged requests.
    pub(super) csrf: &'a str,
    /// The revision.
    pub(super) revision: u64,
}

impl Draft<'_> {
    /// Proposing and dropping it, with the heading, what they do, and what the two buttons say.
    pub(super) fn go_on(self, [heading, lead, propose, drop]: [Cow<'static, str>; 4]) -> Markup {
        html! {
            section aria-labelledby="go-on" class="screen-only" {
                h2 id="go-on" { (heading) }
                p { (lead) }
                div class="buttons" {
                    (self.act("propose", &propose, "button"))
                    (self.act("drop", &drop, "button button--secondary"))
                }
            }
        }
    }

    /// A button that acts on the draft.
    fn act(self, act: &str, label: &str, class: &str) -> Markup {
        html! {
            form method="post" action={ (self.path) "/" (act) } {
                (csrf_field(self.csrf))
                input type="hidden" name="expected" value=(self.revision);
                button class=(class) type="submit" { (label) }
            }
        }
    }

    /// The form that approves it: from or until a day, with an answer to an objection, and what is wrong with
    /// the answer.
    pub(super) fn approve(
        self,
        lang: Lang,
        day: &Field<'_>,
        answer_error: Option<&str>,
        label: &str,
    ) -> Markup {
        html! {
            form method="post" action={ (self.path) "/approve" } class="form" {
                (csrf_field(self.csrf))
                input type="hidden" name="expected" value=(self.revision);
                (field(lang, day))
                (answer_field(lang, answer_error))
                div class="buttons" { button class="button" type="submit" { (label) } }
            }
        }
    }

    /// The form that sends it back for a reason, and what is wrong with the reason.
    pub(super) fn send_back(
        self,
        lang: Lang,
        reason: Cow<'static, str>,
        error: Option<&str>,
        label: &str,
    ) -> Markup {
        html! {
            form method="post" action={ (self.path) "/send-back" } class="form" {
                (csrf_field(self.csrf))
                (field(lang, &Field {
                    name: "reason",
                    label: reason,
                    support: Some(t!(lang, "plan.names-nobody")),
                    required: true,
                    input: Input::Text,
                    value: "",
                    error,
                    autocomplete: "off",
                    lang: None,
                }))
                div class="buttons" { button class="button button--secondary" type="submit" { (label) } }
            }
        }
    }

    /// The form by which a file is brought in, with its heading, what it does, and what input and button say.
    pub(super) fn bring(
        self,
        act: &str,
        accept: &str,
        [heading, lead, label, take]: [Cow<'static, str>; 4],
    ) -> Markup {
        html! {
            section aria-labelledby="file" class="screen-only" {
                h2 id="file" { (heading) }
                p { (lead) }
                form method="post" action={ (self.path) "/" (act) } enctype="multipart/form-data" class="form" {
                    (csrf_field(self.csrf))
                    div class="field" {
                        label for="file-input" { (label) }
                        input type="file" id="file-input" name="file" required accept=(accept);
                    }
                    div class="buttons" { button class="button button--secondary" type="submit" { (take) } }
                }
            }
        }
    }
}

/// What is wrong with a file that was brought in: each place with its sentence.
pub(super) fn file_faults(heading: &str, list: &[(Option<String>, String)]) -> Markup {
    html! {
        @if !list.is_empty() {
            (alert(Tone::Error, heading, &html! {
                ul { @for (place, said) in list { li { @if let Some(place) = place { code { (place) } " " } (said) } } }
            }))
        }
    }
}
