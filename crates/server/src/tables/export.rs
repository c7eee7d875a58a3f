//! Registers out, as table files.

use std::collections::HashSet;

use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, Denied, Subject, authorise};
use sekisho_domain::field::{Value, Values};
use sekisho_domain::register::{Entry, EntryId, Register};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t};
use sekisho_tabular::encoding::Encoding;
use sekisho_tabular::layout::UNIT;
use sekisho_tabular::{Fault, Sheet, csv, values, xlsx};

use super::layout::{layout, sheet_name};
use super::references::Names;
use crate::app::App;

/// What kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// XLSX, with the table of codes as a second sheet.
    Xlsx,
    /// CSV.
    Csv(Encoding),
}

impl FileFormat {
    /// Every kind, the one that is offered first in front.
    pub const ALL: [Self; 4] = [
        Self::Xlsx,
        Self::Csv(Encoding::Utf8Marked),
        Self::Csv(Encoding::Utf8),
        Self::Csv(Encoding::Cp932),
    ];

    /// The code by which it is asked for.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv(Encoding::Utf8Marked) => "csv",
            Self::Csv(Encoding::Utf8) => "csv-utf8",
            Self::Csv(Encoding::Cp932) => "csv-cp932",
        }
    }

    /// The kind of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }

    /// For `Content-Type`; encodings are stated.
    #[must_use]
    pub fn content_type(self) -> String {
        match self {
            Self::Xlsx => {
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned()
            }
            Self::Csv(encoding) => {
                format!("text/csv; charset={}; header=present", encoding.charset())
            }
        }
    }

    /// The end of a file's name, which states the encoding of text: `.utf-8-bom.csv`.
    #[must_use]
    pub fn ending(self) -> String {
        match self {
            Self::Xlsx => "xlsx".to_owned(),
            Self::Csv(encoding) => format!("{}.csv", encoding.code()),
        }
    }
}

/// A register as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The table of codes as a file of its own, where the format has no second sheet.
    pub codes: Option<Vec<u8>>,
    /// How many entries.
    pub entries: usize,
}

/// Why there is no file.
#[derive(Debug)]
pub enum ExportError {
    /// The gate stays shut.
    Denied(Denied),
    /// Cells that the format cannot hold.
    Cells(Vec<Fault>),
}

/// Writes the entries in use of a register that the actor may read, in the order of their ids; of
/// those, where some are named, only them.
///
/// # Errors
/// [`ExportError`].
pub fn export(
    app: &App,
    actor: &Actor,
    register: Register,
    format: FileFormat,
    lang: Lang,
    only: Option<&HashSet<EntryId>>,
) -> Result<Exported, ExportError> {
    let now = app.now();
    let layout = layout(register, lang);
    let (names, rows) = {
        let world = app.world();
        let whole = authorise(&world, actor, register.read_action(), Subject::Body, now);
        let with_mail = authorise(&world, actor, Action::ReadDirectory, Subject::Body, now).is_ok();
        let rows: Vec<(String, Values)> = world
            .registers
            .active(register)
            .filter(|entry| only.is_none_or(|only| only.contains(&entry.id)))
            .filter(|entry| whole.is_ok() || may_read(&world, actor, entry, now))
            .map(|entry| (entry.id.to_string(), values_of(entry)))
            .collect();
        if let (Err(denied), true, None) = (whole, rows.is_empty(), only) {
            return Err(ExportError::Denied(denied));
        }
        let directory = app.directory();
        (
            Names::gather(&world, &directory, &layout, now, with_mail),
            rows,
        )
    };
    let entries = rows.iter().map(|(id, values)| (id.as_str(), values));
    let sheet = values::write(&layout, entries, &names);
    let codes = values::codes_sheet(
        &layout,
        &sheet_name(&t!(lang, "import.codes.sheet")),
        [
            &t!(lang, "import.codes.heading"),
            &t!(lang, "import.codes.field"),
            &t!(lang, "import.codes.code"),
            &t!(lang, "import.codes.word"),
        ],
    );
    file(sheet, codes, format, rows.len()).map_err(ExportError::Cells)
}

fn may_read(
    world: &sekisho_domain::world::World,
    actor: &Actor,
    entry: &Entry,
    now: Timestamp,
) -> bool {
    let action = entry.register().read_action();
    authorise(world, actor, action, Subject::Entry(entry.id), now).is_ok()
}

/// The values of an entry, with the unit that answers for it.
pub(super) fn values_of(entry: &Entry) -> Values {
    let mut values = entry.particulars.values();
    if let Some(unit) = entry.unit {
        values.insert(UNIT.to_owned(), Value::Text(unit.to_string()));
    }
    values
}

fn file(
    sheet: Sheet,
    codes: Sheet,
    format: FileFormat,
    entries: usize,
) -> Result<Exported, Vec<Fault>> {
    match format {
        FileFormat::Xlsx => Ok(Exported {
            bytes: xlsx::write(&[sheet, codes])?,
            codes: None,
            entries,
        }),
        FileFormat::Csv(encoding) => Ok(Exported {
            bytes: csv::write(&sheet, encoding)?,
            codes: Some(csv::write(&codes, encoding)?),
            entries,
        }),
    }
}
