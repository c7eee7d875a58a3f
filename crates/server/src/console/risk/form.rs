//! The chief's page: task, grade, where, three questions, one sentence. Three minutes.

use maud::{Markup, html};
use sekisho_messages::t;

use super::super::components::{Definitions, csrf_field, definitions, empty_state, error_summary};
use super::super::layout::{Frame, heading, page as frame_page};
use super::PATH;
use super::parts::{Errors, Options, at, boxes, choose, line, radios};

/// The page that asks what is to be assessed.
#[derive(Clone, Debug)]
pub struct AskView {
    /// What can be.
    pub subjects: Options,
}

/// The form.
#[derive(Clone, Debug)]
pub struct RiskForm {
    /// Token against forged requests.
    pub csrf: String,
    /// Where it goes.
    pub action: String,
    /// The subject, as text.
    pub subject: String,
    /// The revision that the page shows; 0 for what is new.
    pub revision: u64,
    /// What is assessed, its grade by the register, how many devices are in scope.
    pub facts: Definitions,
    /// Grades.
    pub grades: Options,
    /// Where it is done.
    pub places: Options,
    /// The three questions: code, words, answers.
    pub questions: Vec<(&'static str, String, Options)>,
    /// The cases that it can answer.
    pub cases: Options,
    /// What follows for the plan.
    pub conclusions: Options,
    /// In one sentence.
    pub reason: String,
    /// Scenarios of which the weakness can be raised, to what, and why.
    pub raised: (Options, Options, String),
    /// Scenarios of which an exception lowers the weakness, to what, and which exception.
    pub lowered: (Options, Options, Options),
    /// What is wrong.
    pub errors: Errors,
}

/// Asks what is to be assessed.
#[must_use]
pub fn ask_page(frame: &Frame, view: &AskView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "risk.new");
    let trail = [(t!(lang, "risk.title").into_owned(), PATH.to_owned())];
    let main = html! {
        (heading(&trail, &html! { (title) }, &html! { (t!(lang, "risk.ask-lead")) }))
        @if view.subjects.list.is_empty() {
            (empty_state(&t!(lang, "risk.no-subject"), &t!(lang, "risk.no-subject-how")))
        } @else {
            form method="get" action={ (PATH) "/new" } class="form" {
                (choose("subject", &t!(lang, "risk.subject"), &view.subjects, None))
                div class="buttons" { button class="button" type="submit" { (t!(lang, "risk.next")) } }
            }
        }
    };
    frame_page(frame, &title, &main)
}

/// The chief's page.
#[must_use]
pub fn form_page(frame: &Frame, it: &RiskForm) -> Markup {
    let lang = frame.lang;
    let new = it.revision == 0;
    let title = t!(lang, if new { "risk.new" } else { "risk.change" });
    let trail = [(t!(lang, "risk.title").into_owned(), PATH.to_owned())];
    let label = |key: &str| t!(lang, key).into_owned();
    let errors: Vec<(&str, &str)> = it
        .errors
        .iter()
        .map(|(id, said)| (id.as_str(), said.as_str()))
        .collect();
    let by_hand = !it.raised.2.is_empty() || at(&it.errors, "raised").is_some();
    let main = html! {
        (heading(&trail, &html! { (title) }, &html! { (t!(lang, "risk.form-lead")) }))
        (error_summary(lang, &errors))
        (definitions(&it.facts))
        form method="post" action=(it.action) class="form" {
            (csrf_field(&it.csrf))
            input type="hidden" name="subject" value=(it.subject);
            input type="hidden" name="expected" value=(it.revision);
            (choose("grade", &label("risk.grade"), &it.grades, at(&it.errors, "grade")))
            (boxes("places", &label("risk.places"), &it.places, at(&it.errors, "places")))
            @for (code, words, answers) in &it.questions {
                (radios(code, words, answers, at(&it.errors, code)))
            }
            (line(lang, ("reason", label("risk.reason")), Some(label("plan.names-nobody")), (true, &it.reason), at(&it.errors, "reason")))
            @if !it.cases.list.is_empty() {
                (boxes("cases", &label("risk.cases"), &it.cases, at(&it.errors, "cases")))
                (choose("conclusion", &label("case.conclusion"), &it.conclusions, at(&it.errors, "conclusion")))
            }
            details open[by_hand] {
                summary { (label("risk.by-hand")) }
                p { (label("risk.by-hand-lead")) }
                (choose("raised", &label("risk.raised"), &it.raised.0, at(&it.errors, "raised")))
                (choose("raised_to", &label("risk.raised-to"), &it.raised.1, None))
                (line(lang, ("raised_reason", label("risk.raised-reason")), Some(label("plan.names-nobody")), (false, &it.raised.2), at(&it.errors, "raised_reason")))
                @if it.lowered.2.list.len() > 1 {
                    (choose("lowered", &label("risk.lowered"), &it.lowered.0, at(&it.errors, "lowered")))
                    (choose("lowered_to", &label("risk.lowered-to"), &it.lowered.1, None))
                    (choose("lowered_permit", &label("risk.lowered-permit"), &it.lowered.2, None))
                }
            }
            div class="buttons" {
                button class="button" type="submit" { (label("risk.compute")) }
                a class="button button--secondary" href=(PATH) { (label("risk.back")) }
            }
        }
    };
    frame_page(frame, &title, &main)
}
