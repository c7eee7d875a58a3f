//! The mapping as a form: which field each heading means, and what words mean.

use std::collections::BTreeSet;

use sekisho_domain::field::FieldKind;
use sekisho_domain::fold;
use sekisho_domain::mapping::Mapping;
use sekisho_messages::{Lang, t};
use sekisho_tabular::layout::{Column, Layout};
use sekisho_tabular::place::letters;

use super::super::super::super::form::Form;
use crate::console::register::import::{HeadingRow, MappingView, WordRow};
use crate::tables::{Prepared, layout};

/// Most words that the form asks about, over all fields.
const WORDS_MAX: usize = 120;

/// The mapping that a form says, for the file that was looked through.
pub(super) fn entered(prepared: &Prepared, form: &Form) -> Mapping {
    let mut mapping = Mapping {
        sheet: prepared.mapping.sheet.clone(),
        heading: prepared.mapping.heading,
        ..Mapping::default()
    };
    let sheet = form.get("sheet");
    if sheet != prepared.sheet && prepared.sheets.iter().any(|it| it == sheet) {
        // Another sheet has other headings.
        mapping.sheet = Some(sheet.to_owned());
        mapping.heading = None;
        return mapping;
    }
    if let Ok(row) = form.get("heading").trim().parse::<u32>()
        && row >= 1
    {
        // Other headings: what is said of those that were found says nothing of them.
        mapping.sheet = Some(prepared.sheet.clone()).filter(|name| !name.is_empty());
        mapping.heading = Some(row);
        return mapping;
    }
    let columns = layout(prepared.of, Lang::Ja);
    for (index, heading) in prepared.headings.iter().enumerate() {
        let field = form.get(&format!("h-{index}"));
        if columns.column(field).is_some() {
            mapping.set_column(&heading.text, field);
        }
    }
    for (name, meaning) in form.pairs() {
        let word = name
            .strip_prefix("w-")
            .and_then(|rest| rest.split_once('-'));
        let Some((field, word)) = word else { continue };
        let known = columns.column(field);
        if known.is_some_and(|column| meanings(column).any(|code| code == meaning)) {
            mapping.set_word(field, word, meaning);
        }
    }
    mapping
}

/// A mapping that says no more than which sheet is read, where nothing was found in the one before.
pub(super) fn of_sheet(sheets: &[String], form: &Form) -> Mapping {
    let chosen = sheets.iter().find(|it| *it == form.get("sheet"));
    Mapping {
        sheet: chosen.cloned(),
        ..Mapping::default()
    }
}

/// What a word in a column can mean.
fn meanings(column: &Column) -> impl Iterator<Item = &str> {
    let codes = match column.kind {
        FieldKind::Flag => &["yes", "no"][..],
        FieldKind::Choice(codes) => codes,
        _ => &[],
    };
    codes.iter().copied()
}

/// The form for a file that was looked through.
pub(super) fn view(lang: Lang, prepared: &Prepared, action: String, csrf: String) -> MappingView {
    let columns = layout(prepared.of, lang);
    let mut words = words(prepared, &columns);
    words.truncate(WORDS_MAX);
    let unknown = words.iter().any(|word| word.chosen.is_empty());
    let missing = prepared.faults.iter().any(|fault| fault.place.is_none());
    MappingView {
        action,
        csrf,
        sheet: prepared.sheet.clone(),
        sheets: prepared.sheets.clone(),
        heading: prepared.heading,
        headings: headings(prepared, &columns),
        fields: columns
            .columns
            .iter()
            .map(|column| {
                let required = if column.required {
                    format!("{} {}", column.label, t!(lang, "tables.required_mark"))
                } else {
                    column.label.clone()
                };
                (column.code.clone(), required)
            })
            .collect(),
        words,
        profile: String::new(),
        profile_error: None,
        open: unknown || missing,
    }
}

fn headings(prepared: &Prepared, columns: &Layout) -> Vec<HeadingRow> {
    let mut taken = BTreeSet::new();
    let list = prepared.headings.iter().enumerate();
    list.map(|(index, heading)| {
        let field = prepared.mapping.field(&heading.text);
        // Of headings that mean the same field the first counts.
        let field = field.filter(|code| columns.column(code).is_some() && taken.insert(*code));
        HeadingRow {
            index,
            letters: letters(heading.column),
            text: heading.text.replace('\n', " "),
            sample: prepared.samples.get(index).cloned().unwrap_or_default(),
            chosen: field.unwrap_or_default().to_owned(),
        }
    })
    .collect()
}

fn words(prepared: &Prepared, columns: &Layout) -> Vec<WordRow> {
    let mut list = Vec::new();
    for column in &columns.columns {
        let found = prepared.words.get(&column.code).into_iter().flatten();
        list.extend(found.map(|it| {
            WordRow {
                name: format!("w-{}-{}", column.code, fold::search(&it.word)),
                field: column.label.clone(),
                word: it.word.clone(),
                choices: meanings(column)
                    .map(|code| {
                        let word = column.words.iter().find(|word| word.code == code);
                        let label = word.map_or(code, |word| word.label.as_str());
                        (code.to_owned(), label.to_owned())
                    })
                    .collect(),
                chosen: it.meaning.clone().unwrap_or_default(),
            }
        }));
    }
    // What is not understood comes first.
    list.sort_by_key(|row| !row.chosen.is_empty());
    list
}
