//! The organisation at an instant: which units and posts exist, what stands below what, where the
//! people and things of abolished units are.

use std::collections::HashSet;

use super::World;
use crate::id::{PersonId, PostId, UnitId};
use crate::register::{EntryId, Particulars};
use crate::time::Timestamp;
use crate::unit::Follower;

/// Longest chain of units that is followed. Cycles are refused on entry; this guards a damaged World
/// all the same.
const LONGEST: usize = 200;

impl World {
    /// Whether a unit exists at an instant.
    #[must_use]
    pub fn unit_in_force(&self, unit: UnitId, at: Timestamp) -> bool {
        self.units.get(&unit).is_some_and(|it| it.valid.holds(at))
    }

    /// Whether a post exists at an instant; it ends with its unit.
    #[must_use]
    pub fn post_in_force(&self, post: PostId, at: Timestamp) -> bool {
        self.posts
            .get(&post)
            .is_some_and(|it| !it.is_abolished(at) && self.unit_in_force(it.unit, at))
    }

    /// Whether a person is known and has not left by an instant, nor leaves by a list of moves whose
    /// instant has come.
    #[must_use]
    pub fn is_member(&self, person: PersonId, at: Timestamp) -> bool {
        self.people.contains_key(&person)
            && self.left.get(&person).is_none_or(|from| at < *from)
            && !self.moves.leaves(person, at)
    }

    /// From when on a person is no member any more, as far as that is known ahead: by what was recorded, or by a list of
    /// moves that waits for its day.
    #[must_use]
    pub fn leaves_at(&self, person: PersonId) -> Option<Timestamp> {
        let left = self.left.get(&person).copied();
        left.into_iter().chain(self.moves.leaving_of(person)).min()
    }

    /// The unit that has succeeded a unit at an instant: itself until it is abolished, then its first
    /// heir, and so on.
    #[must_use]
    pub fn unit_now(&self, unit: UnitId, at: Timestamp) -> UnitId {
        self.followed(unit, None, at)
    }

    /// Where something that was put into a unit is at an instant: in the unit, or in the heir that it
    /// followed to.
    #[must_use]
    pub fn unit_of_follower(&self, what: Follower, unit: UnitId, at: Timestamp) -> UnitId {
        self.followed(unit, Some(what), at)
    }

    fn followed(&self, unit: UnitId, what: Option<Follower>, at: Timestamp) -> UnitId {
        let mut here = unit;
        for _ in 0..LONGEST {
            let Some(known) = self.units.get(&here).filter(|it| it.is_abolished(at)) else {
                break;
            };
            let named = what.and_then(|what| self.shares.get(&here)?.get(&what).copied());
            match named.or_else(|| known.heirs.first().copied()) {
                Some(heir) => here = heir,
                None => break,
            }
        }
        here
    }

    /// The unit of a person at an instant.
    #[must_use]
    pub fn unit_of(&self, person: PersonId, at: Timestamp) -> Option<UnitId> {
        let unit = *self.people.get(&person)?;
        Some(self.followed(unit, Some(Follower::Person(person)), at))
    }

    /// The unit that answers for a thing of a register or an enrolled device at an instant; none where
    /// the organisation as a whole does, or nothing is known of it.
    #[must_use]
    pub fn unit_of_entry(&self, entry: EntryId, at: Timestamp) -> Option<UnitId> {
        let registered = self.registers.entry(entry).and_then(|it| it.unit);
        let enrolled = match entry {
            EntryId::Device(device) => self.device(device).map(|it| it.unit),
            _ => None,
        };
        let unit = registered.or(enrolled)?;
        let what = match entry {
            EntryId::Device(device) => Follower::Device(device),
            other => Follower::Entry(other),
        };
        Some(self.followed(unit, Some(what), at))
    }

    /// Whether an entry is a person's own: the device used or owned, the report of
    /// unease told, the incident reported.
    #[must_use]
    pub fn is_own_entry(&self, entry: EntryId, person: PersonId) -> bool {
        if let EntryId::Device(device) = entry
            && self
                .device(device)
                .is_some_and(|it| it.user == Some(person))
        {
            return true;
        }
        self.registers
            .entry(entry)
            .is_some_and(|it| match it.particulars.as_ref() {
                Particulars::Concern(_) | Particulars::Incident(_) => it.author == Some(person),
                other => other.person() == Some(person),
            })
    }

    /// Whether a unit is another or stands below it at an instant. A unit that has been abolished stands
    /// where its first heir does; nothing stands below one that has been.
    #[must_use]
    pub fn unit_is_within(&self, unit: UnitId, above: UnitId, at: Timestamp) -> bool {
        let mut here = self.unit_now(unit, at);
        for _ in 0..LONGEST {
            if here == above {
                return true;
            }
            match self.units.get(&here).and_then(|it| it.parent_at(at)) {
                Some(parent) => here = self.unit_now(parent, at),
                None => return false,
            }
        }
        false
    }

    /// A unit and those above it at an instant, the lowest first: those that [`Self::unit_is_within`] finds it within.
    #[must_use]
    pub fn unit_and_above(&self, unit: UnitId, at: Timestamp) -> Vec<UnitId> {
        let mut here = self.unit_now(unit, at);
        let mut all = Vec::new();
        for _ in 0..LONGEST {
            all.push(here);
            match self.units.get(&here).and_then(|it| it.parent_at(at)) {
                Some(parent) => here = self.unit_now(parent, at),
                None => break,
            }
        }
        all
    }

    /// The lowest unit that some are, or stand below, at an instant; none for none, or where nothing stands above
    /// all of them.
    #[must_use]
    pub fn lowest_above(&self, units: &[UnitId], at: Timestamp) -> Option<UnitId> {
        let mut here = self.unit_now(*units.first()?, at);
        for _ in 0..LONGEST {
            let mut all = units.iter();
            if all.all(|unit| self.unit_is_within(*unit, here, at)) {
                return Some(here);
            }
            let parent = self.units.get(&here)?.parent_at(at)?;
            here = self.unit_now(parent, at);
        }
        None
    }

    /// Every unit that is another, stands below it, or has been succeeded by one that does, at an
    /// instant: those to ask by for what belongs to it.
    #[must_use]
    pub fn units_within(&self, above: UnitId, at: Timestamp) -> HashSet<UnitId> {
        let all = self.units.keys().copied();
        all.filter(|unit| self.unit_is_within(*unit, above, at))
            .collect()
    }
}
