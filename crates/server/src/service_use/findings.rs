//! Findings: what no register carries becomes a record, once for each kind of use.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, SightingCommand};
use sekisho_domain::id::UnitId;
use sekisho_domain::name::Line;
use sekisho_domain::sighting::{SIGHTED_UNITS_MAX, SIGHTINGS_MAX, Sighting, Way};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::{Carrier, World};
use sekisho_store::StoreError;
use sekisho_store::observations::ServiceSum;

use super::take::{Attributed, Known, LOOKED_BACK, TakeError};
use super::{KnownService, day_of, last_day};
use crate::app::App;

/// How often it is looked through what was kept before, where nothing has changed that it is held against.
const LOOKED_AGAIN: Span = Span::hours(1);

/// When it was looked last through what was kept before for what there is no finding of; not yet after a start, nor
/// after a change of the registers. A run brings a part of a log: to look through all that was kept with each would
/// grow with the log.
#[derive(Debug, Default)]
pub(crate) struct KeptLook(Mutex<Option<Timestamp>>);

impl KeptLook {
    /// Whether it is to be looked now, which then counts as done.
    fn begin(&self, now: Timestamp) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back puts nothing off.
        let is_due = last.is_none_or(|at| now < at || at.after(LOOKED_AGAIN) <= now);
        if is_due {
            *last = Some(now);
        }
        is_due
    }

    /// Has the next run look.
    pub(crate) fn again(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

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
    let look = app.access().kept_look();
    if !look.begin(now) {
        return record(app, seen);
    }
    let all = put_kept(app, &mut seen, now).map_err(TakeError::Store);
    let opened = all.and_then(|all| Ok((record(app, seen)?, all)));
    // What was not recorded is looked for by the next run.
    if !matches!(opened, Ok((_, true))) {
        look.again();
    }
    opened.map(|(moved, _)| moved)
}

/// Adds what was kept before to what a run shows; whether there is room for all.
fn put_kept(app: &App, seen: &mut Seen, now: Timestamp) -> Result<bool, StoreError> {
    let mut all = true;
    for kept in kept_before(app, now)? {
        let room = seen.len() < SIGHTINGS_MAX;
        match seen.remove(kept.service.as_str()) {
            Some(of_run) => put(seen, of_run.with(&kept)),
            None if room => put(seen, kept),
            None => all = false,
        }
    }
    Ok(all)
}

/// Has the ledger take what was seen; of which services it changed what is known.
fn record(app: &App, seen: Seen) -> Result<Vec<String>, TakeError> {
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

/// What was seen of a service beside what was seen of it before: other times of use, and not the same ones again.
fn added(one: Sighting, before: Option<Sighting>) -> Sighting {
    match before {
        Some(before) => Sighting {
            times: before.times.saturating_add(one.times),
            ..one.with(&before)
        },
        None => one,
    }
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
        let before = seen.remove(service.id.as_str());
        put(&mut seen, added(one, before));
    }
    seen
}

/// Use that was kept within the period looked back, of services of which there is no finding and that no register
/// carries: their entry was retired since, or their finding was never recorded.
fn kept_before(app: &App, now: Timestamp) -> Result<Vec<Sighting>, StoreError> {
    let days = (day_of(now.before(LOOKED_BACK)), last_day(now));
    let mut found = Vec::new();
    for (service, known) in KnownService::all(app.observations())? {
        // Service by service: whoever writes waits for none of the reading.
        let Some(carriers) = unfound(&app.world(), &service, &known) else {
            continue;
        };
        let observations = app.observations();
        let sums = observations.service_sums_of(&service, (&days.0, &days.1))?;
        found.extend(lacking(&app.world(), (&known, &carriers), &sums, now));
    }
    Ok(found)
}

/// What carries a service of which there is no finding; none where there is one, or an entry for the whole.
fn unfound(world: &World, service: &str, known: &KnownService) -> Option<Vec<Carrier>> {
    if world.sightings.contains_key(service) {
        return None;
    }
    let carriers = world.carriers(&known.domains, known.is_conference());
    let is_carried = carriers.iter().any(|it| it.only.is_none());
    (!is_carried).then_some(carriers)
}

/// What the sums of a service show that no register carries.
fn lacking(
    world: &World,
    (known, carriers): (&KnownService, &[Carrier]),
    sums: &[ServiceSum],
    now: Timestamp,
) -> Option<Sighting> {
    let mut found: Option<Sighting> = None;
    for sum in sums {
        let unit = sum.unit.parse().ok();
        if world.lack_for(carriers, unit, now).is_none() {
            continue;
        }
        let Some(one) = summed(known, sum, unit) else {
            continue;
        };
        found = Some(added(one, found));
    }
    found
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_looked_through_at_once_after_a_start_or_a_change_and_then_once_an_hour() {
        let look = KeptLook::default();
        let begun = Timestamp::from_millis(1_795_392_000_000);
        let at = |minutes| begun.after(Span::minutes(minutes));
        assert!(look.begin(at(0)));
        assert!(!look.begin(at(0)));
        assert!(!look.begin(at(59)));
        assert!(look.begin(at(60)));
        look.again();
        assert!(look.begin(at(61)));
        assert!(!look.begin(at(120)));
        // The clock was set back.
        assert!(look.begin(at(30)));
        assert!(!look.begin(at(31)));
    }
}
