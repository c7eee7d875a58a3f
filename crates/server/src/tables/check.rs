//! Checking rows against the World, outside the writer.

use std::collections::HashMap;

use sekisho_domain::code::Param;
use sekisho_domain::command::{Refusal, may_change, may_enter};
use sekisho_domain::field::{FieldFault, Value};
use sekisho_domain::fold;
use sekisho_domain::id::UnitId;
use sekisho_domain::register::{EntryId, ImportRow, Particulars, Register};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_store::StoreError;
use sekisho_tabular::layout::{ID, UNIT};
use sekisho_tabular::values::Reading;
use sekisho_tabular::{Fault, Place};

use super::columns::Columns;
use super::import::{Found, Stage};
use super::plan::Plan;
use crate::app::App;

/// Rows that are checked under one hold of the World: the writer waits for that long at most.
const SLICE: usize = 1_000;

/// Checks what was read of a register's table, slice by slice.
pub(super) fn found(
    app: &App,
    register: Register,
    columns: &Columns,
    readings: Vec<Reading>,
    progress: &dyn Fn(Stage),
) -> Found {
    let of = readings.len();
    let (mut done, mut unchanged) = (0, 0);
    let (mut rows, mut lines) = (Vec::with_capacity(of), Vec::with_capacity(of));
    let mut faults = Vec::new();
    let mut checker = Checker::new(register, columns);
    let mut readings = readings.into_iter().peekable();
    while readings.peek().is_some() {
        let world = app.world();
        let now = app.now();
        for reading in readings.by_ref().take(SLICE) {
            done += 1;
            let line = reading.row;
            match checker.row(&world, reading, now) {
                Ok(Outcome::Row(row)) => {
                    rows.push(*row);
                    lines.push(line);
                }
                Ok(Outcome::Unchanged) => unchanged += 1,
                Err(wrong) => faults.extend(wrong),
            }
        }
        drop(world);
        progress(Stage::Checking { done, of });
    }
    Found {
        plan: Plan::Entries { register, rows },
        lines,
        unchanged,
        faults,
    }
}

/// What a row comes to.
enum Outcome {
    /// A new entry or a change.
    Row(Box<ImportRow>),
    /// It is there as it is.
    Unchanged,
}

/// Checks rows one by one, remembering what earlier ones have taken.
struct Checker<'a> {
    register: Register,
    /// The column of each field.
    columns: &'a Columns,
    ids: HashMap<EntryId, u32>,
    keys: HashMap<(&'static str, String), Place>,
    fresh: fn() -> Result<sekisho_domain::id::Fresh, StoreError>,
}

impl<'a> Checker<'a> {
    fn new(register: Register, columns: &'a Columns) -> Self {
        Self {
            register,
            columns,
            ids: HashMap::new(),
            keys: HashMap::new(),
            fresh: crate::app::fresh,
        }
    }

    fn place(&self, row: u32, field: &str) -> Place {
        self.columns.place(row, field)
    }

    /// Checks a row.
    fn row(
        &mut self,
        world: &World,
        mut reading: Reading,
        now: Timestamp,
    ) -> Result<Outcome, Vec<Fault>> {
        let row = reading.row;
        let unit = match reading.values.remove(UNIT) {
            Some(Value::Text(text)) => Some(text.parse::<UnitId>().map_err(|_| {
                vec![
                    Fault::cell(self.place(row, UNIT), "cell.unknown-reference")
                        .with("value", text),
                ]
            })?),
            _ => None,
        };
        let particulars = self.register.read(&reading.values).map_err(|errors| {
            let faults = errors
                .0
                .into_iter()
                .map(|error| Fault::cell(self.place(row, &error.field), field_code(error.fault)));
            faults.collect::<Vec<_>>()
        })?;
        self.take_keys(row, &particulars)?;
        let known = self.known(world, row, reading.id.as_deref(), &particulars)?;
        let (id, expected) = match known {
            Known::Here(id) => (id, world.registers.entry(id).map(|entry| entry.version)),
            Known::New(id) => (id, None),
        };
        if let Some(earlier) = self.ids.insert(id, row) {
            let place = self.place(row, ID);
            return Err(vec![
                Fault::cell(place, "row.twice").with("other", i64::from(earlier) + 1),
            ]);
        }
        if expected.is_some()
            && let Some(entry) = world.registers.entry(id)
            && entry.is_active()
            && entry.unit == unit
            && *entry.particulars == particulars
        {
            return Ok(Outcome::Unchanged);
        }
        let checked = match expected {
            Some(_) => may_change(world, id, unit, &particulars, now).map(|_| ()),
            None => may_enter(world, id, unit, &particulars, now),
        };
        checked.map_err(|refusal| vec![self.refused(row, refusal)])?;
        Ok(Outcome::Row(Box::new(ImportRow {
            id,
            unit,
            particulars: particulars.into(),
            expected,
        })))
    }

    fn refused(&self, row: u32, refusal: Refusal) -> Fault {
        self.columns.refused(row, refusal)
    }

    /// Two rows of a file may not share a key.
    fn take_keys(&mut self, row: u32, particulars: &Particulars) -> Result<(), Vec<Fault>> {
        for field in self.register.keys() {
            let Some(key) = particulars.key(field) else {
                continue;
            };
            let place = self.place(row, field);
            let folded = (*field, sekisho_domain::name::folded(&key));
            if let Some(other) = self.keys.insert(folded, place) {
                return Err(vec![
                    Fault::cell(place, "cell.twice")
                        .with("value", key)
                        .with("other", Param::Text(other.to_string())),
                ]);
            }
        }
        Ok(())
    }

    /// The entry that a row speaks of: by its id, else by the first key that is known.
    fn known(
        &self,
        world: &World,
        row: u32,
        id: Option<&str>,
        particulars: &Particulars,
    ) -> Result<Known, Vec<Fault>> {
        if let Some(text) = id {
            let fault = || {
                let place = self.place(row, ID);
                vec![Fault::cell(place, "cell.not-an-id").with("value", fold::width(text))]
            };
            let id: EntryId = text.parse().map_err(|_| fault())?;
            if id.prefix() != self.register.prefix() {
                return Err(fault());
            }
            return Ok(match world.registers.entry(id) {
                Some(_) => Known::Here(id),
                None => Known::New(id),
            });
        }
        let by_key = self.register.keys().iter().find_map(|field| {
            let key = particulars.key(field)?;
            world.registers.by_key(self.register, field, &key)
        });
        if let Some(id) = by_key {
            return Ok(Known::Here(id));
        }
        let fresh = (self.fresh)().map_err(|_| vec![Fault::file("file.no-entropy")])?;
        Ok(Known::New(fresh_id(self.register, fresh)))
    }
}

enum Known {
    Here(EntryId),
    New(EntryId),
}

fn fresh_id(register: Register, fresh: sekisho_domain::id::Fresh) -> EntryId {
    use sekisho_domain::id::{
        AdvisoryId, ChecklistItemId, ConcernId, ConferenceToolId, DeviceId, GatewayId, IncidentId,
        LineId, MediumId, ServiceId, SoftwareId, SystemId, TaskId,
    };
    match register {
        Register::IssuedDevice | Register::ByodDevice => DeviceId::new(fresh).into(),
        Register::Medium => MediumId::new(fresh).into(),
        Register::Software => SoftwareId::new(fresh).into(),
        Register::Line => LineId::new(fresh).into(),
        Register::System => SystemId::new(fresh).into(),
        Register::Service => ServiceId::new(fresh).into(),
        Register::ConferenceTool => ConferenceToolId::new(fresh).into(),
        Register::Task => TaskId::new(fresh).into(),
        Register::Incident => IncidentId::new(fresh).into(),
        Register::Concern => ConcernId::new(fresh).into(),
        Register::Gateway => GatewayId::new(fresh).into(),
        Register::Advisory => AdvisoryId::new(fresh).into(),
        Register::ChecklistItem => ChecklistItemId::new(fresh).into(),
    }
}

const fn field_code(fault: FieldFault) -> &'static str {
    match fault {
        FieldFault::Missing => "cell.missing",
        FieldFault::Form => "cell.form",
        FieldFault::TooLong => "cell.too-long-text",
        FieldFault::ForbiddenCharacter => "cell.forbidden-character",
        FieldFault::NoSuchDay => "cell.no-such-day",
        FieldFault::UnknownChoice => "cell.unknown-choice",
        FieldFault::NotAnId => "cell.unknown-reference",
        FieldFault::UnknownField => "cell.form",
    }
}
