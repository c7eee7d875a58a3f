//! The form (様式) of a permit, as it is printed and filed: what is applied for, what was decided, what
//! was done at the end, with a line to sign on where something is still open.

use maud::{Markup, html};
use sekisho_messages::t;

use super::super::components::Definitions;
use super::super::layout::{Frame, page as frame_page};

/// Something to be done at the end.
#[derive(Clone, Debug)]
pub struct Done {
    /// What.
    pub what: String,
    /// By when it is due.
    pub due: Option<String>,
    /// When and by whom it was recorded; none while it is open.
    pub done: Option<Markup>,
}

/// The form.
#[derive(Clone, Debug)]
pub struct PaperView {
    /// Where the permit is shown on screen.
    pub back: String,
    /// 申請書, 許可書 or 不許可通知書, by kind.
    pub title: String,
    /// The number, once it has one.
    pub number: Option<String>,
    /// The day of the application or of the decision.
    pub day: String,
    /// To whom it goes.
    pub to: String,
    /// From whom it comes.
    pub from: Vec<String>,
    /// What is applied for or given, as a sentence.
    pub opening: String,
    /// The particulars.
    pub asked: Definitions,
    /// What was decided and on what conditions; none before.
    pub decided: Definitions,
    /// What the applicant undertakes.
    pub undertakes: Vec<String>,
    /// What is done at the end.
    pub ends: Vec<Done>,
    /// When it was printed, and of which version.
    pub foot: String,
}

fn rows(list: &Definitions) -> Markup {
    html! {
        table class="paper-table" {
            tbody { @for (name, value) in list { tr { th scope="row" { (name) } td { (value) } } } }
        }
    }
}

/// The page.
#[must_use]
pub fn paper(frame: &Frame, view: &PaperView) -> Markup {
    let lang = frame.lang;
    let main = html! {
        p class="screen-only" {
            a class="button button--secondary" href=(view.back) { (t!(lang, "permits.paper_back")) }
            " " span class="muted" { (t!(lang, "permits.paper_how")) }
        }
        article class="paper" aria-labelledby="paper-title" {
            div class="paper-top" {
                @if let Some(number) = &view.number { p { (number) } }
                p { (view.day) }
            }
            p class="paper-to" { (view.to) }
            div class="paper-from" { @for line in &view.from { p { (line) } } }
            h1 id="paper-title" { (view.title) }
            p { (view.opening) }
            p class="paper-mark" aria-hidden="true" { (t!(lang, "permits.paper_mark")) }
            section aria-labelledby="paper-asked" { h2 id="paper-asked" { (t!(lang, "permits.asked")) } (rows(&view.asked)) }
            @if !view.undertakes.is_empty() {
                section aria-labelledby="paper-undertakes" {
                    h2 id="paper-undertakes" { (t!(lang, "permits.paper_undertakes")) }
                    ol { @for line in &view.undertakes { li { (line) } } }
                }
            }
            section aria-labelledby="paper-decided" {
                h2 id="paper-decided" { (t!(lang, "permits.decided")) }
                @if view.decided.is_empty() {
                    table class="paper-table" { tbody {
                        tr { th scope="row" { (t!(lang, "permits.paper_decision")) } td { (t!(lang, "permits.paper_choice")) } }
                        tr { th scope="row" { (t!(lang, "permits.paper_day")) } td class="paper-open" {} }
                        tr { th scope="row" { (t!(lang, "permits.decided_by")) } td class="paper-open" {} }
                    } }
                } @else { (rows(&view.decided)) }
            }
            @if !view.ends.is_empty() {
                section aria-labelledby="paper-ends" {
                    h2 id="paper-ends" { (t!(lang, "permits.duties")) }
                    table class="paper-table" {
                        thead { tr {
                            th scope="col" { (t!(lang, "permits.paper_what")) }
                            th scope="col" { (t!(lang, "permits.paper_due")) }
                            th scope="col" { (t!(lang, "permits.paper_done")) }
                        } }
                        tbody { @for end in &view.ends { tr {
                            th scope="row" { (end.what) }
                            td { @if let Some(due) = &end.due { (due) } @else { "–" } }
                            td class=[end.done.is_none().then_some("paper-open")] { @if let Some(done) = &end.done { (done) } }
                        } } }
                    }
                }
            }
            p class="paper-end" aria-hidden="true" { (t!(lang, "permits.paper_end")) }
            p class="paper-foot" { (view.foot) }
        }
    };
    frame_page(frame, &view.title, &main)
}
