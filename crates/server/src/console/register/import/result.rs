//! What a file would do, row by row, and what was done.

use maud::{Markup, html};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, number, t};

use super::super::super::components::{
    Column, Tile, Tone, alert, cell, confirmation, csrf_field, instant, row_header, table, tiles,
};
use super::super::super::fields::FieldChange;
use super::super::super::layout::{Frame, heading, page as frame_page};
use super::super::list::{LinkTo, links};
use super::mapping::{MappingView, form as mapping_form};

/// A cell at fault.
#[derive(Clone, Debug)]
pub struct FaultRow {
    /// The cell, as spreadsheets name it; none where it is the whole file.
    pub cell: Option<String>,
    /// The row, from 1.
    pub row: Option<u32>,
    /// What is wrong and what to do.
    pub said: String,
}

/// A row that adds or changes an entry.
#[derive(Clone, Debug)]
pub struct RowChange {
    /// The row of the file, from 1.
    pub row: u32,
    /// What the entry is called.
    pub title: String,
    /// Where the entry stands, where it is there already.
    pub href: Option<String>,
    /// What changes; empty for a new entry.
    pub fields: Vec<FieldChange>,
}

/// How many rows come to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// New entries.
    pub entered: usize,
    /// Changed entries.
    pub changed: usize,
    /// Rows that change nothing.
    pub unchanged: usize,
    /// Rows at fault.
    pub refused: usize,
}

/// The page of what a file would do.
#[derive(Clone, Debug)]
pub struct ResultView {
    /// Pages above.
    pub trail: Vec<(String, String)>,
    /// What is done.
    pub title: String,
    /// The file's name.
    pub name: String,
    /// The path of the file's pages.
    pub path: String,
    /// Token against forged requests.
    pub csrf: String,
    /// Rows by what they come to.
    pub outcome: Outcome,
    /// Why it was not stored, and what changed meanwhile, where that was tried.
    pub again: Option<(String, Vec<Markup>)>,
    /// The first cells at fault.
    pub faults: Vec<FaultRow>,
    /// How many there are in all.
    pub all_faults: usize,
    /// The first rows that add or change.
    pub rows: Vec<RowChange>,
    /// Headings and words; none where the file cannot be read.
    pub mapping: Option<MappingView>,
    /// Sheets of which another one can be chosen, where nothing was found in the one that was read.
    pub sheets: Vec<String>,
    /// Headings that are not taken although something stands under them.
    pub left_out: Vec<String>,
    /// Posts that a list of moves leaves without a holder.
    pub vacated: Vec<LinkTo>,
    /// Whether it can be stored.
    pub ready: bool,
    /// What is wrong with the confirmation.
    pub error: Option<String>,
}

fn counts(lang: Lang, outcome: &Outcome) -> Markup {
    let tile = |label, value: usize, note: String| Tile {
        label,
        value: number(i64::try_from(value).unwrap_or(i64::MAX)),
        unit: t!(lang, "tables.rows").into_owned(),
        note: html! { (note) },
        href: None,
    };
    let list = [
        (
            t!(lang, "tables.entered"),
            outcome.entered,
            t!(lang, "tables.entered_note"),
        ),
        (
            t!(lang, "tables.changed"),
            outcome.changed,
            t!(lang, "tables.changed_note"),
        ),
        (
            t!(lang, "tables.unchanged"),
            outcome.unchanged,
            t!(lang, "tables.unchanged_note"),
        ),
        (
            t!(lang, "tables.refused"),
            outcome.refused,
            t!(lang, "tables.refused_note"),
        ),
    ];
    let list: Vec<Tile> = list
        .into_iter()
        .map(|(label, value, note)| tile(html! { (label) }, value, note.into_owned()))
        .collect();
    html! { div class="summary summary--counts" { (tiles(&list)) } }
}

fn faults(lang: Lang, view: &ResultView) -> Markup {
    let at = Column::text(t!(lang, "tables.cell"));
    let line = Column::number(t!(lang, "tables.row"));
    let said = Column::text(t!(lang, "tables.said"));
    let whole = t!(lang, "import.whole-file");
    let row = |it: &FaultRow| {
        vec![
            row_header(&at, &html! { (it.cell.as_deref().unwrap_or(&whole)) }),
            cell(
                &line,
                &html! { @if let Some(row) = it.row { (row) } @else { "–" } },
            ),
            cell(&said, &html! { (it.said) }),
        ]
    };
    let rows: Vec<Vec<Markup>> = view.faults.iter().map(row).collect();
    html! {
        @if !rows.is_empty() {
            section aria-labelledby="faults" {
                h2 id="faults" { (t!(lang, "tables.faults")) }
                (alert(Tone::Error, &t!(lang, "tables.nothing_done"), &html! { p { (t!(lang, "tables.nothing_done_how")) } }))
                (table(&t!(lang, "tables.faults"), &[at.clone(), line.clone(), said.clone()], &rows))
                @if view.all_faults > rows.len() { p { (t!(lang, "tables.more", n = view.all_faults - rows.len())) } }
                p { a class="button button--secondary" href={ (view.path) "/faults" } { (t!(lang, "tables.faults_file")) } }
            }
        }
    }
}

fn change(lang: Lang, it: &RowChange) -> Markup {
    let nothing = html! { span class="muted" { (t!(lang, "register.nothing")) } };
    html! {
        @if it.href.is_none() { span class="badge badge--met" { (t!(lang, "tables.is_new")) } }
        @if !it.fields.is_empty() {
            dl class="diff" {
                @for field in &it.fields {
                    div {
                        dt { (field.label) }
                        dd {
                            del class="before" { (field.before.as_ref().unwrap_or(&nothing)) }
                            span class="arrow" aria-hidden="true" { "→" } " "
                            ins class="after" { (field.after.as_ref().unwrap_or(&nothing)) }
                        }
                    }
                }
            }
        }
    }
}

fn changes(lang: Lang, view: &ResultView) -> Markup {
    let line = Column::number(t!(lang, "tables.row"));
    let entry = Column::text(t!(lang, "tables.entry"));
    let what = Column::text(t!(lang, "tables.what_changes"));
    let row = |it: &RowChange| {
        let name = html! {
            @if let Some(href) = &it.href { a href=(href) { (it.title) } } @else { (it.title) }
        };
        vec![
            cell(&line, &html! { (it.row) }),
            row_header(&entry, &name),
            cell(&what, &change(lang, it)),
        ]
    };
    let rows: Vec<Vec<Markup>> = view.rows.iter().map(row).collect();
    let all = view.outcome.entered + view.outcome.changed;
    html! {
        @if !rows.is_empty() {
            section aria-labelledby="rows" {
                h2 id="rows" { (t!(lang, "tables.rows_to_store")) }
                (table(&t!(lang, "tables.rows_to_store"), &[line.clone(), entry.clone(), what.clone()], &rows))
                @if all > rows.len() { p { (t!(lang, "tables.more", n = all - rows.len())) } }
                p { a class="button button--secondary" href={ (view.path) "/rows" } { (t!(lang, "tables.rows_file")) } }
            }
        }
    }
}

fn again(lang: Lang, view: &ResultView) -> Markup {
    html! {
        @if let Some((said, list)) = &view.again {
            (alert(Tone::Error, &t!(lang, "tables.again"), &html! {
                p { (said) }
                @if !list.is_empty() {
                    p { (t!(lang, "tables.overtaken")) }
                    ul { @for it in list { li { (it) } } }
                }
                p { (t!(lang, "tables.again_how")) }
            }))
        }
    }
}

fn decide(lang: Lang, view: &ResultView) -> Markup {
    let all = view.outcome.entered + view.outcome.changed;
    html! {
        section class="import-decide" aria-labelledby="decide" {
            h2 id="decide" { (t!(lang, "tables.decide")) }
            @if view.ready {
                form method="post" action={ (view.path) "/confirm" } class="form" {
                    (csrf_field(&view.csrf))
                    (confirmation(lang, "confirmed", &t!(lang, "tables.confirmed", n = all), view.error.as_deref()))
                    div class="form-end" { button class="button" type="submit" { (t!(lang, "tables.store")) } }
                }
            } @else if view.faults.is_empty() {
                p { (t!(lang, "import.nothing-to-do")) }
            } @else {
                p { (t!(lang, "import.nothing-refused")) }
            }
            form method="post" action={ (view.path) "/discard" } {
                (csrf_field(&view.csrf))
                button class="button button--quiet" type="submit" { (t!(lang, "tables.discard")) }
            }
        }
    }
}

/// Posts without a holder, and headings left out, that are named at most.
const NAMED_MAX: usize = 50;

fn vacated(lang: Lang, view: &ResultView) -> Markup {
    let posts = &view.vacated;
    html! {
        @if !posts.is_empty() {
            (alert(Tone::Warning, &t!(lang, "tables.vacated", n = posts.len()), &html! {
                p { (t!(lang, "tables.vacated_how")) }
                ul { @for it in posts.iter().take(NAMED_MAX) { li { a href=(it.href) { (it.label) } } } }
                @if posts.len() > NAMED_MAX { p { (t!(lang, "tables.more", n = posts.len() - NAMED_MAX)) } }
            }))
        }
    }
}

/// What the file says and nobody will find in the register afterwards.
fn left_out(lang: Lang, view: &ResultView) -> Markup {
    let headings = &view.left_out;
    html! {
        @if !headings.is_empty() {
            (alert(Tone::Warning, &t!(lang, "tables.left_out", n = headings.len()), &html! {
                p { (t!(lang, "tables.left_out_how")) }
                ul { @for it in headings.iter().take(NAMED_MAX) { li { (it) } } }
                @if headings.len() > NAMED_MAX { p { (t!(lang, "tables.more", n = headings.len() - NAMED_MAX)) } }
            }))
        }
    }
}

/// Another sheet, where nothing was found in the one that was read.
fn other_sheet(lang: Lang, view: &ResultView) -> Markup {
    html! {
        @if view.sheets.len() > 1 {
            section aria-labelledby="other-sheet" {
                h2 id="other-sheet" { (t!(lang, "tables.other_sheet")) }
                form method="post" action={ (view.path) "/mapping" } class="form" {
                    (csrf_field(&view.csrf))
                    div class="field" {
                        label for="sheet" { (t!(lang, "tables.sheet")) }
                        select id="sheet" name="sheet" {
                            @for name in &view.sheets { option value=(name) { (name) } }
                        }
                    }
                    div class="form-end" {
                        button class="button button--secondary" type="submit" { (t!(lang, "tables.look_again")) }
                    }
                }
            }
        }
    }
}

/// The page of what a file would do.
#[must_use]
pub fn page(frame: &Frame, view: &ResultView) -> Markup {
    let lang = frame.lang;
    let main = html! {
        (heading(&view.trail, &html! { (view.title) }, &html! { (view.name) }))
        (again(lang, view))
        @if view.mapping.is_some() { (counts(lang, &view.outcome)) }
        (left_out(lang, view))
        (vacated(lang, view))
        (faults(lang, view))
        (other_sheet(lang, view))
        @if let Some(mapping) = &view.mapping { (mapping_form(lang, mapping)) }
        (changes(lang, view))
        (decide(lang, view))
    };
    frame_page(frame, &view.title, &main)
}

/// The page of what was done.
#[derive(Clone, Debug)]
pub struct DoneView {
    /// Pages above.
    pub trail: Vec<(String, String)>,
    /// What was done.
    pub title: String,
    /// The file's name.
    pub name: String,
    /// Rows by what they came to.
    pub outcome: Outcome,
    /// The number of the record.
    pub record: u64,
    /// Whether the reader may look at the ledger.
    pub linked: bool,
    /// When it was recorded.
    pub at: Timestamp,
    /// Where to go from here.
    pub links: Vec<LinkTo>,
}

/// The page of what was done.
#[must_use]
pub fn done_page(frame: &Frame, view: &DoneView) -> Markup {
    let lang = frame.lang;
    let record = t!(lang, "register.record", n = view.record);
    let said = html! {
        p {
            (t!(lang, "tables.stored_at")) " " (instant(lang, view.at)) " "
            @if view.linked {
                a href={ "/ledger?record=" (view.record) "#record-" (view.record) } { (record) }
            } @else { (record) }
        }
    };
    let main = html! {
        (heading(&view.trail, &html! { (view.title) }, &html! { (view.name) }))
        (alert(Tone::Success, &t!(lang, "import.carried-out"), &said))
        (counts(lang, &view.outcome))
        (links(&view.links))
    };
    frame_page(frame, &view.title, &main)
}
