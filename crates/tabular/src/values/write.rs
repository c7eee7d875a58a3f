//! Values to cells, as exports print them.

use sekisho_domain::field::{FieldKind, Value, Values};

use super::{References, several};
use crate::cell::Cell;
use crate::layout::{Column, ID, Layout};
use crate::sheet::Sheet;

/// Writes the table of a register: headings in row 1, an entry a row, the id first where the layout has
/// its column.
#[must_use]
pub fn write<'a>(
    layout: &Layout,
    rows: impl IntoIterator<Item = (&'a str, &'a Values)>,
    references: &dyn References,
) -> Sheet {
    let mut sheet = Sheet::new(&layout.name);
    sheet.rows.push(
        layout
            .columns
            .iter()
            .map(|column| Cell::text(column.label.as_str()))
            .collect(),
    );
    for (id, values) in rows {
        sheet.rows.push(
            layout
                .columns
                .iter()
                .map(|column| match column.code.as_str() {
                    ID => Cell::text(id),
                    code => cell(
                        values.get(code).unwrap_or(&Value::Empty),
                        column,
                        references,
                    ),
                })
                .collect(),
        );
    }
    sheet
}

fn cell(value: &Value, column: &Column, references: &dyn References) -> Cell {
    match value {
        Value::Empty => Cell::Empty,
        Value::Flag(flag) => Cell::text(word(column, if *flag { "yes" } else { "no" })),
        Value::Number(number) => Cell::Number(f64::from(*number)),
        Value::Text(text) if column.kind == FieldKind::Date => match text.parse() {
            Ok(day) => Cell::Date(day),
            Err(_) => Cell::text(text.as_str()),
        },
        Value::Text(text) => Cell::text(one(text, column, references)),
        Value::Many(list) => {
            let texts: Vec<String> = list
                .iter()
                .map(|text| one(text, column, references))
                .collect();
            Cell::text(several::join(&texts))
        }
    }
}

fn one(text: &str, column: &Column, references: &dyn References) -> String {
    match column.kind {
        FieldKind::Choice(_) => word(column, text),
        FieldKind::Reference(prefix) => references.name(prefix, text),
        _ => text.to_owned(),
    }
}

fn word(column: &Column, code: &str) -> String {
    let mut words = column.words.iter().filter(|word| word.code == code);
    words
        .next()
        .map_or_else(|| code.to_owned(), |word| word.label.clone())
}

/// The table of codes (コード表): each column with its code, what it takes, and the words for its
/// choices, so that a machine can read the words of the table. `headings` names the four columns.
#[must_use]
pub fn codes_sheet(layout: &Layout, name: &str, headings: [&str; 4]) -> Sheet {
    let mut sheet = Sheet::new(name);
    sheet.rows.push(headings.map(Cell::text).to_vec());
    for column in &layout.columns {
        let row = |code: &str, label: &str| {
            vec![
                Cell::text(column.label.as_str()),
                Cell::text(column.code.as_str()),
                Cell::text(code),
                Cell::text(label),
            ]
        };
        sheet.rows.push(row("", ""));
        for word in &column.words {
            sheet.rows.push(row(&word.code, &word.label));
        }
    }
    sheet
}
