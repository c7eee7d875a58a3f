//! Permits in lists.

use maud::{Markup, html};
use sekisho_domain::grade::Grade;
use sekisho_domain::permit::{PermitKind, Status, Term};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t};

use super::super::components::{Column, age, cell, row_header, table};
use super::super::fields::grade_badge;
use super::words::{kind_name, status_badge, term_words};

/// One permit of a list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its page.
    pub href: String,
    /// Of which kind.
    pub kind: PermitKind,
    /// Its number, once it was given.
    pub number: Option<String>,
    /// Who holds it.
    pub applicant: String,
    /// The applicant's unit.
    pub unit: String,
    /// What it is about: a device, a task, a system.
    pub about: Option<String>,
    /// The grade that counts.
    pub grade: Option<Grade>,
    /// From when to when it holds, or is wanted.
    pub term: Term,
    /// Where it stands.
    pub status: Status,
    /// Whether something owed is overdue.
    pub overdue: bool,
    /// Whether a later end is asked for.
    pub asks_later_end: bool,
    /// When it was applied for.
    pub applied_at: Timestamp,
}

/// The boxes to tick before the rows of a list.
#[derive(Clone, Debug)]
pub struct Ticks {
    /// The value of each row's box; none where it cannot be ticked.
    pub values: Vec<Option<String>>,
    /// What each row's officer should know: posture, what is owed.
    pub notes: Vec<Markup>,
}

fn named(lang: Lang, row: &Row) -> Markup {
    html! {
        a href=(row.href) { (kind_name(lang, row.kind)) @if let Some(number) = &row.number { " " (number) } }
        @if let Some(about) = &row.about { span class="todo" { (about) } }
    }
}

fn stands(lang: Lang, row: &Row) -> Markup {
    html! {
        (status_badge(lang, row.status))
        @if row.asks_later_end { " " span class="state state--wait" { (t!(lang, "permits.later_end_asked")) } }
        @if row.overdue { " " span class="state state--bad" { (t!(lang, "permits.overdue")) } }
    }
}

fn grade(lang: Lang, row: &Row) -> Markup {
    html! {
        @if let Some(grade) = row.grade { (grade_badge(lang, grade)) }
        @else { span class="muted" { "–" } }
    }
}

fn person(row: &Row) -> Markup {
    html! { span class="nowrap" { (row.applicant) } span class="todo" { (row.unit) } }
}

/// A table of permits; with whose they are where that is not plain.
#[must_use]
pub fn rows(lang: Lang, caption: &str, list: &[Row], now: Timestamp, whose: bool) -> Markup {
    let columns = columns(lang, whose);
    let cells: Vec<Vec<Markup>> = list
        .iter()
        .map(|row| cells(lang, &columns, row, now, whose))
        .collect();
    html! { div class="permit-list" { (table(caption, &columns, &cells)) } }
}

fn columns(lang: Lang, whose: bool) -> Vec<Column> {
    let mut list = vec![Column::text(t!(lang, "permits.permit"))];
    if whose {
        list.push(Column::text(t!(lang, "permits.applicant")));
    }
    list.extend([
        Column::text(t!(lang, "permits.term")),
        Column::text(t!(lang, "permits.grade")),
        Column::text(t!(lang, "permits.state")),
        Column::text(t!(lang, "permits.applied")),
    ]);
    list
}

fn cells(lang: Lang, columns: &[Column], row: &Row, now: Timestamp, whose: bool) -> Vec<Markup> {
    let mut values = vec![];
    if whose {
        values.push(person(row));
    }
    values.extend([
        term_words(lang, row.term),
        grade(lang, row),
        stands(lang, row),
        age(lang, row.applied_at, now),
    ]);
    let head = row_header(&columns[0], &named(lang, row));
    let rest = columns[1..].iter().zip(&values);
    std::iter::once(head)
        .chain(rest.map(|(column, value)| cell(column, value)))
        .collect()
}

/// A table of what waits, with a box to tick before each and what should be known beside it.
#[must_use]
pub fn tick_rows(lang: Lang, caption: &str, list: &[Row], ticks: &Ticks, now: Timestamp) -> Markup {
    let chosen = Column::text(t!(lang, "permits.choose"));
    let known = Column::text(t!(lang, "permits.to_know"));
    let own = columns(lang, true);
    let mut all = vec![chosen.clone()];
    all.extend(own.iter().cloned());
    all.push(known.clone());
    let tick = |row: &Row, value: &Option<String>| {
        let label = t!(
            lang,
            "permits.choose_this",
            kind = kind_name(lang, row.kind),
            person = row.applicant.as_str()
        );
        html! {
            @if let Some(value) = value {
                input type="checkbox" name="permit" value=(value) aria-label=(label);
            }
        }
    };
    let rows: Vec<Vec<Markup>> = list
        .iter()
        .enumerate()
        .map(|(index, row)| {
            let value = ticks.values.get(index).cloned().flatten();
            let mut line = vec![cell(&chosen, &tick(row, &value))];
            line.extend(cells(lang, &own, row, now, true));
            let note = ticks.notes.get(index).cloned().unwrap_or_else(|| html! {});
            line.push(cell(&known, &note));
            line
        })
        .collect();
    html! { div class="permit-list permit-list--ticks" { (table(caption, &all, &rows)) } }
}
