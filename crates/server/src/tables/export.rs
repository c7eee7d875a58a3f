//! Tables out, as files.

use std::collections::HashSet;

use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, Denied, Subject, authorise};
use sekisho_domain::field::{Value, Values};
use sekisho_domain::id::UnitId;
use sekisho_domain::register::{Entry, EntryId, Register};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_messages::Lang;
use sekisho_tabular::encoding::Encoding;
use sekisho_tabular::layout::UNIT;
use sekisho_tabular::values::References as _;
use sekisho_tabular::{Fault, Sheet, csv, values, xlsx};

use super::layout::layout;
use super::list::codes;
use super::people::person_now;
use super::posts::post_values;
use super::references::Names;
use super::table_of::TableOf;
use super::units::{above, unit_now};
use crate::app::App;
use crate::app::directory::Directory;

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

/// Writes what is in use and the actor may read, in the order of ids; of a register, where some are
/// named, only them. Of moves there is the table to fill in, without a line.
///
/// # Errors
/// [`ExportError`].
pub fn export(
    app: &App,
    actor: &Actor,
    of: TableOf,
    (format, lang): (FileFormat, Lang),
    only: Option<&HashSet<EntryId>>,
) -> Result<Exported, ExportError> {
    let now = app.now();
    let layout = layout(of, lang);
    let (names, rows) = {
        let world = app.world();
        let directory = app.directory();
        let with_mail = authorise(&world, actor, Action::ReadDirectory, Subject::Body, now).is_ok();
        let rows = match of {
            TableOf::Register(register) => entries(&world, actor, register, only, now)?,
            TableOf::Units => units(&world, actor, now)?,
            TableOf::Posts => posts(&world, actor, now)?,
            TableOf::People => people(&world, &directory, actor, now)?,
            TableOf::Moves => empty(&world, actor, now)?,
        };
        let names = Names::gather(&world, &directory, &layout, now, with_mail);
        (names, rows)
    };
    let entries = rows.iter().map(|(id, values)| (id.as_str(), values));
    let sheet = values::write(&layout, entries, &names);
    let codes = codes(&layout, lang);
    file(sheet, codes, format, rows.len()).map_err(ExportError::Cells)
}

/// Rows by their ids.
type Rows = Vec<(String, Values)>;

/// The table of moves to fill in, for those who may load one.
fn empty(world: &World, actor: &Actor, now: Timestamp) -> Result<Rows, ExportError> {
    authorise(world, actor, TableOf::Moves.keep(), Subject::Body, now)
        .map(|_| Vec::new())
        .map_err(ExportError::Denied)
}

/// Sorts rows by their ids; none at all where the reader may see nothing of the kind.
fn sorted(
    world: &World,
    actor: &Actor,
    mut rows: Rows,
    now: Timestamp,
) -> Result<Rows, ExportError> {
    if rows.is_empty() {
        authorise(world, actor, Action::ReadDirectory, Subject::Body, now)
            .map_err(ExportError::Denied)?;
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(rows)
}

/// Every unit but the organisation itself, which no table changes.
fn units(world: &World, actor: &Actor, now: Timestamp) -> Result<Rows, ExportError> {
    let root = world.organisation.as_ref().map(|it| it.root);
    let may = sees(world, actor, now);
    let ids = world.units.keys().copied();
    let ids = ids.filter(|id| Some(*id) != root && world.unit_in_force(*id, now) && may(*id));
    let mut rows: Rows = ids
        .filter_map(|id| Some((id.to_string(), unit_now(world, id, now)?)))
        .collect();
    // The names above a unit may be those of another, or not to be taken apart: then the id says it.
    let names = Names::of_units(world, now);
    for (id, values) in &mut rows {
        let above = id.parse().ok().and_then(|id| above(world, id, now));
        if let (Some(above), Some(Value::Text(path))) = (above, values.get_mut("parent")) {
            *path = names.name(UnitId::PREFIX, &above.to_string());
        }
    }
    sorted(world, actor, rows, now)
}

fn posts(world: &World, actor: &Actor, now: Timestamp) -> Result<Rows, ExportError> {
    let may = sees(world, actor, now);
    let all = world.posts.values();
    let all = all.filter(|post| world.post_in_force(post.id, now) && may(post.unit));
    let rows = all.map(|post| (post.id.to_string(), post_values(post)));
    sorted(world, actor, rows.collect(), now)
}

/// Members whose names are known, and of those the ones that the reader may know.
fn people(
    world: &World,
    directory: &Directory,
    actor: &Actor,
    now: Timestamp,
) -> Result<Rows, ExportError> {
    let may = sees(world, actor, now);
    let all = world.people.keys().copied();
    let all = all.filter(|id| world.is_member(*id, now) && directory.get(*id).is_some());
    let all = all.filter(|id| world.unit_of(*id, now).is_some_and(&may));
    let rows = all.map(|id| (id.to_string(), person_now(world, directory, id, now)));
    sorted(world, actor, rows.collect(), now)
}

/// Whether the reader may see what belongs to a unit: the gate is asked for each unit once.
fn sees<'a>(world: &'a World, actor: &'a Actor, now: Timestamp) -> impl Fn(UnitId) -> bool + 'a {
    let asked = |unit: &UnitId| {
        let subject = Subject::Unit(*unit);
        authorise(world, actor, Action::ReadDirectory, subject, now).is_ok()
    };
    let seen: HashSet<UnitId> = world.units.keys().copied().filter(asked).collect();
    move |unit| seen.contains(&unit)
}

fn entries(
    world: &World,
    actor: &Actor,
    register: Register,
    only: Option<&HashSet<EntryId>>,
    now: Timestamp,
) -> Result<Rows, ExportError> {
    let whole = authorise(world, actor, register.read_action(), Subject::Body, now);
    let rows: Rows = world
        .registers
        .active(register)
        .filter(|entry| only.is_none_or(|only| only.contains(&entry.id)))
        .filter(|entry| whole.is_ok() || may_read(world, actor, entry, now))
        .map(|entry| (entry.id.to_string(), values_of(entry)))
        .collect();
    match (whole, rows.is_empty(), only) {
        (Err(denied), true, None) => Err(ExportError::Denied(denied)),
        _ => Ok(rows),
    }
}

fn may_read(world: &World, actor: &Actor, entry: &Entry, now: Timestamp) -> bool {
    let action = entry.register().read_action();
    authorise(world, actor, action, Subject::Entry(entry.id), now).is_ok()
}

/// The values of an entry, with the unit that answers for it.
fn values_of(entry: &Entry) -> Values {
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
