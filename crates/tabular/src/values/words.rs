//! The words that a table uses where a field takes yes or no, or one of several choices.

use std::collections::BTreeMap;

use sekisho_domain::field::FieldKind;
use sekisho_domain::fold;
use sekisho_domain::mapping::Mapping;

use super::read::{DITTO, choice, flag, pick};
use super::several;
use crate::cell::Cell;
use crate::layout::{Column, Layout};
use crate::table::Table;

/// Most words that are told of one field.
const WORDS_MAX: usize = 30;
/// Longest word that is told, in characters; what is longer is no word for a choice.
const WORD_MAX: usize = 20;

/// A word and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meant {
    /// The word, as the table first has it.
    pub word: String,
    /// The choice's code, or `yes` and `no`; none where the word is not understood.
    pub meaning: Option<String>,
}

/// The words of each field that takes yes or no or a choice, by the field's code, in the order in
/// which the table has them.
#[must_use]
pub fn words(table: &Table, layout: &Layout, mapping: &Mapping) -> BTreeMap<String, Vec<Meant>> {
    let mut found = BTreeMap::new();
    for picked in pick(table, layout, mapping) {
        if !matches!(picked.column.kind, FieldKind::Flag | FieldKind::Choice(_)) {
            continue;
        }
        let cells = table
            .rows
            .iter()
            .filter_map(|row| row.cells.get(picked.heading));
        let list = of_column(cells, picked.column, mapping);
        if !list.is_empty() {
            found.insert(picked.column.code.clone(), list);
        }
    }
    found
}

fn of_column<'a>(
    cells: impl Iterator<Item = &'a Cell>,
    column: &Column,
    mapping: &Mapping,
) -> Vec<Meant> {
    let mut list: Vec<Meant> = Vec::new();
    let mut folded: Vec<String> = Vec::new();
    for cell in cells {
        let Cell::Text(text) = cell else { continue };
        let texts = if column.many {
            several::split(text)
        } else {
            vec![text.trim().to_owned()]
        };
        for text in texts {
            let ditto = DITTO.contains(&text.as_str());
            let long = text.chars().count() > WORD_MAX;
            if text.is_empty() || ditto || long || list.len() >= WORDS_MAX {
                continue;
            }
            let key = fold::search(&text);
            if folded.contains(&key) {
                continue;
            }
            folded.push(key);
            let meaning = meaning(&text, column, mapping);
            list.push(Meant {
                word: text,
                meaning,
            });
        }
    }
    list
}

fn meaning(text: &str, column: &Column, mapping: &Mapping) -> Option<String> {
    match column.kind {
        FieldKind::Choice(codes) => choice(mapping, text, column, codes).map(str::to_owned),
        _ => {
            let said = flag(mapping, &Cell::text(text), column)?;
            Some(if said { "yes" } else { "no" }.to_owned())
        }
    }
}
