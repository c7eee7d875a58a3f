//! The ledger: its head, its verification, where checkpoints leave to, and recent records.

use maud::{Markup, html};
use sekisho_domain::check::Outcome;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, number, t, text};

use super::components::{
    Column, Pages, Tone, age, alert, cell, csrf_field, definitions, empty_state, instant,
    instant_with_age, outcome_badge_worded, pagination, row_header, table,
};
use super::layout::{Frame, heading, page as frame_page, short};

/// What verification says at present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// Under way: so many of so many records.
    Running {
        /// Records verified so far.
        done: u64,
        /// Records in all.
        of: u64,
    },
    /// Every record and the tree agree.
    Sound {
        /// Records verified.
        records: u64,
        /// When verification ended.
        at: Timestamp,
        /// Whether a checkpoint kept outside was compared too.
        outside: bool,
    },
    /// Something does not agree.
    Broken {
        /// When that was found.
        at: Timestamp,
        /// Where and what, as a sentence.
        place: String,
    },
    /// It could not be carried out, which says nothing of the ledger.
    Failed {
        /// When that was.
        at: Timestamp,
        /// Why and what to do, as a sentence.
        why: String,
    },
    /// Not verified since the start.
    NotYet,
}

/// Somewhere that checkpoints leave to.
#[derive(Clone, Debug)]
pub struct Outlet {
    /// `file`, `mail` or `witness`; nothing where this release cannot read the target.
    pub kind: Option<&'static str>,
    /// Whether what is delivered there has left the data folder.
    pub outside: bool,
    /// Path, address or name.
    pub target: String,
    /// Size of the last checkpoint that left, and when.
    pub last: Option<(u64, Timestamp)>,
    /// Whether a delivery waits for its next attempt.
    pub waiting: bool,
    /// Why the last attempt failed, as a sentence; none when it did not.
    pub failure: Option<String>,
}

/// One record of the list.
#[derive(Clone, Debug)]
pub struct RecordItem {
    /// Its number, from 0.
    pub sequence: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// What it records, in words.
    pub what: String,
    /// The stable kind.
    pub kind: String,
    /// Who acted, in words.
    pub actor: String,
    /// The entry's hash in hex.
    pub hash: String,
}

/// The ledger's page.
#[derive(Clone, Debug)]
pub struct LedgerView {
    /// Name of the log, as in its checkpoints.
    pub origin: String,
    /// Number of records.
    pub size: u64,
    /// Root hash in base64.
    pub root: String,
    /// When the newest record was recorded.
    pub last_at: Option<Timestamp>,
    /// The newest signed checkpoint, as text.
    pub checkpoint: Option<String>,
    /// The log's verifier key.
    pub verifier_key: String,
    /// What verification says.
    pub verification: Verification,
    /// The token for starting a verification; none where the reader may not.
    pub verify: Option<String>,
    /// Where checkpoints leave to.
    pub outlets: Vec<Outlet>,
    /// Records, newest first.
    pub records: Vec<RecordItem>,
    /// The record asked for with `?record=`.
    pub chosen: Option<u64>,
    /// Where in the list this page stands.
    pub pages: Option<Pages>,
}

fn verification(lang: Lang, view: &LedgerView) -> Markup {
    let running = matches!(view.verification, Verification::Running { .. });
    html! {
        section class="verification" aria-label=(t!(lang, "ledger.verification")) data-poll=[running.then_some("2000")] {
            (verification_state(lang, &view.verification))
            @if let Some(token) = view.verify.as_ref().filter(|_| !running) {
                form method="post" action="/ledger/verify" {
                    (csrf_field(token))
                    button class="button button--secondary" type="submit" { (t!(lang, "ledger.verify_again")) }
                }
            }
        }
    }
}

fn verification_state(lang: Lang, state: &Verification) -> Markup {
    match state {
        Verification::Running { done, of } => {
            let body = html! {
                p { (t!(lang, "ledger.running_how", done = *done, of = *of)) }
                progress value=(done) max=(of) aria-label=(t!(lang, "ledger.running")) {}
            };
            alert(Tone::Info, &t!(lang, "ledger.running"), &body)
        }
        Verification::Sound {
            records,
            at,
            outside,
        } => {
            let limits = if *outside {
                "ledger.sound_outside"
            } else {
                "ledger.sound_inside"
            };
            let body = html! {
                p { (t!(lang, "ledger.sound_how", n = *records)) " " (t!(lang, "ledger.verified_at")) (t!(lang, "console.colon")) (instant(lang, *at)) }
                @if !*outside { p class="limits" { strong { (t!(lang, "ledger.limits")) } } }
                p { (text(lang, limits, &[])) }
            };
            alert(Tone::Success, &t!(lang, "ledger.sound"), &body)
        }
        Verification::Broken { at, place } => {
            let body = html! {
                p { strong { (place) } }
                p { (t!(lang, "ledger.broken_how")) " " (instant(lang, *at)) }
            };
            alert(Tone::Error, &t!(lang, "ledger.broken"), &body)
        }
        Verification::Failed { at, why } => {
            let body = html! { p { (why) } p { (instant(lang, *at)) } };
            alert(Tone::Warning, &t!(lang, "ledger.failed"), &body)
        }
        Verification::NotYet => {
            let body = html! { p { (t!(lang, "ledger.not_yet_how")) } };
            alert(Tone::Warning, &t!(lang, "ledger.not_yet"), &body)
        }
    }
}

fn head(lang: Lang, view: &LedgerView) -> Markup {
    let mut list = vec![
        (
            t!(lang, "ledger.size"),
            html! { span class="num" { (number(i64::try_from(view.size).unwrap_or(i64::MAX))) } },
        ),
        (
            t!(lang, "ledger.root"),
            html! { code class="digest" { (view.root) } },
        ),
        (t!(lang, "ledger.origin"), html! { code { (view.origin) } }),
        (
            t!(lang, "ledger.key"),
            html! { code class="digest" { (view.verifier_key) } },
        ),
    ];
    if let Some(at) = view.last_at {
        list.insert(1, (t!(lang, "ledger.last"), instant(lang, at)));
    }
    html! {
        section aria-labelledby="head" {
            h2 id="head" { (t!(lang, "ledger.head")) }
            (definitions(&list))
            @if let Some(checkpoint) = &view.checkpoint {
                h3 { (t!(lang, "ledger.checkpoint")) }
                pre class="checkpoint" tabindex="0" { (checkpoint) }
                p class="small" { a href="/ledger/checkpoint" { (t!(lang, "ledger.checkpoint_get")) } }
            }
        }
    }
}

/// The command that sets a target.
const COMMAND: &str = "sekisho ledger checkpoint --to file:/path";

fn outlet(frame: &Frame, item: &Outlet) -> Markup {
    let lang = frame.lang;
    let kind = if item.outside {
        item.kind.unwrap_or("unreadable")
    } else {
        "inside"
    };
    let badge = match (&item.failure, item.last) {
        (Some(_), _) => Some(Outcome::Fail),
        (None, Some(_)) => item.outside.then_some(Outcome::Pass),
        (None, None) => Some(Outcome::Unknown),
    };
    html! {
        li {
            p class="part-head" {
                @if let Some(outcome) = badge {
                    (outcome_badge_worded(outcome, &text(lang, format!("ledger.outlet_state.{}", outcome.code()), &[])))
                }
                strong { (text(lang, format!("ledger.outlet.{kind}"), &[])) } " "
                code { (item.target) }
            }
            @if let Some((size, at)) = item.last {
                p class="part-why" { (t!(lang, "ledger.outlet_last", n = size)) " " (instant(lang, at)) " (" (age(lang, at, frame.now)) ")" }
            } @else { p class="part-why" { (t!(lang, "ledger.outlet_never")) } }
            @if let Some(failure) = &item.failure { p class="field-error" { (failure) } }
            @if item.waiting { p class="part-why" { (t!(lang, "ledger.outlet_waiting")) } }
        }
    }
}

fn outlets(frame: &Frame, view: &LedgerView) -> Markup {
    let lang = frame.lang;
    html! {
        section aria-labelledby="outlets" {
            h2 id="outlets" { (t!(lang, "ledger.outlets")) }
            p class="lead" { (t!(lang, "ledger.outlets_lead")) }
            @if !view.outlets.iter().any(|outlet| outlet.outside) {
                @let how = html! {
                    p { (t!(lang, "ledger.outlets_none_how")) }
                    pre class="command" tabindex="0" { (COMMAND) }
                    p { (t!(lang, "ledger.outlets_none_more")) }
                };
                (alert(Tone::Warning, &t!(lang, "ledger.outlets_none"), &how))
            }
            ul class="parts" {
                @for item in &view.outlets { (outlet(frame, item)) }
            }
        }
    }
}

fn records(frame: &Frame, view: &LedgerView) -> Markup {
    let lang = frame.lang;
    let sequence = Column::text(t!(lang, "ledger.column.sequence"));
    let at = Column::text(t!(lang, "ledger.column.at"));
    let what = Column::text(t!(lang, "ledger.column.what"));
    let actor = Column::text(t!(lang, "ledger.column.actor"));
    let hash = Column::text(t!(lang, "ledger.column.hash"));
    let rows: Vec<Vec<Markup>> = view
        .records
        .iter()
        .map(|record| {
            let chosen = view.chosen == Some(record.sequence);
            let number_shown = html! {
                span id={ "record-" (record.sequence) } class=[chosen.then_some("chosen")] { (record.sequence) }
            };
            vec![
                row_header(&sequence, &number_shown),
                cell(&at, &instant_with_age(lang, record.at, frame.now)),
                cell(&what, &html! { (record.what) p class="small muted" { code { (record.kind) } } }),
                cell(&actor, &html! { (record.actor) }),
                cell(&hash, &html! { code class="digest" title=(record.hash) { (short(&record.hash)) } }),
            ]
        })
        .collect();
    html! {
        section aria-labelledby="records" {
            h2 id="records" { (t!(lang, "ledger.records")) }
            @if rows.is_empty() {
                (empty_state(&t!(lang, "ledger.records_none"), &t!(lang, "ledger.records_none_how")))
            } @else {
                (table(&t!(lang, "ledger.records"), &[sequence, at, what, actor, hash], &rows))
            }
            @if let Some(pages) = &view.pages { (pagination(lang, pages)) }
        }
    }
}

/// The page.
#[must_use]
pub fn page(frame: &Frame, view: &LedgerView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "ledger.title");
    let main = html! {
        (heading(&[], &html! { (title) }, &html! { (t!(lang, "ledger.lead")) }))
        (verification(lang, view))
        div class="split split--even" { (head(lang, view)) (outlets(frame, view)) }
        (records(frame, view))
    };
    frame_page(frame, &title, &main)
}
