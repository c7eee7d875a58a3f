//! Table files in: a dry run outside the writer.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Denied, Subject};
use sekisho_domain::command::vacated;
use sekisho_domain::id::PostId;
use sekisho_domain::mapping::Mapping;
use sekisho_domain::time::Timestamp;
use sekisho_messages::Lang;
use sekisho_tabular::fault::cut;
use sekisho_tabular::table::Heading;
use sekisho_tabular::values::{Meant, Reading};
use sekisho_tabular::{Fault, Layout, Limits, Table, open, values};

use super::columns::Columns;
use super::layout::layout;
use super::plan::Plan;
use super::references::Names;
use super::table_of::TableOf;
use super::{check, moves, people, posts, units};
use crate::app::App;

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

/// So many rows are looked through between two words about how far they are.
const TOLD_EVERY: usize = 1_000;

/// Tells how far the rows of a file are.
pub(super) struct Told<'a> {
    progress: &'a dyn Fn(Stage),
    of: usize,
}

impl Told<'_> {
    /// So many rows are looked through: told now and then, and at the end.
    pub(super) fn done(&self, done: usize) {
        let of = self.of;
        if done == of || done.is_multiple_of(TOLD_EVERY) {
            (self.progress)(Stage::Checking { done, of });
        }
    }
}

/// What is said beside a file about how it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// The mapping; headings are told by their names where there is none.
    pub mapping: Option<Mapping>,
    /// The beginning of the day of a list of moves, where it does not stand in the file.
    pub on: Option<Timestamp>,
}

/// What a file would do.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// What it is a table of.
    pub of: TableOf,
    /// The name of the sheet that was read.
    pub sheet: String,
    /// The names of all sheets.
    pub sheets: Vec<String>,
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
    pub plan: Plan,
    /// The row of the sheet for each of those, from 0.
    pub lines: Vec<u32>,
    /// How many rows change nothing.
    pub unchanged: usize,
    /// How many rows are refused.
    pub refused: usize,
    /// Every cell at fault, by row.
    pub faults: Vec<Fault>,
    /// Posts of weight that a list of moves leaves without a holder.
    pub vacated: Vec<PostId>,
}

impl Prepared {
    /// How many rows are new.
    #[must_use]
    pub fn entered(&self) -> usize {
        self.plan.entered()
    }

    /// How many rows change something.
    #[must_use]
    pub fn changed(&self) -> usize {
        self.plan.len() - self.plan.entered()
    }

    /// The headings that are not taken although something stands under them.
    pub fn left_out(&self) -> impl Iterator<Item = &str> {
        let read = |text: &str| self.mapping.field(text).is_some();
        let filled = self.headings.iter().zip(&self.samples);
        filled
            .filter(move |(heading, sample)| !sample.is_empty() && !read(&heading.text))
            .map(|(heading, _)| heading.text.as_str())
    }

    /// Whether it can be carried out: no row is refused and there is something to do.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.faults.is_empty() && !self.plan.is_empty()
    }
}

/// What the rows of a file come to.
pub(super) struct Found {
    pub(super) plan: Plan,
    /// The row of the sheet for each row of the plan, from 0.
    pub(super) lines: Vec<u32>,
    pub(super) unchanged: usize,
    pub(super) faults: Vec<Fault>,
}

/// Why a file cannot be looked at.
#[derive(Debug)]
pub enum PrepareError {
    /// The gate stays shut.
    Denied(Denied),
    /// The file as a whole is at fault.
    File {
        /// What is wrong with it.
        faults: Vec<Fault>,
        /// The names of its sheets, of which another one may be chosen; none where it cannot be opened.
        sheets: Vec<String>,
    },
}

impl PrepareError {
    fn of_book(fault: Fault, sheets: &[String]) -> Self {
        Self::File {
            faults: vec![fault],
            sheets: sheets.to_vec(),
        }
    }
}

impl From<Fault> for PrepareError {
    fn from(fault: Fault) -> Self {
        Self::of_book(fault, &[])
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
    of: TableOf,
    (bytes, given): (&[u8], &Given),
    progress: &dyn Fn(Stage),
) -> Result<Prepared, PrepareError> {
    may_import(app, actor, of).map_err(PrepareError::Denied)?;
    progress(Stage::Reading);
    let limits = Limits::DEFAULT;
    let layout = layout(of, Lang::Ja);
    let mapping = given.mapping.as_ref();
    let book = open(bytes, &limits)?;
    let sheets: Vec<String> = book.sheets.iter().map(|it| it.name.clone()).collect();
    let table = Table::find(book, &layout, mapping, &limits)
        .map_err(|fault| PrepareError::of_book(fault, &sheets))?;
    if table.rows.len() > of.rows_max() {
        let fault = Fault::file("file.too-many-rows").with("max", of.rows_max());
        return Err(PrepareError::of_book(fault, &sheets));
    }
    let mapping = chosen(mapping, &table, &layout);
    let names = {
        let world = app.world();
        let directory = app.directory();
        let names = Names::gather(&world, &directory, &layout, app.now(), false);
        match of {
            TableOf::Moves => names.with_posts(&world, app.now()),
            TableOf::People => names.with_titles_by_row(&world, app.now()),
            _ => names,
        }
    };
    let all = table.rows.len();
    progress(Stage::Checking { done: 0, of: all });
    let columns = Columns::of(&table.headings, &mapping);
    let (mut found, refused) = match values::read(&table, &layout, &mapping, &names) {
        Ok((readings, faults)) => {
            let mut found = rows(
                app,
                actor,
                (of, &columns, &names),
                (readings, given),
                progress,
            );
            found.faults.extend(faults);
            let refused = refused_rows(&mut found);
            (found, refused)
        }
        Err(missing) => (nothing(of, missing), all),
    };
    found.faults.sort_by_key(|fault| fault.place);
    let vacated = left_vacant(app, &found.plan);
    Ok(Prepared {
        of,
        refused,
        samples: samples(&table),
        words: values::words(&table, &layout, &mapping),
        sheet: table.sheet,
        sheets,
        heading: table.heading + 1,
        headings: table.headings,
        mapping,
        plan: found.plan,
        lines: found.lines,
        unchanged: found.unchanged,
        faults: found.faults,
        vacated,
    })
}

/// Posts that a list of moves leaves without a holder: nothing that is at fault, and something to
/// know before it is confirmed.
fn left_vacant(app: &App, plan: &Plan) -> Vec<PostId> {
    match plan {
        Plan::Moves { at, lines } if !lines.is_empty() => {
            let vacated = vacated(&app.world(), *at, lines);
            vacated.into_iter().map(|it| it.post).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether an actor may bring such tables in, be it for one unit only; which rows comes after.
///
/// # Errors
/// [`Denied`].
pub fn may_import(app: &App, actor: &Actor, of: TableOf) -> Result<(), Denied> {
    match app.authorise(actor, of.keep(), Subject::Body) {
        Err(Denied::OutOfReach) if of.is_kept_by_unit() => Ok(()),
        other => other.map(|_| ()),
    }
}

/// What the rows that could be read come to.
fn rows(
    app: &App,
    actor: &Actor,
    (of, columns, names): (TableOf, &Columns, &Names),
    (readings, given): (Vec<Reading>, &Given),
    progress: &dyn Fn(Stage),
) -> Found {
    let told = Told {
        progress,
        of: readings.len(),
    };
    match of {
        TableOf::Register(register) => check::found(app, register, columns, readings, progress),
        TableOf::Units => units::found(app, actor, columns, (&readings, &told)),
        TableOf::Posts => posts::found(app, actor, columns, (&readings, &told)),
        TableOf::People => people::found(app, actor, columns, (&readings, &told)),
        TableOf::Moves => moves::found(app, actor, columns, names, (readings, given.on)),
    }
}

/// Nothing, with the faults of the file as a whole.
fn nothing(of: TableOf, faults: Vec<Fault>) -> Found {
    let plan = match of {
        TableOf::Register(register) => Plan::Entries {
            register,
            rows: Vec::new(),
        },
        TableOf::Units => Plan::Units(Vec::new()),
        TableOf::Posts => Plan::Posts(Vec::new()),
        TableOf::People => Plan::People(Vec::new()),
        TableOf::Moves => Plan::Moves {
            at: Timestamp::from_millis(0),
            lines: Vec::new(),
        },
    };
    Found {
        plan,
        lines: Vec::new(),
        unchanged: 0,
        faults,
    }
}

/// Takes rows at fault out of what would be done, and counts them.
fn refused_rows(found: &mut Found) -> usize {
    let places = found.faults.iter().filter_map(|fault| fault.place);
    let rows: BTreeSet<u32> = places.map(|place| place.row).collect();
    let lines = std::mem::take(&mut found.lines);
    found
        .plan
        .keep(&|place| lines.get(place).is_some_and(|row| !rows.contains(row)));
    found.lines = lines
        .into_iter()
        .filter(|row| !rows.contains(row))
        .collect();
    rows.len()
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
                guessed.sheet.clone_from(&given.sheet);
                guessed.heading = given.heading;
            }
            guessed
        }
    }
}
