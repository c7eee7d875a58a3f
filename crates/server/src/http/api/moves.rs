//! Lists of personnel moves (発令) over the API.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, MOVES_MAX, MovesCommand, check_moves};
use sekisho_domain::event::BlobRef;
use sekisho_domain::id::{AppointmentId, MoveListId, PersonId, PostId, UnitId};
use sekisho_domain::moves::{MoveKind, MoveLine, MoveList, MoveState, encode_lines};
use sekisho_domain::time::Timestamp;
use sekisho_ledger::digest::Digest;
use serde_json::{Value, json};

use super::call::Call;
use super::members::Members;
use super::operation::{Done, Outcome};
use super::organisation::page;
use super::schema::{Schema, count, id, instant, list, object, one_of, text};
use crate::app::fresh;
use crate::http::fault::{Fault, Wrong};
use crate::tables::fault_text;

/// Most bytes of a list that is sent.
pub(super) const BYTES_MAX: usize = 16 * 1024 * 1024;

/// Most faults that are named.
const FAULTS_MAX: usize = 1_000;

const STATES: [(MoveState, &str); 3] = [
    (MoveState::Accepted, "accepted"),
    (MoveState::Withdrawn, "withdrawn"),
    (MoveState::Done, "done"),
];

pub(super) fn list_schema() -> Schema {
    let skipped = object([("line", count()), ("code", text())]);
    object([
        ("id", id(MoveListId::PREFIX)),
        ("at", instant()),
        ("accepted_at", instant()),
        ("state", one_of(STATES.map(|(_, code)| code))),
        ("lines", count()),
        ("done", count()),
        ("skipped", list(skipped)),
    ])
}

fn shown(known: &MoveList) -> Value {
    let state = STATES.iter().find(|(state, _)| *state == known.state);
    let skipped = known.skipped.iter();
    let skipped = skipped.map(|it| json!({ "line": it.line, "code": it.code }));
    json!({
        "id": known.id,
        "at": known.at.to_rfc3339(),
        "accepted_at": known.accepted_at.to_rfc3339(),
        "state": state.map_or("", |(_, code)| code),
        "lines": known.count,
        "done": known.done,
        "skipped": skipped.collect::<Vec<_>>(),
    })
}

pub(super) fn all(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::ReadDirectory, Subject::Body)?;
    let all: Vec<_> = {
        let world = call.ctx.site.app.world();
        let all = world.moves.all().into_iter();
        all.map(|it| (it.id, shown(it))).collect()
    };
    page(call, all, Value::clone)
}

fn known(call: &Call<'_>, wanted: MoveListId) -> Result<Value, Fault> {
    let world = call.ctx.site.app.world();
    let known = world.moves.list(wanted).ok_or_else(Fault::not_found)?;
    Ok(shown(known))
}

pub(super) fn one(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::ReadDirectory, Subject::Body)?;
    known(call, call.in_path("id")?).map(Outcome::found)
}

pub(super) fn accept_schema() -> Schema {
    let line = object([
        ("kind", one_of(MoveKind::CODES.iter().copied())),
        ("person", id(PersonId::PREFIX)),
        ("from?", id(PostId::PREFIX)),
        ("to?", id(PostId::PREFIX)),
        ("unit?", id(UnitId::PREFIX)),
    ]);
    let lines = json!({
        "type": "array",
        "items": line,
        "minItems": 1,
        "maxItems": MOVES_MAX,
    });
    object([("at", instant()), ("lines", lines)])
}

/// Accepts a list as a whole, or says what is wrong with each line.
pub(super) fn accept(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::AcceptMoves, Subject::Body)?;
    let mut members = call.members()?;
    let at = members.instant("at");
    let lines = lines(&mut members)?;
    members.end()?;
    let at: Timestamp = at.ok_or_else(|| Fault::internal("members"))?;
    sound(call, at, &lines)?;
    let document = encode_lines(&lines);
    let reference = BlobRef {
        blob: Digest::of(&document).to_string(),
        size: document.len() as u64,
    };
    let wanted = MoveListId::new(fresh()?);
    let command = MovesCommand::Accept {
        list: wanted,
        at,
        lines,
        document: reference,
    };
    call.command_with(Command::Moves(Box::new(command)), vec![document])?;
    let location = format!("/api/v1/moves/{wanted}");
    known(call, wanted).map(|body| Outcome::made(body, location))
}

fn lines(members: &mut Members<'_>) -> Result<Vec<MoveLine>, Fault> {
    let given = members.value("lines");
    let Value::Array(given) = given else {
        let code = match given.is_null() {
            true => "field.missing",
            false => "field.form",
        };
        members.wrong("lines", code);
        return Ok(Vec::new());
    };
    if given.is_empty() || given.len() > MOVES_MAX {
        members.wrong("lines", "field.too-long");
        return Ok(Vec::new());
    }
    let mut all = Vec::with_capacity(given.len());
    for (place, line) in given.iter().enumerate() {
        let inside = format!("lines/{place}");
        let Some(mut line) = Members::within(line) else {
            members.wrong(&inside, "field.form");
            continue;
        };
        let kind = line.choice("kind", MoveKind::from_code);
        let person = line.id("person");
        let (from, to) = (line.optional_id("from"), line.optional_id("to"));
        let unit = line.optional_id("unit");
        members.take_in(&inside, line);
        if let (Some(kind), Some(person)) = (kind, person) {
            all.push(MoveLine {
                kind,
                person,
                from,
                to,
                unit,
                // Made here, so that the program need not make ids.
                appointment: to.map(|_| fresh()).transpose()?.map(AppointmentId::new),
            });
        }
    }
    Ok(all)
}

/// Every fault of the list, at its line.
fn sound(call: &Call<'_>, at: Timestamp, lines: &[MoveLine]) -> Result<(), Fault> {
    let ctx = call.ctx;
    let actor = ctx.actor()?;
    let faults = {
        let world = ctx.site.app.world();
        check_moves(&world, &actor, at, lines, ctx.now)
    };
    if faults.is_empty() {
        return Ok(());
    }
    let named = |fault: sekisho_domain::command::LineFault| {
        let field = fault.refusal.field.as_ref();
        let field = field.map_or(String::new(), |field| format!("/{field}"));
        let pointer = match fault.line {
            Some(line) => format!("/lines/{line}{field}"),
            None => field,
        };
        let reason = fault.refusal.reason;
        Wrong {
            pointer: Some(pointer),
            said: Some(fault_text(ctx.lang, &reason)),
            code: reason.code.into_owned(),
            ..Wrong::default()
        }
    };
    let told = faults.into_iter().take(FAULTS_MAX).map(named);
    Err(Fault::unprocessable(told.collect()))
}

pub(super) fn withdraw_schema() -> Schema {
    object([])
}

/// Takes a list back before its day.
pub(super) fn withdraw(call: &Call<'_>) -> Done {
    call.members()?.end()?;
    let wanted: MoveListId = call.in_path("id")?;
    call.ctx.gate(Action::AcceptMoves, Subject::Body)?;
    known(call, wanted)?;
    let command = MovesCommand::Withdraw { list: wanted };
    call.command(Command::Moves(Box::new(command)))?;
    known(call, wanted).map(Outcome::found)
}
