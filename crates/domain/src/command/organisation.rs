//! Founding the organisation, its units and posts.

use super::{Command, FirstOfficer, Refusal};
use crate::appointment::Appointment;
use crate::event::Event;
use crate::id::UnitId;
use crate::organisation::Organisation;
use crate::post::Post;
use crate::time::{Interval, Timestamp};
use crate::unit::Unit;
use crate::world::World;

pub(super) fn decide(
    world: &World,
    command: &Command,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::FoundOrganisation {
            organisation,
            officer,
            catalogue,
            catalogue_digest,
        } => found(
            world,
            organisation,
            officer,
            (catalogue, catalogue_digest),
            now,
        ),
        Command::ChangeProfile {
            profile,
            clauses_opted_in,
        } => Ok(vec![Event::ProfileChanged {
            profile: *profile,
            clauses_opted_in: *clauses_opted_in,
        }]),
        Command::AdoptCatalogue { catalogue, digest } => {
            if world
                .catalogue
                .as_ref()
                .is_some_and(|current| current.digest == *digest)
            {
                return Err(Refusal::new("catalogue.already-in-force"));
            }
            let (catalogue, digest) = (catalogue.clone(), digest.clone());
            Ok(vec![Event::CatalogueAdopted { catalogue, digest }])
        }
        Command::FoundUnit {
            id,
            parent,
            name,
            valid,
        } => {
            let unit = Unit::founded(*id, Some(*parent), name.clone(), *valid);
            found_unit(world, unit, *parent)
        }
        Command::CreatePost(post) => create_post(world, post),
        _ => Err(Refusal::new("command.misrouted")),
    }
}

pub(super) fn found_unit(world: &World, unit: Unit, parent: UnitId) -> Result<Vec<Event>, Refusal> {
    let from = unit.valid.from;
    let founded = found_named(world, unit.clone(), parent)?;
    super::unit_name::is_free(world, &unit, from)?;
    Ok(founded)
}

/// As [`found_unit`], for who looks at the names of many units at once.
pub(super) fn found_named(
    world: &World,
    unit: Unit,
    parent: UnitId,
) -> Result<Vec<Event>, Refusal> {
    let above = world
        .units
        .get(&parent)
        .ok_or_else(|| Refusal::new("unit.unknown").at("parent"))?;
    if !unit.valid.is_proper() {
        return Err(Refusal::new("interval.empty").at("valid"));
    }
    if !above.valid.holds(unit.valid.from) {
        return Err(Refusal::new("unit.parent-not-in-force").at("parent"));
    }
    if world.units.contains_key(&unit.id) {
        return Err(Refusal::new("unit.exists").at("id"));
    }
    Ok(vec![Event::UnitFounded { unit }])
}

pub(super) fn create_post(world: &World, post: &Post) -> Result<Vec<Event>, Refusal> {
    if !world.units.contains_key(&post.unit) {
        return Err(Refusal::new("unit.unknown").at("unit"));
    }
    if world.posts.contains_key(&post.id) {
        return Err(Refusal::new("post.exists").at("id"));
    }
    Ok(vec![Event::PostCreated {
        post: sorted_roles(post),
    }])
}

fn sorted_roles(post: &Post) -> Post {
    let mut post = Post::created(post.id, post.unit, post.title.clone(), post.roles.clone());
    post.roles.sort_unstable();
    post.roles.dedup();
    post
}

fn found(
    world: &World,
    organisation: &Organisation,
    officer: &FirstOfficer,
    catalogue: (&str, &str),
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    if world.organisation.is_some() {
        return Err(Refusal::new("organisation.exists"));
    }
    let person = officer.person.id;
    let name = organisation.name.clone();
    let root = Unit::founded(organisation.root, None, name, Interval::starting(now));
    let mut post = sorted_roles(&officer.post);
    post.unit = root.id;
    let appointment = Appointment::regular(officer.appointment, person, post.id, now);
    Ok(vec![
        Event::OrganisationFounded {
            organisation: organisation.clone(),
        },
        Event::CatalogueAdopted {
            catalogue: catalogue.0.to_owned(),
            digest: catalogue.1.to_owned(),
        },
        Event::UnitFounded { unit: root },
        Event::PersonRegistered {
            person,
            unit: organisation.root,
            profile: officer.person.profile.clone(),
        },
        Event::BootstrapOpened { person },
        Event::PostCreated { post },
        Event::AppointmentMade { appointment },
        Event::AccountIssued {
            account: officer.account,
            person,
        },
    ])
}
