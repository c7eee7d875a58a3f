//! The pages that know nobody.

use maud::{Markup, html};
use sekisho_messages::{Lang, t};

use super::super::components::{
    Definitions, Field, Input, Tone, alert, definitions, error_summary, field, instant, submit,
};
use super::super::layout::{Frame, heading, page as frame_page};
use super::{NAMELESS_ANSWER_PATH, NAMELESS_PATH, kind_buttons, state_badge, words_area};
use sekisho_domain::time::Timestamp;

/// What was entered to tell of unease, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct NamelessForm {
    /// The codes of the kinds.
    pub kinds: Vec<&'static str>,
    /// The words.
    pub words: String,
    /// The task, as it was typed.
    pub task: String,
    /// The unit, as it was typed.
    pub unit: String,
    /// What is wrong, with the id it is about.
    pub errors: Vec<(String, String)>,
}

/// The receipt of a report.
#[derive(Clone, Debug)]
pub struct ReceiptView {
    /// The code, shown this once.
    pub code: String,
    /// Until when it is answered, in words.
    pub due: String,
}

/// What became of a report, for whoever holds its code.
#[derive(Clone, Debug)]
pub struct AnswerView {
    /// The code, for the form that adds words.
    pub code: String,
    /// `open`, `examined`, `late` or `answered`.
    pub state: &'static str,
    /// What it is about.
    pub kind: String,
    /// Until when it is answered, in words.
    pub due: String,
    /// What was said, the oldest first: when, by whom in words, and what.
    pub said: Vec<(Timestamp, String, Option<String>)>,
    /// Whether words can be added.
    pub open: bool,
    /// What is wrong, with the id it is about.
    pub errors: Vec<(String, String)>,
}

/// The path with the language, since no cookie is set here.
fn to(lang: Lang, path: &str) -> String {
    format!("{path}?lang={}", lang.tag())
}

/// The keys of what the input of words says.
const WORDS: [&str; 2] = ["unease.words", "unease.words_nameless"];

fn line(lang: Lang, name: &'static str, value: &str) -> Markup {
    let (label, support) = match name {
        "task" => (t!(lang, "unease.task"), t!(lang, "unease.task_typed")),
        _ => (t!(lang, "unease.unit"), t!(lang, "unease.unit_typed")),
    };
    let line = Field {
        name,
        label,
        support: Some(support),
        required: false,
        input: Input::Text,
        value,
        error: None,
        autocomplete: "off",
        lang: None,
    };
    field(lang, &line)
}

/// The form.
#[must_use]
pub fn nameless_page(frame: &Frame, form: &NamelessForm) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "unease.nameless");
    let main = html! {
        (heading(&[], &html! { (title) }, &html! { (t!(lang, "unease.nameless_lead")) }))
        (error_summary(lang, &form.errors))
        p class="small" { (t!(lang, "unease.what_is_kept")) }
        form method="post" action=(to(lang, NAMELESS_PATH)) class="form" autocomplete="off" {
            (words_area(lang, WORDS, false, &form.words, &form.errors))
            details {
                summary { (t!(lang, "unease.where_it_arose")) }
                (line(lang, "task", &form.task))
                (line(lang, "unit", &form.unit))
            }
            (kind_buttons(lang, &form.kinds))
        }
        p { a href=(to(lang, NAMELESS_ANSWER_PATH)) { (t!(lang, "unease.read_answer")) } }
    };
    frame_page(frame, &title, &main)
}

/// Where reports without a name are not taken.
#[must_use]
pub fn closed_page(frame: &Frame) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "unease.nameless");
    let how = html! { p { (t!(lang, "unease.closed_how")) } };
    let main = html! {
        (heading(&[], &html! { (title) }, &html! {}))
        (alert(Tone::Info, &t!(lang, "unease.closed"), &how))
        p { a href=(to(lang, NAMELESS_ANSWER_PATH)) { (t!(lang, "unease.read_answer")) } }
    };
    frame_page(frame, &title, &main)
}

/// The receipt, shown once.
#[must_use]
pub fn receipt_page(frame: &Frame, view: &ReceiptView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "unease.taken");
    let note = html! {
        p { code class="receipt" id="receipt" { (view.code) } }
        p { (t!(lang, "unease.receipt_how")) }
    };
    let main = html! {
        (heading(&[], &html! { (title) }, &html! { (t!(lang, "unease.due_by", due = view.due.as_str())) }))
        (alert(Tone::Success, &t!(lang, "unease.receipt"), &note))
        p { a href=(to(lang, NAMELESS_ANSWER_PATH)) { (t!(lang, "unease.read_answer")) } }
    };
    frame_page(frame, &title, &main)
}

/// Asks for the code.
#[must_use]
pub fn code_page(frame: &Frame, error: Option<&str>) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "unease.read_answer");
    let errors: Vec<(&str, &str)> = error.map(|said| ("code", said)).into_iter().collect();
    let code = Field {
        name: "code",
        label: t!(lang, "unease.receipt"),
        support: Some(t!(lang, "unease.code_support")),
        required: true,
        input: Input::Text,
        value: "",
        error,
        autocomplete: "off",
        lang: None,
    };
    let main = html! {
        (heading(&[], &html! { (title) }, &html! { (t!(lang, "unease.code_lead")) }))
        (error_summary(lang, &errors))
        form method="post" action=(to(lang, NAMELESS_ANSWER_PATH)) class="form" autocomplete="off" {
            (field(lang, &code))
            (submit(&t!(lang, "unease.code_do")))
        }
        p { a href=(to(lang, NAMELESS_PATH)) { (t!(lang, "unease.nameless")) } }
    };
    frame_page(frame, &title, &main)
}

/// What became of a report.
#[must_use]
pub fn answer_page(frame: &Frame, view: &AnswerView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "unease.report");
    let mut facts: Definitions = vec![(t!(lang, "unease.kind"), html! { (view.kind) })];
    if view.state != "answered" {
        facts.push((t!(lang, "unease.due"), html! { (view.due) }));
    }
    let main = html! {
        (heading(&[], &html! { (title) }, &state_badge(lang, view.state)))
        (error_summary(lang, &view.errors))
        (definitions(&facts))
        section aria-labelledby="said" {
            h2 id="said" { (t!(lang, "unease.said")) }
            ol class="values" {
                @for (at, who, words) in &view.said {
                    li {
                        p { (instant(lang, *at)) " " strong { (who) } }
                        @if let Some(words) = words { p class="statement" { (words) } }
                    }
                }
            }
        }
        @if view.open {
            section aria-labelledby="more" {
                h2 id="more" { (t!(lang, "unease.say_more")) }
                form method="post" action=(to(lang, NAMELESS_ANSWER_PATH)) class="form" autocomplete="off" {
                    input type="hidden" name="code" value=(view.code);
                    (words_area(lang, WORDS, false, "", &view.errors))
                    (submit(&t!(lang, "unease.say_more_do")))
                }
            }
        }
    };
    frame_page(frame, &title, &main)
}
