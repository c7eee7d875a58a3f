//! One entry of a register.

use maud::{Markup, html};
use sekisho_messages::t;

use super::super::components::{Definitions, definitions};
use super::super::layout::{Frame, page as frame_page, titled};
use super::history::{Change, history};
use super::list::{LinkTo, links};

/// The page.
#[derive(Clone, Debug)]
pub struct DetailView {
    /// Pages above.
    pub trail: Vec<(String, String)>,
    /// What the entry is called.
    pub title: String,
    /// What kind of thing it is, and whether it is in use.
    pub lead: Markup,
    /// What can be done.
    pub links: Vec<LinkTo>,
    /// What stands above everything: a notice.
    pub note: Markup,
    /// What the register holds of it.
    pub facts: Definitions,
    /// What else belongs to it: heading and content.
    pub sections: Vec<(String, Markup)>,
    /// Who changed what and when, the newest first.
    pub history: Vec<Change>,
}

/// The page.
#[must_use]
pub fn page(frame: &Frame, view: &DetailView) -> Markup {
    let lang = frame.lang;
    let main = html! {
        (titled(&view.trail, &html! { (view.title) }, &view.lead, &links(&view.links)))
        (view.note)
        section aria-labelledby="particulars" {
            h2 id="particulars" { (t!(lang, "register.particulars")) }
            (definitions(&view.facts))
        }
        @for (index, (heading, content)) in view.sections.iter().enumerate() {
            section aria-labelledby={ "section-" (index) } {
                h2 id={ "section-" (index) } { (heading) }
                (content)
            }
        }
        section aria-labelledby="history" {
            h2 id="history" { (t!(lang, "register.history")) }
            (history(frame, &view.history))
        }
    };
    frame_page(frame, &view.title, &main)
}
