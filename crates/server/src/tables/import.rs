//! Table files into registers: a dry run outside the writer, then one command.

use std::collections::{BTreeMap, HashMap};

use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Denied, Subject};
use sekisho_domain::command::{Command, IMPORT_MAX, RegisterCommand};
use sekisho_domain::event::BlobRef;
use sekisho_domain::mapping::Mapping;
use sekisho_domain::register::{ImportRow, Register, encode_rows};
use sekisho_ledger::digest::Digest;
use sekisho_messages::Lang;
use sekisho_tabular::fault::cut;
use sekisho_tabular::table::Heading;
use sekisho_tabular::values::{Meant, Reading};
use sekisho_tabular::{Fault, Layout, Limits, Table, open, values};

use super::check::{Checker, Outcome};
use super::layout::layout;
use super::references::Names;
use crate::app::{App, CommandError, Committed};

/// Rows that are checked under one hold of the World: the writer waits for that long at most.
const SLICE: usize = 1_000;

/// How far an import has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The file is unpacked and its table found.
    Reading,
    /// So many of so many rows are checked.
    Checking {
        /// Rows done.
        done: usize,
        /// Rows in all.
        of: usize,
    },
    /// The writer stores it.
    Storing,
}

/// What a file would do.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The register.
    pub register: Register,
    /// The name of the sheet that was read.
    pub sheet: String,
    /// The row of its headings, from 1.
    pub heading: u32,
    /// The headings.
    pub headings: Vec<Heading>,
    /// The mapping that was used.
    pub mapping: Mapping,
    /// What stands under each heading first, as an example; empty where nothing does.
    pub samples: Vec<String>,
    /// The words of fields that take yes or no or a choice, by the field's code.
    pub words: BTreeMap<String, Vec<Meant>>,
    /// What is new or changes.
    pub rows: Vec<ImportRow>,
    /// The row of the sheet for each of those, from 0.
    pub lines: Vec<u32>,
    /// How many rows change nothing.
    pub unchanged: usize,
    /// How many rows are refused.
    pub refused: usize,
    /// Every cell at fault, by row.
    pub faults: Vec<Fault>,
}

impl Prepared {
    /// How many entries are new.
    #[must_use]
    pub fn entered(&self) -> usize {
        self.rows
            .iter()
            .filter(|row| row.expected.is_none())
            .count()
    }

    /// How many entries change.
    #[must_use]
    pub fn changed(&self) -> usize {
        self.rows.len() - self.entered()
    }

    /// Whether it can be carried out: no row is refused and there is something to do.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.faults.is_empty() && !self.rows.is_empty()
    }
}

/// Why a file cannot be looked at.
#[derive(Debug)]
pub enum PrepareError {
    /// The gate stays shut.
    Denied(Denied),
    /// The file as a whole is at fault.
    File(Vec<Fault>),
}

impl From<Fault> for PrepareError {
    fn from(fault: Fault) -> Self {
        Self::File(vec![fault])
    }
}

/// Reads a file and says what it would do, with every cell at fault. Nothing changes. Columns that
/// are missing are faults of the file as well; the headings that were found are told with them.
///
/// # Errors
/// [`PrepareError`].
pub fn prepare(
    app: &App,
    actor: &Actor,
    register: Register,
    bytes: &[u8],
    mapping: Option<&Mapping>,
    progress: &dyn Fn(Stage),
) -> Result<Prepared, PrepareError> {
    app.authorise(actor, register.keep(), Subject::Body)
        .map_err(PrepareError::Denied)?;
    progress(Stage::Reading);
    let limits = Limits::DEFAULT;
    let layout = layout(register, Lang::Ja);
    let table = Table::find(open(bytes, &limits)?, &layout, mapping, &limits)?;
    if table.rows.len() > IMPORT_MAX {
        return Err(Fault::file("file.too-many-rows")
            .with("max", IMPORT_MAX)
            .into());
    }
    let mapping = chosen(mapping, &table, &layout);
    let names = {
        let world = app.world();
        let directory = app.directory();
        Names::gather(&world, &directory, &layout, app.now(), false)
    };
    let all = table.rows.len();
    progress(Stage::Checking { done: 0, of: all });
    let (readings, faults) = match values::read(&table, &layout, &mapping, &names) {
        Ok(read) => read,
        Err(missing) => (Vec::new(), missing),
    };
    let mut prepared = Prepared {
        register,
        refused: all - readings.len(),
        samples: samples(&table),
        words: values::words(&table, &layout, &mapping),
        sheet: table.sheet,
        heading: table.heading + 1,
        headings: table.headings,
        mapping,
        rows: Vec::with_capacity(readings.len()),
        lines: Vec::with_capacity(readings.len()),
        unchanged: 0,
        faults,
    };
    check(app, &mut prepared, readings, progress);
    Ok(prepared)
}

/// The first thing that stands under each heading.
fn samples(table: &Table) -> Vec<String> {
    let first = |heading: usize| {
        let mut cells = table.rows.iter().filter_map(|row| row.cells.get(heading));
        let cell = cells.find(|cell| !cell.is_blank())?;
        Some(cut(cell.shown().trim()))
    };
    (0..table.headings.len())
        .map(|heading| first(heading).unwrap_or_default())
        .collect()
}

/// The mapping given, or what the headings suggest where it names no column.
fn chosen(given: Option<&Mapping>, table: &Table, layout: &Layout) -> Mapping {
    match given {
        Some(given) if !given.columns.is_empty() => given.clone(),
        given => {
            let mut guessed = table.guess(layout);
            if let Some(given) = given {
                guessed.words.clone_from(&given.words);
            }
            guessed
        }
    }
}

/// Checks what was read, slice by slice.
fn check(app: &App, prepared: &mut Prepared, readings: Vec<Reading>, progress: &dyn Fn(Stage)) {
    let mapping = &prepared.mapping;
    let columns: HashMap<String, u32> = prepared
        .headings
        .iter()
        .rev()
        .filter_map(|it| Some((mapping.field(&it.text)?.to_owned(), it.column)))
        .collect();
    let of = prepared.refused + readings.len();
    let mut done = prepared.refused;
    let mut checker = Checker::new(prepared.register, &columns);
    let mut readings = readings.into_iter().peekable();
    while readings.peek().is_some() {
        let world = app.world();
        let now = app.now();
        for reading in readings.by_ref().take(SLICE) {
            done += 1;
            let line = reading.row;
            match checker.row(&world, reading, now) {
                Ok(Outcome::Row(row)) => {
                    prepared.rows.push(*row);
                    prepared.lines.push(line);
                }
                Ok(Outcome::Unchanged) => prepared.unchanged += 1,
                Err(faults) => {
                    prepared.refused += 1;
                    prepared.faults.extend(faults);
                }
            }
        }
        drop(world);
        progress(Stage::Checking { done, of });
    }
    prepared.faults.sort_by_key(|fault| fault.place);
}

/// Carries a prepared file out: all of it or nothing. The writer checks every row again, by version.
///
/// # Errors
/// [`CommandError`]; then nothing of it happened.
pub fn commit(app: &App, actor: Actor, prepared: &Prepared) -> Result<Committed, CommandError> {
    let document = encode_rows(&prepared.rows);
    let reference = BlobRef {
        blob: Digest::of(&document).to_string(),
        size: document.len() as u64,
    };
    let command = Command::Register(Box::new(RegisterCommand::Import {
        register: prepared.register,
        rows: prepared.rows.clone().into(),
        document: reference,
    }));
    app.command_blocking(actor, command, vec![document])
}
