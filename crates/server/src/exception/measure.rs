//! Where the measures of an exception come from: answers of the decision point, traffic that gateways counted,
//! incidents, checks.

use std::collections::BTreeMap;

use sekisho_domain::access::Asker;
use sekisho_domain::exception::Effect;
use sekisho_domain::id::{DeviceId, PermitId, PersonId, SystemId};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::decide::{Act, EXCUSED_AT, Question, Rulebook, Seen};
use sekisho_rules::exception::{Answered, Answers, measure as measured};
use sekisho_store::StoreError;
use sekisho_store::observations::{AllowedOf, AllowedTimes, Retention, TunnelUse, TunnelsOf};

use crate::access::gateway::PassedTo;
use crate::app::App;

/// Most uses of tunnels by one person or with one device that are read: more than there are in the time that
/// they are kept.
const USES_MAX: usize = 1_000_000;

/// A gateway's answer counts for what passed until so long after it: no tunnel stays open longer.
const TUNNELS_LAST: Span = Span::days(1);

/// Whom and what answers are looked for.
struct Sought {
    from: Timestamp,
    until: Timestamp,
    /// Nobody and no device where it is for everybody.
    people: Vec<String>,
    devices: Vec<String>,
    /// The only system.
    system: Option<String>,
    /// The row from which it departs.
    row: String,
}

fn sought(app: &App, id: PermitId, now: Timestamp) -> Option<Sought> {
    let world = app.world();
    let permit = world.permits.get(id)?;
    let exception = permit.exception()?;
    let (from, until) = permit.life_until(now)?;
    let kept = Retention::default().decisions;
    let kept = Span::days(u32::try_from(kept).unwrap_or_default());
    // Whom it covers otherwise is found answer by answer.
    let named = std::iter::once(permit.applicant).chain(exception.people.iter().copied());
    let people = named.filter(|_| !exception.people.is_empty());
    Some(Sought {
        from: from.max(now.before(kept)),
        until,
        people: people.map(|it| it.to_string()).collect(),
        devices: exception.named_devices().map(|it| it.to_string()).collect(),
        system: exception.system.map(|it| it.to_string()),
        row: exception.requirement.as_str().to_owned(),
    })
}

fn answers(app: &App, sought: &Sought) -> Result<Option<Answers>, StoreError> {
    let within = (sought.from.as_millis(), sought.until.as_millis());
    let observations = app.observations();
    if !observations.any_answer(within)? {
        return Ok(None);
    }
    let book = app.access().rulebook();
    let changes = book.rests_on_row(&sought.row);
    let rows = observations.allowed_to(
        within,
        AllowedOf {
            people: &sought.people,
            devices: &sought.devices,
            resource: sought.system.as_deref(),
            holding: changes.then_some(EXCUSED_AT),
        },
    )?;
    let (mut answers, mut tunnels) = (Vec::new(), Vec::new());
    for row in rows {
        let asker: Option<Asker> = row.asker.as_ref().and_then(|it| it.parse().ok());
        let of_gateway = matches!(asker, Some(Asker::Gateway(_)));
        let Some(one) = answered(&book, sought, row) else {
            continue;
        };
        // Whether anything passed through a tunnel, its traffic tells.
        if of_gateway {
            tunnels.push(one);
        } else {
            answers.push(one);
        }
    }
    answers.extend(traffic(app, sought, changes.then_some(&tunnels[..]))?);
    Ok(Some(Answers {
        since: sought.from,
        answers,
    }))
}

/// An answer, with whether it rested on an exception from the row, where what was kept of it tells that.
fn answered(book: &Rulebook, sought: &Sought, row: AllowedTimes) -> Option<Answered> {
    // Questions of a form that this program no longer knows are not answers that it gave.
    let question: Question = serde_json::from_str(&row.question).ok()?;
    let seen: Option<Seen> = row.facts.and_then(|it| serde_json::from_str(&it).ok());
    let rested = seen.and_then(|seen| book.rested_on(&sought.row, &question, &seen));
    Some(Answered {
        question,
        first: Timestamp::from_millis(row.first_at),
        last: Timestamp::from_millis(row.last_at),
        times: u64::try_from(row.times).unwrap_or_default(),
        rested,
    })
}

/// What passed through gateways, each tunnel to each system once. Where exceptions from the row change answers, what
/// was answered for tunnels and may rest on one; a gateway's answer is kept when it is first given and when it is
/// another one, so that what passed without such an answer was allowed without an exception.
fn traffic(
    app: &App,
    sought: &Sought,
    answers: Option<&[Answered]>,
) -> Result<Vec<Answered>, StoreError> {
    let within = (sought.from.as_millis(), sought.until.as_millis());
    let people = sought.people.iter().map(|it| TunnelsOf::Person(it));
    let devices = sought.devices.iter().map(|it| TunnelsOf::Device(it));
    let anybody = sought.people.is_empty() && sought.devices.is_empty();
    let anyone = anybody.then_some(TunnelsOf::Anyone);
    // Once, also where it was one of the people with one of the devices.
    let mut uses = BTreeMap::new();
    for of in people.chain(devices).chain(anyone) {
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
    let mut passed: Vec<Answered> = {
        let world = app.world();
        let to = PassedTo::new(&world);
        uses.values().flat_map(|used| passed(&to, used)).collect()
    };
    if let Some(answers) = answers {
        let mut given: BTreeMap<_, Vec<&Answered>> = BTreeMap::new();
        for answer in answers.iter().filter(|it| it.rested != Some(false)) {
            let of_tunnel = given.entry(about(&answer.question)).or_default();
            of_tunnel.push(answer);
        }
        passed.retain(|used| {
            let mut known = given.get(&about(&used.question)).into_iter().flatten();
            known.any(|it| it.first <= used.last && used.first <= it.last.after(TUNNELS_LAST))
        });
    }
    Ok(passed)
}

/// Who, with which device, to which system: by what a use and an answer are of one tunnel.
fn about(question: &Question) -> (Option<PersonId>, Option<DeviceId>, Option<SystemId>) {
    let system = match question.act {
        Act::Reach { system, .. } => Some(system),
        Act::Join { .. } => None,
    };
    (question.person, question.device, system)
}

/// What a use tells: of a place that systems share one for each of them.
fn passed(to: &PassedTo<'_>, used: &TunnelUse) -> Vec<Answered> {
    let questions = to.questions(used).into_iter();
    questions
        .map(|question| Answered {
            question,
            first: Timestamp::from_millis(used.first_at),
            last: Timestamp::from_millis(used.last_at),
            times: 1,
            // What was answered for the tunnel tells it, and what was not is left out.
            rested: None,
        })
        .collect()
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
