//! The decision table as a table file: XLSX and CSV out and in, by the mechanism of the registers.

use sekisho_domain::field::{Field, FieldKind, Noun as _};

use sekisho_domain::plan::{LINES_MAX, PlanLine};
use sekisho_messages::{Lang, t, text};
use sekisho_tabular::layout::{Column, Word};
use sekisho_tabular::values::{read, write};
use sekisho_tabular::{Fault, Layout, Limits, Place, Table, csv, open, values, xlsx};

use crate::app::App;
use crate::tables::{FileFormat, Names};

/// The cells and rows at fault.
pub type TableFaults = Vec<Fault>;

/// The columns of the decision table, with headings and words in a language; those of the other one and the
/// codes are understood too.
#[must_use]
pub fn plan_layout(lang: Lang) -> Layout {
    Layout {
        name: t!(lang, "plan.table").into_owned(),
        columns: PlanLine::FIELDS
            .iter()
            .map(|field| column(field, lang))
            .collect(),
    }
}

const fn other(lang: Lang) -> Lang {
    match lang {
        Lang::Ja => Lang::En,
        Lang::En => Lang::Ja,
    }
}

fn column(field: &Field, lang: Lang) -> Column {
    let key = format!("register.plan_line.{}", field.code);
    let word = |code: &&'static str| {
        let key = format!("{key}.{code}");
        Word {
            code: (*code).to_owned(),
            label: text(lang, &key, &[]).into_owned(),
            others: vec![
                text(other(lang), &key, &[]).into_owned(),
                (*code).to_owned(),
            ],
        }
    };
    let words = match field.kind {
        FieldKind::Choice(codes) => codes.iter().map(word).collect(),
        _ => Vec::new(),
    };
    let others = vec![text(other(lang), &key, &[]).into_owned()];
    Column::of(field, text(lang, &key, &[]).into_owned(), others, words)
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
    ) -> Result<Vec<u8>, TableFaults> {
        let layout = plan_layout(lang);
        let names = names(app, &layout);
        let values: Vec<_> = lines.iter().map(PlanLine::values).collect();
        let sheet = write(&layout, values.iter().map(|it| ("", it)), &names);
        match format {
            FileFormat::Xlsx => {
                let codes = values::codes_sheet(
                    &layout,
                    &t!(lang, "import.codes.sheet"),
                    [
                        &t!(lang, "import.codes.heading"),
                        &t!(lang, "import.codes.field"),
                        &t!(lang, "import.codes.code"),
                        &t!(lang, "import.codes.word"),
                    ],
                );
                xlsx::write(&[sheet, codes])
            }
            FileFormat::Csv(encoding) => csv::write(&sheet, encoding),
        }
    }

    /// Reads the lines of a file: all of them, or every cell at fault.
    ///
    /// # Errors
    /// The cells at fault.
    pub fn read(app: &App, bytes: &[u8]) -> Result<Vec<PlanLine>, TableFaults> {
        let layout = plan_layout(Lang::Ja);
        let limits = Limits::DEFAULT;
        let book = open(bytes, &limits).map_err(|fault| vec![fault])?;
        let table = Table::find(book, &layout, None, &limits).map_err(|fault| vec![fault])?;
        if table.rows.len() > LINES_MAX {
            let fault = Fault::file("file.too-many-rows").with("max", LINES_MAX);
            return Err(vec![fault]);
        }
        let mapping = table.guess(&layout);
        let (readings, mut faults) = read(&table, &layout, &mapping, &names(app, &layout))?;
        let column_of = |field: &str| {
            let of = |heading: &sekisho_tabular::table::Heading| {
                mapping.field(&heading.text) == Some(field)
            };
            table.headings.iter().find(|it| of(it)).map(|it| it.column)
        };
        let mut lines = Vec::with_capacity(readings.len());
        for reading in readings {
            let place = |field: &str| Place {
                row: reading.row,
                column: column_of(field).unwrap_or_default(),
            };
            let broken = faults
                .iter()
                .any(|it| it.place.is_some_and(|at| at.row == reading.row));
            match PlanLine::read(&reading.values) {
                Ok(line) => match line.fault() {
                    None => lines.push(line),
                    Some(fault) => faults.push(Fault::cell(place(fault.field), fault.code)),
                },
                Err(errors) if !broken => {
                    let told = errors.0.iter();
                    faults.extend(told.map(|it| Fault::cell(place(&it.field), it.fault.code())));
                }
                Err(_) => {}
            }
        }
        faults.sort_by_key(|fault| fault.place);
        if faults.is_empty() {
            Ok(lines)
        } else {
            Err(faults)
        }
    }
}

fn names(app: &App, layout: &Layout) -> Names {
    let world = app.world();
    let directory = app.directory();
    Names::gather(&world, &directory, layout, app.now(), false)
}

#[cfg(test)]
mod tests {
    use sekisho_domain::fold;

    use super::*;

    #[test]
    fn every_heading_means_one_column_in_both_languages() {
        for lang in [Lang::Ja, Lang::En] {
            let layout = plan_layout(lang);
            for column in &layout.columns {
                let meant = layout.meant_by(&column.label).map(|it| it.code.as_str());
                assert_eq!(meant, Some(column.code.as_str()), "{}", column.label);
                let folded: std::collections::BTreeSet<_> = column
                    .words
                    .iter()
                    .map(|word| fold::search(&word.label))
                    .collect();
                assert_eq!(folded.len(), column.words.len(), "{}", column.code);
            }
        }
    }
}
