//! Where the measures of an exception come from: answers of the decision point, traffic that gateways counted,
//! incidents, checks.

use std::collections::BTreeMap;

use sekisho_domain::access::Asker;
use sekisho_domain::exception::Effect;
use sekisho_domain::id::PermitId;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::exception::{Answered, Answers, measure as measured};
use sekisho_store::StoreError;
use sekisho_store::observations::{AllowedTimes, Retention, TunnelUse, TunnelsOf};

use crate::access::gateway::through_a_tunnel;
use crate::app::App;

/// Most uses of tunnels by one person or with one device that are read: more than there are in the time that
/// they are kept.
const USES_MAX: usize = 1_000_000;

/// Whom and what answers are looked for.
struct Sought {
    from: Timestamp,
    until: Timestamp,
    people: Vec<String>,
    devices: Vec<String>,
}

fn sought(app: &App, id: PermitId, now: Timestamp) -> Option<Sought> {
    let world = app.world();
    let permit = world.permits.get(id)?;
    let exception = permit.exception()?;
    let (from, until) = permit.life_until(now)?;
    let kept = Retention::default().decisions;
    let kept = Span::days(u32::try_from(kept).unwrap_or_default());
    let people = std::iter::once(permit.applicant).chain(exception.people.iter().copied());
    Some(Sought {
        from: from.max(now.before(kept)),
        until,
        people: people.map(|it| it.to_string()).collect(),
        devices: exception.named_devices().map(|it| it.to_string()).collect(),
    })
}

fn answers(app: &App, sought: &Sought) -> Result<Option<Answers>, StoreError> {
    let within = (sought.from.as_millis(), sought.until.as_millis());
    let observations = app.observations();
    if !observations.any_answer(within)? {
        return Ok(None);
    }
    let rows = observations.allowed_to(within, &sought.people, &sought.devices)?;
    let mut answers: Vec<Answered> = rows.into_iter().filter_map(answered).collect();
    answers.extend(traffic(app, sought)?);
    Ok(Some(Answers {
        since: sought.from,
        answers,
    }))
}

/// An answer; none of those that a gateway was given for a tunnel: whether anything passed, its traffic tells.
fn answered(row: AllowedTimes) -> Option<Answered> {
    let asker: Option<Asker> = row.asker.and_then(|it| it.parse().ok());
    if matches!(asker, Some(Asker::Gateway(_))) {
        return None;
    }
    Some(Answered {
        // Questions of a form that this program no longer knows are not answers that it gave.
        question: serde_json::from_str(&row.question).ok()?,
        first: Timestamp::from_millis(row.first_at),
        last: Timestamp::from_millis(row.last_at),
        times: u64::try_from(row.times).unwrap_or_default(),
    })
}

/// What passed through gateways, each tunnel to each system once.
fn traffic(app: &App, sought: &Sought) -> Result<Vec<Answered>, StoreError> {
    let within = (sought.from.as_millis(), sought.until.as_millis());
    let people = sought.people.iter().map(|it| TunnelsOf::Person(it));
    let devices = sought.devices.iter().map(|it| TunnelsOf::Device(it));
    // Once, also where it was one of the people with one of the devices.
    let mut uses = BTreeMap::new();
    for of in people.chain(devices) {
        for used in app.observations().tunnel_uses(of, within, USES_MAX)? {
            let key = (
                used.session.clone(),
                used.system.clone(),
                used.line.clone(),
                used.first_at,
            );
            uses.insert(key, used);
        }
    }
    Ok(uses.values().filter_map(passed).collect())
}

fn passed(used: &TunnelUse) -> Option<Answered> {
    let (person, device) = (used.person.parse().ok()?, used.device.parse().ok()?);
    let mut question = through_a_tunnel(person, device, used.system.parse().ok()?);
    question.origin.line = used.line.as_ref().and_then(|line| line.parse().ok());
    Some(Answered {
        question,
        first: Timestamp::from_millis(used.first_at),
        last: Timestamp::from_millis(used.last_at),
        times: 1,
    })
}

/// Measures an exception as it is now; none where the permit is no exception, or was never given.
///
/// # Errors
/// The store's codes.
pub fn measure(app: &App, permit: PermitId) -> Result<Option<Effect>, StoreError> {
    let now = app.now();
    let Some(sought) = sought(app, permit, now) else {
        return Ok(None);
    };
    let answers = answers(app, &sought)?;
    let world = app.world();
    let posture = app.posture();
    let Some(known) = world.permits.get(permit) else {
        return Ok(None);
    };
    Ok(measured(&world, &posture, known, answers.as_ref(), now))
}
