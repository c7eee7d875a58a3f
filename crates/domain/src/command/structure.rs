//! Units and posts change (組織改編): renamed, moved, split, merged, abolished.
//!
//! A split founds the new units, and abolishes the old one with them as heirs; a merger abolishes the
//! units that go with the one that stays as heir.

use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::actor::Actor;
use crate::authorise::{Action, Subject};
use crate::event::Event;
use crate::id::{PostId, UnitId};
use crate::name::Name;
use crate::post::Post;
use crate::role::Role;
use crate::time::Timestamp;
use crate::unit::{Follower, Moved, Renamed, Share, Unit};
use crate::world::World;

/// Most things that are shared out among the heirs of one unit.
pub const SHARES_MAX: usize = 20_000;
/// Most heirs of one unit.
pub const HEIRS_MAX: usize = 50;

/// What can be asked about a unit or post that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum StructureCommand {
    /// Give a unit another name.
    RenameUnit {
        /// Which.
        unit: UnitId,
        /// The name.
        name: Name,
        /// From when.
        from: Timestamp,
        /// The version that this was decided on.
        expected: Option<u64>,
    },
    /// Put a unit below another.
    MoveUnit {
        /// Which.
        unit: UnitId,
        /// The unit above.
        parent: UnitId,
        /// From when.
        from: Timestamp,
        /// The version that this was decided on.
        expected: Option<u64>,
    },
    /// Abolish a unit, with named successors.
    AbolishUnit {
        /// Which.
        unit: UnitId,
        /// The first instant at which it no longer exists.
        until: Timestamp,
        /// Its heirs; what is not shared out follows to the first.
        heirs: Vec<UnitId>,
        /// What follows to another heir than the first.
        shares: Vec<Share>,
        /// The version that this was decided on.
        expected: Option<u64>,
    },
    /// Change a post: title, roles, unit.
    ChangePost {
        /// The post as it is to be; its end and version are left as they are.
        post: Box<Post>,
        /// The version that this was decided on.
        expected: Option<u64>,
    },
    /// Abolish a post.
    AbolishPost {
        /// Which.
        post: PostId,
        /// The unit in which it stands.
        unit: UnitId,
        /// The first instant at which it no longer exists.
        until: Timestamp,
        /// The version that this was decided on.
        expected: Option<u64>,
    },
}

impl StructureCommand {
    pub(super) fn action(&self) -> (Action, Subject) {
        match self {
            Self::RenameUnit { unit, .. }
            | Self::MoveUnit { unit, .. }
            | Self::AbolishUnit { unit, .. } => (Action::Reorganise, Subject::Unit(*unit)),
            Self::ChangePost { post, .. } => (Action::ChangePost, Subject::Unit(post.unit)),
            Self::AbolishPost { unit, .. } => (Action::ChangePost, Subject::Unit(*unit)),
        }
    }
}

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    command: &StructureCommand,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        StructureCommand::RenameUnit {
            unit,
            name,
            from,
            expected,
        } => {
            let mut after = changing(world, *unit, *from, *expected, now)?.clone();
            after.renamed.push(Renamed {
                from: *from,
                name: name.clone(),
            });
            super::unit_name::is_free(world, &after, *from)?;
            Ok(vec![Event::UnitRenamed {
                unit: *unit,
                name: name.clone(),
                from: *from,
            }])
        }
        StructureCommand::MoveUnit {
            unit,
            parent,
            from,
            expected,
        } => {
            let known = changing(world, *unit, *from, *expected, now)?;
            move_unit(world, known, *parent, *from)
        }
        StructureCommand::AbolishUnit {
            unit,
            until,
            heirs,
            shares,
            expected,
        } => {
            changing(world, *unit, *until, *expected, now)?;
            abolish(world, *unit, *until, heirs, shares)
        }
        StructureCommand::ChangePost { post, expected } => {
            change_post(world, actor, post, *expected, now)
        }
        StructureCommand::AbolishPost {
            post,
            unit,
            until,
            expected,
        } => {
            let known = known_post(world, *post, *expected, now)?;
            abolish_post(known, *unit, *until, now)
        }
    }
}

/// The unit exists when the change takes hold, and the change does not reach into the past.
pub(super) fn changing(
    world: &World,
    unit: UnitId,
    from: Timestamp,
    expected: Option<u64>,
    now: Timestamp,
) -> Result<&Unit, Refusal> {
    let known = world.units.get(&unit);
    let known = known.ok_or_else(|| Refusal::new("unit.unknown").at("unit"))?;
    super::current(known.version, expected)?;
    if from < now {
        return Err(Refusal::new("unit.change-in-past").at("from"));
    }
    // An end that was recorded is final; what is abolished some day can still change before.
    if known.is_abolished(from) || from < known.valid.from {
        return Err(Refusal::new("unit.not-in-force").at("from"));
    }
    Ok(known)
}

pub(super) fn not_root(world: &World, unit: UnitId) -> Result<(), Refusal> {
    let root = world.organisation.as_ref().map(|it| it.root);
    if root == Some(unit) {
        Err(Refusal::new("unit.root").at("unit"))
    } else {
        Ok(())
    }
}

fn move_unit(
    world: &World,
    known: &Unit,
    parent: UnitId,
    from: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let unit = known.id;
    not_root(world, unit)?;
    if !world.unit_in_force(parent, from) {
        return Err(Refusal::new("unit.unknown").at("parent"));
    }
    let mut after = known.clone();
    after.moved.push(Moved { from, parent });
    super::unit_name::is_free(world, &after, from)?;
    stays_a_tree(world, from, |units| {
        units.insert(unit, after);
    })?;
    Ok(vec![Event::UnitMoved { unit, parent, from }])
}

fn abolish(
    world: &World,
    unit: UnitId,
    until: Timestamp,
    heirs: &[UnitId],
    shares: &[Share],
) -> Result<Vec<Event>, Refusal> {
    not_root(world, unit)?;
    if world
        .units
        .get(&unit)
        .is_some_and(|it| it.valid.until.is_some())
    {
        return Err(Refusal::new("unit.end-recorded").at("unit"));
    }
    if heirs.is_empty() {
        return Err(Refusal::new("unit.no-heir").at("heirs"));
    }
    if heirs.len() > HEIRS_MAX || shares.len() > SHARES_MAX {
        return Err(Refusal::new("unit.too-many-heirs").at("heirs"));
    }
    for (place, heir) in heirs.iter().enumerate() {
        if *heir == unit || heirs[..place].contains(heir) || !world.unit_in_force(*heir, until) {
            return Err(Refusal::new("unit.heir-not-in-force").at("heirs"));
        }
    }
    let mut told = std::collections::HashSet::new();
    for share in shares {
        let known = match share.what {
            Follower::Person(person) => world.people.contains_key(&person),
            Follower::Device(device) => {
                world.device(device).is_some() || world.registers.entry(device).is_some()
            }
            Follower::Entry(entry) => world.registers.entry(entry).is_some(),
        };
        if !known || !heirs.contains(&share.to) || !told.insert(share.what) {
            return Err(Refusal::new("unit.share-unknown").at("shares"));
        }
    }
    let mut units = world.units.clone();
    if let Some(known) = units.get_mut(&unit) {
        known.valid.until = Some(until);
        known.heirs = heirs.to_vec();
    }
    stays_a_tree(world, until, |all| *all = units.clone())?;
    names_stay_apart(world, units, unit, until)?;
    Ok(vec![Event::UnitAbolished {
        unit,
        until,
        heirs: heirs.to_vec(),
        shares: shares.to_vec(),
    }])
}

/// What stood below a unit comes to stand below its heir, where no unit bears its name.
fn names_stay_apart(
    world: &World,
    units: Units,
    unit: UnitId,
    until: Timestamp,
) -> Result<(), Refusal> {
    let after = World {
        organisation: world.organisation.clone(),
        units,
        ..World::default()
    };
    let named = super::unit_name::Named::of(&after);
    let below = after
        .units
        .values()
        .filter(|it| it.parent_at(until) == Some(unit));
    for child in below.filter(|it| !it.is_abolished(until)) {
        named
            .is_free(child, until)
            .map_err(|refusal| refusal.at("heirs"))?;
    }
    Ok(())
}

type Units = std::collections::HashMap<UnitId, Unit>;

/// After a change, every unit still leads up to the root, at every instant from then on at which
/// anything changes.
fn stays_a_tree(
    world: &World,
    from: Timestamp,
    change: impl FnOnce(&mut Units),
) -> Result<(), Refusal> {
    let mut after = World {
        organisation: world.organisation.clone(),
        units: world.units.clone(),
        ..World::default()
    };
    change(&mut after.units);
    let Some(root) = after.organisation.as_ref().map(|it| it.root) else {
        return Ok(());
    };
    let mut instants: Vec<Timestamp> = after
        .units
        .values()
        .flat_map(|unit| {
            let moved = unit.moved.iter().map(|it| it.from);
            moved.chain(unit.valid.until).chain([unit.valid.from])
        })
        .filter(|at| *at > from)
        .collect();
    instants.push(from);
    instants.sort_unstable();
    instants.dedup();
    for at in instants {
        for unit in after.units.values().filter(|it| it.valid.holds(at)) {
            if !after.unit_is_within(unit.id, root, at) {
                return Err(Refusal::new("unit.cycle").at("parent"));
            }
        }
    }
    Ok(())
}

fn known_post(
    world: &World,
    post: PostId,
    expected: Option<u64>,
    now: Timestamp,
) -> Result<&Post, Refusal> {
    let known = world.posts.get(&post);
    let known = known.ok_or_else(|| Refusal::new("post.unknown").at("post"))?;
    super::current(known.version, expected)?;
    if known.is_abolished(now) {
        return Err(Refusal::new("post.abolished").at("post"));
    }
    Ok(known)
}

fn abolish_post(
    known: &Post,
    unit: UnitId,
    until: Timestamp,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    if known.unit != unit {
        return Err(Refusal::new("post.other-unit").at("unit"));
    }
    if until < now {
        return Err(Refusal::new("post.end-in-past").at("until"));
    }
    let post = known.id;
    Ok(vec![Event::PostAbolished { post, until }])
}

pub(super) fn change_post(
    world: &World,
    actor: &Actor,
    post: &Post,
    expected: Option<u64>,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let known = known_post(world, post.id, expected, now)?;
    if !world.unit_in_force(post.unit, now) {
        return Err(Refusal::new("unit.unknown").at("unit"));
    }
    let mut roles = post.roles.clone();
    roles.sort_unstable();
    roles.dedup();
    let after = Post {
        roles,
        until: known.until,
        version: known.version,
        ..post.clone()
    };
    if after == *known {
        return Err(Refusal::new("post.unchanged"));
    }
    holders_bear_it(world, actor, known, &after, now)?;
    Ok(vec![Event::PostChanged { post: after }])
}

/// Nobody widens a post that is one's own, and nobody comes to hold what is barred.
fn holders_bear_it(
    world: &World,
    actor: &Actor,
    before: &Post,
    after: &Post,
    now: Timestamp,
) -> Result<(), Refusal> {
    let added: Vec<Role> = after
        .roles
        .iter()
        .copied()
        .filter(|role| !before.roles.contains(role))
        .collect();
    let widened = !added.is_empty() || before.unit != after.unit;
    if !widened {
        return Ok(());
    }
    let ours = world.appointments_to.get(&before.id).into_iter().flatten();
    let ours = ours
        .filter_map(|id| world.appointments.get(id))
        .filter(|it| it.valid.until.is_none_or(|until| now < until));
    for held in ours {
        let oneself = matches!(actor, Actor::Person { person, appointment, .. }
            if *person == held.person
                && (appointment.is_some() || !world.has_bootstrap_power(*person)));
        if oneself {
            return Err(Refusal::new("post.own").at("post"));
        }
        if let Some(refusal) = super::people::barred_beside(world, held, &after.roles) {
            return Err(refusal.at("roles"));
        }
    }
    Ok(())
}
