//! Where the fields of a file stand, to name the cell at fault.

use std::collections::HashMap;

use sekisho_domain::command::{LineFault, Refusal};
use sekisho_domain::mapping::Mapping;
use sekisho_tabular::layout::{ID, UNIT};
use sekisho_tabular::table::Heading;
use sekisho_tabular::{Fault, Place};

/// The column of each field that has one.
pub(super) struct Columns(HashMap<String, u32>);

impl Columns {
    /// The columns that a mapping names; of headings that mean the same field the first counts.
    pub(super) fn of(headings: &[Heading], mapping: &Mapping) -> Self {
        let named = headings
            .iter()
            .rev()
            .filter_map(|it| Some((mapping.field(&it.text)?.to_owned(), it.column)));
        Self(named.collect())
    }

    /// The cell of a field in a row. A field that has no column is the row's own fault.
    pub(super) fn place(&self, row: u32, field: &str) -> Place {
        Place::at(row, self.0.get(field).copied().unwrap_or(0))
    }

    /// Whether the file says anything of a field.
    pub(super) fn has(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    /// What is wrong with a cell.
    pub(super) fn fault(&self, row: u32, field: &str, code: &'static str) -> Fault {
        Fault::cell(self.place(row, field), code)
    }

    /// A refusal at the cell that its field came from.
    pub(super) fn refused(&self, row: u32, refusal: Refusal) -> Fault {
        let field = match refusal.field.as_deref() {
            None | Some("id") => ID,
            Some("unit") if self.0.contains_key(UNIT) => UNIT,
            Some(other) => other,
        };
        Fault {
            place: Some(self.place(row, field)),
            reason: refusal.reason,
        }
    }

    /// Refusals of lines, at the cells of the rows they came from.
    pub(super) fn all_refused(&self, wrong: Vec<LineFault>, rows: &[u32]) -> Vec<Fault> {
        let fault = |it: LineFault| match it.line.and_then(|line| rows.get(line)) {
            Some(row) => self.refused(*row, it.refusal),
            None => Fault {
                place: None,
                reason: it.refusal.reason,
            },
        };
        wrong.into_iter().map(fault).collect()
    }
}
