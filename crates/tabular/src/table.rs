//! Tables: the headings found in a sheet, and the rows under them.

mod heading;

use std::collections::BTreeMap;

use sekisho_domain::mapping::Mapping;

use crate::cell::Cell;
use crate::fault::Fault;
use crate::layout::Layout;
use crate::limits::Limits;
use crate::place::Place;
use crate::sheet::{Book, Sheet};

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Its column, from 0.
    pub column: u32,
    /// What it says; the parts of stacked headings in lines.
    pub text: String,
}

/// A row under the headings.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The row in the sheet, from 0.
    pub row: u32,
    /// A cell for each heading.
    pub cells: Vec<Cell>,
}

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The sheet's name.
    pub sheet: String,
    /// The row of the headings (the last of them), from 0.
    pub heading: u32,
    /// The headings, from the left.
    pub headings: Vec<Heading>,
    /// The rows that hold anything.
    pub rows: Vec<Row>,
}

impl Table {
    /// Finds the table in a book: in the sheet and under the row that the mapping names, else in the
    /// first sheet where headings are found that the layout knows, else where any are found.
    ///
    /// # Errors
    /// `file.no-such-sheet`, `file.no-table`, `file.too-many-cells` for merged cells without end.
    pub fn find(
        book: Book,
        layout: &Layout,
        mapping: Option<&Mapping>,
        limits: &Limits,
    ) -> Result<Self, Fault> {
        let named = mapping.and_then(|it| it.sheet.as_deref());
        let row = mapping
            .and_then(|it| it.heading)
            .map(|row| row.saturating_sub(1));
        let known = |text: &str| {
            layout.meant_by(text).is_some() || mapping.is_some_and(|it| it.field(text).is_some())
        };
        let mut best: Option<(usize, Sheet, heading::Rows)> = None;
        for sheet in book.sheets {
            let wanted = named.is_none_or(|name| name == sheet.name);
            if !wanted {
                continue;
            }
            if let Some((score, rows)) = heading::find(&sheet, row, &known)
                && best.as_ref().is_none_or(|(before, ..)| score > *before)
            {
                best = Some((score, sheet, rows));
            } else if named.is_some() {
                return Err(Fault::file("file.no-table"));
            }
        }
        match best {
            Some((_, sheet, rows)) => Self::under(sheet, rows, limits),
            None if named.is_some() => {
                let name = named.unwrap_or_default();
                Err(Fault::file("file.no-such-sheet").with("sheet", name))
            }
            None => Err(Fault::file("file.no-table")),
        }
    }

    fn under(mut sheet: Sheet, rows: heading::Rows, limits: &Limits) -> Result<Self, Fault> {
        let headings = heading::texts(&sheet, rows);
        fill_merged(&mut sheet, rows.last + 1, limits)?;
        let first = rows.last as usize + 1;
        let mut found = Vec::new();
        for (row, mut cells) in (0..).zip(sheet.rows).skip(first) {
            let picked: Vec<Cell> = headings
                .iter()
                .map(|heading| {
                    cells
                        .get_mut(heading.column as usize)
                        .map(std::mem::take)
                        .unwrap_or_default()
                })
                .collect();
            if picked.iter().any(|cell| !cell.is_blank()) && !is_note(&picked) {
                found.push(Row { row, cells: picked });
            }
        }
        Ok(Self {
            sheet: sheet.name,
            heading: rows.last,
            headings,
            rows: found,
        })
    }

    /// Where a cell stands, by its row and the index of its heading.
    #[must_use]
    pub fn place(&self, row: &Row, heading: usize) -> Place {
        let column = self.headings.get(heading).map_or(0, |it| it.column);
        Place::at(row.row, column)
    }

    /// The mapping that the headings suggest. Of headings that mean the same field the first counts.
    #[must_use]
    pub fn guess(&self, layout: &Layout) -> Mapping {
        let mut mapping = Mapping::default();
        let mut taken = BTreeMap::new();
        for heading in &self.headings {
            if let Some(column) = layout.meant_by(&heading.text)
                && taken.insert(column.code.clone(), ()).is_none()
            {
                mapping.set_column(&heading.text, &column.code);
            }
        }
        mapping
    }
}

/// A row that only says something about the table: `※…`, `注…`, `以上`.
fn is_note(cells: &[Cell]) -> bool {
    let mut said = cells.iter().filter(|cell| !cell.is_blank());
    match (said.next(), said.next()) {
        (Some(Cell::Text(text)), None) if cells.len() > 1 => {
            let text = text.trim();
            text.starts_with(['※', '注', '＊']) || matches!(text, "以上" | "以下余白")
        }
        _ => false,
    }
}

/// In merged cells below the headings, every cell holds what the first one holds.
fn fill_merged(sheet: &mut Sheet, first: u32, limits: &Limits) -> Result<(), Fault> {
    let end = u32::try_from(sheet.rows.len()).unwrap_or(u32::MAX);
    let mut room = limits.cells;
    for merge in std::mem::take(&mut sheet.merges) {
        if merge.first.row < first || merge.first.row >= end {
            continue;
        }
        let value = sheet.at(merge.first).clone();
        if value == Cell::Empty {
            continue;
        }
        let columns = merge.first.column..=merge.last.column.min(limits.columns - 1);
        for row in merge.first.row..=merge.last.row.min(end - 1) {
            for column in columns.clone() {
                room = room.checked_sub(1).ok_or_else(|| {
                    Fault::cell(merge.first, "file.too-many-cells").with("max", limits.cells)
                })?;
                let cells = &mut sheet.rows[row as usize];
                let index = column as usize;
                if cells.len() <= index {
                    cells.resize(index + 1, Cell::Empty);
                }
                cells[index] = value.clone();
            }
        }
    }
    Ok(())
}
