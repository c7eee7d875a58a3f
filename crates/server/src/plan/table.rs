//! The decision table as a table file: XLSX and CSV out and in, by the mechanism of the registers.

use sekisho_domain::field::{Noun as _, Values};
use sekisho_domain::plan::{LINES_MAX, PlanLine};
use sekisho_messages::{Lang, t};
use sekisho_tabular::{Fault, Layout};

use crate::app::App;
use crate::tables::{FileFormat, list_column, names, read_list, row_faults, write_list};

/// The columns of the decision table.
fn plan_layout(lang: Lang) -> Layout {
    let columns = PlanLine::FIELDS.iter().map(|field| {
        let key = format!("register.plan_line.{}", field.code);
        list_column(field, lang, &key, |code| format!("{key}.{code}"))
    });
    Layout {
        name: t!(lang, "plan.table").into_owned(),
        columns: columns.collect(),
    }
}

/// The decision table in and out.
pub struct PlanTable;

impl PlanTable {
    /// Writes lines as a file.
    ///
    /// # Errors
    /// Cells that the format cannot hold.
    pub fn export(
        app: &App,
        lines: &[PlanLine],
        format: FileFormat,
        lang: Lang,
    ) -> Result<Vec<u8>, Vec<Fault>> {
        let layout = plan_layout(lang);
        let rows: Vec<Values> = lines.iter().map(PlanLine::values).collect();
        write_list(&layout, &rows, &names(app, &layout), (format, lang))
    }

    /// Reads the lines of a file: all of them, or every cell at fault.
    ///
    /// # Errors
    /// The cells at fault.
    pub fn read(app: &App, bytes: &[u8]) -> Result<Vec<PlanLine>, Vec<Fault>> {
        read_list(app, &plan_layout(Lang::Ja), (bytes, LINES_MAX), |values| {
            let line = PlanLine::read(&values).map_err(|errors| row_faults(&errors))?;
            match line.fault() {
                None => Ok(line),
                Some(fault) => Err(vec![(fault.field.to_owned(), fault.code)]),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::tables::headings_mean_one_column;

    use super::plan_layout;

    #[test]
    fn every_heading_means_one_column_in_both_languages() {
        headings_mean_one_column(plan_layout);
    }
}
