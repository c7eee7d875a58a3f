//! What an assessment rests on, measured now. What cannot be measured is named, and counts as the weakest.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::{Device, DeviceState};
use sekisho_domain::feed::FeedKind;
use sekisho_domain::id::{DeviceId, PersonId, TaskId};
use sekisho_domain::permit::{Particulars, PermitKind};
use sekisho_domain::plan::Feed;
use sekisho_domain::posture::{Posture, Standing};
use sekisho_domain::register::{EntryId, Incident, Task};
use sekisho_domain::risk::{
    Bind, Bound, FactKind, Inputs, RiskContent, RiskSubject, RiskTable, ScenarioRow, ThreatFact,
};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::Verdict;
use sekisho_domain::world::World;
use sekisho_rules::catalogue::Catalogue;
use sekisho_rules::risk::{METHOD, TableError, built_in_table};

use crate::app::App;
use crate::plan::{Machine, gateway_machines};

/// For how long the last assessment of the catalogue says something: it is held every hour.
const ASSESSED_WITHIN: Span = Span::hours(48);
/// The reason of a result where a vulnerability is being exploited.
const EXPLOITED: &str = "advisory.exploited";
/// Most facts that one threat names: one is enough to raise it.
const FACTS_MAX: usize = 50;

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// The table that this program brings cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// Measures what an assessment rests on.
///
/// # Errors
/// [`MeasureError`].
pub fn measure(
    app: &App,
    catalogue: &Catalogue,
    content: &RiskContent,
) -> Result<Inputs, MeasureError> {
    let (table, table_digest) = built_in_table()?;
    let now = app.now();
    let world = app.world();
    let posture = app.posture();
    let tasks = tasks(&world, content.subject, now);
    let devices = devices(&world, content.subject, &tasks, now);
    let here = Here {
        world: &world,
        posture: &posture,
        catalogue,
        now,
        devices: &devices,
    };
    let mut facts = BTreeMap::new();
    let mut bound = BTreeMap::new();
    for row in &table.scenario {
        let found = here.facts(&table, row);
        if !found.is_empty() {
            facts.insert(row.code, found);
        }
        let measured = here.bound(row);
        if !measured.is_empty() {
            bound.insert(row.code, measured);
        }
    }
    Ok(Inputs {
        method: METHOD,
        unmeasured: here.unmeasured(&table),
        table,
        table_digest,
        measured_at: now,
        subject: content.subject,
        grade: content.grade,
        places: content.places.clone(),
        tasks: number(tasks.len()),
        devices: number(devices.len()),
        facts,
        bound,
        answers: content.answers.clone(),
        raised: content.raised.clone(),
        lowered: content.lowered.clone(),
    })
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The tasks in use that are assessed.
fn tasks(world: &World, subject: RiskSubject, now: Timestamp) -> BTreeSet<TaskId> {
    let all = world.registers.nouns::<Task>();
    all.filter_map(|(entry, _)| match entry.id {
        EntryId::Task(id) if entry.is_active() => Some(id),
        _ => None,
    })
    .filter(|id| world.risk_speaks_of(subject, *id, now))
    .collect()
}

/// The devices in use that are in scope. Of a task: those of the people who hold a permit to telework for
/// it, and those that such permits name; where nobody holds one, those of its unit. Of a scope: those of
/// its units.
fn devices(
    world: &World,
    subject: RiskSubject,
    tasks: &BTreeSet<TaskId>,
    now: Timestamp,
) -> Vec<DeviceId> {
    let active = || {
        let all = world.devices.iter();
        all.filter(|it| it.state == DeviceState::Active)
    };
    if matches!(subject, RiskSubject::Task(_)) {
        let mut people: HashSet<PersonId> = HashSet::new();
        let mut named: HashSet<DeviceId> = HashSet::new();
        let permits = world.permits.of_kind(PermitKind::Telework);
        for permit in permits.filter(|permit| permit.is_in_force(now)) {
            if let Particulars::Telework(it) = permit.particulars.as_ref()
                && tasks.contains(&it.task)
            {
                people.insert(permit.applicant);
                named.extend(it.device);
            }
        }
        if !people.is_empty() {
            let theirs = |it: &&Device| {
                named.contains(&it.id) || it.user.is_some_and(|user| people.contains(&user))
            };
            return active().filter(theirs).map(|it| it.id).collect();
        }
    }
    let above = world.risk_subject_unit(subject, now);
    // What belongs to no unit may be anyone's.
    let within = |it: &&Device| {
        above.is_none_or(|above| {
            let unit = world.unit_now(it.unit, now);
            world.unit_is_within(unit, above, now)
        })
    };
    active().filter(within).map(|it| it.id).collect()
}

struct Here<'a> {
    world: &'a World,
    posture: &'a Posture,
    catalogue: &'a Catalogue,
    now: Timestamp,
    devices: &'a [DeviceId],
}

impl Here<'_> {
    /// What raises a threat.
    fn facts(&self, table: &RiskTable, row: &ScenarioRow) -> Vec<ThreatFact> {
        let from = self.now.before(Span::days(table.within_days));
        let incidents = self.world.registers.nouns::<Incident>();
        let mut found: Vec<ThreatFact> = incidents
            .filter(|(entry, it)| from <= entry.entered_at && row.incidents.contains(&it.kind))
            .map(|(entry, _)| ThreatFact {
                kind: FactKind::Incident,
                subject: entry.id.to_string(),
                at: entry.entered_at,
            })
            .collect();
        if row.exploited {
            found.extend(
                self.devices
                    .iter()
                    .filter_map(|device| self.exploited(*device)),
            );
        }
        if row.exploited_gateways {
            found.extend(self.exploited_gateways());
        }
        found.sort();
        found.truncate(FACTS_MAX);
        found
    }

    fn exploited(&self, device: DeviceId) -> Option<ThreatFact> {
        DeviceCheck::ALL.iter().find_map(|check| {
            match self.posture.standing(device, *check, self.now) {
                Standing::Fresh(Outcome::Fail, reason, times) if reason.code == EXPLOITED => {
                    Some(ThreatFact {
                        kind: FactKind::Exploited,
                        subject: device.to_string(),
                        at: times.received_at,
                    })
                }
                _ => None,
            }
        })
    }

    fn gateways(&self) -> impl Iterator<Item = (EntryId, Machine)> {
        gateway_machines(self.world, self.posture, self.now)
    }

    /// Whoever works by telework may come through any gateway in use: no register tells by which one the people of a
    /// task come, so that each of them counts for every task, whatever unit its machine belongs to.
    fn exploited_gateways(&self) -> impl Iterator<Item = ThreatFact> {
        self.gateways()
            .filter_map(|(gateway, machine)| match machine {
                Machine::Exploited(at) => Some(ThreatFact {
                    kind: FactKind::Gateway,
                    subject: gateway.to_string(),
                    at,
                }),
                Machine::Unseen | Machine::Clear => None,
            })
    }

    /// What a weakness is measured by.
    fn bound(&self, row: &ScenarioRow) -> Vec<Bound> {
        let checks = row.checks.iter().map(|check| self.of_check(*check));
        checks.chain(self.of_rows(&row.carriers)).collect()
    }

    fn of_check(&self, check: DeviceCheck) -> Bound {
        let mut bound = empty(Bind::Device(check));
        for device in self.devices {
            let mut received = None;
            match self.posture.standing(*device, check, self.now) {
                Standing::Fresh(outcome, _, times) => {
                    received = Some(times.received_at);
                    match outcome {
                        Outcome::Pass => bound.pass += 1,
                        Outcome::Fail => bound.fail += 1,
                        Outcome::Unknown => bound.unknown += 1,
                    }
                }
                Standing::Stale(times) => {
                    received = Some(times.received_at);
                    bound.stale += 1;
                }
                Standing::Absent => bound.unknown += 1,
            }
            bound.oldest = match (bound.oldest, received) {
                (Some(known), Some(at)) => Some(known.min(at)),
                (known, at) => known.or(at),
            };
        }
        bound
    }

    /// The rows of the catalogue that checks of it carry, by their recorded verdicts. Rows of the notice that
    /// the profile does not answer to say nothing.
    fn of_rows(&self, carriers: &[String]) -> Vec<Bound> {
        let assessed = self.world.assessed.as_ref().map(|(at, _)| *at);
        let is_fresh = assessed.is_some_and(|at| self.now.since(at) <= ASSESSED_WITHIN);
        let rows = self.catalogue.rows().iter();
        let carried = rows.filter(|row| {
            let mut checks = row.checks();
            checks.any(|check| carriers.iter().any(|it| it == check))
        });
        let mut found = Vec::new();
        for row in carried {
            let recorded = self.world.verdicts.iter();
            let recorded: Vec<_> = recorded.filter(|((id, _), _)| *id == row.id).collect();
            let mut bound = empty(Bind::Row(row.id.clone()));
            for (_, recorded) in &recorded {
                match recorded.verdict.verdict {
                    Verdict::NotApplicable => continue,
                    Verdict::Unknown => bound.unknown += 1,
                    Verdict::NotMet => bound.fail += 1,
                    Verdict::Met | Verdict::Attested if is_fresh => bound.pass += 1,
                    Verdict::Met | Verdict::Attested => bound.stale += 1,
                }
                bound.oldest = assessed;
            }
            // A row that was never judged is bound and unmeasured; one of another notice is not bound.
            if bound.subjects() > 0 || recorded.is_empty() {
                found.push(bound);
            }
        }
        found
    }

    /// What the table asks for and nothing measures.
    fn unmeasured(&self, table: &RiskTable) -> BTreeSet<String> {
        let mut missing = BTreeSet::new();
        let scenarios = &table.scenario;
        if scenarios.iter().any(|row| row.detections) {
            // Detections of attacks are carried by nothing yet.
            missing.insert(Feed::Detections.code().to_owned());
        }
        let mut feeds = self.world.feeds.values();
        let fresh = feeds.any(|feed| feed.kind == FeedKind::Kev && feed.is_fresh(self.now));
        let asked = |row: &ScenarioRow| row.exploited || row.exploited_gateways;
        // Of a gateway that nobody looks at nobody knows what is being exploited on it, as for the plan.
        let unseen = || self.gateways().any(|(_, it)| it == Machine::Unseen);
        let of_gateways = scenarios.iter().any(|row| row.exploited_gateways);
        if (scenarios.iter().any(asked) && !fresh) || (of_gateways && unseen()) {
            missing.insert(Feed::Exploited.code().to_owned());
        }
        missing
    }
}

const fn empty(what: Bind) -> Bound {
    Bound {
        what,
        pass: 0,
        fail: 0,
        stale: 0,
        unknown: 0,
        oldest: None,
    }
}
