//! What rows rest on of the use of services: read once from the observations, followed from then on.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use sekisho_domain::id::ServiceId;
use sekisho_domain::register::EntryId;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_rules::access::{AHEAD, Applications, ServiceUse, ServicesSeen};
use sekisho_store::{Observations, StoreError};

use super::take::{LOOKED_BACK, is_under_terms, person_of};
use super::{KnownService, day_of, last_day};

/// Most rows of who used services on a day that are read, of all services together: the organisation waits meanwhile.
const ROWS_MAX: usize = 4_000_000;

/// Everything that was kept and still counts.
///
/// # Errors
/// The codes of the store.
pub fn read_services(
    observations: &Observations,
    world: &World,
    now: Timestamp,
) -> Result<ServicesSeen, StoreError> {
    let (from, to) = (day_of(now.before(LOOKED_BACK)), last_day(now));
    let mut seen = ServicesSeen::default();
    for source in observations.service_sources()? {
        // One that was given up stays so until it is read again.
        let given_up = world.retired_sources.get(&source.source);
        if given_up.is_none_or(|at| at.as_millis() < source.taken_at) {
            seen.source(
                &source.source,
                source.through_at.map(Timestamp::from_millis),
            );
        }
    }
    let last_used = observations.services_last_used((&from, &to))?;
    let last_used: BTreeMap<String, i64> = last_used.into_iter().collect();
    let mut rows = ROWS_MAX;
    for (service, known) in KnownService::all(observations)? {
        let Some(last) = last_used.get(&service) else {
            continue;
        };
        let carriers = world.carriers(&known.domains, known.is_conference());
        for carrier in &carriers {
            seen.note(carrier.id, Timestamp::from_millis(*last));
        }
        // Of others no clause asks who it was.
        let under_terms = carriers.iter().filter(|it| is_under_terms(world, it));
        let under_terms = under_terms.filter_map(|it| match it.id {
            EntryId::Service(id) => Some(id),
            _ => None,
        });
        let under_terms: Vec<ServiceId> = under_terms.collect();
        if !under_terms.is_empty() {
            let of = (service.as_str(), &*under_terms);
            let days = (&*from, &*to);
            if !read_users(observations, world, of, (days, &mut rows), &mut seen)? {
                // Of those who were not looked at, some may stand as far ahead as counts.
                seen.cut(now.after(AHEAD));
            }
        }
    }
    Ok(seen)
}

/// Takes in who used a service that entries under terms carry. Day by day, as it came in: a permit that was given later
/// is none for what was used before it. Whether so many rows as are left were enough.
fn read_users(
    observations: &Observations,
    world: &World,
    (service, entries): (&str, &[ServiceId]),
    (days, left): ((&str, &str), &mut usize),
    seen: &mut ServicesSeen,
) -> Result<bool, StoreError> {
    // Of each person, who used it on many days, looked up once.
    let mut known: HashMap<String, Vec<Applications>> = HashMap::new();
    observations.each_service_user_day(service, days, |who, (first, last)| {
        let Some(fewer) = left.checked_sub(1) else {
            return ControlFlow::Break(());
        };
        *left = fewer;
        let within = (Timestamp::from_millis(first), Timestamp::from_millis(last));
        if let Some(applications) = known.get(who) {
            applications.iter().for_each(|it| seen.take_of(it, within));
            return ControlFlow::Continue(());
        }
        let Some(person) = person_of(who) else {
            for entry in entries {
                let used = ServiceUse {
                    entry: (*entry).into(),
                    person: None,
                    within,
                };
                seen.take(world, &used);
            }
            return ControlFlow::Continue(());
        };
        let applications = entries.iter();
        let applications = applications.map(|it| Applications::of(world, person, *it));
        let applications: Vec<Applications> = applications.collect();
        applications.iter().for_each(|it| seen.take_of(it, within));
        // As many as are held at most, and no more.
        if seen.is_whole() {
            known.insert(who.to_owned(), applications);
        }
        ControlFlow::Continue(())
    })
}
