//! People, appointments and accounts.

use super::{Command, Refusal};
use crate::actor::Actor;
use crate::appointment::{Appointment, AppointmentKind};
use crate::event::Event;
use crate::id::{AccountId, AppointmentId, PersonId, UnitId};
use crate::role::Role;
use crate::time::{Interval, Timestamp};
use crate::world::World;

/// Roles that one person never holds together (兼務を禁止する役割): who audits is not audited, and the
/// auditor approves nothing and advises nobody on what is audited.
pub const BARRED: &[(Role, Role)] = &[
    (Role::Auditor, Role::Ciso),
    (Role::Auditor, Role::DeputyCiso),
    (Role::Auditor, Role::Committee),
    (Role::Auditor, Role::Advisor),
    (Role::Auditor, Role::Hiso),
    (Role::Auditor, Role::Iso),
    (Role::Auditor, Role::AreaOfficer),
    (Role::Auditor, Role::Diso),
    (Role::Auditor, Role::Isso),
    (Role::Auditor, Role::SystemAdministrator),
    (Role::Auditor, Role::Tmo),
    (Role::Auditor, Role::PromotionBody),
    (Role::Auditor, Role::Csirt),
    (Role::Auditor, Role::ServiceOwner),
    (Role::Auditor, Role::ExceptionAuthority),
    (Role::Auditor, Role::Organisation),
];

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    command: &Command,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::RegisterPerson { person, unit } => {
            may_register(world, person.id, *unit, now)?;
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
                kind: AppointmentKind::Regular,
            },
        ),
        Command::EndAppointment { appointment, until } => {
            end_appointment(world, *appointment, *until, now)
        }
        Command::IssueAccount { account, person } => issue(world, *account, *person, now),
        Command::CloseAccount { account } => {
            let person = world
                .person_of_account(*account)
                .ok_or_else(|| Refusal::new("account.unknown").at("account"))?;
            // Programs that act in the person's name end with the account.
            let tokens = super::token::of_person(world, person, now).into_iter();
            let revoked = tokens.map(|token| Event::TokenRevoked { token });
            let closed = Event::AccountClosed { account: *account };
            Ok(std::iter::once(closed).chain(revoked).collect())
        }
        _ => Err(Refusal::new("command.misrouted")),
    }
}

/// Somebody who is not known yet comes into a unit that there is.
pub(super) fn may_register(
    world: &World,
    person: PersonId,
    unit: UnitId,
    now: Timestamp,
) -> Result<(), Refusal> {
    if !world.unit_in_force(unit, now) {
        return Err(Refusal::new("unit.unknown").at("unit"));
    }
    if world.people.contains_key(&person) {
        return Err(Refusal::new("person.exists").at("person"));
    }
    Ok(())
}

fn issue(
    world: &World,
    account: AccountId,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    known_person(world, person)?;
    if !world.is_member(person, now) {
        return Err(Refusal::new("person.left").at("person"));
    }
    if world.accounts.contains_key(&account) {
        return Err(Refusal::new("account.exists").at("account"));
    }
    Ok(vec![Event::AccountIssued { account, person }])
}

pub(super) fn known_person(world: &World, person: PersonId) -> Result<(), Refusal> {
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
    if !world.posts.contains_key(&new.post) {
        return Err(Refusal::new("post.unknown").at("post"));
    }
    if !new.valid.is_proper() {
        return Err(Refusal::new("interval.empty").at("valid"));
    }
    if !world.is_member(new.person, new.valid.from) {
        return Err(Refusal::new("person.left").at("person"));
    }
    may_hold(world, actor, &new)?;
    Ok(vec![Event::AppointmentMade { appointment: new }])
}

/// Whether the post can be given to this person, whoever that is: it exists, is not held already, is
/// not one's own to give, and goes with what the person holds.
pub(super) fn may_hold(world: &World, actor: &Actor, new: &Appointment) -> Result<(), Refusal> {
    let post = world.posts.get(&new.post);
    let post = post.ok_or_else(|| Refusal::new("post.unknown").at("post"))?;
    if post.is_abolished(new.valid.from)
        || world
            .units
            .get(&post.unit)
            .is_some_and(|unit| unit.is_abolished(new.valid.from))
    {
        return Err(Refusal::new("post.abolished").at("post"));
    }
    if world.appointments.contains_key(&new.id) {
        return Err(Refusal::new("appointment.exists").at("id"));
    }
    // Appointing oneself would let an office, or one of the two of a break-glass, widen its own
    // power. The bootstrap officer alone is nobody's second.
    let oneself = matches!(actor, Actor::Person { person, appointment, .. }
        if *person == new.person
            && (appointment.is_some() || !world.has_bootstrap_power(*person)));
    if oneself {
        return Err(Refusal::new("appointment.oneself").at("person"));
    }
    if held_beside(world, new).any(|(other, _)| other.post == new.post) {
        return Err(Refusal::new("appointment.overlaps").at("valid"));
    }
    match barred_beside(world, new, &post.roles) {
        Some(refusal) => Err(refusal.at("post")),
        None => Ok(()),
    }
}

/// The other appointments of the same person at any time of this one, with the roles they carry.
fn held_beside<'a>(
    world: &'a World,
    new: &'a Appointment,
) -> impl Iterator<Item = (&'a Appointment, &'a [Role])> {
    world
        .appointments_of
        .get(&new.person)
        .into_iter()
        .flatten()
        .filter_map(|id| world.appointments.get(id))
        .filter(|other| other.id != new.id && overlap(&other.valid, &new.valid))
        .map(|other| {
            let post = world.posts.get(&other.post);
            (other, post.map_or(&[][..], |post| post.roles.as_slice()))
        })
}

/// Why roles may not come to this appointment beside the others that its person holds.
pub(super) fn barred_beside(world: &World, new: &Appointment, roles: &[Role]) -> Option<Refusal> {
    let within = BARRED
        .iter()
        .find(|(one, other)| roles.contains(one) && roles.contains(other));
    let mut beside = held_beside(world, new);
    let pair = within.or_else(|| {
        beside.find_map(|(_, held)| BARRED.iter().find(|pair| barred(**pair, held, roles)))
    })?;
    let mut refusal = Refusal::new("appointment.barred-combination");
    refusal.reason = refusal
        .reason
        .with("role", pair.0.code())
        .with("other", pair.1.code());
    Some(refusal)
}

/// Ends every appointment of a person at an instant; those that have not begun never do.
pub(super) fn ended_appointments(
    world: &World,
    person: PersonId,
    at: Timestamp,
) -> impl Iterator<Item = Event> {
    world
        .appointments_of
        .get(&person)
        .into_iter()
        .flatten()
        .filter_map(|id| world.appointments.get(id))
        .filter(move |it| it.valid.until.is_none_or(|until| at < until))
        .map(move |it| Event::AppointmentEnded {
            appointment: it.id,
            until: at,
        })
}

/// Closes every account of a person.
pub(super) fn closed_accounts(world: &World, person: PersonId) -> impl Iterator<Item = Event> {
    let mut open: Vec<_> = world
        .accounts
        .values()
        .filter(|account| account.person == person && !account.closed)
        .map(|account| account.id)
        .collect();
    open.sort_unstable();
    open.into_iter()
        .map(|account| Event::AccountClosed { account })
}

fn barred((one, other): (Role, Role), held: &[Role], new: &[Role]) -> bool {
    (held.contains(&one) && new.contains(&other)) || (held.contains(&other) && new.contains(&one))
}

fn overlap(a: &Interval, b: &Interval) -> bool {
    a.until.is_none_or(|end| b.from < end) && b.until.is_none_or(|end| a.from < end)
}
