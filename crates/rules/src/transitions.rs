//! What is new and belongs in the ledger: changed check results and changed verdicts, and the
//! assessment itself at least hourly. What did not change is not written (decisions 2 and 4).

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::DeviceState;
use sekisho_domain::event::{
    Assessment as Held, BlobRef, CheckChange, DeviceSet, LISTED_MAX, VerdictChange,
};
use sekisho_domain::posture::{Posture, Standing};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::{RowVerdict, Scope};
use sekisho_domain::world::World;
use sekisho_domain::world::apply::encode_set;

use crate::assess::Assessment;
use crate::catalogue::Catalogue;
use crate::check::lacking;
use crate::digest;
use crate::reason::cause;

/// An assessment is held at least this often.
pub const INTERVAL: Span = Span::hours(1);

/// What is new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transitions {
    /// Changed results of checks, one a check, outcome and cause.
    pub checks: Vec<CheckChange>,
    /// Changed verdicts.
    pub verdicts: Vec<VerdictChange>,
    /// The assessment, where one is due or anything changed.
    pub held: Option<Held>,
    /// Documents that the changes refer to, by SHA-256 in hex.
    pub blobs: BTreeMap<String, Vec<u8>>,
}

/// Digests of the devices by check and outcome: the part of the results that no row shows.
type CheckDigests = BTreeMap<DeviceCheck, BTreeMap<Outcome, String>>;

impl Transitions {
    /// Whether there is nothing to record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.checks.is_empty() && self.verdicts.is_empty() && self.held.is_none()
    }
}

/// Whether an assessment has to be held at `now`.
#[must_use]
pub fn is_due(world: &World, now: Timestamp) -> bool {
    world
        .assessed
        .as_ref()
        .is_none_or(|(at, _)| now.since(*at) >= INTERVAL)
}

/// Compares an assessment and the posture it rests on with what the World has recorded. `program`
/// is the version of the program.
#[must_use]
pub fn transitions(
    world: &World,
    posture: &Posture,
    assessment: &Assessment,
    catalogue: &Catalogue,
    program: &str,
) -> Transitions {
    let mut new = Transitions::default();
    let due = is_due(world, assessment.at);
    let mut digests = CheckDigests::new();
    for check in DeviceCheck::ALL {
        let stand = check_changes(world, posture, check, assessment.at, &mut new);
        let of = |(outcome, set): (_, RoaringBitmap)| (outcome, digest::hex(&encode_set(&set)));
        digests.insert(check, stand.into_iter().map(of).collect());
    }
    for row in &assessment.rows {
        let recorded = world
            .verdicts
            .get(&(row.id.clone(), Scope::Body))
            .map(|recorded| &recorded.verdict);
        if recorded.is_none_or(|recorded| differs(recorded, &row.verdict, due)) {
            new.verdicts.push(VerdictChange {
                row: row.id.clone(),
                scope: Scope::Body,
                verdict: row.verdict.clone(),
            });
        }
    }
    if due || !new.is_empty() {
        new.held = Some(held(world, assessment, &digests, catalogue, program));
    }
    new
}

/// Whether a verdict is news: another verdict, another code of its reason, or a confirmation that
/// now finds something adverse where it found nothing, or the other way round. Evidence that was
/// only renewed is not; numbers that moved, and the causes that they stand for, are written with
/// the hourly assessment, so that a fleet that comes and goes does not fill the ledger.
fn differs(old: &RowVerdict, new: &RowVerdict, due: bool) -> bool {
    let numbers = old.counts != new.counts
        || old.finding != new.finding
        || old.reason.params != new.reason.params;
    says_otherwise(old, new) || (due && numbers)
}

/// Whether one verdict says something else than another, numbers aside.
#[must_use]
pub fn says_otherwise(old: &RowVerdict, new: &RowVerdict) -> bool {
    let adverse = |verdict: &RowVerdict| {
        let finding = verdict.finding.as_ref();
        finding.is_some_and(|finding| finding.reason.is_some())
    };
    old.verdict != new.verdict || old.reason.code != new.reason.code || adverse(old) != adverse(new)
}

/// Adds what changed of one check, and gives the devices by outcome as they stand.
fn check_changes(
    world: &World,
    posture: &Posture,
    check: DeviceCheck,
    now: Timestamp,
    new: &mut Transitions,
) -> BTreeMap<Outcome, RoaringBitmap> {
    let mut stand: BTreeMap<Outcome, RoaringBitmap> = BTreeMap::new();
    let recorded = world.checks.get(&check);
    let stands_so = |ordinal: u32, outcome: Outcome| {
        recorded
            .and_then(|outcomes| outcomes.get(&outcome))
            .is_some_and(|set| set.contains(ordinal))
    };
    let mut changed: BTreeMap<(Outcome, Reason), RoaringBitmap> = BTreeMap::new();
    for device in &world.devices {
        if device.state == DeviceState::Retired {
            continue;
        }
        let (outcome, reason) = match posture.standing(device.id, check, now) {
            Standing::Fresh(outcome, reason, _) => (outcome, Some(reason)),
            Standing::Stale(_) => (Outcome::Unknown, None),
            Standing::Absent => continue,
        };
        stand.entry(outcome).or_default().insert(device.ordinal);
        if !stands_so(device.ordinal, outcome) {
            let why =
                reason.map_or_else(|| Reason::new(lacking(check, device.source, true)), cause);
            changed
                .entry((outcome, why))
                .or_default()
                .insert(device.ordinal);
        }
    }
    for ((to, cause), devices) in changed {
        let devices = device_set(&devices, &mut new.blobs);
        new.checks.push(CheckChange {
            check,
            to,
            cause,
            devices,
        });
    }
    stand
}

fn device_set(devices: &RoaringBitmap, blobs: &mut BTreeMap<String, Vec<u8>>) -> DeviceSet {
    let count = devices.len();
    if usize::try_from(count).is_ok_and(|count| count <= LISTED_MAX) {
        return DeviceSet::Listed(devices.iter().collect());
    }
    let bytes = encode_set(devices);
    let blob = BlobRef {
        blob: digest::hex(&bytes),
        size: bytes.len() as u64,
    };
    blobs.insert(blob.blob.clone(), bytes);
    DeviceSet::Stored {
        document: blob,
        count: u32::try_from(count).unwrap_or(u32::MAX),
    }
}

fn held(
    world: &World,
    assessment: &Assessment,
    digests: &CheckDigests,
    catalogue: &Catalogue,
    program: &str,
) -> Held {
    let mut rows: BTreeMap<String, u32> = BTreeMap::new();
    let results: Vec<_> = assessment
        .rows
        .iter()
        .map(|row| (&row.id, &row.verdict))
        .collect();
    for row in &assessment.rows {
        *rows
            .entry(row.verdict.verdict.code().to_owned())
            .or_default() += 1;
    }
    Held {
        profile: assessment.profile,
        results: digest::of_json(&(results, digests)),
        rows,
        catalogue: catalogue.version().to_owned(),
        program: program.to_owned(),
        feeds: world
            .feeds
            .iter()
            .map(|(key, feed)| (key.clone(), feed.digest.clone()))
            .collect(),
    }
}
