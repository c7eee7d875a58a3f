//! The clauses of a rule as a table file: XLSX and CSV out and in, by the mechanism of the registers.

use sekisho_domain::field::{Field, FieldKind, Noun as _, Value, Values};
use sekisho_domain::rule::{
    CLAUSES_MAX, Clause, ClauseNumber, ClauseTerms, ClauseText, RuleContent,
};
use sekisho_messages::{Lang, t};
use sekisho_tabular::{Fault, Layout};

use crate::app::App;
use crate::tables::{FileFormat, RowFaults, list_column, names, read_list, row_faults, write_list};

/// The number of a clause and its text stand before what it says as data.
const NUMBER: Field = Field::new("number", FieldKind::Number, false, false);
const TEXT: Field = Field::new("text", FieldKind::Line, true, false);

/// The columns.
fn rule_layout(lang: Lang) -> Layout {
    let fields = [NUMBER, TEXT];
    let columns = fields.iter().chain(ClauseTerms::FIELDS).map(|field| {
        let key = format!("register.rule_clause.{}", field.code);
        list_column(field, lang, &key, |code| format!("{key}.{code}"))
    });
    Layout {
        name: t!(lang, "rule.clauses").into_owned(),
        columns: columns.collect(),
    }
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
    ) -> Result<Vec<u8>, Vec<Fault>> {
        let layout = rule_layout(lang);
        let rows: Vec<Values> = clauses.iter().map(values_of).collect();
        write_list(&layout, &rows, &names(app, &layout), (format, lang))
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
    ) -> Result<Vec<Clause>, Vec<Fault>> {
        let mut free = next;
        let layout = rule_layout(Lang::Ja);
        read_list(app, &layout, (bytes, CLAUSES_MAX), |values| {
            let read = clause(values, known, free)?;
            if read.number == free {
                free = ClauseNumber(free.0.saturating_add(1));
            }
            Ok(read)
        })
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
) -> Result<Clause, RowFaults> {
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
    let terms = ClauseTerms::read(&values).map_err(|errors| row_faults(&errors))?;
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

#[cfg(test)]
mod tests {
    use crate::tables::headings_mean_one_column;

    use super::rule_layout;

    #[test]
    fn every_heading_means_one_column_in_both_languages() {
        headings_mean_one_column(rule_layout);
    }
}
