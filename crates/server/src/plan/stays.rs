//! Where people were before and what stood above them then: of who was transferred, and of whose unit was abolished or
//! moved, or one above it (組織改編).

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use sekisho_domain::id::{PersonId, UnitId};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::unit::Follower;
use sekisho_domain::world::World;
use sekisho_rules::trigger::DAYS;

/// For how long days are known, and the day that is not over.
pub(super) const KNOWN: Span = Span::days(DAYS as u32 + 1);
/// The shortest time there is: an instant less is the last one before it.
const INSTANT: Span = Span::millis(1);

/// One unit in which somebody was.
pub(super) struct Stay {
    /// Until when, as the unit and those above it were.
    pub(super) until: Timestamp,
    /// The place of the unit, or of the one that has succeeded it: where it is told.
    pub(super) unit: u32,
    /// The unit and those above it, as they stood then.
    above: Arc<[UnitId]>,
}

impl Stay {
    /// Whether the unit was one of some then, or stood below one.
    pub(super) fn is_within(&self, named: &BTreeSet<UnitId>) -> bool {
        self.above.iter().any(|it| named.contains(it))
    }
}

/// The organisation in the days that are known.
pub(super) struct Past<'a> {
    world: &'a World,
    now: Timestamp,
    places: &'a HashMap<UnitId, u32>,
    /// When units were abolished or moved, the oldest first.
    reorganised: Vec<Timestamp>,
    /// What stood above a unit at an instant.
    above: HashMap<(UnitId, Timestamp), Arc<[UnitId]>>,
}

impl<'a> Past<'a> {
    pub(super) fn of(world: &'a World, now: Timestamp, places: &'a HashMap<UnitId, u32>) -> Self {
        let units = world.units.values();
        let changed = units.flat_map(|unit| {
            let moved = unit.moved.iter().map(|it| it.from);
            moved.chain(unit.valid.until)
        });
        let known = changed.filter(|at| *at <= now && now.since(*at) <= KNOWN);
        let reorganised: BTreeSet<Timestamp> = known.collect();
        Self {
            world,
            now,
            places,
            reorganised: reorganised.into_iter().collect(),
            above: HashMap::new(),
        }
    }

    /// Where somebody was before within the days that are known, the oldest first.
    pub(super) fn stays(&mut self, person: PersonId) -> Vec<Stay> {
        let world = self.world;
        let mut stays = Vec::new();
        let mut from = self.now.before(KNOWN);
        for (until, unit) in world.was_in.get(&person).into_iter().flatten() {
            if *until < from {
                continue;
            }
            self.reorganised_within(person, *unit, (from, *until), &mut stays);
            stays.extend(self.stay(person, *unit, *until));
            from = *until;
        }
        if let Some(unit) = world.people.get(&person) {
            let until = self.now.after(INSTANT);
            self.reorganised_within(person, *unit, (from, until), &mut stays);
        }
        stays
    }

    /// The stays that end between two instants because the unit into which somebody was put, or one above it, was
    /// abolished or moved.
    fn reorganised_within(
        &mut self,
        person: PersonId,
        unit: UnitId,
        (from, until): (Timestamp, Timestamp),
        stays: &mut Vec<Stay>,
    ) {
        for number in 0..self.reorganised.len() {
            let at = self.reorganised[number];
            if at <= from || at >= until {
                continue;
            }
            let before = at.before(INSTANT);
            let then = self.followed(person, unit, before);
            if self.above(then, before) != self.above(then, at) {
                stays.extend(self.stay(person, unit, at));
            }
        }
    }

    /// The unit that somebody followed to, of the one into which the person was put.
    fn followed(&self, person: PersonId, unit: UnitId, at: Timestamp) -> UnitId {
        let who = Follower::Person(person);
        self.world.unit_of_follower(who, unit, at)
    }

    fn above(&mut self, unit: UnitId, at: Timestamp) -> Arc<[UnitId]> {
        let world = self.world;
        let known = self.above.entry((unit, at));
        Arc::clone(known.or_insert_with(|| world.unit_and_above(unit, at).into()))
    }

    /// A stay that ended at an instant; none where it has no place any more.
    fn stay(&mut self, person: PersonId, unit: UnitId, until: Timestamp) -> Option<Stay> {
        let place = *self.places.get(&self.followed(person, unit, self.now))?;
        let before = until.before(INSTANT);
        let then = self.followed(person, unit, before);
        Some(Stay {
            until,
            unit: place,
            above: self.above(then, before),
        })
    }
}
