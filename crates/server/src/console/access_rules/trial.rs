//! What rules would have changed, and setting them.

use maud::{Markup, html};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t, text};

use super::super::components::{
    Column, Field, Input, Tone, alert, cell, csrf_field, error_summary, field, instant, row_header,
    submit, table,
};
use super::super::layout::{Frame, heading, page as frame_page};
use super::{DiffLine, PATH, difference};

/// A trial under way.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    /// Days that are looked at.
    pub days: u32,
    /// Rows done.
    pub done: u64,
    /// Of how many; 0 while that is not known.
    pub of: u64,
}

/// How many answers, of what.
pub type Count = (String, u64);

/// An answer that would have been another one.
#[derive(Clone, Debug)]
pub struct ExampleLine {
    /// When.
    pub at: Timestamp,
    /// Who, where people are named.
    pub person: Option<String>,
    /// The system or line.
    pub resource: String,
    /// The unit.
    pub unit: String,
    /// From where.
    pub place: String,
    /// The rules.
    pub rules: Vec<String>,
}

/// Answers that would have been other ones, one way.
#[derive(Clone, Debug, Default)]
pub struct SideView {
    /// How many.
    pub answers: u64,
    /// To how many people.
    pub people: u64,
    /// By rule.
    pub rules: Vec<Count>,
    /// By system or line.
    pub resources: Vec<Count>,
    /// By unit.
    pub units: Vec<Count>,
    /// By person, where people are named.
    pub named: Vec<Count>,
    /// Some of them.
    pub examples: Vec<ExampleLine>,
}

/// The view-model of a trial that is done.
#[derive(Clone, Debug)]
pub struct TrialView {
    /// Token against forged requests.
    pub csrf: String,
    /// Where it stands.
    pub path: String,
    /// From when on answers were looked at.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// How many.
    pub answers: u64,
    /// How many were put to the rules.
    pub replayed: u64,
    /// How many have no facts.
    pub without_facts: u64,
    /// How many were not evaluated then.
    pub failed: u64,
    /// Rows that were not looked at.
    pub beyond: u64,
    /// Allowed then, refused by these.
    pub refused: SideView,
    /// Refused then, allowed by these.
    pub allowed: SideView,
    /// What changes against the rules in force.
    pub diff: Vec<DiffLine>,
    /// Whether all rules are taken back.
    pub withdraws: bool,
    /// Whether the reader may have people named.
    pub may_name: bool,
    /// The purpose as entered, and what is wrong with it.
    pub purpose: (String, Option<String>),
    /// The note as entered, and what is wrong with it.
    pub note: (String, Option<String>),
}

fn trail(lang: Lang) -> [(String, String); 1] {
    [(t!(lang, "own-rules.title").into_owned(), PATH.to_owned())]
}

/// The page while the answers are looked through.
#[must_use]
pub fn waiting_page(frame: &Frame, view: Waiting) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "own-rules.trial");
    let lead = t!(lang, "own-rules.trial-running", days = view.days);
    let main = html! {
        (heading(&trail(lang), &html! { (title) }, &html! { (lead) }))
        @if view.of > 0 {
            p { (t!(lang, "own-rules.trial-progress", done = view.done, of = view.of)) }
            progress max=(view.of) value=(view.done) {}
        }
    };
    frame_page(frame, &title, &main)
}

fn counts(lang: Lang, caption: &str, lines: &[Count]) -> Markup {
    let what = Column::text(t!(lang, "own-rules.what"));
    let answers = Column::number(t!(lang, "own-rules.answers"));
    let rows: Vec<Vec<Markup>> = lines
        .iter()
        .map(|(name, n)| {
            let n = sekisho_messages::number(i64::try_from(*n).unwrap_or(i64::MAX));
            vec![
                row_header(&what, &html! { (name) }),
                cell(&answers, &html! { (n) }),
            ]
        })
        .collect();
    html! {
        @if !rows.is_empty() { h3 { (caption) } (table(caption, &[what, answers], &rows)) }
    }
}

fn examples(lang: Lang, list: &[ExampleLine]) -> Markup {
    let named = list.iter().any(|it| it.person.is_some());
    let mut columns = vec![
        Column::text(t!(lang, "own-rules.when")),
        Column::text(t!(lang, "own-rules.what")),
        Column::text(t!(lang, "own-rules.by-unit")),
        Column::text(t!(lang, "own-rules.place-of")),
        Column::text(t!(lang, "own-rules.rule")),
    ];
    if named {
        columns.push(Column::text(t!(lang, "own-rules.who")));
    }
    let row = |it: &ExampleLine| {
        let mut cells = vec![
            row_header(&columns[0], &html! { (instant(lang, it.at)) }),
            cell(&columns[1], &html! { (it.resource) }),
            cell(&columns[2], &html! { (it.unit) }),
            cell(&columns[3], &html! { (it.place) }),
            cell(&columns[4], &html! { code { (it.rules.join(", ")) } }),
        ];
        if named {
            let person = it.person.as_deref().unwrap_or_default();
            cells.push(cell(&columns[5], &html! { (person) }));
        }
        cells
    };
    let rows: Vec<Vec<Markup>> = list.iter().map(row).collect();
    let caption = t!(lang, "own-rules.examples");
    html! {
        @if !rows.is_empty() { h3 { (caption) } (table(&caption, &columns, &rows)) }
    }
}

fn side(lang: Lang, key: &'static str, it: &SideView) -> Markup {
    let (answers, people) = (it.answers, it.people);
    html! {
        @if answers > 0 {
            section {
                h2 { (text(lang, key, &[])) }
                p { (t!(lang, "own-rules.trial-counts", answers = answers, people = people)) }
                (counts(lang, &t!(lang, "own-rules.by-rule"), &it.rules))
                (counts(lang, &t!(lang, "own-rules.by-resource"), &it.resources))
                (counts(lang, &t!(lang, "own-rules.by-unit"), &it.units))
                (counts(lang, &t!(lang, "own-rules.by-person"), &it.named))
                (examples(lang, &it.examples))
            }
        }
    }
}

/// What the figures rest on, and what they leave out.
fn basis(lang: Lang, view: &TrialView) -> Markup {
    let (answers, replayed) = (view.answers, view.replayed);
    let left_out = view.without_facts + view.failed + view.beyond > 0;
    html! {
        p { (t!(lang, "own-rules.trial-replayed", answers = answers, replayed = replayed)) }
        @if left_out {
            ul {
                @if view.without_facts > 0 { li { (t!(lang, "own-rules.trial-without", n = view.without_facts)) } }
                @if view.failed > 0 { li { (t!(lang, "own-rules.trial-unevaluated", n = view.failed)) } }
                @if view.beyond > 0 { li { (t!(lang, "own-rules.trial-beyond", n = view.beyond)) } }
            }
        }
    }
}

fn confirm(lang: Lang, view: &TrialView) -> Markup {
    let (note, error) = &view.note;
    let (title, button) = if view.withdraws {
        ("own-rules.withdraw", "own-rules.do-withdraw")
    } else {
        ("own-rules.confirm", "own-rules.do")
    };
    let errors: Vec<(&str, &str)> = error.iter().map(|it| ("note", it.as_str())).collect();
    html! {
        section {
            h2 { (text(lang, title, &[])) }
            (error_summary(lang, &errors))
            form method="post" action=(view.path) class="form" {
                (csrf_field(&view.csrf))
                (field(lang, &Field {
                    name: "note",
                    label: t!(lang, "own-rules.note"),
                    support: Some(t!(lang, "own-rules.note-support")),
                    required: true,
                    input: Input::Text,
                    value: note,
                    error: error.as_deref(),
                    autocomplete: "off",
                    lang: None,
                }))
                (submit(&text(lang, button, &[])))
            }
        }
    }
}

fn naming(lang: Lang, view: &TrialView) -> Markup {
    let (purpose, error) = &view.purpose;
    html! {
        form method="post" action={ (view.path) "/people" } class="form" {
            (csrf_field(&view.csrf))
            (field(lang, &Field {
                name: "purpose",
                label: t!(lang, "own-rules.purpose"),
                support: Some(t!(lang, "own-rules.purpose-support")),
                required: true,
                input: Input::Text,
                value: purpose,
                error: error.as_deref(),
                autocomplete: "off",
                lang: None,
            }))
            (submit(&t!(lang, "own-rules.by-person")))
        }
    }
}

/// The page of a trial that is done.
#[must_use]
pub fn trial_page(frame: &Frame, view: &TrialView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "own-rules.trial");
    let nothing = view.refused.answers + view.allowed.answers == 0;
    let lead = html! {
        (t!(lang, "own-rules.trial-lead",
            from = sekisho_messages::date(lang, view.from), until = sekisho_messages::date(lang, view.until)))
    };
    let main = html! {
        (heading(&trail(lang), &html! { (title) }, &lead))
        (basis(lang, view))
        @if nothing { (alert(Tone::Info, &t!(lang, "own-rules.trial-nothing"), &html! {})) }
        (side(lang, "own-rules.trial-refused", &view.refused))
        (side(lang, "own-rules.trial-allowed", &view.allowed))
        @if view.may_name && !nothing { (naming(lang, view)) }
        section { h2 { (t!(lang, "own-rules.diff-present")) } (difference(lang, &view.diff)) }
        (confirm(lang, view))
        p { a href=(PATH) { (t!(lang, "own-rules.back")) } }
    };
    frame_page(frame, &title, &main)
}
