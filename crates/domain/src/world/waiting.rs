//! What waits for whom: decisions, later viewing, what is owed; and what holds now.

use std::collections::BTreeSet;

use super::World;
use crate::id::{DeviceId, PersonId, PostId, SystemId, UnitId};
use crate::permit::{Capacity, Permit, PermitKind, Route};
use crate::time::Timestamp;

impl World {
    /// What waits for a person's decision, in whatever capacity, the oldest first. What is for
    /// themselves is not among it.
    #[must_use]
    pub fn waiting_for(&self, person: PersonId, at: Timestamp) -> Vec<(&Permit, Capacity)> {
        let mut found: Vec<(&Permit, Capacity)> = Vec::new();
        for post in self.posts_decided_by(person, at) {
            for permit in self.permits.queued_at(post) {
                if !permit.waits(at) || self.is_own_permit(permit, person) {
                    continue;
                }
                let capacity = self.capacity(person, post, permit.kind(), permit.grade, at);
                found.extend(capacity.map(|capacity| (permit, capacity)));
            }
        }
        found.sort_by_key(|(permit, _)| (permit.applied_at, permit.id));
        found
    }

    /// The posts for which a person decides something: those held, and those of which the holder
    /// of one of them is delegate or the person stands in.
    #[must_use]
    pub fn posts_decided_by(&self, person: PersonId, at: Timestamp) -> BTreeSet<PostId> {
        let held: BTreeSet<PostId> = self
            .posts_held(person, at)
            .map(|(_, post)| post.id)
            .collect();
        let delegated = held.iter().flat_map(|post| self.delegations.of(*post));
        let delegated = delegated.filter(|it| it.valid.holds(at));
        let stands_in = self.stand_ins.of(person).filter(|it| it.valid.holds(at));
        let others: Vec<PostId> = delegated
            .map(|it| it.post)
            .chain(stands_in.map(|it| it.post))
            .collect();
        held.into_iter().chain(others).collect()
    }

    /// What stand-ins decided for posts that a person holds, and the person has not viewed (後閲).
    #[must_use]
    pub fn awaiting_view(&self, person: PersonId, at: Timestamp) -> Vec<(&Permit, PostId)> {
        let held = self.posts_held(person, at).map(|(_, post)| post.id);
        held.flat_map(|post| self.permits.to_view_at(post).map(move |it| (it, post)))
            .collect()
    }

    /// Permits whose applicant belongs to a unit or one below it at an instant, the newest first within
    /// the unit under which each was applied for.
    pub fn permits_within(&self, unit: UnitId, at: Timestamp) -> impl Iterator<Item = &Permit> {
        let units = self.permits.units();
        // The people of an abolished unit may have gone to different heirs.
        let asked = units
            .filter(move |id| !self.unit_in_force(*id, at) || self.unit_is_within(*id, unit, at));
        asked
            .flat_map(|id| self.permits.of_unit(id))
            .filter(move |permit| self.is_within(permit, unit, at))
    }

    /// Permits under a unit or below it of which something is overdue, the longest overdue first.
    pub fn overdue_within(&self, unit: UnitId, at: Timestamp) -> impl Iterator<Item = &Permit> {
        self.permits
            .overdue(at)
            .filter(move |permit| self.is_within(permit, unit, at))
    }

    fn is_within(&self, permit: &Permit, unit: UnitId, at: Timestamp) -> bool {
        self.unit_is_within(self.unit_of_permit(permit, at), unit, at)
    }

    /// Permits of a person of which something is overdue.
    pub fn overdue_of(&self, person: PersonId, at: Timestamp) -> impl Iterator<Item = &Permit> {
        let own = self.permits.of_person(person);
        own.filter(move |permit| permit.is_overdue(at))
    }

    /// Permits of a person and kind that hold at an instant.
    pub fn in_force_of(
        &self,
        person: PersonId,
        kind: PermitKind,
        at: Timestamp,
    ) -> impl Iterator<Item = &Permit> {
        let own = self.permits.of_person(person);
        own.filter(move |permit| permit.kind() == kind && permit.is_in_force(at))
    }

    /// Permits that speak of a device and hold at an instant.
    pub fn in_force_on(&self, device: DeviceId, at: Timestamp) -> impl Iterator<Item = &Permit> {
        let all = self.permits.of_device(device);
        all.filter(move |permit| permit.is_in_force(at))
    }

    /// Permits that speak of a system and hold at an instant.
    pub fn in_force_for(&self, system: SystemId, at: Timestamp) -> impl Iterator<Item = &Permit> {
        let all = self.permits.of_system(system);
        all.filter(move |permit| permit.is_in_force(at))
    }

    /// What waits at a post that is not the one that decides as things are at an instant, with the
    /// route from now on: after moves, vacancies and changes of units. What no post can decide
    /// stays where it is.
    #[must_use]
    pub fn misrouted(&self, at: Timestamp) -> Vec<(&Permit, Route)> {
        let mut found: Vec<(&Permit, Route)> = Vec::new();
        for post in self.permits.posts_with_queue() {
            for permit in self.permits.queued_at(post).filter(|it| it.waits(at)) {
                let moved = self.unit_of_permit(permit, at) != permit.unit;
                if let Ok(route) = self.route_of(permit, at)
                    && (route != permit.route || moved)
                {
                    found.push((permit, route));
                }
            }
        }
        found.sort_by_key(|(permit, _)| (permit.applied_at, permit.id));
        found
    }
}
