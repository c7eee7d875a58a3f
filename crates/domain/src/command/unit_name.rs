//! Units below the same unit bear different names, so that a name chosen in a list or read from a
//! file means one unit.

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
    let others = world.units.values().filter(|other| other.id != unit.id);
    for other in others.filter(|other| !other.is_abolished(from)) {
        let changes = [unit, other].into_iter().flat_map(changes);
        let mut instants = changes.filter(|at| *at > from).chain([from]);
        if instants.any(|at| are_confused(unit, other, at)) {
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

fn are_confused(one: &Unit, other: &Unit, at: Timestamp) -> bool {
    let name = |unit: &Unit| folded(unit.name_at(at).ja.as_str());
    // What is quickest to tell comes first: a file of units asks this of every pair.
    one.parent_at(at) == other.parent_at(at)
        && one.valid.holds(at)
        && other.valid.holds(at)
        && name(one) == name(other)
}
