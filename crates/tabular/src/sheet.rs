//! A sheet of cells.

use crate::cell::Cell;
use crate::place::Place;

/// A rectangle of merged cells; both corners belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The corner at the top, which holds what is shown.
    pub first: Place,
    /// The corner at the bottom.
    pub last: Place,
}

impl Merge {
    /// Whether a cell belongs to it.
    #[must_use]
    pub const fn holds(&self, place: Place) -> bool {
        self.first.row <= place.row
            && place.row <= self.last.row
            && self.first.column <= place.column
            && place.column <= self.last.column
    }
}

/// Rows of cells, some of them merged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Its name; empty where the format has none.
    pub name: String,
    /// The rows, from the first. Cells after the last that holds something may be missing.
    pub rows: Vec<Vec<Cell>>,
    /// Merged cells.
    pub merges: Vec<Merge>,
}

impl Sheet {
    /// An empty sheet.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// What a cell holds by itself; nothing outside the sheet.
    #[must_use]
    pub fn at(&self, place: Place) -> &Cell {
        self.rows
            .get(place.row as usize)
            .and_then(|row| row.get(place.column as usize))
            .unwrap_or(&Cell::Empty)
    }

    /// What is shown at a cell: in merged cells, what their first cell holds.
    #[must_use]
    pub fn shown_at(&self, place: Place) -> &Cell {
        match self.merges.iter().find(|merge| merge.holds(place)) {
            Some(merge) => self.at(merge.first),
            None => self.at(place),
        }
    }
}

/// The sheets of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Book {
    /// In the order of the file; those that are hidden are left out.
    pub sheets: Vec<Sheet>,
    /// What kind of file it was.
    pub format: Format,
}

/// Kinds of table files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// XLSX.
    #[default]
    Xlsx,
    /// CSV in some encoding.
    Csv(crate::encoding::Encoding),
}
