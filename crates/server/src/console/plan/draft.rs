//! The draft of a plan: what it says, and what is done with it.

use maud::{Markup, html};
use sekisho_messages::{Lang, t};

use super::super::components::{
    Definitions, Field, Input, Tone, alert, csrf_field, definitions, empty_state, error_summary,
    field,
};
use super::super::layout::{Frame, page as frame_page, titled};
use super::super::register::{LinkTo, links};
use super::super::rules::answer_field;
use super::{DRAFT_PATH, PATH, TableLine, decision_table};

/// The page's view-model.
#[derive(Clone, Debug)]
pub struct DraftView {
    /// Token against forged requests.
    pub csrf: String,
    /// What it is called; none where nobody works on one.
    pub title: Option<String>,
    /// Facts about it.
    pub facts: Definitions,
    /// The decision table.
    pub lines: Vec<TableLine>,
    /// The revision that the page shows.
    pub revision: u64,
    /// Whether it waits for approval.
    pub proposed: bool,
    /// Why it was sent back.
    pub sent_back: Option<String>,
    /// Whether the reader works on drafts.
    pub drafts: bool,
    /// Whether the reader may approve this one.
    pub approves: bool,
    /// The last day that is offered for approval.
    pub until: String,
    /// What the promotion body said of it, where it waits for approval.
    pub opinion: Markup,
    /// What the reader can do by other pages.
    pub links: Vec<LinkTo>,
    /// What is wrong, with the id it is about.
    pub errors: Vec<(String, String)>,
    /// What is wrong with a table that was brought in: cell and sentence.
    pub faults: Vec<(Option<String>, String)>,
}

fn act(csrf: &str, revision: u64, act: &str, label: &str, class: &str) -> Markup {
    html! {
        form method="post" action={ (DRAFT_PATH) "/" (act) } {
            (csrf_field(csrf))
            input type="hidden" name="expected" value=(revision);
            button class=(class) type="submit" { (label) }
        }
    }
}

fn decide(lang: Lang, view: &DraftView) -> Markup {
    let at = |id: &str| {
        view.errors
            .iter()
            .find(|(it, _)| it == id)
            .map(|(_, said)| said.as_str())
    };
    html! {
        section aria-labelledby="decide" class="screen-only" {
            h2 id="decide" { (t!(lang, "plan.decide")) }
            (view.opinion)
            @if view.approves {
                p { (t!(lang, "plan.decide-lead")) }
                form method="post" action={ (DRAFT_PATH) "/approve" } class="form" {
                    (csrf_field(&view.csrf))
                    input type="hidden" name="expected" value=(view.revision);
                    (field(lang, &Field {
                        name: "until",
                        label: t!(lang, "plan.last-day"),
                        support: Some(t!(lang, "plan.last-day-support")),
                        required: true,
                        input: Input::Text,
                        value: &view.until,
                        error: at("until"),
                        autocomplete: "off",
                        lang: None,
                    }))
                    (answer_field(lang, at("answer")))
                    div class="buttons" { button class="button" type="submit" { (t!(lang, "plan.approve")) } }
                }
                form method="post" action={ (DRAFT_PATH) "/send-back" } class="form" {
                    (csrf_field(&view.csrf))
                    (field(lang, &Field {
                        name: "reason",
                        label: t!(lang, "plan.send-back-reason"),
                        support: Some(t!(lang, "plan.names-nobody")),
                        required: true,
                        input: Input::Text,
                        value: "",
                        error: at("reason"),
                        autocomplete: "off",
                        lang: None,
                    }))
                    div class="buttons" { button class="button button--secondary" type="submit" { (t!(lang, "plan.send-back")) } }
                }
            } @else {
                p { (t!(lang, "plan.waits-for-approval")) }
            }
        }
    }
}

/// The form by which a table file is brought in.
#[must_use]
pub fn table_form(lang: Lang, csrf: &str) -> Markup {
    html! {
        section aria-labelledby="file" class="screen-only" {
            h2 id="file" { (t!(lang, "plan.file")) }
            p { (t!(lang, "plan.file-lead")) }
            form method="post" action={ (DRAFT_PATH) "/table" } enctype="multipart/form-data" class="form" {
                (csrf_field(csrf))
                div class="field" {
                    label for="file-input" { (t!(lang, "plan.file-label")) }
                    input type="file" id="file-input" name="file" required accept=".xlsx,.csv,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
                }
                div class="buttons" { button class="button button--secondary" type="submit" { (t!(lang, "plan.file-take")) } }
            }
        }
    }
}

fn faults(lang: Lang, list: &[(Option<String>, String)]) -> Markup {
    html! {
        @if !list.is_empty() {
            (alert(Tone::Error, &t!(lang, "plan.file-faults", n = list.len()), &html! {
                ul { @for (cell, said) in list { li { @if let Some(cell) = cell { code { (cell) } " " } (said) } } }
            }))
        }
    }
}

fn work(lang: Lang, view: &DraftView) -> Markup {
    html! {
        @if view.drafts && !view.proposed {
            section aria-labelledby="go-on" class="screen-only" {
                h2 id="go-on" { (t!(lang, "plan.go-on")) }
                p { (t!(lang, "plan.go-on-lead")) }
                div class="buttons" {
                    (act(&view.csrf, view.revision, "propose", &t!(lang, "plan.propose"), "button"))
                    (act(&view.csrf, view.revision, "drop", &t!(lang, "plan.drop"), "button button--secondary"))
                }
            }
            (table_form(lang, &view.csrf))
        }
    }
}

/// The page.
#[must_use]
pub fn draft_page(frame: &Frame, view: &DraftView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "plan.draft");
    let trail = [(t!(lang, "plan.title").into_owned(), PATH.to_owned())];
    let errors: Vec<(&str, &str)> = view
        .errors
        .iter()
        .map(|(id, said)| (id.as_str(), said.as_str()))
        .collect();
    let main = html! {
        (titled(&trail, &html! { (title) }, &html! { (t!(lang, "plan.draft-lead")) }, &links(&view.links)))
        (error_summary(lang, &errors))
        (faults(lang, &view.faults))
        @if let Some(name) = &view.title {
            @if let Some(reason) = &view.sent_back {
                (alert(Tone::Warning, &t!(lang, "plan.was-sent-back"), &html! { p { (reason) } }))
            }
            section aria-labelledby="head" {
                h2 id="head" { (name) }
                (definitions(&view.facts))
            }
            @if view.proposed { (decide(lang, view)) }
            section aria-labelledby="table" {
                h2 id="table" { (t!(lang, "plan.table")) }
                (decision_table(lang, &view.lines))
            }
            (work(lang, view))
        } @else {
            (empty_state(&t!(lang, "plan.no-draft"), &t!(lang, "plan.no-draft-how")))
        }
    };
    frame_page(frame, &title, &main)
}
