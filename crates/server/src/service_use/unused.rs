//! Findings that came back because the entry that carried them was retired or changed: where all logs were read over
//! the whole period looked back and show no use in it, they are settled as such. Until that is known they wait.

use std::collections::BTreeSet;
use std::sync::Arc;

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, SightingCommand};
use sekisho_domain::name::Line;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_rules::access::Logs;
use sekisho_store::observations::{ServiceSource, ServiceSum};

use super::lists::{ListError, ServiceLists};
use super::take::LOOKED_BACK;
use super::{day_of, last_day};
use crate::app::{App, CommandError};

/// A finding that came back, of which the ledger knows no use within the period.
struct Lapsed {
    service: Line,
    domains: Vec<Line>,
    conference: bool,
    /// Since when use counts.
    from: Timestamp,
}

/// Settles findings that came back although nobody used the service lately. How many.
///
/// Nothing is settled while a log is not read, nor where one was not within the period, was given up within it, or is
/// not looked through for the service.
///
/// # Errors
/// [`CommandError`]; then the findings wait, and the next pass tries again.
pub fn settle_unused(app: &App) -> Result<usize, CommandError> {
    let now = app.now();
    let lapsed = lapsed(&app.world(), now);
    let Some(from) = lapsed.iter().map(|it| it.from).min() else {
        return Ok(0);
    };
    if app.clock().step().is_some() || !all_are_read(app, now) {
        return Ok(0);
    }
    let looked_for = match looked_for(app) {
        Ok(looked_for) => looked_for,
        Err(error) => {
            let (code, about) = error.told();
            tracing::debug!(code, about, "it is not known which services are looked for");
            return Ok(0);
        }
    };
    let days = (day_of(from), last_day(now));
    let sums = app.observations().service_sums((&days.0, &days.1));
    let sums = sums.map_err(|error| CommandError::Store(Arc::new(error)))?;
    let sources = app.observations().service_sources();
    let sources = sources.map_err(|error| CommandError::Store(Arc::new(error)))?;
    let unused: Vec<Line> = {
        let world = app.world();
        let unused = lapsed.into_iter().filter(|it| {
            looked_for.contains(it.service.as_str())
                && are_read_since(&world, &sources, it.from)
                && !is_used(&world, it, &sums, now)
        });
        unused.map(|it| it.service).collect()
    };
    let count = unused.len();
    if count > 0 {
        let command = Command::Sighting(Box::new(SightingCommand::Unused(unused)));
        app.command_blocking(Actor::System, command, Vec::new())?;
    }
    Ok(count)
}

/// The findings that came back not longer ago than use is looked back: sums by unit are kept for longer than twice
/// that, and what has waited for longer is for an officer to say.
fn lapsed(world: &World, now: Timestamp) -> Vec<Lapsed> {
    let open = world.open_sightings(now).map(|(it, _)| it);
    let lately = open.filter(|it| it.lapsed && now < it.opened_at.after(LOOKED_BACK));
    lately
        .map(|it| (it, it.opened_at.before(LOOKED_BACK)))
        .filter(|(it, from)| it.sighting.last_at < *from)
        .map(|(it, from)| Lapsed {
            service: it.sighting.service.clone(),
            domains: it.sighting.domains.clone(),
            conference: it.sighting.is_conference(),
            from,
        })
        .collect()
}

fn all_are_read(app: &App, now: Timestamp) -> bool {
    let world = app.world();
    let evidence = app.access_evidence(&world);
    matches!(evidence.services().logs(now), Logs::Read { .. })
}

/// Whether every source is read since then without a gap. What went by one that was given up later, nobody knows.
fn are_read_since(world: &World, sources: &[ServiceSource], from: Timestamp) -> bool {
    let mut sources = sources.iter();
    sources.all(|source| {
        let given_up = world.retired_sources.get(&source.source);
        match given_up.filter(|at| source.taken_at <= at.as_millis()) {
            Some(at) => *at < from,
            None => source.since_at.is_some_and(|at| at <= from.as_millis()),
        }
    })
}

/// The services that logs are looked through for, by all of their domains.
fn looked_for(app: &App) -> Result<BTreeSet<String>, ListError> {
    let lists = ServiceLists::of(app)?;
    let hidden = lists.hidden()?;
    let known = lists.together()?.service.into_iter();
    let found = known.filter(|it| !it.domains.is_empty()).map(|it| it.id);
    Ok(found
        .filter(|id| hidden.iter().all(|it| it.id != *id))
        .collect())
}

/// Whether a log shows use, since use counts, that no entry carries.
fn is_used(world: &World, it: &Lapsed, sums: &[ServiceSum], now: Timestamp) -> bool {
    let carriers = world.carriers(&it.domains, it.conference);
    let mut used = sums
        .iter()
        .filter(|sum| sum.service == it.service.as_str() && it.from.as_millis() <= sum.last_at);
    used.any(|sum| {
        let unit = sum.unit.parse().ok();
        world.lack_for(&carriers, unit, now).is_some()
    })
}
