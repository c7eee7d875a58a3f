//! Facts → results, stored and put into the posture.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_domain::check::{CheckResult, DeviceCheck};
use sekisho_domain::continuity::Continuity;
use sekisho_domain::device::{DeviceState, StateSource};
use sekisho_domain::fact::{Fact, FactKind, Observation};
use sekisho_domain::id::DeviceId;
use sekisho_domain::time::Timestamp;
use sekisho_rules::check::{DeviceFacts, Knowledge, draws_on_lists, needs, run};
use sekisho_store::StoreError;
use sekisho_store::observations::{FactRow, PostureResult};

use super::clients;
use crate::app::App;
use crate::knowledge::{Editions, KnowledgeBase};

/// Devices that are judged anew between two writes: few enough that reports never wait long for
/// the store or the posture.
pub(super) const SLICE: usize = 50;

/// The result of one check of one device, with the texts that its stored row borrows.
pub(super) struct ResultRow {
    device: DeviceId,
    name: String,
    check: DeviceCheck,
    result: CheckResult,
    continuity: Continuity,
    texts: Texts,
}

struct Texts {
    reason: String,
    continuity: String,
    knowledge: String,
}

impl ResultRow {
    pub(super) fn stored(&self) -> PostureResult<'_> {
        PostureResult {
            device: &self.name,
            check: self.check.code(),
            result: self.result.outcome.code(),
            reason: &self.texts.reason,
            observed_at: self.result.observed_at.as_millis(),
            received_at: self.result.received_at.as_millis(),
            fresh_until: self.result.fresh_until.as_millis(),
            continuity: &self.texts.continuity,
            knowledge: &self.texts.knowledge,
        }
    }
}

/// A device to be judged.
#[derive(Clone, Copy)]
pub(super) struct Subject {
    pub(super) id: DeviceId,
    /// From when its state should be known.
    pub(super) enrolled_at: Timestamp,
    /// Who tells of it.
    pub(super) source: StateSource,
}

/// What devices are judged with.
pub(super) struct Bench<'a> {
    pub(super) app: &'a App,
    pub(super) base: &'a KnowledgeBase,
    pub(super) knowledge: Knowledge<'a>,
    editions: Editions,
}

impl<'a> Bench<'a> {
    pub(super) fn new(app: &'a App, base: &'a KnowledgeBase) -> Self {
        Self {
            app,
            base,
            knowledge: base.knowledge(),
            editions: base.editions(),
        }
    }

    /// A digest of what a check of a device is judged with.
    fn edition(&self, check: DeviceCheck, device: DeviceId) -> String {
        let all = self.editions.of(check);
        self.base.edition_of(check, device, all)
    }

    /// The devices whose result of a check rests on other knowledge than there is now.
    fn due(&self, check: DeviceCheck) -> Result<Vec<DeviceId>, StoreError> {
        let kinds: Vec<&str> = needs(check).iter().map(|kind| kind.code()).collect();
        let (code, all) = (check.code(), self.editions.of(check));
        let others = self
            .app
            .observations()
            .judged_otherwise(code, all, &kinds)?;
        let others: BTreeMap<DeviceId, Option<String>> = others
            .into_iter()
            .filter_map(|(name, known)| Some((name.parse().ok()?, known)))
            .collect();
        let posture = self.app.posture();
        // Of these a permit speaks, and their result was made as if none did.
        let marked = self.base.marked(check).into_iter().filter(|device| {
            let known = posture.device(*device);
            let judged = known.and_then(|it| it.continuity(check)).is_some();
            judged && !others.contains_key(device)
        });
        let marked: Vec<DeviceId> = marked.collect();
        let otherwise = others.into_iter().filter_map(|(device, known)| {
            let now = self.edition(check, device);
            (known.as_deref() != Some(&*now)).then_some(device)
        });
        Ok(otherwise.chain(marked).collect())
    }

    /// Puts one device to some checks.
    pub(super) fn judge(
        &self,
        subject: Subject,
        facts: &[Fact],
        checks: impl IntoIterator<Item = DeviceCheck>,
    ) -> Vec<ResultRow> {
        let now = self.app.now();
        let facts = DeviceFacts::new(facts).told_by(subject.source);
        let results: Vec<_> = checks
            .into_iter()
            .filter_map(|check| Some((check, run(check, &facts, &self.knowledge, now)?)))
            .collect();
        let posture = self.app.posture();
        let since = Some(subject.enrolled_at);
        let row = |(check, result): (DeviceCheck, CheckResult)| {
            let lasting = check.freshness_of(subject.source);
            let continuity = posture.continued(subject.id, check, &result, since, lasting);
            ResultRow {
                device: subject.id,
                name: subject.id.to_string(),
                check,
                // Codes, texts and numbers only; they always serialise.
                texts: Texts {
                    reason: serde_json::to_string(&result.reason).unwrap_or_default(),
                    continuity: serde_json::to_string(&continuity).unwrap_or_default(),
                    knowledge: self.edition(check, subject.id),
                },
                result,
                continuity,
            }
        };
        results.into_iter().map(row).collect()
    }
}

/// Puts results into the posture in memory.
pub(super) fn publish(app: &App, rows: Vec<ResultRow>, sequence: i64) {
    let sequence = u64::try_from(sequence).unwrap_or_default();
    let mut devices: Vec<DeviceId> = rows.iter().map(|row| row.device).collect();
    devices.dedup();
    let declared: Vec<DeviceId> = {
        let world = app.world();
        let declares = |id: &DeviceId| {
            let known = world.device(*id);
            known.is_some_and(|it| it.source == StateSource::Declared)
        };
        devices.iter().copied().filter(declares).collect()
    };
    app.update_posture_of(devices, |posture| {
        for device in declared {
            posture.told_by(device, StateSource::Declared);
        }
        for row in rows {
            posture.put(row.device, row.check, &row.result, row.continuity, sequence);
        }
    });
}

/// A fact as stored.
pub(super) fn row(observation: &Observation, received_at: Timestamp) -> FactRow {
    FactRow {
        kind: observation.seen.kind().code().to_owned(),
        // Facts are plain data with text keys; they always serialise.
        json: serde_json::to_value(observation).unwrap_or_default(),
        source: observation.source.clone(),
        observed_at: observation.observed_at.as_millis(),
        received_at: received_at.as_millis(),
    }
}

/// The facts stored of a device. Rows of a form that this program no longer knows say nothing.
///
/// # Errors
/// The store's codes.
pub fn facts_of(app: &App, device: DeviceId) -> Result<Vec<Fact>, StoreError> {
    let rows = app.observations().facts(&device.to_string())?;
    Ok(known(device, rows.into_iter().map(|(_, row)| row)))
}

/// The facts that some checks need, where the rest need not be read.
fn facts_for(
    app: &App,
    device: DeviceId,
    checks: &BTreeSet<DeviceCheck>,
) -> Result<Vec<Fact>, StoreError> {
    let kinds: BTreeSet<FactKind> = checks
        .iter()
        .flat_map(|check| needs(*check))
        .copied()
        .collect();
    facts_of_kinds(app, device, kinds)
}

/// The facts of some kinds.
pub fn facts_of_kinds(
    app: &App,
    device: DeviceId,
    kinds: impl IntoIterator<Item = FactKind>,
) -> Result<Vec<Fact>, StoreError> {
    let name = device.to_string();
    let mut facts = Vec::new();
    for kind in kinds {
        let rows = app.observations().facts_of_kind(&name, kind.code())?;
        facts.extend(known(device, rows.into_iter()));
    }
    Ok(facts)
}

/// The first fact of a kind, where one is looked for that a report states once and near its beginning.
///
/// # Errors
/// The store's codes.
pub fn first_fact(app: &App, device: DeviceId, kind: FactKind) -> Result<Option<Fact>, StoreError> {
    let row = app
        .observations()
        .first_fact(&device.to_string(), kind.code())?;
    Ok(known(device, row.into_iter()).pop())
}

fn known(device: DeviceId, rows: impl Iterator<Item = FactRow>) -> Vec<Fact> {
    let facts = rows.filter_map(|row| {
        let observation: Observation = serde_json::from_value(row.json).ok()?;
        let received_at = Timestamp::from_millis(row.received_at);
        Some(Fact {
            subject: device,
            observation,
            received_at,
        })
    });
    facts.collect()
}

/// What judging devices anew came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rejudged {
    /// Devices that were put to at least one check.
    pub devices: usize,
    /// Results that were made.
    pub results: usize,
}

/// Puts those devices to the checks anew whose results rest on other knowledge than there is now,
/// each to those checks only: a feed that no check draws on moves nothing, and neither does a
/// second start with the same feeds. A report is judged when it comes, so that a result made with
/// today's knowledge always rests on the newest facts.
///
/// Works in slices and holds neither the store nor the posture between them. Other knowledge that
/// is put in place meanwhile is not seen: whoever puts it there judges again.
///
/// # Errors
/// The store's codes; devices judged before the error keep their new results.
pub fn judge_all(app: &App) -> Result<Rejudged, StoreError> {
    judge_due(app, &DeviceCheck::ALL)
}

/// As [`judge_all`], for those checks alone that compare devices with registers and permits.
///
/// # Errors
/// As [`judge_all`].
pub fn judge_by_lists(app: &App) -> Result<Rejudged, StoreError> {
    let by_lists = |check: &DeviceCheck| draws_on_lists(*check);
    let checks: Vec<_> = DeviceCheck::ALL.into_iter().filter(by_lists).collect();
    judge_due(app, &checks)
}

fn judge_due(app: &App, checks: &[DeviceCheck]) -> Result<Rejudged, StoreError> {
    let base = app.knowledge();
    let bench = Bench::new(app, &base);
    let mut due: BTreeMap<DeviceId, BTreeSet<DeviceCheck>> = BTreeMap::new();
    for check in checks {
        for device in bench.due(*check)? {
            due.entry(device).or_default().insert(*check);
        }
    }
    let due: Vec<_> = due.into_iter().collect();
    let mut done = Rejudged::default();
    for slice in due.chunks(SLICE) {
        if app.is_stopping() {
            break;
        }
        let mut rows = Vec::new();
        for (device, checks) in slice {
            let Some(subject) = subject(app, *device) else {
                continue;
            };
            let facts = facts_for(app, subject.id, checks)?;
            rows.extend(bench.judge(subject, &facts, checks.iter().copied()));
            done.devices += 1;
        }
        done.results += rows.len();
        let sequence = app
            .observations()
            .put_results(rows.iter().map(ResultRow::stored))?;
        publish(app, rows, sequence);
    }
    clients::renew(app, &base)?;
    Ok(done)
}

/// A device; none for one that was given up.
pub(super) fn subject(app: &App, id: DeviceId) -> Option<Subject> {
    let world = app.world();
    let device = world.device(id)?;
    (device.state != DeviceState::Retired).then_some(Subject {
        id,
        enrolled_at: device.enrolled_at,
        source: device.source,
    })
}
