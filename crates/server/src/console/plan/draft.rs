//! The draft of a plan: what it says, and what is done with it.

use maud::{Markup, html};
use sekisho_messages::{Lang, t};

use super::super::components::{
    Definitions, Field, Input, Tone, alert, definitions, empty_state, error_at, error_summary,
};
use super::super::draft::{Draft, file_faults};
use super::super::layout::{Frame, page as frame_page, titled};
use super::super::register::{LinkTo, links};
use super::{DRAFT_PATH, PATH, TableLine, decision_table};

/// The kinds of file that are brought in.
const ACCEPTED: &str =
    ".xlsx,.csv,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

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

fn decide(lang: Lang, view: &DraftView, draft: Draft<'_>) -> Markup {
    let at = |id: &str| error_at(&view.errors, id);
    let day = Field {
        name: "until",
        label: t!(lang, "plan.last-day"),
        support: Some(t!(lang, "plan.last-day-support")),
        required: true,
        input: Input::Text,
        value: &view.until,
        error: at("until"),
        autocomplete: "off",
        lang: None,
    };
    html! {
        section aria-labelledby="decide" class="screen-only" {
            h2 id="decide" { (t!(lang, "plan.decide")) }
            (view.opinion)
            @if view.approves {
                p { (t!(lang, "plan.decide-lead")) }
                (draft.approve(lang, &day, at("answer"), &t!(lang, "plan.approve")))
                (draft.send_back(lang, t!(lang, "plan.send-back-reason"), at("reason"), &t!(lang, "plan.send-back")))
            } @else {
                p { (t!(lang, "plan.waits-for-approval")) }
            }
        }
    }
}

fn work(lang: Lang, view: &DraftView, draft: Draft<'_>) -> Markup {
    html! {
        @if view.drafts && !view.proposed {
            (draft.go_on([
                t!(lang, "plan.go-on"),
                t!(lang, "plan.go-on-lead"),
                t!(lang, "plan.propose"),
                t!(lang, "plan.drop"),
            ]))
            (draft.bring("table", ACCEPTED, [
                t!(lang, "plan.file"),
                t!(lang, "plan.file-lead"),
                t!(lang, "plan.file-label"),
                t!(lang, "plan.file-take"),
            ]))
        }
    }
}

/// The page.
#[must_use]
pub fn draft_page(frame: &Frame, view: &DraftView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "plan.draft");
    let trail = [(t!(lang, "plan.title").into_owned(), PATH.to_owned())];
    let draft = Draft {
        path: DRAFT_PATH,
        csrf: &view.csrf,
        revision: view.revision,
    };
    let main = html! {
        (titled(&trail, &html! { (title) }, &html! { (t!(lang, "plan.draft-lead")) }, &links(&view.links)))
        (error_summary(lang, &view.errors))
        (file_faults(&t!(lang, "plan.file-faults", n = view.faults.len()), &view.faults))
        @if let Some(name) = &view.title {
            @if let Some(reason) = &view.sent_back {
                (alert(Tone::Warning, &t!(lang, "plan.was-sent-back"), &html! { p { (reason) } }))
            }
            section aria-labelledby="head" {
                h2 id="head" { (name) }
                (definitions(&view.facts))
            }
            @if view.proposed { (decide(lang, view, draft)) }
            section aria-labelledby="table" {
                h2 id="table" { (t!(lang, "plan.table")) }
                (decision_table(lang, &view.lines))
            }
            (work(lang, view, draft))
        } @else {
            (empty_state(&t!(lang, "plan.no-draft"), &t!(lang, "plan.no-draft-how")))
        }
    };
    frame_page(frame, &title, &main)
}
