//! Whom something is for by the units that it names: the people of those and of the units below; everyone where it
//! names none.

use sekisho_domain::id::UnitId;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

/// Whom a rule or a line of the plan is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Whom {
    /// Everyone.
    Everyone,
    /// The people of these units and of those below; nobody where there is none.
    Units(Vec<UnitId>),
}

impl Whom {
    /// By the units that are named. The root is everyone, and nobody is in a unit any more that another has succeeded.
    pub(crate) fn named(world: &World, units: &[UnitId], at: Timestamp) -> Self {
        let root = world.organisation.as_ref().map(|it| it.root);
        if units.is_empty() || units.iter().any(|unit| Some(*unit) == root) {
            return Self::Everyone;
        }
        let live = units.iter().copied();
        let live = live.filter(|unit| world.unit_now(*unit, at) == *unit);
        Self::Units(live.collect())
    }

    /// Whether it is for the people of a unit.
    pub(crate) fn holds(&self, world: &World, unit: UnitId, at: Timestamp) -> bool {
        match self {
            Self::Everyone => true,
            Self::Units(units) => {
                let mut units = units.iter();
                units.any(|above| world.unit_is_within(unit, *above, at))
            }
        }
    }

    /// Whether there is anybody whom both are for: units meet where one stands within the other.
    pub(crate) fn meets(&self, other: &Self, world: &World, at: Timestamp) -> bool {
        let any_in = |units: &[UnitId], whom: &Self| {
            let mut units = units.iter();
            units.any(|unit| whom.holds(world, *unit, at))
        };
        match (self, other) {
            (Self::Everyone, Self::Everyone) => true,
            (Self::Everyone, Self::Units(units)) | (Self::Units(units), Self::Everyone) => {
                !units.is_empty()
            }
            (Self::Units(one), Self::Units(two)) => any_in(one, other) || any_in(two, self),
        }
    }

    /// Whether everybody whom it is for, the other is for too.
    pub(crate) fn lies_in(&self, other: &Self, world: &World, at: Timestamp) -> bool {
        match (self, other) {
            (_, Self::Everyone) => true,
            (Self::Everyone, Self::Units(_)) => false,
            (Self::Units(units), Self::Units(_)) => {
                let mut units = units.iter();
                units.all(|unit| other.holds(world, *unit, at))
            }
        }
    }
}
