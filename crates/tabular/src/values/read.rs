//! Cells to values.

use std::collections::BTreeMap;

use sekisho_domain::field::{FieldKind, Value, Values};
use sekisho_domain::grade::{Availability, Confidentiality, Grade, Integrity};
use sekisho_domain::mapping::Mapping;
use sekisho_domain::time::{TimeError, parse_date};
use sekisho_domain::{fold, time};

use super::{References, several};
use crate::cell::{Cell, serial_day};
use crate::fault::Fault;
use crate::layout::{Column, ID, Layout};
use crate::place::Place;
use crate::table::{Row, Table};

/// Marks that stand for what the cell above holds.
pub(super) const DITTO: [&str; 4] = ["〃", "″", "同上", "仝"];
/// Words and signs for yes.
const YES: &[&str] = &[
    "yes", "y", "true", "1", "on", "○", "◯", "〇", "●", "◎", "✓", "✔", "☑", "レ", "有", "有り",
    "あり", "はい", "済", "済み", "要", "可", "該当",
];
/// Words and signs for no.
const NO: &[&str] = &[
    "no",
    "n",
    "false",
    "0",
    "off",
    "×",
    "✕",
    "✖",
    "✗",
    "x",
    "☐",
    "無",
    "無し",
    "なし",
    "いいえ",
    "未",
    "否",
    "不要",
    "不可",
    "非該当",
    "-",
    "ー",
];

/// What was read of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The row in the sheet, from 0.
    pub row: u32,
    /// The id that the row carries.
    pub id: Option<String>,
    /// The values of its fields; the unit under [`UNIT`](crate::layout::UNIT).
    pub values: Values,
}

/// Where the fields of a table stand: a column of the layout, and the index of its heading.
pub(super) struct Picked<'a> {
    pub(super) column: &'a Column,
    pub(super) heading: usize,
}

/// Reads the rows of a table by a mapping. A row with a fault is not among the readings; every cell at
/// fault is named.
///
/// # Errors
/// `file.column-missing` for required fields that no heading stands for.
pub fn read(
    table: &Table,
    layout: &Layout,
    mapping: &Mapping,
    references: &dyn References,
) -> Result<(Vec<Reading>, Vec<Fault>), Vec<Fault>> {
    let picked = pick(table, layout, mapping);
    let missing: Vec<Fault> = layout
        .columns
        .iter()
        .filter(|column| column.required)
        .filter(|column| !picked.iter().any(|it| it.column.code == column.code))
        .map(|column| Fault::file("file.column-missing").with("field", column.label.as_str()))
        .collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    let reader = Reader {
        mapping,
        references,
    };
    let mut readings = Vec::with_capacity(table.rows.len());
    let mut faults = Vec::new();
    let mut above: Vec<Cell> = vec![Cell::Empty; picked.len()];
    for row in &table.rows {
        let before = faults.len();
        let reading = reader.row(table, row, &picked, &mut above, &mut faults);
        if faults.len() == before {
            readings.push(reading);
        }
    }
    Ok((readings, faults))
}

pub(super) fn pick<'a>(table: &Table, layout: &'a Layout, mapping: &Mapping) -> Vec<Picked<'a>> {
    let mut taken = BTreeMap::new();
    let mut picked = Vec::new();
    for (heading, found) in table.headings.iter().enumerate() {
        let column = mapping
            .field(&found.text)
            .and_then(|code| layout.column(code));
        if let Some(column) = column
            && taken.insert(column.code.as_str(), ()).is_none()
        {
            picked.push(Picked { column, heading });
        }
    }
    picked
}

struct Reader<'a> {
    mapping: &'a Mapping,
    references: &'a dyn References,
}

impl Reader<'_> {
    fn row(
        &self,
        table: &Table,
        row: &Row,
        picked: &[Picked<'_>],
        above: &mut [Cell],
        faults: &mut Vec<Fault>,
    ) -> Reading {
        let mut reading = Reading {
            row: row.row,
            id: None,
            values: Values::new(),
        };
        // Rows that carry an id were written here, and mean what they say.
        let own = picked.iter().any(|it| {
            it.column.code == ID
                && row
                    .cells
                    .get(it.heading)
                    .is_some_and(|cell| !cell.is_blank())
        });
        for (index, it) in picked.iter().enumerate() {
            let place = table.place(row, it.heading);
            let cell = row.cells.get(it.heading).unwrap_or(&Cell::Empty);
            let cell = match cell {
                Cell::Text(text) if !own && DITTO.contains(&text.trim()) => {
                    if above[index] == Cell::Empty {
                        faults.push(Fault::cell(place, "cell.ditto-without-above"));
                        continue;
                    }
                    above[index].clone()
                }
                other => other.clone(),
            };
            above[index] = cell.clone();
            match self.cell(&cell, it.column, place) {
                Ok(Value::Empty) => {}
                Ok(Value::Text(id)) if it.column.code == ID => reading.id = Some(id),
                Ok(value) => {
                    reading.values.insert(it.column.code.clone(), value);
                }
                Err(fault) => faults.push(fault),
            }
        }
        reading
    }

    fn cell(&self, cell: &Cell, column: &Column, place: Place) -> Result<Value, Fault> {
        if let Cell::Broken(shown) = cell {
            return Err(Fault::cell(place, "cell.broken-formula").with("value", shown.as_str()));
        }
        if cell.is_blank() {
            return if column.required && column.kind != FieldKind::Flag {
                Err(Fault::cell(place, "cell.missing").with("field", column.label.as_str()))
            } else {
                Ok(Value::Empty)
            };
        }
        if column.code == ID {
            return Ok(Value::Text(cell.shown().trim().to_owned()));
        }
        if column.many {
            let texts = several::split(&cell.shown());
            let mut values = Vec::with_capacity(texts.len());
            for text in texts {
                match self.one(&Cell::Text(text), column, place)? {
                    Value::Text(value) => values.push(value),
                    _ => return Err(Fault::cell(place, "cell.form")),
                }
            }
            return Ok(Value::Many(values));
        }
        self.one(cell, column, place)
    }

    fn one(&self, cell: &Cell, column: &Column, place: Place) -> Result<Value, Fault> {
        let shown = cell.shown();
        let text = shown.trim();
        let fault = |code: &'static str| {
            Err(Fault::cell(place, code)
                .with("value", text)
                .with("field", column.label.as_str()))
        };
        match column.kind {
            // Lines broken for the width of a cell are one line.
            FieldKind::Line | FieldKind::Restriction => Ok(Value::Text(
                text.split(['\r', '\n'])
                    .map(str::trim)
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join(" "),
            )),
            FieldKind::Flag => match flag(self.mapping, cell, column) {
                Some(flag) => Ok(Value::Flag(flag)),
                None => fault("cell.not-yes-or-no"),
            },
            FieldKind::Number => match number(cell, text) {
                Some(number) => Ok(Value::Number(number)),
                None => fault("cell.not-a-number"),
            },
            FieldKind::Date => match date(cell, text) {
                Ok(day) => Ok(Value::Text(day.to_string())),
                Err(TimeError::NoSuchDay) => fault("cell.no-such-day"),
                Err(_) => fault("cell.not-a-date"),
            },
            FieldKind::Grade => match grade(text) {
                Some(grade) => Ok(Value::Text(grade.to_string())),
                None => fault("cell.not-a-grade"),
            },
            FieldKind::Choice(codes) => match choice(self.mapping, text, column, codes) {
                Some(code) => Ok(Value::Text(code.to_owned())),
                None => fault("cell.unknown-choice"),
            },
            FieldKind::Reference(prefix) => match self.references.find(prefix, text) {
                Ok(id) => Ok(Value::Text(id)),
                Err(super::Lost::Unknown) => fault("cell.unknown-reference"),
                Err(super::Lost::Several) => fault("cell.ambiguous-reference"),
            },
        }
    }
}

/// Whether a cell says yes or no; none where it says neither.
pub(super) fn flag(mapping: &Mapping, cell: &Cell, column: &Column) -> Option<bool> {
    if let Cell::Flag(flag) = cell {
        return Some(*flag);
    }
    let shown = cell.shown();
    let text = shown.trim();
    let folded = fold::search(text);
    let meant = mapping.word(&column.code, text).unwrap_or(&folded);
    let is = |words: &[&str]| words.iter().any(|word| fold::search(word) == *meant);
    let label = |code: &str| {
        let mut words = column.words.iter().filter(|word| word.code == code);
        words.any(|word| fold::search(&word.label) == *meant)
    };
    match (label("yes") || is(YES), label("no") || is(NO)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// The code of the choice that a text means.
pub(super) fn choice<'a>(
    mapping: &Mapping,
    text: &str,
    column: &'a Column,
    codes: &'a [&str],
) -> Option<&'a str> {
    let meant = mapping.word(&column.code, text).unwrap_or(text);
    if let Some(code) = codes.iter().find(|code| **code == meant) {
        return Some(code);
    }
    let folded = fold::search(meant);
    let word = column.words.iter().find(|word| {
        fold::search(&word.label) == folded
            || word.others.iter().any(|it| fold::search(it) == folded)
    })?;
    Some(&word.code)
}

fn number(cell: &Cell, text: &str) -> Option<u32> {
    if let Some(number) = cell.whole() {
        return Some(number);
    }
    let folded = fold::width(text);
    // Thousands are parted by commas.
    let digits: String = folded.chars().filter(|c| *c != ',').collect();
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits {
        digits.parse().ok()
    } else {
        None
    }
}

fn date(cell: &Cell, text: &str) -> Result<jiff::civil::Date, TimeError> {
    match cell {
        Cell::Date(day) => Ok(*day),
        Cell::Number(number) if (19_000_101.0..=99_991_231.0).contains(number) => {
            time::parse_date(text)
        }
        // A day whose cell lost its format; from 1954 on, so that small numbers are no days.
        Cell::Number(number) if (20_000.0..=200_000.0).contains(number) => {
            serial_day(*number, false).ok_or(TimeError::NoSuchDay)
        }
        Cell::Number(_) | Cell::Flag(_) => Err(TimeError::Form),
        _ => parse_date(day_part(text)),
    }
}

/// A day without a time of day after it (`2026-04-01 00:00:00`, `2026/4/1 9:30`).
fn day_part(text: &str) -> &str {
    match text.rsplit_once([' ', 'T', '　']) {
        Some((day, time)) if time.contains(':') => day.trim(),
        _ => text,
    }
}

/// `C2I2A1`, or in words: `機密性2 完全性2 可用性1`.
fn grade(text: &str) -> Option<Grade> {
    let folded = fold::search(text);
    let level = |names: [&str; 2]| {
        names.iter().find_map(|name| {
            let rest = &folded[folded.find(name)? + name.len()..];
            rest.chars().next()?.to_digit(10)
        })
    };
    let confidentiality = match level(["機密性", "c"])? {
        1 => Confidentiality::C1,
        2 => Confidentiality::C2,
        3 => Confidentiality::C3,
        _ => return None,
    };
    let integrity = match level(["完全性", "i"])? {
        1 => Integrity::I1,
        2 => Integrity::I2,
        _ => return None,
    };
    let availability = match level(["可用性", "a"])? {
        1 => Availability::A1,
        2 => Availability::A2,
        _ => return None,
    };
    Some(Grade {
        confidentiality,
        integrity,
        availability,
    })
}
