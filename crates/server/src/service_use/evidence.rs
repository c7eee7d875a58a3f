//! What rows rest on of the use of services: read once from the observations, followed from then on.

use sekisho_domain::name::Line;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_rules::access::{ServiceUse, ServicesSeen};
use sekisho_store::{Observations, StoreError};

use super::take::{LOOKED_BACK, is_under_terms, person_of};
use super::{KnownService, day_of, last_day};

/// Most rows of persons and days that are read; where there are more, what was read is not the whole.
const USERS_MAX: usize = 2_000_000;

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
    let known = KnownService::all(observations)?;
    let carriers = |service: &str| {
        let of = known.get(service);
        let domains: &[Line] = of.map_or(&[], |it| &it.domains);
        world.carriers(domains, of.is_some_and(KnownService::is_conference))
    };
    for sum in observations.service_sums((&from, &to))? {
        // Who used services under terms comes below; of others no clause asks who it was.
        for carrier in carriers(&sum.service) {
            let at = Timestamp::from_millis(sum.last_at);
            seen.note(carrier.id, at);
        }
    }
    let mut left = USERS_MAX;
    for service in known.keys() {
        let carriers = carriers(service);
        if !carriers.iter().any(|it| is_under_terms(world, it)) {
            continue;
        }
        // Day by day, as it came in: a permit that was given later is none for what was used before it.
        let users = observations.service_user_days(service, (&from, &to), left)?;
        left = left.saturating_sub(users.len());
        for user in users {
            let (first, last) = (user.first_at, user.last_at);
            for carrier in &carriers {
                let used = ServiceUse {
                    entry: carrier.id,
                    person: person_of(&user.who),
                    within: (Timestamp::from_millis(first), Timestamp::from_millis(last)),
                };
                seen.take(world, &used);
            }
        }
    }
    if left == 0 {
        seen.cut();
    }
    Ok(seen)
}
