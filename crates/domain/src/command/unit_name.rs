//! Units below the same unit bear different names, so that a name chosen in a list or read from a
//! file means one unit.

use std::collections::{BTreeSet, HashMap};

use super::Refusal;
use crate::name::folded;
use crate::time::Timestamp;
use crate::unit::Unit;
use crate::world::World;

/// Whether a unit, as it would be, shares its name with another one below the same unit at any
/// instant from `from` on.
///
/// # Errors
/// `unit.name-taken`, at `name`.
pub(super) fn is_free(world: &World, unit: &Unit, from: Timestamp) -> Result<(), Refusal> {
    among(world, unit, world.units.values(), from)
}

/// Units by every name that they bear or will bear, for many questions at once: a file of units must
/// not ask of every pair.
pub(super) struct Named<'a> {
    world: &'a World,
    by_name: HashMap<String, Vec<&'a Unit>>,
}

impl<'a> Named<'a> {
    pub(super) fn of(world: &'a World) -> Self {
        let mut by_name: HashMap<String, Vec<&Unit>> = HashMap::new();
        for unit in world.units.values() {
            for name in names(unit) {
                by_name.entry(name).or_default().push(unit);
            }
        }
        Self { world, by_name }
    }

    /// As [`is_free`].
    pub(super) fn is_free(&self, unit: &Unit, from: Timestamp) -> Result<(), Refusal> {
        let named = names(unit).into_iter();
        let others = named.filter_map(|name| self.by_name.get(&name)).flatten();
        among(self.world, unit, others.copied(), from)
    }
}

fn names(unit: &Unit) -> BTreeSet<String> {
    let later = unit.renamed.iter().map(|it| &it.name);
    let all = std::iter::once(&unit.name).chain(later);
    all.map(|name| folded(name.ja.as_str())).collect()
}

fn among<'a>(
    world: &World,
    unit: &Unit,
    others: impl Iterator<Item = &'a Unit>,
    from: Timestamp,
) -> Result<(), Refusal> {
    let others = others.filter(|other| other.id != unit.id && !other.is_abolished(from));
    for other in others {
        let changes = [unit, other].into_iter().flat_map(changes);
        let mut instants = changes.filter(|at| *at > from).chain([from]);
        if instants.any(|at| are_confused(world, unit, other, at)) {
            let mut refusal = Refusal::new("unit.name-taken").at("name");
            refusal.reason = refusal.reason.with("id", other.id.to_string());
            return Err(refusal);
        }
    }
    Ok(())
}

fn changes(unit: &Unit) -> impl Iterator<Item = Timestamp> {
    let renamed = unit.renamed.iter().map(|it| it.from);
    let moved = unit.moved.iter().map(|it| it.from);
    renamed.chain(moved).chain([unit.valid.from])
}

fn are_confused(world: &World, one: &Unit, other: &Unit, at: Timestamp) -> bool {
    let name = |unit: &Unit| folded(unit.name_at(at).ja.as_str());
    // What stood below an abolished unit stands below its heir.
    let above = |unit: &Unit| unit.parent_at(at).map(|parent| world.unit_now(parent, at));
    one.valid.holds(at)
        && other.valid.holds(at)
        && name(one) == name(other)
        && above(one) == above(other)
}
