//! Permits by kind, state and unit: what lists look for among hundreds of thousands.

use std::collections::HashSet;

use roaring::RoaringBitmap;

use super::World;
use crate::id::{PermitId, PersonId, UnitId};
use crate::permit::{Permit, PermitKind, SoughtNumber, Status};
use crate::time::Timestamp;

/// One permit in so many may be looked at one by one: finding the fitting ones by their applicants
/// would take longer.
const COMMON: usize = 8;

/// Permits whose applicant belongs to one of some units, and those of one person besides.
#[derive(Clone, Copy, Debug)]
pub struct Within<'a> {
    /// The units, as [`World::units_within`] has them.
    pub units: &'a HashSet<UnitId>,
    /// The person.
    pub person: Option<PersonId>,
}

/// What is looked for. All of it must fit.
#[derive(Clone, Copy, Debug, Default)]
pub struct PermitQuery<'a> {
    /// The kind.
    pub kind: Option<PermitKind>,
    /// Where it stands.
    pub status: Option<Status>,
    /// The number it was given.
    pub number: Option<SoughtNumber>,
    /// The people of whom one applied.
    pub applicants: Option<&'a HashSet<PersonId>>,
    /// What is asked for, by unit.
    pub within: Option<Within<'a>>,
    /// What may be seen, by unit.
    pub seen: Option<Within<'a>>,
}

impl World {
    /// The permits that fit at an instant, the newest first; those before one, where it is known.
    pub fn permits_found<'a>(
        &'a self,
        query: PermitQuery<'a>,
        before: Option<PermitId>,
        at: Timestamp,
    ) -> impl Iterator<Item = &'a Permit> {
        let newest = u32::try_from(self.permits.len()).unwrap_or(u32::MAX);
        let end = before.and_then(|id| self.permits.ordinal(id));
        let end = end.unwrap_or(newest);
        let narrowed = self.narrowed(&query, at).map(|mut places| {
            places.remove_range(end..);
            places
        });
        let all = narrowed.is_none().then_some(0..end);
        let all = all.into_iter().flatten().rev();
        narrowed
            .into_iter()
            .flat_map(|places| places.into_iter().rev())
            .chain(all)
            .map(|ordinal| self.permits.at(ordinal))
            .filter(move |permit| self.fits(&query, permit, at))
    }

    fn fits(&self, query: &PermitQuery<'_>, permit: &Permit, at: Timestamp) -> bool {
        let belongs = |within: Within<'_>| {
            within.person == Some(permit.applicant)
                || within.units.contains(&self.unit_of_permit(permit, at))
        };
        let bears = |sought: SoughtNumber| {
            let grant = permit.grant();
            grant.is_some_and(|grant| sought.fits(&grant.number))
        };
        query.kind.is_none_or(|kind| permit.kind() == kind)
            && query.number.is_none_or(bears)
            && query
                .applicants
                .is_none_or(|it| it.contains(&permit.applicant))
            && query.status.is_none_or(|it| permit.status(at) == it)
            && query.within.is_none_or(belongs)
            && query.seen.is_none_or(belongs)
    }

    /// Places among which all that fit are found; none where that would be nearly all.
    fn narrowed(&self, query: &PermitQuery<'_>, at: Timestamp) -> Option<RoaringBitmap> {
        let kind = query.kind.map(|kind| self.permits.places_of_kind(kind));
        let status = query.status;
        let status = status.map(|it| self.permits.places_by_status(it, at));
        let within = query.within.and_then(|it| self.places_within(it, at));
        let seen = query.seen.and_then(|it| self.places_within(it, at));
        let applicants = query.applicants.map(|people| {
            let own = people
                .iter()
                .flat_map(|it| self.permits.places_of_person(*it));
            own.copied().collect()
        });
        let sets = [kind, status, applicants, within, seen]
            .into_iter()
            .flatten();
        sets.reduce(|one, other| one & other)
    }

    /// The places of the permits of everyone who may belong to some units at an instant: whoever was
    /// put into one of them, or into one that was abolished, wherever that has led.
    fn places_within(&self, within: Within<'_>, at: Timestamp) -> Option<RoaringBitmap> {
        let may_lead =
            |unit: &UnitId| within.units.contains(unit) || !self.unit_in_force(*unit, at);
        let people = self.people_in.iter().filter(|(unit, _)| may_lead(unit));
        let people = people.flat_map(|(_, people)| people).copied();
        let mut left = self.permits.len() / COMMON;
        let mut places = RoaringBitmap::new();
        for person in people.chain(within.person) {
            let own = self.permits.places_of_person(person);
            left = left.checked_sub(own.len())?;
            places.extend(own.iter().copied());
        }
        Some(places)
    }
}
