//! Which post decides: found from clause, grade, unit and post (requirements.md 2.2).
//!
//! The section officer (課室情報セキュリティ責任者) is always the applicant's: the nearest one, from the
//! applicant's unit upwards. A system's officer is the one its register names; without a system it
//! is the nearest officer for systems, else the one of the body. The applicant never decides, nor
//! does anyone for whom an exception is: where the post that decides is their own, the superior does: the same role in the units
//! above, then the next role up. A post that stands there and that nobody holds is named in the
//! refusal, and not passed over.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::clause::Clause;
use super::kind::PermitKind;
use super::particulars::Particulars;
use crate::grade::Grade;
use crate::id::{PersonId, PostId, UnitId};
use crate::post::Post;
use crate::role::Role;
use crate::time::Timestamp;
use crate::world::World;

/// Which post decides, as which role, on which clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Route {
    /// The post.
    pub post: PostId,
    /// As which role.
    pub role: Role,
    /// On which clause the permission rests.
    pub clause: Clause,
}

/// Why no post can decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteFault {
    /// No post with this role is there for the unit.
    NoPost(Role),
    /// The post that decides is vacant, and nobody stands in.
    Vacant(PostId, Role),
    /// Those for whom it is asked hold every post up to this role.
    NoSuperior(Role),
    /// The system or service that is named has no officer.
    NoOfficer(&'static str),
}

impl RouteFault {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoPost(_) => "permit.no-approver-post",
            Self::Vacant(..) => "permit.approver-vacant",
            Self::NoSuperior(_) => "permit.no-superior",
            Self::NoOfficer(_) => "permit.no-officer",
        }
    }
}

/// The role above another.
const fn above(role: Role) -> Option<Role> {
    match role {
        Role::Diso | Role::Isso | Role::Tmo | Role::ServiceOwner | Role::AreaOfficer => {
            Some(Role::Iso)
        }
        Role::Iso | Role::ExceptionAuthority => Some(Role::Hiso),
        Role::Hiso | Role::DeputyCiso => Some(Role::Ciso),
        _ => None,
    }
}

/// Whether posts of a role decide for their own unit and those below it only.
const fn is_of_units(role: Role) -> bool {
    matches!(role, Role::Diso | Role::Iso | Role::Tmo | Role::AreaOfficer)
}

/// The post that decides on an application.
///
/// # Errors
/// [`RouteFault`] names the post or role that is missing.
pub fn route(
    world: &World,
    applicant: PersonId,
    unit: UnitId,
    particulars: &Particulars,
    grade: Option<Grade>,
    now: Timestamp,
) -> Result<Route, RouteFault> {
    let kind = particulars.kind();
    let role = world.permits.approver(kind);
    let search = Search {
        world,
        own: world.own_people(applicant, particulars),
        kind,
        grade,
        now,
    };
    let found = match search.named_officer(particulars, role)? {
        Some(post) => search.of_officer(post, role),
        None => search.climb(role, unit, false),
    };
    found.map(|(post, role)| Route {
        post,
        role,
        clause: kind.clause(),
    })
}

struct Search<'a> {
    world: &'a World,
    /// For whom it is asked.
    own: Vec<PersonId>,
    kind: PermitKind,
    grade: Option<Grade>,
    now: Timestamp,
}

/// What comes of looking at the posts of one place.
enum Manned {
    /// One of them can decide.
    By(PostId),
    /// They are held by someone for whom it is asked.
    Own,
    /// Nobody holds this one.
    Nobody(PostId),
    /// There are none.
    None,
}

impl Search<'_> {
    /// The officer whom a register names for the system or service of the application, where its
    /// role decides.
    fn named_officer(
        &self,
        particulars: &Particulars,
        role: Role,
    ) -> Result<Option<PostId>, RouteFault> {
        self.world.named_officer(particulars, role)
    }

    fn of_officer(&self, post: PostId, role: Role) -> Result<(PostId, Role), RouteFault> {
        match self.manned(&[post]) {
            Manned::By(post) => Ok((post, role)),
            Manned::Own => {
                let known = self.world.posts.get(&post);
                match known.and_then(|known| self.above(known.unit)) {
                    Some(unit) => self.climb(role, unit, true),
                    None => self.next_up(role, self.world.posts.get(&post)),
                }
            }
            Manned::Nobody(post) => Err(RouteFault::Vacant(post, role)),
            Manned::None => Err(RouteFault::NoPost(role)),
        }
    }

    fn next_up(&self, role: Role, from: Option<&Post>) -> Result<(PostId, Role), RouteFault> {
        match (above(role), from) {
            (Some(next), Some(post)) => self.climb(next, post.unit, true),
            _ => Err(RouteFault::NoSuperior(role)),
        }
    }

    /// Looks for a role from a unit upwards, then for the next role up, where `superior` or someone for
    /// whom it is asked holds what is found.
    fn climb(
        &self,
        role: Role,
        unit: UnitId,
        superior: bool,
    ) -> Result<(PostId, Role), RouteFault> {
        let mut own = superior;
        let mut role = role;
        loop {
            for posts in self.places(role, unit) {
                match self.manned(&posts) {
                    Manned::By(post) => return Ok((post, role)),
                    Manned::Own => own = true,
                    Manned::Nobody(post) => return Err(RouteFault::Vacant(post, role)),
                    Manned::None => {}
                }
            }
            if !own {
                return Err(RouteFault::NoPost(role));
            }
            role = above(role).ok_or(RouteFault::NoSuperior(role))?;
        }
    }

    /// The posts of a role, place by place: those of the unit, then of each unit above; then, for a
    /// role that is not of units, all the others, which are looked for only where it comes to that.
    fn places(&self, role: Role, unit: UnitId) -> impl Iterator<Item = Vec<PostId>> {
        let mut seen = HashSet::new();
        let mut here = Some(self.world.unit_now(unit, self.now));
        let mut others = !is_of_units(role);
        std::iter::from_fn(move || {
            if let Some(id) = here.filter(|id| seen.insert(*id)) {
                here = self.above(id);
                return Some(self.world.posts_with(role, id, self.now));
            }
            here = None;
            std::mem::take(&mut others).then(|| self.elsewhere(role, &seen))
        })
    }

    fn elsewhere(&self, role: Role, but: &HashSet<UnitId>) -> Vec<PostId> {
        let posts = self.world.posts.values();
        let elsewhere = posts.filter(|it| it.roles.contains(&role) && !but.contains(&it.unit));
        let mut others: Vec<PostId> = elsewhere.map(|post| post.id).collect();
        others.sort_unstable();
        others
    }

    /// The unit above a unit now.
    fn above(&self, unit: UnitId) -> Option<UnitId> {
        let parent = self.world.units.get(&unit)?.parent_at(self.now)?;
        Some(self.world.unit_now(parent, self.now))
    }

    fn manned(&self, posts: &[PostId]) -> Manned {
        if posts.is_empty() {
            return Manned::None;
        }
        let is_own = |post: &PostId| {
            let mut holders = self.world.holders(*post, self.now);
            holders.any(|holder| self.own.contains(&holder))
        };
        let (own, others): (Vec<PostId>, Vec<PostId>) = posts.iter().partition(|post| is_own(post));
        let decides = |post: &PostId| {
            self.world
                .deciders(*post, self.kind, self.grade, self.now)
                .any(|(person, _)| !self.own.contains(&person))
        };
        match others.iter().find(|post| decides(post)) {
            Some(post) => Manned::By(*post),
            None if !own.is_empty() => Manned::Own,
            // Who stands in for a vacant post does not decide on their own application either.
            None if others.iter().any(|post| {
                let mut deciders = self.world.deciders(*post, self.kind, self.grade, self.now);
                deciders.next().is_some()
            }) =>
            {
                Manned::Own
            }
            None => others
                .first()
                .map_or(Manned::None, |post| Manned::Nobody(*post)),
        }
    }
}
