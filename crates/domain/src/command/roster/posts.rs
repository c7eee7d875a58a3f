//! Posts.

use std::collections::HashSet;

use super::{PostRow, Weighed, once};
use crate::actor::Actor;
use crate::authorise::{Action, Subject, authorise};
use crate::command::organisation::create_post;
use crate::command::structure::change_post;
use crate::command::{BARRED, Refusal};
use crate::event::Event;
use crate::role::Role;
use crate::time::Timestamp;
use crate::world::World;

pub(super) fn weigh(world: &World, actor: &Actor, rows: &[PostRow], now: Timestamp) -> Weighed {
    let mut weighed = Weighed::default();
    let mut seen = HashSet::new();
    for (place, row) in rows.iter().enumerate() {
        let found = once(&mut seen, row.post.id).and_then(|()| one(world, actor, row, now));
        weighed.take(place, found);
    }
    weighed
}

fn one(world: &World, actor: &Actor, row: &PostRow, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    let post = &row.post;
    if let Some((one, other)) = barred(&post.roles) {
        let mut refusal = Refusal::new("appointment.barred-combination").at("roles");
        refusal.reason = refusal
            .reason
            .with("role", one.code())
            .with("other", other.code());
        return Err(refusal);
    }
    let unit = Subject::Unit(post.unit);
    if row.expected.is_none() {
        if !world.unit_in_force(post.unit, now) {
            return Err(Refusal::new("unit.unknown").at("unit"));
        }
        authorise(world, actor, Action::CreatePost, unit, now)?;
        return create_post(world, post);
    }
    authorise(world, actor, Action::ChangePost, unit, now)?;
    if let Some(known) = world.posts.get(&post.id) {
        let before = Subject::Unit(known.unit);
        authorise(world, actor, Action::ChangePost, before, now)?;
    }
    change_post(world, actor, post, row.expected, now)
}

/// Roles that no one holds together, in one post.
fn barred(roles: &[Role]) -> Option<(Role, Role)> {
    let both = |(one, other): &&(Role, Role)| roles.contains(one) && roles.contains(other);
    BARRED.iter().find(both).copied()
}
