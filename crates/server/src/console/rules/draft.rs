//! The draft of a rule: what it says, and what is done with it.

use maud::{Markup, html};
use sekisho_messages::{Lang, t};

use super::super::components::{
    Definitions, Field, Input, Tone, alert, definitions, error_at, error_summary,
};
use super::super::draft::{Draft, file_faults};
use super::super::layout::{Frame, page as frame_page, titled};
use super::super::register::{LinkTo, links};
use super::{ClauseShown, ConflictShown, PATH, clauses, conflict_table};

/// The kinds of file that are brought in.
const ACCEPTED: &str = ".md,.markdown,.xlsx,.csv,text/markdown,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

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

fn decide(lang: Lang, view: &DraftView, draft: Draft<'_>) -> Markup {
    let at = |id: &str| error_at(&view.errors, id);
    let day = Field {
        name: "from",
        label: t!(lang, "rule.first-day"),
        support: Some(t!(lang, "rule.first-day-support")),
        required: false,
        input: Input::Text,
        value: &view.from,
        error: at("from"),
        autocomplete: "off",
        lang: None,
    };
    html! {
        section aria-labelledby="decide" class="screen-only" {
            h2 id="decide" { (t!(lang, "rule.decide")) }
            (view.opinion)
            @if view.approves {
                p { (t!(lang, "rule.decide-lead")) }
                @if view.takes_out {
                    (alert(Tone::Warning, &t!(lang, "rule.takes-out"), &html! { p { (t!(lang, "rule.takes-out-how")) } }))
                }
                (draft.approve(lang, &day, at("answer"), &t!(lang, "rule.approve")))
                (draft.send_back(lang, t!(lang, "rule.send-back-reason"), at("reason"), &t!(lang, "rule.send-back")))
            } @else {
                p { (t!(lang, "rule.waits-for-approval")) }
            }
        }
    }
}

fn work(lang: Lang, view: &DraftView, draft: Draft<'_>) -> Markup {
    html! {
        @if view.drafts && !view.proposed {
            (draft.go_on([
                t!(lang, "rule.go-on"),
                t!(lang, "rule.go-on-lead"),
                t!(lang, "rule.propose"),
                t!(lang, "rule.drop"),
            ]))
            (draft.bring("file", ACCEPTED, [
                t!(lang, "rule.file"),
                t!(lang, "rule.file-lead"),
                t!(lang, "rule.file-label"),
                t!(lang, "rule.file-take"),
            ]))
        }
    }
}

/// The page.
#[must_use]
pub fn draft_page(frame: &Frame, view: &DraftView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "rule.draft");
    let (name, href) = view.rule.clone();
    let path = format!("{href}/draft");
    let draft = Draft {
        path: &path,
        csrf: &view.csrf,
        revision: view.revision,
    };
    let trail = [
        (t!(lang, "rule.title").into_owned(), PATH.to_owned()),
        (name.clone(), href),
    ];
    let main = html! {
        (titled(&trail, &html! { (title) }, &html! { (t!(lang, "rule.draft-lead")) }, &links(&view.links)))
        (error_summary(lang, &view.errors))
        (file_faults(&t!(lang, "rule.file-faults", n = view.faults.len()), &view.faults))
        @if let Some(reason) = &view.sent_back {
            (alert(Tone::Warning, &t!(lang, "rule.was-sent-back"), &html! { p { (reason) } }))
        }
        section aria-labelledby="head" {
            h2 id="head" { (name) }
            (definitions(&view.facts))
        }
        @if view.proposed { (decide(lang, view, draft)) }
        section aria-labelledby="clauses" {
            h2 id="clauses" { (t!(lang, "rule.clauses")) }
            (clauses(lang, &view.clauses))
        }
        section aria-labelledby="conflicts" {
            h2 id="conflicts" { (t!(lang, "conflict.title")) }
            (conflict_table(lang, &view.conflicts))
        }
        (work(lang, view, draft))
    };
    frame_page(frame, &title, &main)
}
