//! Units, posts and appointments over the API: who there is, and adding to them.

use sekisho_domain::appointment::Appointment;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::Command;
use sekisho_domain::id::{AppointmentId, PersonId, PostId, UnitId};
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Timestamp};
use sekisho_domain::unit::Unit;
use serde_json::{Value, json};

use super::call::Call;
use super::operation::{Done, Outcome};
use super::schema::{Schema, component, count, id, instant, line, list, object, one_of, or_null};
use crate::app::fresh;
use crate::http::fault::Fault;

/// A name in its languages.
pub(super) fn name_schema() -> Schema {
    object([("ja", line()), ("en?", line()), ("kana?", line())])
}

pub(super) fn interval(valid: &Interval) -> Value {
    json!({
        "from": valid.from.to_rfc3339(),
        "until": valid.until.map(Timestamp::to_rfc3339),
    })
}

/// A time from one instant to before another.
pub(super) fn interval_schema() -> Schema {
    object([("from", instant()), ("until", or_null(instant()))])
}

pub(super) fn unit_schema() -> Schema {
    object([
        ("id", id(UnitId::PREFIX)),
        ("parent", or_null(id(UnitId::PREFIX))),
        ("name", component("Name")),
        ("valid", component("Interval")),
        ("heirs", list(id(UnitId::PREFIX))),
        (
            "will_be_renamed",
            list(object([("from", instant()), ("name", component("Name"))])),
        ),
        (
            "will_be_moved",
            list(object([
                ("from", instant()),
                ("parent", id(UnitId::PREFIX)),
            ])),
        ),
        ("version", count()),
    ])
}

/// A unit as it is called now and where it stands now, and what will change.
pub(super) fn unit(unit: &Unit, now: Timestamp) -> Value {
    let renamed = unit.renamed.iter().filter(|it| it.from > now);
    let renamed = renamed.map(|it| json!({ "from": it.from.to_rfc3339(), "name": it.name }));
    let moved = unit.moved.iter().filter(|it| it.from > now);
    let moved = moved.map(|it| json!({ "from": it.from.to_rfc3339(), "parent": it.parent }));
    json!({
        "id": unit.id,
        "parent": unit.parent_at(now),
        "name": unit.name_at(now),
        "valid": interval(&unit.valid),
        "heirs": unit.heirs,
        "will_be_renamed": renamed.collect::<Vec<_>>(),
        "will_be_moved": moved.collect::<Vec<_>>(),
        "version": unit.version,
    })
}

/// One page of things that are known by an id.
pub(super) fn page<K, T>(call: &Call<'_>, all: Vec<(K, T)>, shown: impl Fn(&T) -> Value) -> Done
where
    K: Ord + std::str::FromStr + std::fmt::Display,
{
    let (items, next) = call.page()?.of(all)?;
    let items: Vec<Value> = items.iter().map(shown).collect();
    Ok(Outcome::found(json!({ "items": items, "next": next })))
}

pub(super) fn units(call: &Call<'_>) -> Done {
    let ctx = call.ctx;
    let all: Vec<Unit> = ctx.site.app.world().units.values().cloned().collect();
    let may = |one: &Unit| ctx.may(Action::ReadDirectory, Subject::Unit(one.id));
    let seen: Vec<_> = all.into_iter().filter(may).map(|it| (it.id, it)).collect();
    any(call, seen.is_empty())?;
    page(call, seen, |it| unit(it, ctx.now))
}

/// Whoever may see nothing at all is told so, rather than that there is nothing.
pub(super) fn any(call: &Call<'_>, none_seen: bool) -> Result<(), Fault> {
    if none_seen {
        call.ctx.gate(Action::ReadDirectory, Subject::Body)?;
    }
    Ok(())
}

pub(super) fn found_unit_schema() -> Schema {
    object([
        ("parent", id(UnitId::PREFIX)),
        ("name", component("Name")),
        ("from?", instant()),
    ])
}

pub(super) fn found_unit(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let (parent, name) = (members.id("parent"), members.name("name"));
    let from = members.optional_instant("from");
    members.end()?;
    let (Some(parent), Some(name)) = (parent, name) else {
        return Err(Fault::internal("members"));
    };
    let new = UnitId::new(fresh()?);
    let command = Command::FoundUnit {
        id: new,
        parent,
        name,
        valid: Interval::starting(from.unwrap_or(call.ctx.now)),
    };
    call.command(command)?;
    let known = call.ctx.site.app.world().units.get(&new).cloned();
    let known = known.ok_or_else(Fault::not_found)?;
    let location = format!("/api/v1/units/{new}");
    Ok(Outcome::made(unit(&known, call.ctx.now), location).of_version(known.version))
}

pub(super) fn post_schema() -> Schema {
    object([
        ("id", id(PostId::PREFIX)),
        ("unit", id(UnitId::PREFIX)),
        ("title", component("Name")),
        ("roles", list(roles())),
        ("until", or_null(instant())),
        ("version", count()),
    ])
}

pub(super) fn roles() -> Schema {
    one_of(Role::ALL.into_iter().map(Role::code))
}

pub(super) fn post(post: &Post) -> Value {
    let roles: Vec<&str> = post.roles.iter().map(|role| role.code()).collect();
    json!({
        "id": post.id,
        "unit": post.unit,
        "title": post.title,
        "roles": roles,
        "until": post.until.map(Timestamp::to_rfc3339),
        "version": post.version,
    })
}

pub(super) fn posts(call: &Call<'_>) -> Done {
    let ctx = call.ctx;
    let all: Vec<Post> = ctx.site.app.world().posts.values().cloned().collect();
    let may = |one: &Post| ctx.may(Action::ReadDirectory, Subject::Unit(one.unit));
    let seen: Vec<_> = all.into_iter().filter(may).map(|it| (it.id, it)).collect();
    any(call, seen.is_empty())?;
    page(call, seen, post)
}

pub(super) fn create_post_schema() -> Schema {
    object([
        ("unit", id(UnitId::PREFIX)),
        ("title", component("Name")),
        ("roles", list(roles())),
    ])
}

pub(super) fn create_post(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let (unit, title) = (members.id("unit"), members.name("title"));
    let roles = members.choices("roles", Role::from_code);
    members.end()?;
    let (Some(unit), Some(title), Some(roles)) = (unit, title, roles) else {
        return Err(Fault::internal("members"));
    };
    let made = Post::created(PostId::new(fresh()?), unit, title, roles);
    let location = format!("/api/v1/posts/{}", made.id);
    let (shown, version) = (post(&made), made.version);
    call.command(Command::CreatePost(Box::new(made)))?;
    Ok(Outcome::made(shown, location).of_version(version))
}

pub(super) fn appointment_schema() -> Schema {
    object([
        ("id", id(AppointmentId::PREFIX)),
        ("person", id(PersonId::PREFIX)),
        ("post", id(PostId::PREFIX)),
        ("valid", component("Interval")),
    ])
}

fn appointment(known: &Appointment) -> Value {
    json!({
        "id": known.id,
        "person": known.person,
        "post": known.post,
        "valid": interval(&known.valid),
    })
}

pub(super) fn appointments(call: &Call<'_>) -> Done {
    let ctx = call.ctx;
    let all: Vec<Appointment> = {
        let world = ctx.site.app.world();
        world.appointments.values().cloned().collect()
    };
    let may = |one: &Appointment| ctx.may(Action::ReadDirectory, Subject::Person(one.person));
    let seen: Vec<_> = all.into_iter().filter(may).map(|it| (it.id, it)).collect();
    any(call, seen.is_empty())?;
    page(call, seen, appointment)
}

pub(super) fn one_appointment(call: &Call<'_>) -> Done {
    let wanted: AppointmentId = call.in_path("id")?;
    let known = {
        let world = call.ctx.site.app.world();
        world.appointments.get(&wanted).cloned()
    };
    let known = known.ok_or_else(Fault::not_found)?;
    call.ctx
        .gate(Action::ReadDirectory, Subject::Person(known.person))?;
    Ok(Outcome::found(appointment(&known)))
}

pub(super) fn appoint_schema() -> Schema {
    object([
        ("person", id(PersonId::PREFIX)),
        ("post", id(PostId::PREFIX)),
        ("from?", instant()),
        ("until?", instant()),
    ])
}

pub(super) fn appoint(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let (person, post) = (members.id("person"), members.id("post"));
    let from = members.optional_instant("from");
    let until = members.optional_instant("until");
    members.end()?;
    let (Some(person), Some(post)) = (person, post) else {
        return Err(Fault::internal("members"));
    };
    let new = AppointmentId::new(fresh()?);
    let valid = Interval {
        from: from.unwrap_or(call.ctx.now),
        until,
    };
    let command = Command::Appoint {
        id: new,
        person,
        post,
        valid,
    };
    call.command_as(command, &[("valid", "until")])?;
    let location = format!("/api/v1/appointments/{new}");
    shown(call, new).map(|body| Outcome::made(body, location))
}

fn shown(call: &Call<'_>, id: AppointmentId) -> Result<Value, Fault> {
    let world = call.ctx.site.app.world();
    let known = world.appointments.get(&id).ok_or_else(Fault::not_found)?;
    Ok(appointment(known))
}

pub(super) fn end_appointment_schema() -> Schema {
    object([("until", instant())])
}

pub(super) fn end_appointment(call: &Call<'_>) -> Done {
    let wanted: AppointmentId = call.in_path("id")?;
    let mut members = call.members()?;
    let until = members.instant("until");
    members.end()?;
    call.command(Command::EndAppointment {
        appointment: wanted,
        until: until.unwrap_or(call.ctx.now),
    })?;
    Ok(Outcome::found(shown(call, wanted)?))
}
