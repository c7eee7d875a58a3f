//! Lists that are no registers, given out as table files (XLSX, CSV): cases, opinions, services in use, and the
//! conference matrix. They go one way only: nothing of them is entered by a table.

mod cases;
mod matrix;
mod opinions;
mod services;

pub use cases::cases;
pub use matrix::matrix;
pub use opinions::opinions;
pub use services::services;

use sekisho_domain::field::{Field, FieldKind, Value, Values};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, text};
use sekisho_tabular::{Fault, Layout};

use crate::app::App;
use crate::tables::{FileFormat, list_column, names, write_list};

/// A column: its field, the message of its heading, and the key before those of its words.
struct Column(Field, &'static str, &'static str);

impl Column {
    /// A line of text.
    const fn line(code: &'static str, heading: &'static str) -> Self {
        Self(Field::new(code, FieldKind::Line, false, false), heading, "")
    }

    /// Anything else without words of its own.
    const fn of(code: &'static str, kind: FieldKind, heading: &'static str) -> Self {
        Self(Field::new(code, kind, false, false), heading, "")
    }

    /// One of some codes, each with its word.
    const fn choice(
        code: &'static str,
        codes: &'static [&'static str],
        heading: &'static str,
        words: &'static str,
    ) -> Self {
        let kind = FieldKind::Choice(codes);
        Self(Field::new(code, kind, false, false), heading, words)
    }
}

/// A list: the message of its name, and its columns.
struct List(&'static str, &'static [Column]);

impl List {
    fn layout(&self, lang: Lang) -> Layout {
        let columns = self.1.iter().map(|Column(field, heading, words)| {
            list_column(field, lang, heading, |code| format!("{words}.{code}"))
        });
        Layout {
            name: text(lang, self.0, &[]).into_owned(),
            columns: columns.collect(),
        }
    }

    /// Writes rows as a file.
    fn write(
        &self,
        app: &App,
        rows: &[Values],
        (format, lang): (FileFormat, Lang),
    ) -> Result<Vec<u8>, Vec<Fault>> {
        let layout = self.layout(lang);
        write_list(&layout, rows, &names(app, &layout), (format, lang))
    }
}

/// A row; cells that hold nothing are left out.
fn row<const N: usize>(cells: [(&str, Value); N]) -> Values {
    let given = cells.into_iter().filter(|(_, value)| !value.is_empty());
    given
        .map(|(code, value)| (code.to_owned(), value))
        .collect()
}

fn said(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

fn said_if(text: Option<impl Into<String>>) -> Value {
    text.map_or(Value::Empty, said)
}

/// The day in Japan, in its stable form.
fn day(at: Timestamp) -> String {
    at.jst_date().to_string()
}

#[cfg(test)]
mod tests {
    use super::{cases, matrix, opinions, services};
    use crate::tables::headings_mean_one_column;

    #[test]
    fn every_heading_means_one_column_in_both_languages() {
        for list in [
            &cases::LIST,
            &matrix::LIST,
            &opinions::LIST,
            &services::LIST,
        ] {
            headings_mean_one_column(|lang| list.layout(lang));
        }
    }
}
