//! Findings: what no register carries becomes a record, once for each kind of use.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, SightingCommand};
use sekisho_domain::id::UnitId;
use sekisho_domain::name::Line;
use sekisho_domain::sighting::{SIGHTED_UNITS_MAX, SIGHTINGS_MAX, Sighting, Way};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::{Carrier, World};
use sekisho_store::StoreError;
use sekisho_store::observations::ServiceSum;

use super::take::{Attributed, Known, LOOKED_BACK, TakeError};
use super::{KnownService, day_of, last_day};
use crate::app::App;

/// Opens findings for what no register carries: uses of a run, and those that were kept before and of which there is
/// none.
pub(super) fn open_findings(
    app: &App,
    source: &Line,
    known: &[Known],
    uses: &[Attributed<'_>],
    now: Timestamp,
) -> Result<Vec<String>, TakeError> {
    let mut seen = of_run(app, source, (known, uses), now);
    for kept in kept_before(app, now)? {
        let room = seen.len() < SIGHTINGS_MAX;
        match seen.remove(kept.service.as_str()) {
            Some(of_run) => put(&mut seen, of_run.with(&kept)),
            None if room => put(&mut seen, kept),
            // The next run opens the rest.
            None => {}
        }
    }
    if seen.is_empty() {
        return Ok(Vec::new());
    }
    let version = |world: &World, id: &str| world.sightings.get(id).map(|it| it.version);
    let before: Vec<(String, Option<u64>)> = {
        let world = app.world();
        let all = seen.keys();
        all.map(|id| (id.clone(), version(&world, id))).collect()
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

/// By what the list of services calls each.
type Seen = BTreeMap<String, Sighting>;

fn put(seen: &mut Seen, sighting: Sighting) {
    seen.insert(sighting.service.as_str().to_owned(), sighting);
}

/// What a run shows that no register carries.
fn of_run(
    app: &App,
    source: &Line,
    (known, uses): (&[Known], &[Attributed<'_>]),
    now: Timestamp,
) -> Seen {
    let world = app.world();
    let mut seen = Seen::new();
    let mut people: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for it in uses {
        let service = &known[it.seen.service];
        let lack = world.lack_for(&service.carriers, it.whose.unit, now);
        if lack.is_none() {
            continue;
        }
        let who = people.entry(service.id.as_str()).or_default();
        who.insert(&it.whose.who);
        let people = u32::try_from(who.len()).unwrap_or(u32::MAX);
        let one = sighted(service, source, it, people);
        let together = match seen.remove(service.id.as_str()) {
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
        put(&mut seen, together);
    }
    seen
}

/// Use that was kept within the period looked back, of services of which there is no finding and that no register
/// carries: their entry was retired since, or their finding was never recorded.
fn kept_before(app: &App, now: Timestamp) -> Result<Vec<Sighting>, StoreError> {
    let all = KnownService::all(app.observations())?;
    let unfound: BTreeMap<String, (KnownService, Vec<Carrier>)> = {
        let world = app.world();
        let unfound = all.into_iter().filter_map(|(id, known)| {
            if world.sightings.contains_key(&id) {
                return None;
            }
            let carriers = world.carriers(&known.domains, known.is_conference());
            let carried = carriers.iter().any(|it| it.only.is_none());
            (!carried).then_some((id, (known, carriers)))
        });
        unfound.collect()
    };
    if unfound.is_empty() {
        return Ok(Vec::new());
    }
    let days = (day_of(now.before(LOOKED_BACK)), last_day(now));
    let sums = app.observations().service_sums((&days.0, &days.1))?;
    let world = app.world();
    let mut seen = Seen::new();
    for sum in sums {
        let Some((known, carriers)) = unfound.get(&sum.service) else {
            continue;
        };
        let unit = sum.unit.parse().ok();
        if world.lack_for(carriers, unit, now).is_none() {
            continue;
        }
        let Some(one) = summed(known, &sum, unit) else {
            continue;
        };
        let together = match seen.remove(&sum.service) {
            Some(before) => {
                let times = before.times.saturating_add(one.times);
                Sighting {
                    times,
                    ..one.with(&before)
                }
            }
            None => one,
        };
        put(&mut seen, together);
    }
    Ok(seen.into_values().collect())
}

/// A sum as it would have been found; none where it names what is no name, which nothing that is kept does.
fn summed(known: &KnownService, sum: &ServiceSum, unit: Option<UnitId>) -> Option<Sighting> {
    let mut ways = vec![Way::Asked];
    if sum.bytes > 0 {
        ways.push(Way::Carried);
    }
    Some(Sighting {
        service: Line::parse(&sum.service).ok()?,
        name: known.name.clone(),
        kind: known.kind.clone(),
        domains: known.domains.clone(),
        ways,
        unattributed: unit.is_none(),
        units: unit.into_iter().collect(),
        sources: vec![Line::parse(&sum.source).ok()?],
        first_at: Timestamp::from_millis(sum.first_at),
        last_at: Timestamp::from_millis(sum.last_at),
        times: u32::try_from(sum.times).unwrap_or(u32::MAX),
        people: sum.people,
    })
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
