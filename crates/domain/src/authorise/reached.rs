//! How far someone reaches with an action: the gate's table, asked once for a whole list.

use super::{Action, BOOTSTRAP, BREAK_GLASS, GRANTS, OPERATOR, Reach};
use crate::actor::Actor;
use crate::id::UnitId;
use crate::time::Timestamp;
use crate::world::World;

/// How far someone reaches. [`authorise`](super::authorise) opens exactly for what lies within.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Everything.
    pub body: bool,
    /// What belongs to these units and those below them.
    pub units: Vec<UnitId>,
    /// What is the person's own.
    pub own: bool,
}

impl Reached {
    const EVERYTHING: Self = Self {
        body: true,
        units: Vec::new(),
        own: false,
    };

    /// Whether it is nothing at all.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        !self.body && self.units.is_empty() && !self.own
    }
}

/// How far `actor` reaches with `action` at `now`. A program is asked about each thing by itself: by
/// its token it reaches nothing here.
#[must_use]
pub fn reached(world: &World, actor: &Actor, action: Action, now: Timestamp) -> Reached {
    let person = match actor {
        Actor::Person {
            person, via: None, ..
        } => *person,
        Actor::Operator if OPERATOR.contains(&action) => return Reached::EVERYTHING,
        _ => return Reached::default(),
    };
    let glass = world
        .break_glass_open(now)
        .is_some_and(|open| open.is_held_by(person));
    if (glass && BREAK_GLASS.contains(&action))
        || (world.has_bootstrap_power(person) && BOOTSTRAP.contains(&action))
    {
        return Reached::EVERYTHING;
    }
    let mut reached = Reached::default();
    for (_, post) in world.posts_held(person, now) {
        let grants = GRANTS
            .iter()
            .filter(|grant| grant.action == action && post.roles.contains(&grant.role));
        for grant in grants {
            match grant.reach {
                Reach::Body => return Reached::EVERYTHING,
                Reach::Unit if !reached.units.contains(&post.unit) => reached.units.push(post.unit),
                Reach::Unit => {}
                Reach::Own => reached.own = true,
            }
        }
    }
    reached
}
