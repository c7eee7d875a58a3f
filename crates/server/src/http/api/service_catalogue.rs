//! The list of services that logs are looked through with, and the organisation's own entries, over the API.

use sekisho_detect::discovery::{ListedService, ServiceKind, Words};
use sekisho_domain::authorise::{Action, Subject};
use serde_json::{Value, json};

use super::call::Call;
use super::operation::{Done, Outcome};
use super::schema::{Schema, component, count, flag, line, list, object, one_of, or_null, text};
use crate::http::fault::Fault;
use crate::http::pages::services::catalogue::fault_of;
use crate::knowledge::services::{OwnChange, ServicesError, change_own_services};
use crate::service_use::lists::{ServiceLists, recorded_feed};

fn members_of_a_service() -> [(&'static str, Schema); 4] {
    [
        ("id", line()),
        ("name", component("Name")),
        ("kind", one_of(ServiceKind::ALL.map(ServiceKind::code))),
        ("domains", list(text())),
    ]
}

pub(super) fn put_schema() -> Schema {
    object(members_of_a_service())
}

pub(super) fn remove_schema() -> Schema {
    object([])
}

pub(super) fn schema() -> Schema {
    object([
        ("origin", one_of(["built_in", "imported"])),
        ("as_of", or_null(text())),
        ("entries", count()),
        ("fresh", flag()),
        ("own", list(object(members_of_a_service()))),
        (
            "hidden",
            list(object([("id", line()), ("domains", list(text()))])),
        ),
    ])
}

fn shown(it: &ListedService) -> Value {
    json!({
        "id": it.id,
        "name": { "ja": it.name.ja, "en": it.name.en },
        "kind": it.kind.code(),
        "domains": it.domains,
    })
}

pub(super) fn show(call: &Call<'_>) -> Done {
    call.ctx.gate(Action::ReadServiceUse, Subject::Body)?;
    found(call)
}

fn found(call: &Call<'_>) -> Done {
    let app = &call.ctx.site.app;
    let faulty = |error| fault_of(ServicesError::List(error));
    let lists = ServiceLists::of(app).map_err(faulty)?;
    let base = lists.base().map_err(faulty)?;
    let feed = recorded_feed(&app.world()).cloned();
    let in_use = lists.feed_in_use().map_err(faulty)?.is_some();
    let feed = feed.filter(|_| in_use);
    let hidden = lists.hidden().map_err(faulty)?;
    let hidden = hidden
        .iter()
        .map(|it| json!({ "id": it.id, "domains": it.domains }));
    Ok(Outcome::found(json!({
        "origin": if feed.is_some() { "imported" } else { "built_in" },
        "as_of": feed.as_ref().map_or(base.as_of, |it| Some(it.as_of.to_rfc3339())),
        "entries": base.service.len(),
        "fresh": feed.as_ref().is_none_or(|it| it.is_fresh(call.ctx.now)),
        "own": lists.own.service.iter().map(shown).collect::<Vec<_>>(),
        "hidden": hidden.collect::<Vec<_>>(),
    })))
}

fn change(call: &Call<'_>, change: &OwnChange) -> Result<bool, Fault> {
    call.ctx.gate(Action::KeepServices, Subject::Body)?;
    change_own_services(&call.ctx.site.app, call.ctx.actor()?, change).map_err(fault_of)
}

pub(super) fn put(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let id = members.text("id").map(str::to_owned);
    let name = members.name("name");
    let by_code = |code: &str| ServiceKind::ALL.into_iter().find(|it| it.code() == code);
    let kind = members.choice("kind", by_code);
    let domains = members.choices("domains", |it| Some(it.to_owned()));
    members.end()?;
    let (Some(id), Some(name), Some(kind), Some(domains)) = (id, name, kind, domains) else {
        return Err(Fault::internal("members"));
    };
    let lists = ServiceLists::of(&call.ctx.site.app);
    let lists = lists.map_err(|error| fault_of(ServicesError::List(error)))?;
    let ja = name.ja.as_str().to_owned();
    let service = ListedService {
        programs: lists.programs_of(&id),
        id,
        name: Words {
            en: name
                .en
                .map_or_else(|| ja.clone(), |it| it.as_str().to_owned()),
            ja,
        },
        kind,
        domains,
    };
    change(call, &OwnChange::Put(service))?;
    found(call)
}

pub(super) fn remove(call: &Call<'_>) -> Done {
    call.members()?.end()?;
    let id = call.ctx.parameter("id").to_owned();
    if !change(call, &OwnChange::Remove(id))? {
        return Err(Fault::not_found());
    }
    found(call)
}
