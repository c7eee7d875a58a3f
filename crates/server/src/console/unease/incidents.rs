//! Incidents: reporting one, the list, and the steps by which one is dealt with.

use maud::{Markup, html};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t, text};

use super::super::components::{
    Column, Definitions, cell, csrf_field, definitions, empty_state, error_summary, instant,
    row_header, submit, table,
};
use super::super::layout::{Frame, heading, page as frame_page, titled};
use super::super::register::{Change, history};
use super::{INCIDENTS_PATH, state_badge, words_area};

/// An incident in the list.
#[derive(Clone, Debug)]
pub struct IncidentLine {
    /// Its id.
    pub id: String,
    /// What happened.
    pub kind: String,
    /// How grave.
    pub severity: String,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// Until when the next step is due, in words.
    pub due: String,
    /// `open`, `contained`, `late` or `closed`.
    pub state: &'static str,
}

/// A form with what was entered and what is wrong with it.
#[derive(Clone, Debug)]
pub struct IncidentForm {
    /// Token against forged requests.
    pub csrf: String,
    /// The version that the page shows.
    pub seen: u64,
    /// Inputs besides the words.
    pub inputs: Markup,
    /// The steps that can be taken: codes of states.
    pub steps: Vec<&'static str>,
    /// The words.
    pub words: String,
    /// What is wrong, with the id it is about.
    pub errors: Vec<(String, String)>,
}

/// One incident.
#[derive(Clone, Debug)]
pub struct IncidentView {
    /// Its id.
    pub id: String,
    /// What happened.
    pub kind: String,
    /// `open`, `contained`, `late` or `closed`.
    pub state: &'static str,
    /// Facts about it.
    pub facts: Definitions,
    /// Where its entry stands in the register, for who reads it there.
    pub entry: Option<String>,
    /// What was done, the newest first.
    pub changes: Vec<Change>,
    /// The form; none for who takes no step.
    pub form: Option<IncidentForm>,
}

/// The form by which anyone reports an incident.
#[must_use]
pub fn report_page(frame: &Frame, form: &IncidentForm) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "incident.report");
    let trail = [(
        t!(lang, "incident.title").into_owned(),
        INCIDENTS_PATH.to_owned(),
    )];
    let main = html! {
        (heading(&trail, &html! { (title) }, &html! { (t!(lang, "incident.report_lead")) }))
        (error_summary(lang, &form.errors))
        form method="post" action=(INCIDENTS_PATH) class="form" {
            (csrf_field(&form.csrf))
            (form.inputs)
            (words_area(lang, ["register.incident_account", "unease.words_sealed"], true, &form.words, &form.errors))
            (submit(&t!(lang, "incident.report_do")))
        }
    };
    frame_page(frame, &title, &main)
}

/// The list.
#[must_use]
pub fn incidents_page(frame: &Frame, lines: &[IncidentLine]) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "incident.title");
    let report = html! { a class="button" href={ (INCIDENTS_PATH) "/new" } { (t!(lang, "incident.report")) } };
    let columns = [
        Column::text(t!(lang, "register.incident.kind")),
        Column::text(t!(lang, "register.incident.severity")),
        Column::text(t!(lang, "unease.told")),
        Column::text(t!(lang, "unease.due")),
        Column::text(t!(lang, "unease.status")),
    ];
    let [kind, severity, told, due, state] = &columns;
    let row = |line: &IncidentLine| {
        let href = format!("{INCIDENTS_PATH}/{}", line.id);
        vec![
            row_header(kind, &html! { a href=(href) { (line.kind) } }),
            cell(severity, &html! { (line.severity) }),
            cell(told, &instant(lang, line.reported_at)),
            cell(due, &html! { (line.due) }),
            cell(state, &state_badge(lang, line.state)),
        ]
    };
    let rows: Vec<Vec<Markup>> = lines.iter().map(row).collect();
    let main = html! {
        (titled(&[], &html! { (title) }, &html! { (t!(lang, "incident.lead")) }, &report))
        @if lines.is_empty() { (empty_state(&t!(lang, "incident.none"), &t!(lang, "incident.none_how"))) }
        @else { (table(&title, &columns, &rows)) }
    };
    frame_page(frame, &title, &main)
}

fn step(lang: Lang, id: &str, form: &IncidentForm) -> Markup {
    html! {
        section aria-labelledby="step" class="screen-only" {
            h2 id="step" { (t!(lang, "incident.step")) }
            form method="post" action={ (INCIDENTS_PATH) "/" (id) } class="form" {
                (csrf_field(&form.csrf))
                input type="hidden" name="expected" value=(form.seen);
                (words_area(lang, ["incident.step_words", "unease.words_sealed"], true, &form.words, &form.errors))
                div class="buttons" {
                    @for code in &form.steps {
                        button class="button button--secondary" type="submit" name="to" value=(code) {
                            (text(lang, format!("incident.to.{code}"), &[]))
                        }
                    }
                }
            }
        }
    }
}

/// One incident.
#[must_use]
pub fn incident_page(frame: &Frame, view: &IncidentView) -> Markup {
    let lang = frame.lang;
    let trail = [(
        t!(lang, "incident.title").into_owned(),
        INCIDENTS_PATH.to_owned(),
    )];
    let errors = view
        .form
        .as_ref()
        .map_or(&[][..], |form| form.errors.as_slice());
    let main = html! {
        (heading(&trail, &html! { (view.kind) }, &state_badge(lang, view.state)))
        (error_summary(lang, errors))
        (definitions(&view.facts))
        @if let Some(href) = &view.entry { p { a href=(href) { (t!(lang, "incident.entry")) } } }
        (history(frame, &view.changes))
        @if let Some(form) = &view.form { (step(lang, &view.id, form)) }
    };
    frame_page(frame, &view.kind, &main)
}
