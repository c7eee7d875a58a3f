//! What was read of one row, as names and ids.

use std::str::FromStr;

use sekisho_domain::field::{Value, Values};
use sekisho_domain::name::{Line, Name, NameError, ReadingError};
use sekisho_tabular::Fault;
use sekisho_tabular::values::Reading;

use super::columns::Columns;

/// A row, and where its cells stand.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) reading: &'a Reading,
    pub(super) columns: &'a Columns,
}

impl Row<'_> {
    /// The row of the sheet, from 0.
    pub(super) const fn number(&self) -> u32 {
        self.reading.row
    }

    pub(super) fn text(&self, field: &str) -> Option<&str> {
        match self.reading.values.get(field) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The id that a field holds; none where it is empty or none.
    pub(super) fn id<T: FromStr>(&self, field: &str) -> Option<T> {
        self.text(field)?.parse().ok()
    }

    /// The texts of a field of several values.
    pub(super) fn many(&self, field: &str) -> Vec<&str> {
        match self.reading.values.get(field) {
            Some(Value::Many(list)) => list.iter().map(String::as_str).collect(),
            Some(Value::Text(text)) => vec![text],
            _ => Vec::new(),
        }
    }

    /// The id that the row itself carries.
    pub(super) fn own_id<T: FromStr>(&self) -> Result<Option<T>, Fault> {
        let Some(text) = self.reading.id.as_deref() else {
            return Ok(None);
        };
        let fault = || {
            let shown = sekisho_domain::fold::width(text);
            self.fault(sekisho_tabular::layout::ID, "cell.not-an-id")
                .with("value", shown)
        };
        text.parse().map(Some).map_err(|_| fault())
    }

    /// What is wrong with the cell of a field.
    pub(super) fn fault(&self, field: &str, code: &'static str) -> Fault {
        self.columns.fault(self.number(), field, code)
    }

    /// The same, repeating what the cell says.
    pub(super) fn fault_of(&self, field: &str, code: &'static str) -> Fault {
        self.fault(field, code)
            .with("value", self.text(field).unwrap_or_default())
    }

    fn line(&self, field: &str) -> Result<Option<Line>, Fault> {
        let Some(text) = self.text(field) else {
            return Ok(None);
        };
        Line::parse(text)
            .map(Some)
            .map_err(|error| self.unfit(field, error))
    }

    fn reading(&self, field: &str, known: Option<&Line>) -> Result<Option<Line>, Fault> {
        let Some(text) = self.text(field) else {
            return Ok(None);
        };
        let read = Line::reading_or_known(text, known);
        read.map(Some).map_err(|error| match error {
            ReadingError::Name(error) => self.unfit(field, error),
            ReadingError::NotInKana => self.fault_of(field, "cell.not-in-kana"),
        })
    }

    fn unfit(&self, field: &str, error: NameError) -> Fault {
        let code = match error {
            NameError::Empty => "cell.missing",
            NameError::TooLong => "cell.too-long-text",
            NameError::ForbiddenCharacter => "cell.forbidden-character",
        };
        self.fault(field, code)
    }

    /// The name in the fields `<noun>_ja`, `_kana` and `_en`. What has no column stays as it is known.
    pub(super) fn name(&self, noun: &str, known: Option<&Name>) -> Result<Name, Fault> {
        let field = |form: &str| format!("{noun}_{form}");
        let ja = self.line(&field("ja"))?;
        let other = |form: &str, known: Option<&Line>| {
            let field = field(form);
            match (self.columns.has(&field), form) {
                (true, "kana") => self.reading(&field, known),
                (true, _) => self.line(&field),
                (false, _) => Ok(known.cloned()),
            }
        };
        Ok(Name {
            ja: ja.ok_or_else(|| self.fault(&field("ja"), "cell.missing"))?,
            kana: other("kana", known.and_then(|it| it.kana.as_ref()))?,
            en: other("en", known.and_then(|it| it.en.as_ref()))?,
        })
    }
}

/// Puts a name into the fields that it is read from.
pub(super) fn put_name(values: &mut Values, noun: &str, name: &Name) {
    let forms = [
        ("ja", Some(&name.ja)),
        ("kana", name.kana.as_ref()),
        ("en", name.en.as_ref()),
    ];
    for (form, line) in forms {
        if let Some(line) = line {
            let value = Value::Text(line.as_str().to_owned());
            values.insert(format!("{noun}_{form}"), value);
        }
    }
}
