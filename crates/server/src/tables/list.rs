//! Lists as table files: rows without ids of their own, under headings in a language, out and in.

use sekisho_domain::field::{Field, FieldErrors, FieldKind, Values};
use sekisho_messages::{Lang, t, text};
use sekisho_tabular::layout::{Column, Word};
use sekisho_tabular::{Fault, Layout, Limits, Sheet, Table, csv, open, values, xlsx};

use super::columns::Columns;
use super::export::FileFormat;
use super::layout::sheet_name;
use super::references::Names;
use crate::app::App;

/// What is wrong with a row: the codes of fields, and of faults.
pub(crate) type RowFaults = Vec<(String, &'static str)>;

/// The column of a field, with heading and words in a language; those of the other one and the codes are
/// understood too. `word` is the key of the word for a choice.
pub(crate) fn list_column(
    field: &Field,
    lang: Lang,
    heading: &str,
    word: impl Fn(&str) -> String,
) -> Column {
    let words = match field.kind {
        FieldKind::Choice(codes) => codes
            .iter()
            .map(|&code| {
                let key = word(code);
                let other = text(lang.other(), &key, &[]).into_owned();
                Word {
                    code: code.to_owned(),
                    label: text(lang, &key, &[]).into_owned(),
                    others: vec![other, code.to_owned()],
                }
            })
            .collect(),
        _ => Vec::new(),
    };
    let others = vec![text(lang.other(), heading, &[]).into_owned()];
    let label = text(lang, heading, &[]).into_owned();
    Column::of(field, label, others, words)
}

/// The table of codes of a layout.
pub(super) fn codes(layout: &Layout, lang: Lang) -> Sheet {
    values::codes_sheet(
        layout,
        &sheet_name(&t!(lang, "import.codes.sheet")),
        [
            &t!(lang, "import.codes.heading"),
            &t!(lang, "import.codes.field"),
            &t!(lang, "import.codes.code"),
            &t!(lang, "import.codes.word"),
        ],
    )
}

/// The names of what a list refers to, as they are now.
pub(crate) fn names(app: &App, layout: &Layout) -> Names {
    let world = app.world();
    let directory = app.directory();
    Names::gather(&world, &directory, layout, app.now(), false)
}

/// Writes rows as a file; XLSX has the table of codes as a second sheet.
///
/// # Errors
/// Cells that the format cannot hold.
pub(crate) fn write_list(
    layout: &Layout,
    rows: &[Values],
    names: &Names,
    (format, lang): (FileFormat, Lang),
) -> Result<Vec<u8>, Vec<Fault>> {
    let sheet = values::write(layout, rows.iter().map(|it| ("", it)), names);
    match format {
        FileFormat::Xlsx => xlsx::write(&[sheet, codes(layout, lang)]),
        FileFormat::Csv(encoding) => csv::write(&sheet, encoding),
    }
}

/// Reads the rows of a file, each by `row`: all of them, or every cell at fault.
///
/// # Errors
/// The cells at fault.
pub(crate) fn read_list<T>(
    app: &App,
    layout: &Layout,
    (bytes, rows_max): (&[u8], usize),
    mut row: impl FnMut(Values) -> Result<T, RowFaults>,
) -> Result<Vec<T>, Vec<Fault>> {
    let limits = Limits::DEFAULT;
    let book = open(bytes, &limits).map_err(|fault| vec![fault])?;
    let table = Table::find(book, layout, None, &limits).map_err(|fault| vec![fault])?;
    if table.rows.len() > rows_max {
        let fault = Fault::file("file.too-many-rows").with("max", rows_max);
        return Err(vec![fault]);
    }
    let mapping = table.guess(layout);
    let (readings, mut faults) = values::read(&table, layout, &mapping, &names(app, layout))?;
    let columns = Columns::of(&table.headings, &mapping);
    let mut rows = Vec::with_capacity(readings.len());
    for reading in readings {
        match row(reading.values) {
            Ok(row) => rows.push(row),
            Err(wrong) => {
                let told = wrong.into_iter();
                faults.extend(told.map(|(field, code)| columns.fault(reading.row, &field, code)));
            }
        }
    }
    faults.sort_by_key(|fault| fault.place);
    if faults.is_empty() {
        Ok(rows)
    } else {
        Err(faults)
    }
}

/// What a noun finds wrong with a row.
pub(crate) fn row_faults(errors: &FieldErrors) -> RowFaults {
    let told = errors.0.iter();
    told.map(|it| (it.field.clone(), it.fault.code())).collect()
}

/// Fails unless every heading of a layout means one column and every word one choice, in both languages.
#[cfg(test)]
pub(crate) fn headings_mean_one_column(layout: impl Fn(Lang) -> Layout) {
    use std::collections::BTreeSet;

    for lang in [Lang::Ja, Lang::En] {
        let layout = layout(lang);
        for column in &layout.columns {
            let meant = layout.meant_by(&column.label).map(|it| it.code.as_str());
            assert_eq!(meant, Some(column.code.as_str()), "{}", column.label);
            let words = column.words.iter();
            let folded: BTreeSet<String> = words
                .map(|word| sekisho_domain::fold::search(&word.label))
                .collect();
            assert_eq!(folded.len(), column.words.len(), "{}", column.code);
        }
    }
}
