//! What changes units and posts over the API (組織改編): names, places in the tree, ends with heirs.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, HEIRS_MAX, SHARES_MAX, StructureCommand};
use sekisho_domain::id::{DeviceId, PersonId, PostId, UnitId};
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_domain::unit::{Share, Unit};
use serde_json::json;

use super::call::Call;
use super::operation::{Done, Outcome};
use super::organisation::{post, roles, unit};
use super::schema::{Schema, component, id, instant, list, object, text};
use crate::http::fault::Fault;

/// The unit of the path, for whoever may read it.
fn known_unit(call: &Call<'_>) -> Result<Unit, Fault> {
    let wanted: UnitId = call.in_path("id")?;
    call.ctx
        .gate(Action::ReadDirectory, Subject::Unit(wanted))?;
    let world = call.ctx.site.app.world();
    world
        .units
        .get(&wanted)
        .cloned()
        .ok_or_else(Fault::not_found)
}

fn known_post(call: &Call<'_>) -> Result<Post, Fault> {
    let wanted: PostId = call.in_path("id")?;
    let known = call.ctx.site.app.world().posts.get(&wanted).cloned();
    let known = known.ok_or_else(Fault::not_found)?;
    call.ctx
        .gate(Action::ReadDirectory, Subject::Unit(known.unit))?;
    Ok(known)
}

pub(super) fn one_unit(call: &Call<'_>) -> Done {
    let known = known_unit(call)?;
    let version = known.version;
    Ok(Outcome::found(unit(&known, call.ctx.site.app.now())).of_version(version))
}

pub(super) fn one_post(call: &Call<'_>) -> Done {
    let known = known_post(call)?;
    Ok(Outcome::found(post(&known)).of_version(known.version))
}

fn carried_out(call: &Call<'_>, command: StructureCommand) -> Result<(), Fault> {
    let command = Command::Structure(Box::new(command));
    call.command(command).map(|_| ())
}

pub(super) fn rename_unit_schema() -> Schema {
    object([("name", component("Name")), ("from?", instant())])
}

pub(super) fn rename_unit(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let known = known_unit(call)?;
    let name = members.name_of("name", Some(known.name_at(call.ctx.now)));
    let from = members.optional_instant("from");
    members.end()?;
    let command = StructureCommand::RenameUnit {
        unit: known.id,
        name: name.ok_or_else(|| Fault::internal("members"))?,
        from: from.unwrap_or_else(|| call.soon()),
        expected: call.expected,
    };
    carried_out(call, command)?;
    one_unit(call)
}

pub(super) fn move_unit_schema() -> Schema {
    object([("parent", id(UnitId::PREFIX)), ("from?", instant())])
}

pub(super) fn move_unit(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let (parent, from) = (members.id("parent"), members.optional_instant("from"));
    members.end()?;
    let known = known_unit(call)?;
    let command = StructureCommand::MoveUnit {
        unit: known.id,
        parent: parent.ok_or_else(|| Fault::internal("members"))?,
        from: from.unwrap_or_else(|| call.soon()),
        expected: call.expected,
    };
    carried_out(call, command)?;
    one_unit(call)
}

pub(super) fn abolish_unit_schema() -> Schema {
    let what = |name: &str, of: Schema| object([(name, of)]);
    let what = json!({ "oneOf": [
        what("person", id(PersonId::PREFIX)),
        what("device", id(DeviceId::PREFIX)),
        what("entry", text()),
    ]});
    let share = object([("what", what), ("to", id(UnitId::PREFIX))]);
    object([
        ("until", instant()),
        (
            "heirs",
            json!({
                "type": "array",
                "items": id(UnitId::PREFIX),
                "minItems": 1,
                "maxItems": HEIRS_MAX,
            }),
        ),
        (
            "shares?",
            json!({ "type": "array", "items": share, "maxItems": SHARES_MAX }),
        ),
    ])
}

pub(super) fn abolish_unit(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let (until, heirs) = (members.instant("until"), members.ids("heirs"));
    let shares = match members.value("shares") {
        serde_json::Value::Null => Some(Vec::new()),
        given => serde_json::from_value::<Vec<Share>>(given.clone()).ok(),
    };
    if shares.is_none() {
        members.wrong("shares", "field.form");
    }
    members.end()?;
    let (Some(until), Some(heirs), Some(shares)) = (until, heirs, shares) else {
        return Err(Fault::internal("members"));
    };
    let known = known_unit(call)?;
    let command = StructureCommand::AbolishUnit {
        unit: known.id,
        until,
        heirs,
        shares,
        expected: call.expected,
    };
    carried_out(call, command)?;
    one_unit(call)
}

pub(super) fn change_post_schema() -> Schema {
    object([
        ("unit?", id(UnitId::PREFIX)),
        ("title?", component("Name")),
        ("roles?", list(roles())),
    ])
}

/// What is not named stays as it is.
pub(super) fn change_post(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let known = known_post(call)?;
    let unit = members.optional_id("unit");
    let title = members
        .is_given("title")
        .then(|| members.name_of("title", Some(&known.title)))
        .flatten();
    let roles = members
        .is_given("roles")
        .then(|| members.choices("roles", Role::from_code))
        .flatten();
    members.end()?;
    let changed = Post {
        unit: unit.unwrap_or(known.unit),
        title: title.unwrap_or_else(|| known.title.clone()),
        roles: roles.unwrap_or_else(|| known.roles.clone()),
        ..known
    };
    let command = StructureCommand::ChangePost {
        post: Box::new(changed),
        expected: call.expected,
    };
    carried_out(call, command)?;
    one_post(call)
}

pub(super) fn abolish_post_schema() -> Schema {
    object([("until", instant())])
}

pub(super) fn abolish_post(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let until = members.instant("until");
    members.end()?;
    let known = known_post(call)?;
    let command = StructureCommand::AbolishPost {
        post: known.id,
        unit: known.unit,
        until: until.ok_or_else(|| Fault::internal("members"))?,
        expected: call.expected,
    };
    carried_out(call, command)?;
    one_post(call)
}
