//! Who changed what and when, from the ledger.

use maud::{Markup, html};
use sekisho_domain::time::Timestamp;
use sekisho_messages::t;

use super::super::components::{instant, instant_with_age};
use super::super::fields::FieldChange;
use super::super::layout::Frame;

/// One record about an entry.
#[derive(Clone, Debug)]
pub struct Change {
    /// When it was recorded.
    pub at: Timestamp,
    /// The number of the record.
    pub record: u64,
    /// Whether the reader may look at the ledger.
    pub linked: bool,
    /// What happened.
    pub what: String,
    /// Who did it, and as what.
    pub who: Markup,
    /// Fields that changed.
    pub fields: Vec<FieldChange>,
    /// What was said, where the reader may know it.
    pub said: Option<String>,
}

fn field(frame: &Frame, change: &FieldChange) -> Markup {
    let nothing = html! { span class="muted" { (t!(frame.lang, "register.nothing")) } };
    html! {
        div {
            dt { (change.label) }
            dd {
                @if let Some(before) = &change.before {
                    del class="before" { (before) }
                    span class="arrow" aria-hidden="true" { "→" }
                    " "
                }
                ins class="after" { (change.after.as_ref().unwrap_or(&nothing)) }
            }
        }
    }
}

/// The changes, the newest first.
#[must_use]
pub fn history(frame: &Frame, list: &[Change]) -> Markup {
    let lang = frame.lang;
    html! {
        @if list.is_empty() { p class="muted" { (t!(lang, "register.no_history")) } }
        ol class="history" {
            @for change in list {
                li {
                    div class="history-when" {
                        (instant_with_age(lang, change.at, frame.now))
                        span class="visually-hidden" { (instant(lang, change.at)) }
                        @if change.linked {
                            a class="small" href={ "/ledger?record=" (change.record) "#record-" (change.record) } {
                                (t!(lang, "register.record", n = change.record))
                            }
                        } @else { span class="small muted" { (t!(lang, "register.record", n = change.record)) } }
                    }
                    div {
                        p { strong { (change.what) } " " span class="by" { (change.who) } }
                        @if !change.fields.is_empty() {
                            dl class="diff" { @for it in &change.fields { (field(frame, it)) } }
                        }
                        @if let Some(said) = &change.said { p class="statement" { (said) } }
                    }
                }
            }
        }
    }
}
