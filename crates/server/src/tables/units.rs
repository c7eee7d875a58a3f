//! Units from a file and to one. The unit above may be new in the same file, so that the rows are
//! looked up among each other.

use std::collections::{BTreeSet, HashMap};

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{RosterCommand, UnitRow, check_roster};
use sekisho_domain::field::{Value, Values};
use sekisho_domain::fold;
use sekisho_domain::id::UnitId;
use sekisho_domain::name::Name;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_tabular::Fault;
use sekisho_tabular::layout::ID;
use sekisho_tabular::values::Reading;

use super::columns::Columns;
use super::import::{Found, Told};
use super::plan::Plan;
use super::row::{Row, put_name};
use crate::app::{App, fresh};

/// Most units above each other.
const DEEPEST: usize = 100;

/// The units in use that the World knows, by what a row may call them.
struct Known {
    by_name: HashMap<String, BTreeSet<UnitId>>,
    /// More than one only where units came together by a merger.
    below: HashMap<(UnitId, String), BTreeSet<UnitId>>,
}

impl Known {
    fn of(world: &World, now: Timestamp) -> Self {
        let mut by_name: HashMap<String, BTreeSet<UnitId>> = HashMap::new();
        let mut below: HashMap<(UnitId, String), BTreeSet<UnitId>> = HashMap::new();
        for (id, unit) in &world.units {
            if !world.unit_in_force(*id, now) {
                continue;
            }
            let name = unit.name_at(now);
            let ja = fold::search(name.ja.as_str());
            let en = name.en.as_ref().map(|en| fold::search(en.as_str()));
            for name in en.into_iter().chain([ja.clone()]) {
                by_name.entry(name).or_default().insert(*id);
            }
            if let Some(parent) = above(world, *id, now) {
                below.entry((parent, ja)).or_default().insert(*id);
            }
        }
        Self { by_name, below }
    }
}

/// The unit above, as it is now.
pub(super) fn above(world: &World, unit: UnitId, now: Timestamp) -> Option<UnitId> {
    let parent = world.units.get(&unit)?.parent_at(now)?;
    Some(world.unit_now(parent, now))
}

/// How far a row is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// The unit above is being looked for.
    Busy,
    Settled(UnitId),
    Faulty,
}

struct Finder<'a> {
    world: &'a World,
    now: Timestamp,
    root: UnitId,
    known: Known,
    rows: Vec<Row<'a>>,
    by_name: HashMap<String, Vec<usize>>,
    by_id: HashMap<UnitId, usize>,
    states: Vec<State>,
    /// The unit above and the name, of what is settled.
    settled: HashMap<UnitId, (UnitId, String)>,
    /// What is settled, the other way about.
    new: HashMap<(UnitId, String), UnitId>,
    places: HashMap<UnitId, u32>,
    found: Vec<(UnitRow, u32)>,
    unchanged: usize,
    faults: Vec<Fault>,
}

/// What a file of units comes to.
pub(super) fn found(
    app: &App,
    actor: &Actor,
    columns: &Columns,
    (readings, told): (&[Reading], &Told<'_>),
) -> Found {
    let now = app.now();
    let world = app.world_apart();
    let mut finder = Finder::new(&world, columns, readings, now);
    for row in 0..readings.len() {
        // What is at fault is kept with the row.
        let _ = finder.settle(row, 0);
        told.done(row + 1);
    }
    let (rows, lines): (Vec<UnitRow>, Vec<u32>) = finder.found.into_iter().unzip();
    let mut faults = finder.faults;
    if !rows.is_empty() {
        let command = RosterCommand::Units { rows: rows.clone() };
        let wrong = check_roster(&world, actor, &command, now);
        faults.extend(columns.all_refused(wrong, &lines));
    }
    Found {
        plan: Plan::Units(rows),
        lines,
        unchanged: finder.unchanged,
        faults,
    }
}

impl<'a> Finder<'a> {
    fn new(
        world: &'a World,
        columns: &'a Columns,
        readings: &'a [Reading],
        now: Timestamp,
    ) -> Self {
        let rows: Vec<Row<'a>> = readings
            .iter()
            .map(|reading| Row { reading, columns })
            .collect();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        let mut by_id = HashMap::new();
        for (place, row) in rows.iter().enumerate() {
            if let Some(name) = row.text("name_ja") {
                by_name.entry(fold::search(name)).or_default().push(place);
            }
            if let Ok(Some(id)) = row.own_id() {
                by_id.entry(id).or_insert(place);
            }
        }
        let root = world.organisation.as_ref().map(|it| it.root);
        Self {
            world,
            now,
            // Without an organisation nobody may bring anything in.
            root: root.unwrap_or_else(|| UnitId::new(sekisho_domain::id::Fresh([0; 16]))),
            known: Known::of(world, now),
            states: vec![State::Open; rows.len()],
            rows,
            by_name,
            by_id,
            settled: HashMap::new(),
            new: HashMap::new(),
            places: HashMap::new(),
            found: Vec::new(),
            unchanged: 0,
            faults: Vec::new(),
        }
    }

    /// The unit of a row, with those above it settled before.
    fn settle(&mut self, place: usize, depth: usize) -> Result<UnitId, State> {
        match self.states[place] {
            State::Open => {}
            State::Settled(id) => return Ok(id),
            other => return Err(other),
        }
        self.states[place] = State::Busy;
        match self.look_up(place, depth) {
            Ok(id) => {
                self.states[place] = State::Settled(id);
                Ok(id)
            }
            Err(fault) => {
                self.faults.push(fault);
                self.states[place] = State::Faulty;
                Err(State::Faulty)
            }
        }
    }

    fn look_up(&mut self, place: usize, depth: usize) -> Result<UnitId, Fault> {
        let row = self.rows[place];
        let own: Option<UnitId> = row.own_id()?;
        let known = own.and_then(|id| self.world.units.get(&id));
        let name = row.name("name", known.map(|unit| unit.name_at(self.now)))?;
        let folded = fold::search(name.ja.as_str());
        if self.is_root(row, own, &folded) {
            return self.take_root(row, &name);
        }
        let stays = own.filter(|_| !row.columns.has("parent"));
        let stays = stays.and_then(|id| above(self.world, id, self.now));
        let parent = match (stays, row.text("parent")) {
            (Some(parent), _) => parent,
            (None, None) => self.root,
            (None, Some(text)) => self.parent(place, text, depth)?,
        };
        let id = match (own, self.known.below.get(&(parent, folded.clone()))) {
            (Some(id), _) => id,
            (None, Some(there)) if there.len() > 1 => {
                let several = row.fault("name_ja", "cell.ambiguous-reference");
                return Err(several.with("value", name.ja.as_str()));
            }
            (None, Some(there)) => match there.first() {
                Some(id) => *id,
                None => self.another(parent, &folded, row)?,
            },
            (None, None) => self.another(parent, &folded, row)?,
        };
        self.take_place(id, row)?;
        self.new.insert((parent, folded.clone()), id);
        self.settled.insert(id, (parent, folded));
        let known = self.world.units.get(&id);
        let same = known.is_some_and(|unit| {
            unit.valid.holds(self.now)
                && *unit.name_at(self.now) == name
                && above(self.world, id, self.now) == Some(parent)
        });
        if same {
            self.unchanged += 1;
        } else {
            let unit = UnitRow {
                id,
                parent,
                name,
                expected: known.map(|unit| unit.version),
            };
            self.found.push((unit, row.number()));
        }
        Ok(id)
    }

    /// A fresh id, unless a row before this one was the same unit.
    fn another(&self, parent: UnitId, folded: &str, row: Row<'_>) -> Result<UnitId, Fault> {
        if let Some(id) = self.new.get(&(parent, folded.to_owned())) {
            return Err(self.twice(*id, row));
        }
        let fresh = fresh().map_err(|_| Fault::file("file.no-entropy"))?;
        Ok(UnitId::new(fresh))
    }

    fn twice(&self, id: UnitId, row: Row<'_>) -> Fault {
        let other = self.places.get(&id).copied().unwrap_or_default();
        row.fault(ID, "row.twice")
            .with("other", i64::from(other) + 1)
    }

    fn take_place(&mut self, id: UnitId, row: Row<'_>) -> Result<(), Fault> {
        if self.places.contains_key(&id) {
            return Err(self.twice(id, row));
        }
        self.places.insert(id, row.number());
        Ok(())
    }

    /// Whether a row is the organisation itself, which many tables of units begin with.
    fn is_root(&self, row: Row<'_>, own: Option<UnitId>, folded: &str) -> bool {
        let called = self
            .world
            .units
            .get(&self.root)
            .map(|unit| unit.name_at(self.now));
        let called = called.is_some_and(|name| fold::search(name.ja.as_str()) == folded);
        own == Some(self.root) || (own.is_none() && called && row.text("parent").is_none())
    }

    fn take_root(&mut self, row: Row<'_>, name: &Name) -> Result<UnitId, Fault> {
        let known = self
            .world
            .units
            .get(&self.root)
            .map(|unit| unit.name_at(self.now));
        let same = known.is_some_and(|known| known.ja == name.ja);
        if !same || row.text("parent").is_some() {
            return Err(row.fault("name_ja", "unit.root"));
        }
        self.take_place(self.root, row)?;
        self.unchanged += 1;
        Ok(self.root)
    }

    /// The unit that a text names: by its id, by its name, or with the names above it.
    fn parent(&mut self, place: usize, text: &str, depth: usize) -> Result<UnitId, Fault> {
        let row = self.rows[place];
        if depth >= DEEPEST {
            return Err(row.fault("parent", "cell.too-deep").with("max", DEEPEST));
        }
        let of_row = |state: State| match state {
            State::Busy => row.fault("parent", "unit.cycle"),
            _ => row.fault_of("parent", "cell.refers-to-faulty"),
        };
        if let Ok(id) = text.parse::<UnitId>() {
            if let Some(other) = self.by_id.get(&id).copied() {
                return self.settle(other, depth + 1).map_err(of_row);
            }
            return if self.world.unit_in_force(id, self.now) {
                Ok(id)
            } else {
                Err(row.fault_of("parent", "cell.unknown-reference"))
            };
        }
        let parts: Vec<String> = text
            .split(['/', '／'])
            .map(fold::search)
            .filter(|part| !part.is_empty())
            .collect();
        let mut ids = BTreeSet::new();
        let mut lost = None;
        for name in [Some(fold::search(text)), parts.last().cloned()]
            .into_iter()
            .flatten()
        {
            ids.extend(self.known.by_name.get(&name).into_iter().flatten());
            for other in self.by_name.get(&name).cloned().unwrap_or_default() {
                match self.settle(other, depth + 1) {
                    Ok(id) => {
                        ids.insert(id);
                    }
                    Err(state) => lost = Some(state),
                }
            }
        }
        match self.narrowed(ids, &parts, text) {
            Ok(Some(id)) => Ok(id),
            Ok(None) => {
                Err(lost.map_or_else(|| row.fault_of("parent", "cell.unknown-reference"), of_row))
            }
            Err(()) => Err(row.fault_of("parent", "cell.ambiguous-reference")),
        }
    }

    /// The one of some units that stands below the names before it.
    fn narrowed(
        &self,
        ids: BTreeSet<UnitId>,
        parts: &[String],
        text: &str,
    ) -> Result<Option<UnitId>, ()> {
        let whole = [fold::search(text)];
        let paths: Vec<(UnitId, Vec<String>)> =
            ids.into_iter().map(|id| (id, self.path(id))).collect();
        let ends = |path: &[String]| path.ends_with(parts) || path.ends_with(&whole);
        let fitting: Vec<_> = paths.iter().filter(|(_, path)| ends(path)).collect();
        match fitting.as_slice() {
            [] => Ok(None),
            [(id, _)] => Ok(Some(*id)),
            // From the top, or the organisation itself, it is the one that is meant.
            several => {
                let exact = |path: &[String]| path[1..] == *parts || path == parts;
                let mut exact = several.iter().filter(|(_, path)| exact(path));
                match (exact.next(), exact.next()) {
                    (Some((id, _)), None) => Ok(Some(*id)),
                    _ => Err(()),
                }
            }
        }
    }

    /// The names of the units above and its own, from the organisation itself on, folded.
    fn path(&self, unit: UnitId) -> Vec<String> {
        let mut parts = Vec::new();
        let mut here = Some(unit);
        while let Some(id) = here.filter(|_| parts.len() <= DEEPEST) {
            let (parent, name) = match self.settled.get(&id) {
                Some((parent, name)) => (Some(*parent), name.clone()),
                None => {
                    let known = self.world.units.get(&id);
                    let name = known.map(|it| fold::search(it.name_at(self.now).ja.as_str()));
                    (above(self.world, id, self.now), name.unwrap_or_default())
                }
            };
            parts.push(name);
            here = parent;
        }
        parts.reverse();
        parts
    }
}

/// What a unit is, by the fields of its table; the one above by its names.
#[must_use]
pub fn unit_values(
    world: &World,
    (name, parent): (&Name, Option<UnitId>),
    now: Timestamp,
) -> Values {
    let mut values = Values::new();
    put_name(&mut values, "name", name);
    let root = world.organisation.as_ref().map(|it| it.root);
    // Directly below the organisation itself nothing is said.
    if let Some(parent) = parent.filter(|parent| Some(*parent) != root) {
        let path = super::references::unit_path(world, parent, now);
        let path = if path.is_empty() {
            parent.to_string()
        } else {
            path
        };
        values.insert("parent".to_owned(), Value::Text(path));
    }
    values
}

/// What a unit is now, by the fields of its table.
#[must_use]
pub fn unit_now(world: &World, unit: UnitId, now: Timestamp) -> Option<Values> {
    let known = world.units.get(&unit)?;
    let parent = above(world, unit, now);
    Some(unit_values(world, (known.name_at(now), parent), now))
}
