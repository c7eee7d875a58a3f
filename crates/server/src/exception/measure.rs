//! Where the measures of an exception come from: answers of the decision point, traffic that gateways counted,
//! incidents, checks.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_domain::access::Asker;
use sekisho_domain::exception::{Effect, Uses};
use sekisho_domain::id::{DeviceId, PermitId, PersonId, SystemId};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::decide::{Act, Question, Rulebook, Seen};
use sekisho_rules::exception::{Answered, Counting, measure as measured};
use sekisho_store::StoreError;
use sekisho_store::observations::{AllowedOf, AllowedTimes, Retention, TunnelUse, TunnelsOf};

use crate::access::gateway::PassedTo;
use crate::app::App;

/// Most answers with which the same was excused that are looked at, the newest. What a page may cost is bounded, and
/// beyond it nothing is known.
const ANSWERS_MAX: usize = 100_000;

/// Most uses of tunnels that are looked at.
const USES_MAX: usize = 100_000;

/// So many answers are judged before others get at the World.
const AT_ONCE: usize = 1_000;

/// A gateway's answer counts for what passed until so long after it: no tunnel stays open longer.
const TUNNELS_LAST: Span = Span::days(1);

/// Who, with which device, to which system.
type OfTunnel = (Option<PersonId>, Option<DeviceId>, Option<SystemId>);

/// When answers for tunnels were given that may rest on an exception, from when to when each within what a tunnel lasts.
type Tunnels = BTreeMap<OfTunnel, Vec<(Timestamp, Timestamp)>>;

/// Whom and what answers are looked for.
struct Sought {
    permit: PermitId,
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

fn sought(app: &App, id: PermitId, now: Timestamp) -> Option<(Sought, Counting)> {
    let world = app.world();
    let permit = world.permits.get(id)?;
    let exception = permit.exception()?;
    let (from, until) = permit.life_until(now)?;
    let kept = Retention::default().decisions;
    let kept = Span::days(u32::try_from(kept).unwrap_or_default());
    // Whom it covers otherwise is found answer by answer.
    let named = std::iter::once(permit.applicant).chain(exception.people.iter().copied());
    let is_of_people = !exception.people.is_empty() || permit.is_for_its_applicant_alone();
    let people = named.filter(|_| is_of_people);
    let from = from.max(now.before(kept));
    let sought = Sought {
        permit: id,
        from,
        until,
        people: people.map(|it| it.to_string()).collect(),
        devices: exception.named_devices().map(|it| it.to_string()).collect(),
        system: exception.system.map(|it| it.to_string()),
        row: exception.requirement.as_str().to_owned(),
    };
    Some((sought, Counting::new(permit, from, now)?))
}

/// How it was used; none where that cannot be told: nobody asked the decision point anything in its time, or no
/// built-in rule rests on the row from which it departs, so that no answer depends on it.
fn uses(app: &App, (sought, counting): (&Sought, Counting)) -> Result<Option<Uses>, StoreError> {
    let within = (sought.from.as_millis(), sought.until.as_millis());
    let book = app.access().rulebook();
    let observations = app.observations();
    if !book.rests_on_row(&sought.row) || !observations.any_answer(within)? {
        return Ok(None);
    }
    let mut tally = Tally {
        app,
        permit: sought.permit,
        counting,
        waiting: Vec::new(),
    };
    let mut excused = observations.excused()?;
    excused.retain(|rules| may_rest_on(&book, &sought.row, rules));
    let of = AllowedOf {
        people: &sought.people,
        devices: &sought.devices,
        resource: sought.system.as_deref(),
        excused: &excused,
    };
    let mut tunnels = Tunnels::new();
    let whole = observations.each_allowed(within, of, ANSWERS_MAX, |row| {
        let asker: Option<Asker> = row.asker.as_ref().and_then(|it| it.parse().ok());
        let Some(one) = answered(&book, sought, row) else {
            return;
        };
        if !matches!(asker, Some(Asker::Gateway(_))) {
            tally.take(one);
        } else if one.rested != Some(false) {
            // Whether anything passed through a tunnel, its traffic tells.
            note(tunnels.entry(about(&one.question)).or_default(), one.last);
        }
    })?;
    if !whole {
        tally.counting.cut();
    }
    traffic(app, within, &tunnels, &mut tally)?;
    tally.count();
    Ok(Some(tally.counting.uses()))
}

/// Answers on their way to being counted: so many are gathered before the World is asked about them that nobody waits
/// for it, and what is held is bounded.
struct Tally<'a> {
    app: &'a App,
    permit: PermitId,
    counting: Counting,
    waiting: Vec<Answered>,
}

impl Tally<'_> {
    fn take(&mut self, answered: Answered) {
        self.waiting.push(answered);
        if self.waiting.len() >= AT_ONCE {
            self.count();
        }
    }

    fn count(&mut self) {
        let world = self.app.world();
        let Some(permit) = world.permits.get(self.permit) else {
            return;
        };
        for answered in self.waiting.drain(..) {
            self.counting.take(&world, permit, &answered);
        }
    }
}

/// Whether answers with which so much was excused may rest on an exception from a row. Where nobody can read what was
/// excused, they may.
fn may_rest_on(book: &Rulebook, row: &str, excused: &str) -> bool {
    let rules: Result<Vec<String>, _> = serde_json::from_str(excused);
    rules.map_or(true, |rules| book.may_rest_on(row, &rules))
}

/// Notes an answer for a tunnel. They come from the newest on, and those so near that what they count for is one stretch
/// are one.
fn note(known: &mut Vec<(Timestamp, Timestamp)>, at: Timestamp) {
    match known.last_mut() {
        Some((first, _)) if at <= *first && *first <= at.after(TUNNELS_LAST) => *first = at,
        _ => known.push((at, at)),
    }
}

/// An answer, with whether it rested on an exception from the row, where what was kept of it tells that.
fn answered(book: &Rulebook, sought: &Sought, row: AllowedTimes) -> Option<Answered> {
    // Questions of a form that this program no longer knows are not answers that it gave.
    let question: Question = serde_json::from_str(&row.question).ok()?;
    let seen: Option<Seen> = row.facts.and_then(|it| serde_json::from_str(&it).ok());
    let rested = seen.and_then(|seen| book.rested_on(&sought.row, &question, &seen));
    let at = Timestamp::from_millis(row.at);
    Some(Answered {
        question,
        first: at,
        last: at,
        times: u64::try_from(row.times).unwrap_or_default(),
        rested,
    })
}

/// What passed through gateways, each tunnel to each system once, where what was answered for the tunnel may rest on an
/// exception from the row: a gateway's answer is kept when it is first given and when it is another one, so that what
/// passed without such an answer was allowed without an exception.
fn traffic(
    app: &App,
    within: (i64, i64),
    tunnels: &Tunnels,
    tally: &mut Tally<'_>,
) -> Result<(), StoreError> {
    let people: BTreeSet<PersonId> = tunnels.keys().filter_map(|(person, ..)| *person).collect();
    let rests = |used: &Answered| {
        let mut known = tunnels.get(&about(&used.question)).into_iter().flatten();
        known.any(|(first, last)| *first <= used.last && used.first <= last.after(TUNNELS_LAST))
    };
    let mut left = USES_MAX;
    for person in people {
        let person = person.to_string();
        let of = TunnelsOf::Person(&person);
        // One more, to see whether there is more.
        let uses = app.observations().tunnel_uses(of, within, left + 1)?;
        let found: Vec<Answered> = {
            let world = app.world();
            let to = PassedTo::new(&world);
            let looked_at = uses.iter().take(left);
            let all = looked_at.flat_map(|used| passed(&to, used));
            all.filter(|used| rests(used)).collect()
        };
        for used in found {
            tally.take(used);
        }
        if uses.len() > left {
            tally.counting.cut();
            break;
        }
        left -= uses.len();
    }
    Ok(())
}

/// Who, with which device, to which system: by what a use and an answer are of one tunnel.
fn about(question: &Question) -> OfTunnel {
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
    let Some((sought, counting)) = sought(app, permit, now) else {
        return Ok(None);
    };
    let uses = uses(app, (&sought, counting))?;
    let world = app.world();
    let posture = app.posture();
    let Some(known) = world.permits.get(permit) else {
        return Ok(None);
    };
    Ok(measured(&world, &posture, known, uses, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_for_a_tunnel_within_what_it_lasts_are_one_stretch() {
        let at = |hours| Timestamp::from_millis(0).after(Span::hours(hours));
        let mut known = Vec::new();
        for hours in [100, 90, 76, 51, 51] {
            note(&mut known, at(hours));
        }
        // What was excused otherwise comes from its newest on again.
        note(&mut known, at(101));
        let expected = [(76, 100), (51, 51), (101, 101)];
        assert_eq!(known, expected.map(|(from, until)| (at(from), at(until))));
    }
}
