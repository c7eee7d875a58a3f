//! The draft of a rule: what it says, and what is done with it.

use maud::{Markup, html};
use sekisho_messages::{Lang, t};

use super::super::components::{
    Definitions, Field, Input, Tone, alert, csrf_field, definitions, error_summary, field,
};
use super::super::layout::{Frame, page as frame_page, titled};
use super::super::register::{LinkTo, links};
use super::{ClauseShown, ConflictShown, PATH, answer_field, clauses, conflict_table};

/// The page's view-model.
#[derive(Clone, Debug)]
pub struct DraftView {
    /// Token against forged requests.
    pub csrf: String,
    /// What the rule is called, and where it is.
    pub rule: (String, String),
    /// Facts about the draft.
    pub facts: Definitions,
    /// Its clauses.
    pub clauses: Vec<ClauseShown>,
    /// The revision that the page shows.
    pub revision: u64,
    /// Whether it waits for approval.
    pub proposed: bool,
    /// Whether it has no clauses, so that approving it takes the rule out of force.
    pub takes_out: bool,
    /// Why it was sent back.
    pub sent_back: Option<String>,
    /// Whether the reader works on drafts.
    pub drafts: bool,
    /// Whether the reader may approve this one.
    pub approves: bool,
    /// The first day that was entered.
    pub from: String,
    /// What the promotion body said of it.
    pub opinion: Markup,
    /// What it conflicts with.
    pub conflicts: Vec<ConflictShown>,
    /// What the reader can do by other pages.
    pub links: Vec<LinkTo>,
    /// What is wrong, with the id it is about.
    pub errors: Vec<(String, String)>,
    /// What is wrong with a file that was brought in: place and sentence.
    pub faults: Vec<(Option<String>, String)>,
}

fn at<'a>(view: &'a DraftView, id: &str) -> Option<&'a str> {
    let error = view.errors.iter().find(|(it, _)| it == id);
    error.map(|(_, said)| said.as_str())
}

fn act(view: &DraftView, act: &str, label: &str, class: &str) -> Markup {
    let (_, href) = &view.rule;
    html! {
        form method="post" action={ (href) "/draft/" (act) } {
            (csrf_field(&view.csrf))
            input type="hidden" name="expected" value=(view.revision);
            button class=(class) type="submit" { (label) }
        }
    }
}

fn decide(lang: Lang, view: &DraftView) -> Markup {
    let (_, href) = &view.rule;
    html! {
        section aria-labelledby="decide" class="screen-only" {
            h2 id="decide" { (t!(lang, "rule.decide")) }
            (view.opinion)
            @if view.approves {
                p { (t!(lang, "rule.decide-lead")) }
                @if view.takes_out {
                    (alert(Tone::Warning, &t!(lang, "rule.takes-out"), &html! { p { (t!(lang, "rule.takes-out-how")) } }))
                }
                form method="post" action={ (href) "/draft/approve" } class="form" {
                    (csrf_field(&view.csrf))
                    input type="hidden" name="expected" value=(view.revision);
                    (field(lang, &Field {
                        name: "from",
                        label: t!(lang, "rule.first-day"),
                        support: Some(t!(lang, "rule.first-day-support")),
                        required: false,
                        input: Input::Text,
                        value: &view.from,
                        error: at(view, "from"),
                        autocomplete: "off",
                        lang: None,
                    }))
                    (answer_field(lang, at(view, "answer")))
                    div class="buttons" { button class="button" type="submit" { (t!(lang, "rule.approve")) } }
                }
                form method="post" action={ (href) "/draft/send-back" } class="form" {
                    (csrf_field(&view.csrf))
                    (field(lang, &Field {
                        name: "reason",
                        label: t!(lang, "rule.send-back-reason"),
                        support: Some(t!(lang, "plan.names-nobody")),
                        required: true,
                        input: Input::Text,
                        value: "",
                        error: at(view, "reason"),
                        autocomplete: "off",
                        lang: None,
                    }))
                    div class="buttons" { button class="button button--secondary" type="submit" { (t!(lang, "rule.send-back")) } }
                }
            } @else {
                p { (t!(lang, "rule.waits-for-approval")) }
            }
        }
    }
}

fn work(lang: Lang, view: &DraftView) -> Markup {
    let (_, href) = &view.rule;
    html! {
        @if view.drafts && !view.proposed {
            section aria-labelledby="go-on" class="screen-only" {
                h2 id="go-on" { (t!(lang, "rule.go-on")) }
                p { (t!(lang, "rule.go-on-lead")) }
                div class="buttons" {
                    (act(view, "propose", &t!(lang, "rule.propose"), "button"))
                    (act(view, "drop", &t!(lang, "rule.drop"), "button button--secondary"))
                }
            }
            section aria-labelledby="file" class="screen-only" {
                h2 id="file" { (t!(lang, "rule.file")) }
                p { (t!(lang, "rule.file-lead")) }
                form method="post" action={ (href) "/draft/file" } enctype="multipart/form-data" class="form" {
                    (csrf_field(&view.csrf))
                    div class="field" {
                        label for="file-input" { (t!(lang, "rule.file-label")) }
                        input type="file" id="file-input" name="file" required accept=".md,.markdown,.xlsx,.csv,text/markdown,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
                    }
                    div class="buttons" { button class="button button--secondary" type="submit" { (t!(lang, "rule.file-take")) } }
                }
            }
        }
    }
}

fn faults(lang: Lang, list: &[(Option<String>, String)]) -> Markup {
    html! {
        @if !list.is_empty() {
            (alert(Tone::Error, &t!(lang, "rule.file-faults", n = list.len()), &html! {
                ul { @for (place, said) in list { li { @if let Some(place) = place { code { (place) } " " } (said) } } }
            }))
        }
    }
}

/// The page.
#[must_use]
pub fn draft_page(frame: &Frame, view: &DraftView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "rule.draft");
    let (name, href) = view.rule.clone();
    let trail = [
        (t!(lang, "rule.title").into_owned(), PATH.to_owned()),
        (name.clone(), href),
    ];
    let errors: Vec<(&str, &str)> = view
        .errors
        .iter()
        .map(|(id, said)| (id.as_str(), said.as_str()))
        .collect();
    let main = html! {
        (titled(&trail, &html! { (title) }, &html! { (t!(lang, "rule.draft-lead")) }, &links(&view.links)))
        (error_summary(lang, &errors))
        (faults(lang, &view.faults))
        @if let Some(reason) = &view.sent_back {
            (alert(Tone::Warning, &t!(lang, "rule.was-sent-back"), &html! { p { (reason) } }))
        }
        section aria-labelledby="head" {
            h2 id="head" { (name) }
            (definitions(&view.facts))
        }
        @if view.proposed { (decide(lang, view)) }
        section aria-labelledby="clauses" {
            h2 id="clauses" { (t!(lang, "rule.clauses")) }
            (clauses(lang, &view.clauses))
        }
        section aria-labelledby="conflicts" {
            h2 id="conflicts" { (t!(lang, "conflict.title")) }
            (conflict_table(lang, &view.conflicts))
        }
        (work(lang, view))
    };
    frame_page(frame, &title, &main)
}
