//! Waiting for a file: how far it has come. Without scripts the page asks for itself again.

use maud::{Markup, html};
use sekisho_messages::t;

use super::super::super::components::{Tone, alert};
use super::super::super::layout::{Frame, heading, page as frame_page};

/// The page.
#[derive(Clone, Debug)]
pub struct StatusView {
    /// Pages above.
    pub trail: Vec<(String, String)>,
    /// What is done.
    pub title: String,
    /// The file's name.
    pub name: String,
    /// The path of the page.
    pub path: String,
    /// What is being done.
    pub what: String,
    /// Rows done and rows in all, where they are counted.
    pub counts: Option<(usize, usize)>,
}

/// The page.
#[must_use]
pub fn page(frame: &Frame, view: &StatusView) -> Markup {
    let lang = frame.lang;
    let body = html! {
        @match view.counts {
            Some((done, of)) => {
                p { (t!(lang, "import.stage.counts", done = done, of = of)) }
                progress value=(done) max=(of.max(1)) aria-label=(view.what) {}
            }
            None => { progress aria-label=(view.what) {} }
        }
        p { (t!(lang, "tables.waits")) }
        p { a class="button button--secondary" href=(view.path) { (t!(lang, "tables.look_now")) } }
    };
    let main = html! {
        (heading(&view.trail, &html! { (view.title) }, &html! { (view.name) }))
        div data-poll="1000" role="status" { (alert(Tone::Info, &view.what, &body)) }
    };
    frame_page(frame, &view.title, &main)
}
