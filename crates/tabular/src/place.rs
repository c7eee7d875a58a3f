//! Where a cell stands.

use std::fmt;

/// Columns that a worksheet can have.
pub const COLUMNS: u32 = 16_384;
/// Rows that a worksheet can have.
pub const ROWS: u32 = 1_048_576;

/// A cell by row and column, both from 0; written as spreadsheets do (`C7`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The row, from 0.
    pub row: u32,
    /// The column, from 0.
    pub column: u32,
}

impl Place {
    /// The cell at a row and a column, both from 0.
    #[must_use]
    pub const fn at(row: u32, column: u32) -> Self {
        Self { row, column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", letters(self.column), u64::from(self.row) + 1)
    }
}

/// The letters of a column, from 0: `A` … `Z`, `AA` …
#[must_use]
pub fn letters(column: u32) -> String {
    let mut name = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        name.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    name.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_spreadsheets_name_them() {
        for (row, column, name) in [
            (0, 0, "A1"),
            (6, 2, "C7"),
            (9, 25, "Z10"),
            (0, 26, "AA1"),
            (ROWS - 1, COLUMNS - 1, "XFD1048576"),
            (u32::MAX, 701, "ZZ4294967296"),
        ] {
            assert_eq!(Place::at(row, column).to_string(), name);
        }
    }
}
