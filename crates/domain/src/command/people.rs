//! People, appointments and accounts.

use super::{Command, Refusal};
use crate::actor::Actor;
use crate::appointment::Appointment;
use crate::event::Event;
use crate::id::{AppointmentId, PersonId};
use crate::role::Role;
use crate::time::{Interval, Timestamp};
use crate::world::World;

/// Roles that one person never holds together: who audits is not audited, and the auditor
/// approves nothing (requirements.md 2.1, roles barred from being combined).
const BARRED: &[(Role, Role)] = &[
    (Role::Auditor, Role::Ciso),
    (Role::Auditor, Role::DeputyCiso),
    (Role::Auditor, Role::Hiso),
    (Role::Auditor, Role::Iso),
    (Role::Auditor, Role::Diso),
    (Role::Auditor, Role::Isso),
    (Role::Auditor, Role::Tmo),
];

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    command: &Command,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::RegisterPerson { person, unit } => {
            if !world.units.contains_key(unit) {
                return Err(Refusal::new("unit.unknown").at("unit"));
            }
            if world.people.contains_key(&person.id) {
                return Err(Refusal::new("person.exists").at("person"));
            }
            let profile = person.profile.clone();
            Ok(vec![Event::PersonRegistered {
                person: person.id,
                unit: *unit,
                profile,
            }])
        }
        Command::ForgetPerson { person } => {
            known_person(world, *person)?;
            if world.posts_held(*person, now).next().is_some() {
                return Err(Refusal::new("person.holds-posts").at("person"));
            }
            Ok(vec![Event::PersonForgotten { person: *person }])
        }
        Command::Appoint {
            id,
            person,
            post,
            valid,
        } => appoint(
            world,
            actor,
            Appointment {
                id: *id,
                person: *person,
                post: *post,
                valid: *valid,
            },
        ),
        Command::EndAppointment { appointment, until } => {
            end_appointment(world, *appointment, *until, now)
        }
        Command::IssueAccount { account, person } => {
            known_person(world, *person)?;
            if world.accounts.contains_key(account) {
                return Err(Refusal::new("account.exists").at("account"));
            }
            Ok(vec![Event::AccountIssued {
                account: *account,
                person: *person,
            }])
        }
        Command::CloseAccount { account } => {
            world
                .person_of_account(*account)
                .ok_or_else(|| Refusal::new("account.unknown").at("account"))?;
            Ok(vec![Event::AccountClosed { account: *account }])
        }
        _ => Err(Refusal::new("command.misrouted")),
    }
}

fn known_person(world: &World, person: PersonId) -> Result<(), Refusal> {
    if world.people.contains_key(&person) {
        Ok(())
    } else {
        Err(Refusal::new("person.unknown").at("person"))
    }
}

fn end_appointment(
    world: &World,
    appointment: AppointmentId,
    until: Timestamp,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let known = world
        .appointments
        .get(&appointment)
        .ok_or_else(|| Refusal::new("appointment.unknown").at("appointment"))?;
    if until < now {
        return Err(Refusal::new("appointment.end-in-past").at("until"));
    }
    if known.valid.until.is_some_and(|end| end <= until) {
        return Err(Refusal::new("appointment.ended").at("until"));
    }
    Ok(vec![Event::AppointmentEnded { appointment, until }])
}

fn appoint(world: &World, actor: &Actor, new: Appointment) -> Result<Vec<Event>, Refusal> {
    known_person(world, new.person)?;
    let post = world
        .posts
        .get(&new.post)
        .ok_or_else(|| Refusal::new("post.unknown").at("post"))?;
    if !new.valid.is_proper() {
        return Err(Refusal::new("interval.empty").at("valid"));
    }
    if world.appointments.contains_key(&new.id) {
        return Err(Refusal::new("appointment.exists").at("id"));
    }
    // Appointing oneself would let an office, or one of the two of a break-glass, widen its own
    // power. The bootstrap officer alone is nobody's second.
    let oneself = matches!(actor, Actor::Person { person, appointment }
        if *person == new.person
            && (appointment.is_some() || !world.has_bootstrap_power(*person)));
    if oneself {
        return Err(Refusal::new("appointment.oneself").at("person"));
    }
    let held = world
        .appointments_of
        .get(&new.person)
        .into_iter()
        .flatten()
        .filter_map(|id| world.appointments.get(id))
        .filter(|other| overlap(&other.valid, &new.valid));
    for other in held {
        if other.post == new.post {
            return Err(Refusal::new("appointment.overlaps").at("valid"));
        }
        let roles = world
            .posts
            .get(&other.post)
            .map(|post| post.roles.as_slice())
            .unwrap_or(&[]);
        if BARRED.iter().any(|pair| barred(*pair, roles, &post.roles)) {
            return Err(Refusal::new("appointment.barred-combination").at("post"));
        }
    }
    Ok(vec![Event::AppointmentMade { appointment: new }])
}

fn barred((one, other): (Role, Role), held: &[Role], new: &[Role]) -> bool {
    (held.contains(&one) && new.contains(&other)) || (held.contains(&other) && new.contains(&one))
}

fn overlap(a: &Interval, b: &Interval) -> bool {
    a.until.is_none_or(|end| b.from < end) && b.until.is_none_or(|end| a.from < end)
}
