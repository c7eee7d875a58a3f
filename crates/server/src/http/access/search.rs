//! Searches: who may, with what, and what. They look and let nobody through, so that nothing of them
//! is recorded as a decision.
//!
//! Of our own things a person is found with the devices that name him as their user. Devices that are
//! nobody's in particular are not searched: say the device as a property of the subject.

use sekisho_domain::device::DeviceState;
use sekisho_domain::id::{DeviceId, PersonId};
use sekisho_domain::register::Register;
use sekisho_domain::world::World;
use sekisho_protocol::authzen::{
    Action, ActionSearch, Entity, Evaluation, Found, Page, Properties, ResourceSearch,
    SubjectSearch,
};
use sekisho_rules::application::BUILT_IN_TYPES;
use serde_json::Value;

use super::question::{JOIN, LINE, PERSON, REACH, SYSTEM};
use super::{answers, point, question};
use crate::http::site::Site;

/// Most questions that one page of a search asks; the rest is left to the next page.
const LOOKS_MAX: usize = 20_000;

/// Which subjects may.
pub(super) fn subjects(site: &Site, sought: &SubjectSearch) -> Found<Entity> {
    let evaluation = Evaluation {
        subject: entity(
            &sought.subject.kind,
            String::new(),
            sought.subject.properties.clone(),
        ),
        action: sought.action.clone(),
        resource: sought.resource.clone(),
        context: sought.context.clone(),
    };
    let kind = sought.subject.kind.as_str();
    let after = sought.page.token.as_deref();
    if !BUILT_IN_TYPES.contains(&sought.resource.kind.as_str()) {
        let Some(application) = site.applications.of_resource_type(&sought.resource.kind) else {
            return Found::new(Vec::new(), None);
        };
        let asked = answers::asked(&evaluation);
        let ids = page(application.subjects(kind, after, &asked), &sought.page);
        return entities(kind, ids);
    }
    if kind != PERSON {
        return Found::new(Vec::new(), None);
    }
    let only = question::device(&sought.subject.properties).ok().flatten();
    let candidates = {
        let world = site.app.world();
        users(&world, |_, device| only.is_none_or(|only| only == device))
    };
    // The world is let go by now: the names of a hundred thousand devices take a while.
    let mut named: Vec<_> = candidates
        .into_iter()
        .map(|(person, device)| (format!("{person}/{device}"), (person, device)))
        .collect();
    named.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    let (found, next) = looked(named.into_iter(), &sought.page, |(person, device)| {
        let mut evaluation = evaluation.clone();
        evaluation.subject = person_at(*person, *device);
        may(site, &evaluation).then_some(evaluation.subject)
    });
    Found::new(found, next)
}

/// With which resources.
pub(super) fn resources(site: &Site, sought: &ResourceSearch) -> Found<Entity> {
    let evaluation = Evaluation {
        subject: sought.subject.clone(),
        action: sought.action.clone(),
        resource: entity(
            &sought.resource.kind,
            String::new(),
            sought.resource.properties.clone(),
        ),
        context: sought.context.clone(),
    };
    let kind = sought.resource.kind.as_str();
    if let Some(application) = site.applications.of_resource_type(kind) {
        let asked = answers::asked(&evaluation);
        let after = sought.page.token.as_deref();
        return entities(
            kind,
            page(application.resources(kind, after, &asked), &sought.page),
        );
    }
    let register = match kind {
        SYSTEM => Register::System,
        LINE => Register::Line,
        _ => return Found::new(Vec::new(), None),
    };
    let (mut ids, subjects) = {
        let world = site.app.world();
        let ids = world.registers.active(register).map(|it| it.id.to_string());
        (
            ids.collect::<Vec<_>>(),
            at_their_devices(&world, &sought.subject),
        )
    };
    ids.sort_unstable();
    let named = ids.into_iter().map(|id| (id.clone(), id));
    let (found, next) = looked(named, &sought.page, |id| {
        let mut evaluation = evaluation.clone();
        evaluation.resource.id.clone_from(id);
        any(site, &evaluation, &subjects).then(|| entity(kind, id.clone(), Properties::new()))
    });
    Found::new(found, next)
}

/// What may be done.
pub(super) fn actions(site: &Site, sought: &ActionSearch) -> Found<Action> {
    let evaluation = |name: &str| Evaluation {
        subject: sought.subject.clone(),
        action: action(name.to_owned()),
        resource: sought.resource.clone(),
        context: sought.context.clone(),
    };
    let kind = sought.resource.kind.as_str();
    let after = sought.page.token.as_deref();
    if let Some(application) = site.applications.of_resource_type(kind) {
        let evaluation = evaluation("");
        let asked = answers::asked(&evaluation);
        let (names, next) = page(application.actions(after, &asked), &sought.page);
        return Found::new(names.into_iter().map(action).collect(), next);
    }
    let name = match kind {
        SYSTEM => REACH,
        LINE => JOIN,
        _ => return Found::new(Vec::new(), None),
    };
    let subjects = at_their_devices(&site.app.world(), &sought.subject);
    let open = after.is_none() && any(site, &evaluation(name), &subjects);
    Found::new(
        open.then(|| action(name.to_owned())).into_iter().collect(),
        None,
    )
}

fn may(site: &Site, evaluation: &Evaluation) -> bool {
    let question = question::of(site, evaluation);
    question.is_ok_and(|question| point::look(site, &question).is_allowed())
}

fn any(site: &Site, evaluation: &Evaluation, subjects: &[Entity]) -> bool {
    subjects.iter().any(|subject| {
        let mut evaluation = evaluation.clone();
        evaluation.subject = subject.clone();
        may(site, &evaluation)
    })
}

/// Active devices with the person who uses them, in no order.
fn users(world: &World, wanted: impl Fn(PersonId, DeviceId) -> bool) -> Vec<(PersonId, DeviceId)> {
    let active = world
        .devices
        .iter()
        .filter(|it| it.state == DeviceState::Active);
    let used = active.filter_map(|it| Some((it.user?, it.id)));
    used.filter(|(person, device)| wanted(*person, *device))
        .collect()
}

/// A subject as it is said, else at each of the devices that name him.
fn at_their_devices(world: &World, subject: &Entity) -> Vec<Entity> {
    let person: Option<PersonId> = subject.id.parse().ok();
    let Some(person) = person.filter(|_| subject.kind == PERSON) else {
        return Vec::new();
    };
    if subject.properties.contains_key("device") {
        return vec![subject.clone()];
    }
    let theirs = users(world, |user, _| user == person);
    theirs
        .into_iter()
        .map(|(person, device)| person_at(person, device))
        .collect()
}

fn person_at(person: PersonId, device: DeviceId) -> Entity {
    let device = ("device".to_owned(), Value::String(device.to_string()));
    entity(PERSON, person.to_string(), [device].into_iter().collect())
}

fn entity(kind: &str, id: String, properties: Properties) -> Entity {
    Entity {
        kind: kind.to_owned(),
        id,
        properties,
    }
}

fn action(name: String) -> Action {
    Action {
        name,
        properties: Properties::new(),
    }
}

fn entities(kind: &str, (ids, next): (Vec<String>, Option<String>)) -> Found<Entity> {
    let all = ids
        .into_iter()
        .map(|id| entity(kind, id, Properties::new()));
    Found::new(all.collect(), next)
}

/// A page of what an application found; the token of the next one is its last.
fn page(found: impl Iterator<Item = String>, page: &Page) -> (Vec<String>, Option<String>) {
    let mut ids: Vec<String> = found.take(page.limit + 1).collect();
    let more = ids.len() > page.limit;
    ids.truncate(page.limit);
    let next = ids.last().filter(|_| more).cloned();
    (ids, next)
}

/// A page of what is found among candidates in the order of their names, asking within bounds.
fn looked<C, T>(
    candidates: impl Iterator<Item = (String, C)>,
    page: &Page,
    look: impl Fn(&C) -> Option<T>,
) -> (Vec<T>, Option<String>) {
    let behind = |name: &str| page.token.as_deref().is_none_or(|token| name > token);
    let mut found = Vec::new();
    let mut last: Option<String> = None;
    for (asked, (name, candidate)) in candidates.filter(|(name, _)| behind(name)).enumerate() {
        if found.len() == page.limit || asked == LOOKS_MAX {
            return (found, last);
        }
        found.extend(look(&candidate));
        last = Some(name);
    }
    (found, None)
}
