//! People over the API: who is known, and what changes what is known of them.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, NewPerson, PersonCommand};
use sekisho_domain::event::Sealed;
use sekisho_domain::id::{PersonId, UnitId};
use serde_json::{Value, json};

use super::call::Call;
use super::members::Members;
use super::operation::{Done, Outcome};
use super::organisation::{any, page};
use super::schema::{self, Schema, component, id, line, object, or_null, text};
use crate::app::directory::{PROFILE_PURPOSE, PersonProfile};
use crate::app::fresh;
use crate::http::fault::Fault;

pub(super) fn person_schema() -> Schema {
    object([
        ("id", id(PersonId::PREFIX)),
        ("unit", id(UnitId::PREFIX)),
        ("name", or_null(component("Name"))),
        ("mail", or_null(text())),
        ("here", schema::flag()),
        ("version", schema::count()),
    ])
}

/// A person as they are shown: who, in which unit, whether they are here, and the version.
struct Shown {
    id: PersonId,
    unit: UnitId,
    here: bool,
    version: u64,
}

fn find(call: &Call<'_>, id: PersonId) -> Option<Shown> {
    // Later than the record of a command that was just carried out.
    let now = call.ctx.site.app.now();
    let world = call.ctx.site.app.world();
    Some(Shown {
        id,
        unit: world.unit_of(id, now)?,
        here: world.is_member(id, now),
        version: world.person_versions.get(&id).copied().unwrap_or(0),
    })
}

fn person(call: &Call<'_>, of: &Shown) -> Value {
    let directory = call.ctx.site.app.directory();
    let known = directory.get(of.id);
    json!({
        "id": of.id,
        "unit": of.unit,
        "name": known.map(|known| &known.name),
        "mail": known.and_then(|known| known.mail.as_ref()),
        "here": of.here,
        "version": of.version,
    })
}

pub(super) fn people(call: &Call<'_>) -> Done {
    let ctx = call.ctx;
    let all: Vec<PersonId> = ctx.site.app.world().people.keys().copied().collect();
    let may = |one: &PersonId| ctx.may(Action::ReadDirectory, Subject::Person(*one));
    let seen: Vec<_> = all.into_iter().filter(may).map(|it| (it, it)).collect();
    any(call, seen.is_empty())?;
    page(call, seen, |it| {
        find(call, *it).map_or(Value::Null, |known| person(call, &known))
    })
}

/// The person of the path, for whoever may read of them.
fn asked(call: &Call<'_>) -> Result<Shown, Fault> {
    let wanted: PersonId = call.in_path("id")?;
    call.ctx
        .gate(Action::ReadDirectory, Subject::Person(wanted))?;
    find(call, wanted).ok_or_else(Fault::not_found)
}

pub(super) fn one_person(call: &Call<'_>) -> Done {
    let known = asked(call)?;
    Ok(Outcome::found(person(call, &known)).of_version(known.version))
}

pub(super) fn register_person_schema() -> Schema {
    object([
        ("unit", id(UnitId::PREFIX)),
        ("name", component("Name")),
        ("mail?", line()),
    ])
}

fn mail<'a>(members: &mut Members<'a>) -> Option<String> {
    let mail = members.optional_line("mail").map(String::from);
    if mail
        .as_ref()
        .is_some_and(|it| it.parse::<lettre::Address>().is_err())
    {
        members.wrong("mail", "mail.form");
    }
    mail
}

pub(super) fn register_person(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let (unit, name) = (members.id("unit"), members.name("name"));
    let mail = mail(&mut members);
    members.end()?;
    let (Some(unit), Some(name)) = (unit, name) else {
        return Err(Fault::internal("members"));
    };
    let new = PersonId::new(fresh()?);
    // Asked before a key is made for somebody who is then refused.
    call.ctx.gate(Action::RegisterPerson, Subject::Unit(unit))?;
    let command = Command::RegisterPerson {
        person: NewPerson {
            id: new,
            profile: sealed(call, new, &PersonProfile { name, mail })?,
        },
        unit,
    };
    call.command(command)?;
    let known = find(call, new).ok_or_else(Fault::not_found)?;
    let location = format!("/api/v1/people/{new}");
    Ok(Outcome::made(person(call, &known), location).of_version(known.version))
}

/// Name and mail under the person's own key.
fn sealed(call: &Call<'_>, person: PersonId, profile: &PersonProfile) -> Result<Sealed, Fault> {
    let bytes = serde_json::to_vec(profile).map_err(Fault::internal)?;
    Ok(call.ctx.site.app.seal(person, PROFILE_PURPOSE, &bytes)?)
}

pub(super) fn change_person_schema() -> Schema {
    object([
        ("unit?", id(UnitId::PREFIX)),
        ("name?", component("Name")),
        ("mail?", or_null(line())),
    ])
}

/// What is not named stays as it is; `mail` may be null, where there is none any more.
pub(super) fn change_person(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let known = asked(call)?;
    let subject = Subject::Person(known.id);
    let before = call.ctx.site.app.directory().get(known.id).cloned();
    // Whether a reading is the one that is known is not told to whoever may not change it.
    let may = call.ctx.may(Action::ChangePerson, subject);
    let named = before.as_ref().filter(|_| may).map(|it| &it.name);
    let unit: Option<UnitId> = members.optional_id("unit");
    let name = members
        .is_given("name")
        .then(|| members.name_of("name", named))
        .flatten();
    let names_mail = members.has("mail");
    let mail = mail(&mut members);
    members.end()?;
    // Asked before anything is sealed under the key of another.
    call.ctx.gate(Action::ChangePerson, subject)?;
    let before = before.ok_or_else(Fault::not_found)?;
    let after = PersonProfile {
        name: name.unwrap_or_else(|| before.name.clone()),
        mail: if names_mail {
            mail
        } else {
            before.mail.clone()
        },
    };
    let profile = (after != before)
        .then(|| sealed(call, known.id, &after))
        .transpose()?;
    let command = PersonCommand::Change {
        person: known.id,
        unit: unit.filter(|unit| *unit != known.unit),
        profile,
        expected: call.expected,
    };
    call.command(Command::Person(Box::new(command)))?;
    one_person(call)
}

pub(super) fn leave_schema() -> Schema {
    object([])
}

/// Posts end and accounts close, from now on.
pub(super) fn leave(call: &Call<'_>) -> Done {
    call.members()?.end()?;
    let command = PersonCommand::Leave {
        person: asked(call)?.id,
        expected: call.expected,
    };
    call.command(Command::Person(Box::new(command)))?;
    one_person(call)
}

pub(super) fn return_schema() -> Schema {
    object([("unit", id(UnitId::PREFIX))])
}

pub(super) fn come_back(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let unit = members.id("unit");
    members.end()?;
    let command = PersonCommand::Return {
        person: asked(call)?.id,
        unit: unit.ok_or_else(|| Fault::internal("members"))?,
        expected: call.expected,
    };
    call.command(Command::Person(Box::new(command)))?;
    one_person(call)
}
