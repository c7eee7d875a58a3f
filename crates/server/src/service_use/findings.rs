//! Findings: what no register carries becomes a record, once for each kind of use.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, SightingCommand};
use sekisho_domain::id::UnitId;
use sekisho_domain::name::Line;
use sekisho_domain::sighting::{SIGHTED_UNITS_MAX, Sighting, Way};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

use super::take::{Attributed, Known, TakeError};
use crate::app::App;

/// Opens findings for what no register carries.
pub(super) fn open_findings(
    app: &App,
    source: &Line,
    known: &[Known],
    uses: &[Attributed<'_>],
    now: Timestamp,
) -> Result<Vec<String>, TakeError> {
    let mut seen: BTreeMap<usize, Sighting> = BTreeMap::new();
    let mut people: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    {
        let world = app.world();
        for it in uses {
            let service = &known[it.seen.service];
            if world
                .lack_for(&service.carriers, it.whose.unit, now)
                .is_none()
            {
                continue;
            }
            let who = people.entry(it.seen.service).or_default();
            who.insert(&it.whose.who);
            let people = u32::try_from(who.len()).unwrap_or(u32::MAX);
            let one = sighted(service, source, it, people);
            let together = match seen.remove(&it.seen.service) {
                Some(before) => {
                    let times = before.times.saturating_add(one.times);
                    Sighting {
                        times,
                        people,
                        ..one.with(&before)
                    }
                }
                None => one,
            };
            seen.insert(it.seen.service, together);
        }
    }
    if seen.is_empty() {
        return Ok(Vec::new());
    }
    let version = |world: &World, id: &str| world.sightings.get(id).map(|it| it.version);
    let before: Vec<(String, Option<u64>)> = {
        let world = app.world();
        let all = seen.values().map(|it| it.service.as_str().to_owned());
        all.map(|id| (id.clone(), version(&world, &id))).collect()
    };
    let command = SightingCommand::See(seen.into_values().collect());
    app.command_blocking(
        Actor::System,
        Command::Sighting(Box::new(command)),
        Vec::new(),
    )
    .map_err(TakeError::Command)?;
    let world = app.world();
    let moved = before
        .into_iter()
        .filter(|(id, was)| version(&world, id) != *was);
    Ok(moved.map(|(id, _)| id).collect())
}

fn sighted(service: &Known, source: &Line, it: &Attributed<'_>, people: u32) -> Sighting {
    let mut ways = vec![Way::Asked];
    if it.seen.bytes > 0 {
        ways.push(Way::Carried);
    }
    let units: Vec<UnitId> = it.whose.unit.into_iter().take(SIGHTED_UNITS_MAX).collect();
    Sighting {
        service: service.id.clone(),
        name: service.name.clone(),
        kind: service.kind.clone(),
        domains: service.domains.clone(),
        ways,
        unattributed: units.is_empty(),
        units,
        sources: vec![source.clone()],
        first_at: it.seen.first,
        last_at: it.seen.last,
        times: u32::try_from(it.seen.times).unwrap_or(u32::MAX),
        people,
    }
}
