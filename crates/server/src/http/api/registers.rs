//! The registers over the API: one set of operations for all of them.

use axum::http::StatusCode;
use sekisho_domain::authorise::Subject;
use sekisho_domain::command::{Command, RegisterCommand};
use sekisho_domain::event::Sealed;
use sekisho_domain::field::{FieldErrors, Values};
use sekisho_domain::id::{DeviceId, UnitId};
use sekisho_domain::register::{Entry, EntryId, EntryState, Particulars, Register};
use sekisho_domain::time::Timestamp;
use sekisho_domain::token::TokenScope;
use sekisho_domain::world::World;
use serde_json::{Value, json};

use super::call::Call;
use super::members::Members;
use super::operation::{Done, Outcome};
use super::schema::{self, Schema, component, id, instant, object, one_of, or_null};
use crate::app::{REMARK_PURPOSE, fresh};
use crate::http::fault::Fault;

/// Longest remark, in characters.
const REMARK_MAX: usize = 4_000;

/// The name of the schema of a register's fields.
pub(super) fn fields_name(register: Register) -> String {
    let words = register.code().split('_');
    let words = words.map(|word| {
        let (first, rest) = word.split_at(1);
        format!("{}{rest}", first.to_ascii_uppercase())
    });
    format!("{}Fields", words.collect::<String>())
}

fn fields_schema() -> Schema {
    let all = Register::ALL.iter().map(|it| component(&fields_name(*it)));
    json!({ "anyOf": all.collect::<Vec<_>>() })
}

pub(super) fn entry_schema() -> Schema {
    object([
        ("id", schema::text()),
        ("register", one_of(Register::ALL.iter().map(|it| it.code()))),
        ("unit", or_null(id(UnitId::PREFIX))),
        ("fields", fields_schema()),
        ("version", schema::count()),
        ("state", one_of(["active", "retired"])),
        ("entered_at", instant()),
        ("changed_at", instant()),
    ])
}

pub(super) fn new_entry_schema() -> Schema {
    object([
        ("id?", id(DeviceId::PREFIX)),
        ("unit?", id(UnitId::PREFIX)),
        ("fields", fields_schema()),
        ("remark?", remark_schema()),
    ])
}

pub(super) fn changed_entry_schema() -> Schema {
    object([
        ("unit?", id(UnitId::PREFIX)),
        ("fields", fields_schema()),
        ("remark?", remark_schema()),
    ])
}

pub(super) fn remark_only_schema() -> Schema {
    object([("remark?", remark_schema())])
}

fn remark_schema() -> Schema {
    json!({ "type": "string", "minLength": 1, "maxLength": REMARK_MAX })
}

fn shown(entry: &Entry) -> Value {
    json!({
        "id": entry.id.to_string(),
        "register": entry.register().code(),
        "unit": entry.unit,
        "fields": entry.particulars.values(),
        "version": entry.version,
        "state": if entry.is_active() { "active" } else { "retired" },
        "entered_at": entry.entered_at.to_rfc3339(),
        "changed_at": entry.changed_at.to_rfc3339(),
    })
}

pub(super) fn register(call: &Call<'_>) -> Result<Register, Fault> {
    let code = call.ctx.parameter("register");
    let register = Register::from_code(code).ok_or_else(Fault::not_found)?;
    // No scope holds it, so the gate would say that another token is needed, and there is none.
    let held = |scope: &TokenScope| scope.actions().contains(&register.read_action());
    if call.ctx.token.is_some() && !TokenScope::ALL.iter().any(held) {
        return Err(Fault::new(StatusCode::FORBIDDEN, "api.console-only"));
    }
    Ok(register)
}

pub(super) fn register_schema() -> Schema {
    object([
        ("register", one_of(Register::ALL.iter().map(|it| it.code()))),
        ("entries", schema::count()),
        ("empty_until", or_null(instant())),
    ])
}

/// A register: how much is in use, and until when it was declared that there is nothing.
fn described(world: &World, register: Register, now: Timestamp) -> Value {
    let active = world.registers.all(register).filter(|it| it.is_active());
    let empty = world.registers.declared_empty(register, now);
    json!({
        "register": register.code(),
        "entries": active.count(),
        "empty_until": empty.and_then(|word| word.until).map(Timestamp::to_rfc3339),
    })
}

pub(super) fn index_schema() -> Schema {
    object([("items", schema::list(component("Register")))])
}

/// The registers that one may read as a whole.
pub(super) fn index(call: &Call<'_>) -> Done {
    let ctx = call.ctx;
    ctx.actor()?;
    let seen = Register::ALL.iter().copied();
    let seen: Vec<Register> = seen
        .filter(|it| ctx.may(it.read_action(), Subject::Body))
        .collect();
    let world = ctx.site.app.world();
    let items = seen.into_iter().map(|it| described(&world, it, ctx.now));
    Ok(Outcome::found(
        json!({ "items": items.collect::<Vec<_>>() }),
    ))
}

pub(super) fn declare_empty_schema() -> Schema {
    object([])
}

/// Says that there is nothing to enter.
pub(super) fn declare_empty(call: &Call<'_>) -> Done {
    call.members()?.end()?;
    let register = register(call)?;
    let command = RegisterCommand::DeclareEmpty { register };
    call.command(Command::Register(Box::new(command)))?;
    let app = &call.ctx.site.app;
    let (world, now) = (app.world(), app.now());
    Ok(Outcome::found(described(&world, register, now)))
}

/// The entry of the path, for whoever may read it.
fn entry(call: &Call<'_>, register: Register) -> Result<Entry, Fault> {
    let wanted: EntryId = call.in_path("id")?;
    call.ctx
        .gate(register.read_action(), Subject::Entry(wanted))?;
    let world = call.ctx.site.app.world();
    let known = world.registers.entry(wanted).cloned();
    known
        .filter(|known| known.register() == register)
        .ok_or_else(Fault::not_found)
}

fn outcome(entry: &Entry) -> Outcome {
    Outcome::found(shown(entry)).of_version(entry.version)
}

pub(super) fn all(call: &Call<'_>) -> Done {
    let register = register(call)?;
    let state = match call.ctx.query("state").as_deref() {
        None | Some("active") => Some(EntryState::Active),
        Some("retired") => Some(EntryState::Retired),
        Some("all") => None,
        Some(_) => return Err(Fault::bad("api.parameter").with("detail", "state")),
    };
    let entries: Vec<Entry> = {
        let world = call.ctx.site.app.world();
        let all = world.registers.all(register);
        all.filter(|it| state.is_none_or(|state| it.state == state))
            .cloned()
            .collect()
    };
    let may = |it: &Entry| call.ctx.may(register.read_action(), Subject::Entry(it.id));
    let seen: Vec<_> = entries
        .into_iter()
        .filter(may)
        .map(|it| (it.id, it))
        .collect();
    if seen.is_empty() {
        call.ctx.gate(register.read_action(), Subject::Body)?;
    }
    let (items, next) = call.page()?.of(seen)?;
    let items: Vec<Value> = items.iter().map(shown).collect();
    Ok(Outcome::found(json!({ "items": items, "next": next })))
}

pub(super) fn one(call: &Call<'_>) -> Done {
    let register = register(call)?;
    entry(call, register).map(|known| outcome(&known))
}

/// What was sent of an entry.
struct Sent {
    /// The device, where one is entered that is enrolled already.
    device: Option<DeviceId>,
    unit: Option<UnitId>,
    particulars: Particulars,
    remark: Option<String>,
}

fn sent(call: &Call<'_>, register: Register, new: bool) -> Result<Sent, Fault> {
    let mut members = call.members()?;
    let of_devices = new && register.prefix() == DeviceId::PREFIX;
    let device = match of_devices {
        true => members.optional_id("id"),
        false => None,
    };
    let unit = members.optional_id("unit");
    let remark = remark(&mut members);
    let values = serde_json::from_value::<Values>(members.value("fields").clone());
    let read = match values {
        Ok(values) => register.read(&values),
        Err(_) => {
            members.wrong("fields", "field.form");
            Err(FieldErrors(Vec::new()))
        }
    };
    if let Err(FieldErrors(errors)) = &read {
        for error in errors {
            members.wrong(&format!("fields/{}", error.field), error.fault.code());
        }
    }
    members.end()?;
    Ok(Sent {
        device,
        unit,
        particulars: read.map_err(Fault::internal)?,
        remark,
    })
}

fn remark(members: &mut Members<'_>) -> Option<String> {
    let text = members.optional_text("remark")?.trim();
    if text.chars().count() > REMARK_MAX {
        members.wrong("remark", "field.too-long");
    }
    (!text.is_empty()).then(|| text.to_owned())
}

/// A remark under the author's key. A service account has none, and so says nothing.
fn sealed(call: &Call<'_>, remark: Option<&String>) -> Result<Option<Sealed>, Fault> {
    let Some(remark) = remark else {
        return Ok(None);
    };
    call.seal(REMARK_PURPOSE, remark).map(Some)
}

fn fresh_id(register: Register) -> Result<EntryId, Fault> {
    // Every kind of id is its prefix and the same form of 128 random bits.
    let unit = UnitId::new(fresh()?).to_string();
    let (_, random) = unit.split_once('_').unwrap_or_default();
    let id = format!("{}_{random}", register.prefix());
    id.parse().map_err(Fault::internal)
}

fn carried_out(call: &Call<'_>, command: RegisterCommand, id: EntryId) -> Result<Entry, Fault> {
    call.command(Command::Register(Box::new(command)))?;
    let world = call.ctx.site.app.world();
    world
        .registers
        .entry(id)
        .cloned()
        .ok_or_else(Fault::not_found)
}

pub(super) fn enter(call: &Call<'_>) -> Done {
    let register = register(call)?;
    let sent = sent(call, register, true)?;
    let subject = sent.unit.map_or(Subject::Body, Subject::Unit);
    call.ctx.gate(register.enter(), subject)?;
    let id = match sent.device {
        Some(device) => device.into(),
        None => fresh_id(register)?,
    };
    let command = RegisterCommand::Enter {
        id,
        unit: sent.unit,
        particulars: sent.particulars,
        remark: sealed(call, sent.remark.as_ref())?,
    };
    let made = carried_out(call, command, id)?;
    let location = format!("/api/v1/registers/{}/{id}", register.code());
    Ok(Outcome::made(shown(&made), location).of_version(made.version))
}

pub(super) fn change(call: &Call<'_>) -> Done {
    let register = register(call)?;
    let sent = sent(call, register, false)?;
    let known = entry(call, register)?;
    call.ctx.gate(register.keep(), Subject::Entry(known.id))?;
    let command = RegisterCommand::Change {
        id: known.id,
        unit: sent.unit,
        particulars: sent.particulars,
        remark: sealed(call, sent.remark.as_ref())?,
        expected: call.expected,
    };
    carried_out(call, command, known.id).map(|entry| outcome(&entry))
}

pub(super) fn retire(call: &Call<'_>) -> Done {
    take_out(call, false)
}

pub(super) fn restore(call: &Call<'_>) -> Done {
    take_out(call, true)
}

fn take_out(call: &Call<'_>, back: bool) -> Done {
    let register = register(call)?;
    let mut members = call.members()?;
    let remark = remark(&mut members);
    members.end()?;
    let known = entry(call, register)?;
    call.ctx.gate(register.keep(), Subject::Entry(known.id))?;
    let (id, expected) = (known.id, call.expected);
    let remark = sealed(call, remark.as_ref())?;
    let command = if back {
        RegisterCommand::Restore {
            register,
            id,
            remark,
            expected,
        }
    } else {
        RegisterCommand::Retire {
            register,
            id,
            remark,
            expected,
        }
    };
    carried_out(call, command, id).map(|entry| outcome(&entry))
}
