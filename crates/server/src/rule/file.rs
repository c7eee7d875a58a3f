//! The clauses of a rule as a table file: XLSX and CSV out and in, by the mechanism of the registers.

use sekisho_domain::field::{Field, FieldKind, Noun as _, Value, Values};
use sekisho_domain::rule::{
    CLAUSES_MAX, Clause, ClauseNumber, ClauseTerms, ClauseText, RuleContent,
};
use sekisho_messages::{Lang, t, text};
use sekisho_tabular::layout::{Column, Word};
use sekisho_tabular::values::{read, write};
use sekisho_tabular::{Fault, Layout, Limits, Place, Table, csv, open, values, xlsx};

use crate::app::App;
use crate::plan::TableFaults;
use crate::tables::{FileFormat, Names};

/// The number of a clause and its text stand before what it says as data.
const NUMBER: Field = Field::new("number", FieldKind::Number, false, false);
const TEXT: Field = Field::new("text", FieldKind::Line, true, false);

/// The columns, with headings and words in a language; those of the other one and the codes are understood
/// too.
#[must_use]
pub fn rule_layout(lang: Lang) -> Layout {
    let fields = [NUMBER, TEXT];
    let fields = fields.iter().chain(ClauseTerms::FIELDS);
    Layout {
        name: t!(lang, "rule.clauses").into_owned(),
        columns: fields.map(|field| column(field, lang)).collect(),
    }
}

const fn other(lang: Lang) -> Lang {
    match lang {
        Lang::Ja => Lang::En,
        Lang::En => Lang::Ja,
    }
}

fn column(field: &Field, lang: Lang) -> Column {
    let key = format!("register.rule_clause.{}", field.code);
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

/// The clauses of a rule in and out.
pub struct RuleTable;

impl RuleTable {
    /// Writes clauses as a file.
    ///
    /// # Errors
    /// Cells that the format cannot hold.
    pub fn export(
        app: &App,
        clauses: &[Clause],
        format: FileFormat,
        lang: Lang,
    ) -> Result<Vec<u8>, TableFaults> {
        let layout = rule_layout(lang);
        let names = names(app, &layout);
        let values: Vec<Values> = clauses.iter().map(values_of).collect();
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

    /// Reads the clauses of a file: all of them, or every cell at fault. A row without a number is the clause
    /// of its label in `known`, or else a new one.
    ///
    /// # Errors
    /// The cells at fault.
    pub fn read(
        app: &App,
        bytes: &[u8],
        known: Option<&RuleContent>,
        next: ClauseNumber,
    ) -> Result<Vec<Clause>, TableFaults> {
        let layout = rule_layout(Lang::Ja);
        let limits = Limits::DEFAULT;
        let book = open(bytes, &limits).map_err(|fault| vec![fault])?;
        let table = Table::find(book, &layout, None, &limits).map_err(|fault| vec![fault])?;
        if table.rows.len() > CLAUSES_MAX {
            let fault = Fault::file("file.too-many-rows").with("max", CLAUSES_MAX);
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
        let mut clauses = Vec::with_capacity(readings.len());
        let mut free = next;
        for reading in readings {
            let place = |field: &str| Place {
                row: reading.row,
                column: column_of(field).unwrap_or_default(),
            };
            match clause(reading.values, known, free) {
                Ok(clause) => {
                    if clause.number == free {
                        free = ClauseNumber(free.0.saturating_add(1));
                    }
                    clauses.push(clause);
                }
                Err(found) => {
                    let found = found.into_iter();
                    faults.extend(found.map(|(field, code)| Fault::cell(place(&field), code)));
                }
            }
        }
        faults.sort_by_key(|fault| fault.place);
        if faults.is_empty() {
            Ok(clauses)
        } else {
            Err(faults)
        }
    }
}

fn values_of(clause: &Clause) -> Values {
    let mut values = clause.terms.values();
    let text = clause.text.as_str().to_owned();
    values.insert("text".to_owned(), Value::Text(text));
    values.insert("number".to_owned(), Value::Number(clause.number.0.get()));
    values
}

fn clause(
    mut values: Values,
    known: Option<&RuleContent>,
    free: ClauseNumber,
) -> Result<Clause, Vec<(String, &'static str)>> {
    let wrong = |field: &str, code| vec![(field.to_owned(), code)];
    let number = match values.remove("number") {
        Some(Value::Number(number)) => Some(number),
        _ => None,
    };
    let text = match values.remove("text") {
        Some(Value::Text(text)) => text,
        _ => String::new(),
    };
    let text = ClauseText::parse(&text).map_err(|error| wrong("text", error.code()))?;
    let terms = ClauseTerms::read(&values).map_err(|errors| {
        let told = errors.0.iter();
        told.map(|it| (it.field.clone(), it.fault.code()))
            .collect::<Vec<_>>()
    })?;
    if let Some(fault) = terms.fault() {
        return Err(wrong(fault.field, fault.code));
    }
    let by_label = || {
        let clauses = known.into_iter().flat_map(|known| &known.clauses);
        let mut same = clauses.filter(|it| it.terms.label == terms.label);
        same.next().map_or(free, |it| it.number)
    };
    let stated = number.and_then(std::num::NonZeroU32::new).map(ClauseNumber);
    Ok(Clause {
        number: stated.unwrap_or_else(by_label),
        text,
        terms,
    })
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
            let layout = rule_layout(lang);
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
