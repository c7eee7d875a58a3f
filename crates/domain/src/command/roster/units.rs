//! Units: looked at in a tree of their own, since a row may stand below a new one.

use std::collections::{BTreeSet, HashSet};

use super::{UnitRow, Weighed, once};
use crate::actor::Actor;
use crate::authorise::{Action, Subject, authorise};
use crate::command::organisation::found_named;
use crate::command::structure::{changing, not_root};
use crate::command::unit_name::Named;
use crate::command::{LineFault, Refusal};
use crate::event::Event;
use crate::id::UnitId;
use crate::time::{Interval, Timestamp};
use crate::unit::{Moved, Renamed, Unit};
use crate::world::World;

pub(super) fn weigh(world: &World, actor: &Actor, rows: &[UnitRow], now: Timestamp) -> Weighed {
    let mut weighed = Weighed::default();
    let mut after = World {
        organisation: world.organisation.clone(),
        units: world.units.clone(),
        ..World::default()
    };
    let mut seen = HashSet::new();
    for (place, row) in rows.iter().enumerate() {
        let found = once(&mut seen, row.id).and_then(|()| match row.expected {
            None => found(world, actor, &mut after, row, now),
            expected => changed(world, actor, &mut after, (row, expected), now),
        });
        weighed.take(place, found);
    }
    let faulty: HashSet<usize> = weighed.faults.iter().filter_map(|it| it.line).collect();
    // Only now: units may hand their names on within a file.
    let named = Named::of(&after);
    for (place, row) in rows.iter().enumerate() {
        let unit = after
            .units
            .get(&row.id)
            .filter(|_| !faulty.contains(&place));
        if let Some(Err(refusal)) = unit.map(|unit| named.is_free(unit, now)) {
            weighed.faults.push(LineFault {
                line: Some(place),
                refusal,
            });
        }
    }
    for place in out_of_the_tree(&after, rows, now) {
        if !faulty.contains(&place) {
            weighed.faults.push(LineFault {
                line: Some(place),
                refusal: Refusal::new("unit.cycle").at("parent"),
            });
        }
    }
    weighed
}

fn found(
    world: &World,
    actor: &Actor,
    after: &mut World,
    row: &UnitRow,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let above = standing(world, after, row.parent);
    authorise(world, actor, Action::FoundUnit, above, now)?;
    let valid = Interval::starting(now);
    let unit = Unit::founded(row.id, Some(row.parent), row.name.clone(), valid);
    let events = found_named(after, unit.clone(), row.parent)?;
    after.units.insert(unit.id, unit);
    Ok(events)
}

/// The unit that a place in the new tree belongs to as things stand: what is new has no officers yet.
fn standing(world: &World, after: &World, unit: UnitId) -> Subject {
    let mut here = unit;
    // No further than there are units: the new tree has not been looked at yet.
    for _ in 0..=after.units.len() {
        if world.units.contains_key(&here) {
            return Subject::Unit(here);
        }
        match after.units.get(&here).and_then(|it| it.parent) {
            Some(parent) => here = parent,
            None => break,
        }
    }
    Subject::Body
}

fn changed(
    world: &World,
    actor: &Actor,
    after: &mut World,
    (row, expected): (&UnitRow, Option<u64>),
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    changing(world, row.id, now, expected, now)?;
    authorise(world, actor, Action::Reorganise, Subject::Unit(row.id), now)?;
    let parent_in_force = after.unit_in_force(row.parent, now);
    let known = after.units.get_mut(&row.id);
    let known = known.ok_or_else(|| Refusal::new("unit.unknown").at("id"))?;
    let mut events = Vec::new();
    if *known.name_at(now) != row.name {
        known.renamed.push(Renamed {
            from: now,
            name: row.name.clone(),
        });
        events.push(Event::UnitRenamed {
            unit: row.id,
            name: row.name.clone(),
            from: now,
        });
    }
    let above = known.parent_at(now).map(|it| world.unit_now(it, now));
    if above != Some(row.parent) {
        not_root(world, row.id)?;
        if !parent_in_force {
            return Err(Refusal::new("unit.unknown").at("parent"));
        }
        known.moved.push(Moved {
            from: now,
            parent: row.parent,
        });
        events.push(Event::UnitMoved {
            unit: row.id,
            parent: row.parent,
            from: now,
        });
    }
    Ok(events)
}

/// The rows whose units no longer lead up to the root, now or when a change that is recorded takes
/// hold.
fn out_of_the_tree(after: &World, rows: &[UnitRow], now: Timestamp) -> BTreeSet<usize> {
    let Some(root) = after.organisation.as_ref().map(|it| it.root) else {
        return BTreeSet::new();
    };
    let changes = after.units.values().flat_map(|unit| {
        let moved = unit.moved.iter().map(|it| it.from);
        moved.chain(unit.valid.until).chain([unit.valid.from])
    });
    let mut instants: BTreeSet<Timestamp> = changes.filter(|at| *at > now).collect();
    instants.insert(now);
    let mut lost = BTreeSet::new();
    for at in instants {
        for (place, row) in rows.iter().enumerate() {
            let stands = after.unit_in_force(row.id, at);
            if stands && !after.unit_is_within(row.id, root, at) {
                lost.insert(place);
            }
        }
    }
    lost
}
