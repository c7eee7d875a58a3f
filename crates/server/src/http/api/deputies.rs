//! Who decides on permits, over the API: stand-ins (代決), standing delegations (専決) and the rules.

use std::collections::BTreeMap;

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, PermitCommand};
use sekisho_domain::delegation::Delegation;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{DelegationId, PersonId, PostId, StandInId};
use sekisho_domain::permit::{PermitKind, Term};
use sekisho_domain::role::Role;
use sekisho_domain::stand_in::{Absence, StandIn};
use sekisho_domain::time::{Interval, Span, Timestamp};
use serde_json::{Value, json};

use super::call::Call;
use super::operation::{Done, Outcome};
use super::organisation::{any, interval, page};
use super::schema::{Schema, component, flag, id, instant, list, object, one_of, or_null};
use crate::app::fresh;
use crate::http::fault::Fault;

/// How the members of the domain's commands are called here.
const NAMES: &[(&str, &str)] = &[("valid", "until")];

fn kinds() -> Schema {
    list(one_of(PermitKind::ALL.iter().map(|it| it.code())))
}

fn grade_schema() -> Schema {
    json!({ "type": "string", "pattern": "^C[1-3]I[12]A[12]$" })
}

fn codes(kinds: &[PermitKind]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.code()).collect()
}

pub(super) fn stand_in_schema() -> Schema {
    object([
        ("id", id(StandInId::PREFIX)),
        ("post", id(PostId::PREFIX)),
        ("person", id(PersonId::PREFIX)),
        ("absence", one_of(Absence::CODES.iter().copied())),
        ("kinds", kinds()),
        ("from", instant()),
        ("until", instant()),
    ])
}

fn stand_in(it: &StandIn) -> Value {
    json!({
        "id": it.id,
        "post": it.post,
        "person": it.person,
        "absence": it.absence.code(),
        "kinds": codes(&it.kinds),
        "from": it.valid.from.to_rfc3339(),
        "until": it.valid.until.to_rfc3339(),
    })
}

/// Those that are in force or to come, as far as one may end them or stands in oneself.
pub(super) fn stand_ins(call: &Call<'_>) -> Done {
    let ctx = call.ctx;
    let all: Vec<StandIn> = {
        let world = ctx.site.app.world();
        let all = world.stand_ins.iter();
        all.filter(|it| it.valid.until > ctx.now).cloned().collect()
    };
    let person = call.person().ok();
    ctx.actor()?;
    let may = |it: &StandIn| {
        person == Some(it.person) || ctx.may(Action::ReadDirectory, Subject::Person(it.person))
    };
    let seen: Vec<_> = all.into_iter().filter(may).map(|it| (it.id, it)).collect();
    page(call, seen, stand_in)
}

pub(super) fn name_stand_in_schema() -> Schema {
    object([
        ("post", id(PostId::PREFIX)),
        ("person", id(PersonId::PREFIX)),
        ("absence", one_of(Absence::CODES.iter().copied())),
        ("kinds?", kinds()),
        ("from?", instant()),
        ("until", instant()),
    ])
}

pub(super) fn name_stand_in(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let (post, person) = (members.id("post"), members.id("person"));
    let absence = members.choice("absence", Absence::from_code);
    let kinds = members
        .is_given("kinds")
        .then(|| members.choices("kinds", PermitKind::from_code))
        .flatten();
    let from = members.optional_instant("from");
    let until = members.instant("until");
    members.end()?;
    let (Some(post), Some(person), Some(absence), Some(until)) = (post, person, absence, until)
    else {
        return Err(Fault::internal("members"));
    };
    let named = StandIn {
        id: StandInId::new(fresh()?),
        post,
        person,
        absence,
        kinds: kinds.unwrap_or_default(),
        valid: Term {
            from: from.unwrap_or(call.ctx.now),
            until,
        },
    };
    let body = stand_in(&named);
    let location = format!("/api/v1/stand-ins/{}", named.id);
    let command = PermitCommand::NameStandIn(named);
    call.command_as(Command::Permit(Box::new(command)), NAMES)?;
    Ok(Outcome::made(body, location))
}

fn known_stand_in(call: &Call<'_>) -> Result<StandIn, Fault> {
    let wanted: StandInId = call.in_path("id")?;
    let known = call.ctx.site.app.world().stand_in(wanted).cloned();
    let known = known.ok_or_else(Fault::not_found)?;
    if call.person().ok() != Some(known.person) {
        let person = Subject::Person(known.person);
        call.ctx.gate(Action::ReadDirectory, person)?;
    }
    Ok(known)
}

pub(super) fn one_stand_in(call: &Call<'_>) -> Done {
    known_stand_in(call).map(|it| Outcome::found(stand_in(&it)))
}

pub(super) fn end_schema() -> Schema {
    object([])
}

/// It ends now; what was decided stays.
pub(super) fn end_stand_in(call: &Call<'_>) -> Done {
    call.members()?.end()?;
    let wanted: StandInId = call.in_path("id")?;
    call.ctx
        .gate(Action::NameStandIn, Subject::StandIn(wanted))?;
    let command = PermitCommand::EndStandIn { stand_in: wanted };
    call.command(Command::Permit(Box::new(command)))?;
    let known = call.ctx.site.app.world().stand_in(wanted).cloned();
    known
        .map(|it| Outcome::found(stand_in(&it)))
        .ok_or_else(Fault::not_found)
}

pub(super) fn delegation_schema() -> Schema {
    object([
        ("id", id(DelegationId::PREFIX)),
        ("post", id(PostId::PREFIX)),
        ("to", id(PostId::PREFIX)),
        ("kinds", kinds()),
        ("ceiling", or_null(grade_schema())),
        ("valid", component("Interval")),
    ])
}

fn delegation(it: &Delegation) -> Value {
    json!({
        "id": it.id,
        "post": it.post,
        "to": it.to,
        "kinds": codes(&it.kinds),
        "ceiling": it.ceiling.map(|grade| grade.to_string()),
        "valid": interval(&it.valid),
    })
}

/// Those that are in force or to come, of posts that one may read of.
pub(super) fn delegations(call: &Call<'_>) -> Done {
    let ctx = call.ctx;
    let all: Vec<(Delegation, Subject)> = {
        let world = ctx.site.app.world();
        let all = world.delegations.iter();
        let open = |it: &&Delegation| it.valid.until.is_none_or(|until| until > ctx.now);
        all.filter(open)
            .map(|it| (it.clone(), unit_of(&world, it)))
            .collect()
    };
    let may = |(_, of): &(Delegation, Subject)| ctx.may(Action::ReadDirectory, *of);
    let seen = all.into_iter().filter(may).map(|(it, _)| (it.id, it));
    let seen: Vec<_> = seen.collect();
    any(call, seen.is_empty())?;
    page(call, seen, delegation)
}

fn unit_of(world: &sekisho_domain::world::World, it: &Delegation) -> Subject {
    let post = world.posts.get(&it.post);
    post.map_or(Subject::Body, |post| Subject::Unit(post.unit))
}

fn known_delegation(call: &Call<'_>, wanted: DelegationId) -> Result<(Delegation, Subject), Fault> {
    let world = call.ctx.site.app.world();
    let known = world.delegation(wanted).ok_or_else(Fault::not_found)?;
    Ok((known.clone(), unit_of(&world, known)))
}

pub(super) fn one_delegation(call: &Call<'_>) -> Done {
    let (known, unit) = known_delegation(call, call.in_path("id")?)?;
    call.ctx.gate(Action::ReadDirectory, unit)?;
    Ok(Outcome::found(delegation(&known)))
}

pub(super) fn delegate_schema() -> Schema {
    object([
        ("post", id(PostId::PREFIX)),
        ("to", id(PostId::PREFIX)),
        ("kinds", kinds()),
        ("ceiling?", grade_schema()),
        ("from?", instant()),
        ("until?", instant()),
    ])
}

pub(super) fn delegate(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let (post, to) = (members.id("post"), members.id("to"));
    let kinds = members.choices("kinds", PermitKind::from_code);
    let ceiling = match members.optional_text("ceiling").map(str::parse::<Grade>) {
        Some(Err(_)) => {
            members.wrong("ceiling", "field.form");
            None
        }
        other => other.and_then(Result::ok),
    };
    let from = members.optional_instant("from");
    let until = members.optional_instant("until");
    members.end()?;
    let (Some(post), Some(to), Some(kinds)) = (post, to, kinds) else {
        return Err(Fault::internal("members"));
    };
    let wanted = DelegationId::new(fresh()?);
    let made = Delegation {
        id: wanted,
        post,
        to,
        kinds,
        ceiling,
        valid: Interval {
            from: from.unwrap_or(call.ctx.now),
            until,
        },
    };
    let command = PermitCommand::Delegate(made);
    call.command_as(Command::Permit(Box::new(command)), NAMES)?;
    let (known, _) = known_delegation(call, wanted)?;
    let location = format!("/api/v1/delegations/{wanted}");
    Ok(Outcome::made(delegation(&known), location))
}

pub(super) fn end_delegation_schema() -> Schema {
    object([("until?", instant())])
}

pub(super) fn end_delegation(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let until: Option<Timestamp> = members.optional_instant("until");
    members.end()?;
    let wanted: DelegationId = call.in_path("id")?;
    call.ctx
        .gate(Action::Delegate, Subject::Delegation(wanted))?;
    let command = PermitCommand::EndDelegation {
        delegation: wanted,
        // The writer's time may be a moment ahead of the request's.
        until: until.unwrap_or_else(|| call.ctx.site.app.now().after(Span::seconds(1))),
    };
    call.command(Command::Permit(Box::new(command)))?;
    let (known, _) = known_delegation(call, wanted)?;
    Ok(Outcome::found(delegation(&known)))
}

/// The kinds of which the deciding role can be chosen.
fn choosable() -> impl Iterator<Item = PermitKind> {
    let all = PermitKind::ALL.iter().copied();
    all.filter(|kind| !kind.choosable().is_empty())
}

pub(super) fn rules_schema() -> Schema {
    let mut approvers = serde_json::Map::new();
    for kind in choosable() {
        let roles = kind.choosable().iter().map(|role| role.code());
        approvers.insert(kind.code().to_owned(), one_of(roles));
    }
    let approvers = json!({
        "type": "object",
        "properties": approvers,
        "additionalProperties": false,
    });
    object([("by_half", flag()), ("approvers", approvers)])
}

pub(super) fn rules(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::ReadStatus, Subject::Body)?;
    let world = call.ctx.site.app.world();
    let approvers: BTreeMap<&str, &str> = choosable()
        .map(|kind| (kind.code(), world.permits.approver(kind).code()))
        .collect();
    let by_half = world.permits.rules().by_half;
    Ok(Outcome::found(
        json!({ "by_half": by_half, "approvers": approvers }),
    ))
}

/// The whole of the rules; a kind that is not named takes its default.
pub(super) fn set_rules(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let by_half = members.flag("by_half");
    let given = members.value("approvers");
    let read = serde_json::from_value::<BTreeMap<String, String>>(given.clone());
    let mut approvers = BTreeMap::new();
    match read {
        Err(_) if given.is_null() => members.wrong("approvers", "field.missing"),
        Err(_) => members.wrong("approvers", "field.form"),
        Ok(read) => {
            for (kind, role) in &read {
                let found = choosable().find(|it| it.code() == kind);
                match (found, Role::from_code(role)) {
                    (None, _) => members.wrong(&format!("approvers/{kind}"), "field.unknown"),
                    (_, None) => {
                        members.wrong(&format!("approvers/{kind}"), "field.unknown-choice");
                    }
                    // The default is not written down: it stays the default.
                    (Some(kind), Some(role)) if role == kind.approver().0 => {}
                    (Some(kind), Some(role)) => {
                        approvers.insert(kind, role);
                    }
                }
            }
        }
    }
    members.end()?;
    let command = PermitCommand::SetRules {
        by_half: by_half.ok_or_else(|| Fault::internal("members"))?,
        approvers,
    };
    call.command(Command::Permit(Box::new(command)))?;
    rules(call)
}
