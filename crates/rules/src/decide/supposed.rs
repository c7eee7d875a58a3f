//! What would be with one permit more or less: for whoever decides on it, before anything is decided.
//! Nothing of it is recorded, and nothing else in the World is touched.

use sekisho_domain::id::{DeviceId, PermitId, PersonId, SystemId};
use sekisho_domain::permit::{Mark, Permit, Place};

use super::facts::Ground;

/// What is supposed of a permit.
#[derive(Clone, Copy, Debug)]
pub enum Supposed<'a> {
    /// It stands so, in place of the one that has its id.
    Stands(&'a Permit),
    /// It is not there.
    Gone(PermitId),
}

/// The place of a permit that is only supposed: no World has so many.
const SUPPOSED: u32 = u32::MAX;

impl<'a> Supposed<'a> {
    const fn id(self) -> PermitId {
        match self {
            Self::Stands(permit) => permit.id,
            Self::Gone(id) => id,
        }
    }

    fn permit(self) -> Option<&'a Permit> {
        match self {
            Self::Stands(permit) => Some(permit),
            Self::Gone(_) => None,
        }
    }
}

impl<'a> Ground<'a> {
    /// A permit, as it is supposed to stand.
    pub(super) fn permit(&self, id: PermitId) -> Option<&'a Permit> {
        match self.supposed {
            Some(supposed) if supposed.id() == id => supposed.permit(),
            _ => self.world.permits.get(id),
        }
    }

    /// The permits of a person that are wanted by their marks, with their places in the World.
    pub(super) fn placed_of_person(
        self,
        person: PersonId,
        wanted: impl Fn(Mark) -> bool + Copy,
    ) -> impl Iterator<Item = (u32, &'a Permit)> {
        let known = self.world.permits.placed_of_person(person, wanted);
        self.as_supposed(known, move |it| {
            it.applicant == person && wanted(Mark::of(it))
        })
    }

    /// The permits that speak of a device and are wanted by their marks, with their places in the World.
    pub(super) fn placed_of_device(
        self,
        device: DeviceId,
        wanted: fn(Mark) -> bool,
    ) -> impl Iterator<Item = (u32, &'a Permit)> {
        let known = self.world.permits.placed_of_device(device, wanted);
        self.as_supposed(known, move |it| {
            it.particulars.devices().contains(&device) && wanted(Mark::of(it))
        })
    }

    /// The exceptions that name a person, with their places in the World.
    pub(super) fn placed_naming(self, person: PersonId) -> impl Iterator<Item = (u32, &'a Permit)> {
        let known = self.world.permits.placed_naming(person);
        self.as_supposed(known, move |it| {
            it.exception().is_some_and(|it| it.people.contains(&person))
        })
    }

    /// The exceptions that name neither people nor devices and may be in force for a person at a place, for a system or
    /// any, with their places in the World.
    pub(super) fn placed_open(
        self,
        person: PersonId,
        place: Place,
        system: Option<SystemId>,
    ) -> impl Iterator<Item = (u32, &'a Permit)> {
        let Self { world, now, .. } = self;
        // Of most organisations there is none, and then nobody's unit need be known.
        let unit = if world.permits.has_open() {
            world.unit_of(person, now)
        } else {
            None
        };
        let units = unit.map(|unit| world.unit_and_above(unit, now));
        let units = units.unwrap_or_default();
        let known = world.permits.placed_open(place, system, &units);
        self.as_supposed(known, Permit::is_for_everybody)
    }

    /// The permit at a place.
    pub(super) fn placed(self, place: u32) -> Option<&'a Permit> {
        match self.supposed.and_then(Supposed::permit) {
            Some(permit) if place == SUPPOSED => Some(permit),
            _ => self.world.permits.nth(place),
        }
    }

    fn as_supposed(
        self,
        known: impl Iterator<Item = (u32, &'a Permit)>,
        concerns: impl Fn(&Permit) -> bool,
    ) -> impl Iterator<Item = (u32, &'a Permit)> {
        let without = self.supposed.map(Supposed::id);
        let stands = self.supposed.and_then(Supposed::permit);
        let stays = move |(_, it): &(u32, &Permit)| without.is_none_or(|id| id != it.id);
        known.filter(stays).chain(
            stands
                .filter(move |it| concerns(it))
                .map(|it| (SUPPOSED, it)),
        )
    }
}
