//! Outside services that are really used, over the API: by service and unit. Who it was is for the console,
//! for a stated purpose.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, SightingCommand, keeps, sighting_subject};
use sekisho_domain::id::UnitId;
use sekisho_domain::name::Line;
use sekisho_domain::sighting::{Lack, NotOurs, Way};
use sekisho_domain::time::Timestamp;
use serde_json::{Value, json};

use super::call::Call;
use super::operation::{Done, Outcome};
use super::schema::{
    Schema, component, count, id, instant, line, list, object, one_of, or_null, text,
};
use super::tables::{asked_format, list_file};
use crate::http::ctx::Answer;
use crate::http::fault::Fault;
use crate::listed;
use crate::service_use::{NOTE_PURPOSE, ServiceInUse, Standing, UnitUse, in_use};

/// The states that can be asked for.
pub(super) const STATES: [&str; 5] = ["all", "open", "registered", "not_ours", "ended"];

pub(super) fn service_schema() -> Schema {
    let unit = object([
        ("unit", or_null(id(UnitId::PREFIX))),
        ("times", count()),
        ("bytes", count()),
        ("people", count()),
        ("sources", list(text())),
        ("first_at", instant()),
        ("last_at", instant()),
    ]);
    object([
        ("service", text()),
        ("name", component("Name")),
        ("kind", text()),
        ("domains", list(text())),
        ("state", one_of(["open", "registered", "not_ours", "ended"])),
        (
            "lack",
            or_null(one_of(Lack::ALL.iter().map(|it| it.code()))),
        ),
        ("entry", or_null(text())),
        (
            "why",
            or_null(one_of(NotOurs::ALL.iter().map(|it| it.code()))),
        ),
        ("ways", list(one_of(Way::ALL.iter().map(|it| it.code())))),
        ("opened_at", or_null(instant())),
        ("version", count()),
        ("times", count()),
        ("bytes", count()),
        ("people", count()),
        ("first_at", instant()),
        ("last_at", instant()),
        ("units", list(unit)),
    ])
}

fn at(instant: Timestamp) -> String {
    instant.to_rfc3339()
}

fn unit(it: &UnitUse) -> Value {
    json!({
        "unit": it.unit,
        "times": it.times,
        "bytes": it.bytes,
        "people": it.people,
        "sources": it.sources,
        "first_at": at(it.first_at),
        "last_at": at(it.last_at),
    })
}

fn shown(call: &Call<'_>, it: &ServiceInUse) -> Value {
    let world = call.ctx.site.app.world();
    let sighted = world.sightings.get(&it.service);
    let (lack, entry, why) = match &it.standing {
        Standing::Registered(entry) => (None, Some(entry.to_string()), None),
        Standing::Open(lack) => (Some(lack.code()), None, None),
        Standing::NotOurs(why) => (None, None, Some(why.code())),
    };
    let ways: Vec<&str> = sighted
        .iter()
        .flat_map(|it| it.sighting.ways.iter().map(|way| way.code()))
        .collect();
    json!({
        "service": it.service,
        "name": it.known.name,
        "kind": it.known.kind,
        "domains": it.known.domains,
        "state": it.standing.code(),
        "lack": lack,
        "entry": entry,
        "why": why,
        "ways": ways,
        "opened_at": sighted.map(|it| at(it.opened_at)),
        "version": sighted.map_or(0, |it| it.version),
        "times": it.times,
        "bytes": it.bytes,
        "people": it.people,
        "first_at": at(it.first_at),
        "last_at": at(it.last_at),
        "units": it.units.iter().map(unit).collect::<Vec<_>>(),
    })
}

pub(super) fn all(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::ReadServiceUse, Subject::Body)?;
    let state = call.ctx.query("state").unwrap_or_else(|| "all".to_owned());
    if !STATES.contains(&state.as_str()) {
        return Err(Fault::not_found());
    }
    let found = in_use(&call.ctx.site.app)?;
    let wanted = found
        .into_iter()
        .filter(|it| state == "all" || it.standing.code() == state)
        .map(|it| (it.service.clone(), it));
    let (items, next) = call.page()?.of(wanted.collect())?;
    let items: Vec<Value> = items.iter().map(|it| shown(call, it)).collect();
    Ok(Outcome::found(json!({ "items": items, "next": next })))
}

pub(super) fn export(call: &Call<'_>) -> Answer {
    let ctx = call.ctx;
    ctx.gate(Action::ReadServiceUse, Subject::Body)?;
    let format = asked_format(ctx)?;
    let app = &ctx.site.app;
    let written = listed::services(app, &in_use(app)?, (format, ctx.lang));
    list_file(ctx.lang, (format, "services-in-use"), written)
}

/// The conference matrix as a file.
pub(super) fn matrix(call: &Call<'_>) -> Answer {
    let ctx = call.ctx;
    ctx.gate(Action::ReadRegisters, Subject::Body)?;
    let format = asked_format(ctx)?;
    let written = listed::matrix(&ctx.site.app, (format, ctx.lang));
    list_file(ctx.lang, (format, "conference-matrix"), written)
}

fn asked(call: &Call<'_>) -> Result<ServiceInUse, Fault> {
    call.ctx.gate(Action::ReadServiceUse, Subject::Body)?;
    let id = call.ctx.parameter("id");
    let found = in_use(&call.ctx.site.app)?;
    found
        .into_iter()
        .find(|it| it.service == id)
        .ok_or_else(Fault::not_found)
}

fn outcome(call: &Call<'_>, it: &ServiceInUse) -> Outcome {
    let version = {
        let world = call.ctx.site.app.world();
        world.sightings.get(&it.service).map(|it| it.version)
    };
    Outcome::found(shown(call, it)).of_version(version.unwrap_or(0))
}

pub(super) fn one(call: &Call<'_>) -> Done {
    let it = asked(call)?;
    Ok(outcome(call, &it))
}

pub(super) fn disown_schema() -> Schema {
    object([
        ("why", one_of(NotOurs::SAID.iter().map(|it| it.code()))),
        ("note?", line()),
    ])
}

/// Which source of logs is given up.
pub(super) fn retire_schema() -> Schema {
    object([("source", text())])
}

/// What comes back.
pub(super) fn retired_schema() -> Schema {
    object([("source", text()), ("retired_at", instant())])
}

pub(super) fn retire(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let source = members.text("source").map(str::to_owned);
    members.end()?;
    let source = source.ok_or_else(|| Fault::internal("members"))?;
    let ctx = call.ctx;
    ctx.gate(Action::KeepServices, Subject::Body)?;
    let app = &ctx.site.app;
    let known = app.observations().service_sources()?;
    if !known.iter().any(|it| it.source == source) {
        return Err(Fault::not_found());
    }
    let command = SightingCommand::RetireSource {
        source: Line::parse(&source).map_err(|_| Fault::not_found())?,
    };
    call.command(Command::Sighting(Box::new(command)))?;
    let retired_at = app.world().retired_sources.get(&source).copied();
    let retired_at = retired_at.ok_or_else(|| Fault::internal("source"))?;
    Ok(Outcome::found(
        json!({ "source": source, "retired_at": at(retired_at) }),
    ))
}

pub(super) fn disown(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let why = members.choice("why", NotOurs::said);
    let note = members.optional_line("note");
    members.end()?;
    let it = asked(call)?;
    let conference = it.known.is_conference();
    let ctx = call.ctx;
    let unit = ctx.site.app.world().finding_unit(&it.service, ctx.now);
    ctx.gate(keeps(conference), sighting_subject(unit))?;
    let note = match &note {
        Some(note) => Some(call.seal(NOTE_PURPOSE, note.as_str())?),
        None => None,
    };
    let command = SightingCommand::Disown {
        service: Line::parse(&it.service).map_err(|_| Fault::not_found())?,
        conference,
        unit,
        why: why.ok_or_else(|| Fault::internal("members"))?,
        note,
        expected: call.expected,
    };
    call.command(Command::Sighting(Box::new(command)))?;
    let it = asked(call)?;
    Ok(outcome(call, &it))
}
