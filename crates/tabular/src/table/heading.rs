//! Finding the headings: under titles, over several rows, with merged cells.

use std::collections::BTreeSet;

use super::Heading;
use crate::cell::Cell;
use crate::place::Place;
use crate::sheet::Sheet;

/// Rows that are looked at for headings.
const LOOKED_AT: u32 = 30;
/// Most rows of headings.
const HEIGHT_MAX: u32 = 4;
/// Merged cells that are looked at; those of headings stand first in every file.
const MERGES_LOOKED_AT: usize = 500;

/// The rows of headings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rows {
    pub(super) first: u32,
    pub(super) last: u32,
}

/// The rows of headings, and how many of these are known; at the row that is named, else where most
/// are known, else the first row of several different texts.
pub(super) fn find(
    sheet: &Sheet,
    named: Option<u32>,
    known: &dyn Fn(&str) -> bool,
) -> Option<(usize, Rows)> {
    let end = u32::try_from(sheet.rows.len()).unwrap_or(u32::MAX);
    let score = |rows: Rows| {
        let found = texts(sheet, rows);
        found.iter().filter(|heading| known(&heading.text)).count()
    };
    if let Some(last) = named {
        let tops = (last.saturating_sub(HEIGHT_MAX - 1)..=last).rev();
        let stacked = tops
            .map(|first| rows_from(sheet, first))
            .find(|rows| rows.last == last && rows.first < last);
        let rows = stacked.unwrap_or(Rows { first: last, last });
        return (last < end && !texts(sheet, rows).is_empty()).then(|| (score(rows), rows));
    }
    let mut best: Option<(usize, Rows)> = None;
    let mut plain = None;
    for first in 0..end.min(LOOKED_AT) {
        let rows = rows_from(sheet, first);
        if rows.last >= end {
            continue;
        }
        let known = score(rows);
        if known > 0 && best.is_none_or(|(before, _)| known > before) {
            best = Some((known, rows));
        }
        if plain.is_none() && is_plain_heading(sheet, first) {
            plain = Some((0, rows));
        }
    }
    best.or(plain)
}

fn merges(sheet: &Sheet) -> impl Iterator<Item = &crate::sheet::Merge> {
    sheet.merges.iter().take(MERGES_LOOKED_AT)
}

/// The rows of headings that begin at a row: as high as its merged cells, and one more below cells
/// that are merged across.
fn rows_from(sheet: &Sheet, first: u32) -> Rows {
    let distinct = distinct_texts(sheet, first);
    let mut last = first;
    if distinct > 1 {
        for merge in merges(sheet).filter(|merge| merge.first.row == first) {
            let across = merge.last.column > merge.first.column;
            let below = merge.last.row + u32::from(across && merge.last.row == first);
            last = last.max(below);
        }
    }
    Rows {
        first,
        last: last.min(first + HEIGHT_MAX - 1),
    }
}

fn distinct_texts(sheet: &Sheet, row: u32) -> usize {
    let cells = sheet.rows.get(row as usize).map_or(&[][..], Vec::as_slice);
    let texts: BTreeSet<&str> = cells
        .iter()
        .filter_map(|cell| match cell {
            Cell::Text(text) if !text.trim().is_empty() => Some(text.as_str()),
            _ => None,
        })
        .collect();
    texts.len()
}

/// Several different texts and nothing else.
fn is_plain_heading(sheet: &Sheet, row: u32) -> bool {
    let cells = sheet.rows.get(row as usize).map_or(&[][..], Vec::as_slice);
    distinct_texts(sheet, row) > 1
        && cells
            .iter()
            .all(|cell| matches!(cell, Cell::Empty | Cell::Text(_)))
}

/// What the headings say, column by column; the parts of stacked ones in lines.
pub(super) fn texts(sheet: &Sheet, rows: Rows) -> Vec<Heading> {
    let width = (rows.first..=rows.last)
        .filter_map(|row| sheet.rows.get(row as usize))
        .map(Vec::len)
        .max()
        .unwrap_or(0);
    let stacked: Vec<_> = merges(sheet)
        .filter(|merge| merge.first.row <= rows.last && merge.last.row >= rows.first)
        .collect();
    let mut headings = Vec::new();
    for column in 0..u32::try_from(width).unwrap_or(0) {
        let mut parts: Vec<String> = Vec::new();
        for row in rows.first..=rows.last {
            let place = Place::at(row, column);
            let merged = stacked.iter().find(|merge| merge.holds(place));
            let shown = sheet.at(merged.map_or(place, |merge| merge.first)).shown();
            let text = shown.split_whitespace().collect::<Vec<_>>().join(" ");
            if !text.is_empty() && parts.last() != Some(&text) {
                parts.push(text);
            }
        }
        if !parts.is_empty() {
            headings.push(Heading {
                column,
                text: parts.join("\n"),
            });
        }
    }
    headings
}
