//! Who decides for a post at an instant: its holders, standing delegates, stand-ins.

use super::World;
use crate::delegation::Delegation;
use crate::grade::Grade;
use crate::id::{DelegationId, PersonId, PostId, StandInId, UnitId};
use crate::permit::{Capacity, Particulars, Permit, PermitKind, Route, RouteFault, route};
use crate::role::Role;
use crate::stand_in::StandIn;
use crate::time::Timestamp;

impl World {
    /// Everyone who decides for a post on a kind and grade at an instant, and in what capacity. An
    /// auditor decides nothing.
    pub fn deciders(
        &self,
        post: PostId,
        kind: PermitKind,
        grade: Option<Grade>,
        at: Timestamp,
    ) -> impl Iterator<Item = (PersonId, Capacity)> {
        let holders = self.holders(post, at).map(|who| (who, Capacity::Holder));
        let delegated = self.delegations.at(post).iter();
        let delegates = delegated
            .filter(move |it| it.covers(kind, grade, at))
            .flat_map(move |it| {
                let capacity = Capacity::Delegate { delegation: it.id };
                self.holders(it.to, at).map(move |who| (who, capacity))
            });
        let standing_in = self.stand_ins.at(post).iter();
        let stand_ins = standing_in
            .filter(move |it| it.covers(kind, at))
            .map(|it| (it.person, Capacity::StandIn { stand_in: it.id }));
        holders
            .chain(delegates)
            .chain(stand_ins)
            .filter(move |(who, _)| !self.is_auditor(*who, at))
    }

    fn is_auditor(&self, person: PersonId, at: Timestamp) -> bool {
        self.posts_held(person, at)
            .any(|(_, post)| post.roles.contains(&Role::Auditor))
    }

    /// In what capacity a person decides for a post on a kind and grade; none where they do not.
    /// The holder's own capacity comes first, a stand-in's last.
    #[must_use]
    pub fn capacity(
        &self,
        person: PersonId,
        post: PostId,
        kind: PermitKind,
        grade: Option<Grade>,
        at: Timestamp,
    ) -> Option<Capacity> {
        self.deciders(post, kind, grade, at)
            .find(|(who, _)| *who == person)
            .map(|(_, capacity)| capacity)
    }

    /// Those for whom a permit is: its applicant, and of an exception the people whom it names and the users
    /// of the devices that it names. None of them decides on it.
    #[must_use]
    pub fn own_people(&self, applicant: PersonId, particulars: &Particulars) -> Vec<PersonId> {
        let mut people = vec![applicant];
        if let Particulars::Exception(exception) = particulars {
            people.extend(exception.people.iter().copied());
            let devices = exception.named_devices();
            people.extend(devices.filter_map(|id| self.device(id)?.user));
        }
        people
    }

    /// Whether a permit is for a person, whoever applied for it: see [`World::own_people`].
    #[must_use]
    pub fn is_own_permit(&self, permit: &Permit, person: PersonId) -> bool {
        let own = self.own_people(permit.applicant, &permit.particulars);
        own.contains(&person)
    }

    /// The post that decides on a permit as things are at an instant, whatever was found when it
    /// was applied for.
    ///
    /// # Errors
    /// [`RouteFault`] names the post or role that is missing.
    pub fn route_of(&self, permit: &Permit, at: Timestamp) -> Result<Route, RouteFault> {
        let unit = self.unit_of_permit(permit, at);
        let particulars = &permit.particulars;
        route(self, permit.applicant, unit, particulars, permit.grade, at)
    }

    /// The unit of a permit's applicant at an instant; what succeeded that of the application for one
    /// who is not known.
    #[must_use]
    pub fn unit_of_permit(&self, permit: &Permit, at: Timestamp) -> UnitId {
        self.unit_of(permit.applicant, at)
            .unwrap_or_else(|| self.unit_now(permit.unit, at))
    }

    /// The posts of a unit itself that carry a role and exist at an instant, in the order of their ids.
    #[must_use]
    pub fn posts_with(&self, role: Role, unit: UnitId, at: Timestamp) -> Vec<PostId> {
        let there = self.posts_in.get(&unit).into_iter().flatten();
        let with_role = there.filter(|id| {
            let post = self.posts.get(id);
            post.is_some_and(|post| post.roles.contains(&role)) && self.post_in_force(**id, at)
        });
        let mut posts: Vec<PostId> = with_role.copied().collect();
        posts.sort_unstable();
        posts
    }

    /// A stand-in by id.
    #[must_use]
    pub fn stand_in(&self, id: StandInId) -> Option<&StandIn> {
        self.stand_ins.get(id)
    }

    /// A delegation by id.
    #[must_use]
    pub fn delegation(&self, id: DelegationId) -> Option<&Delegation> {
        self.delegations.get(id)
    }
}
