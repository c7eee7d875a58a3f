//! Judging the catalogue: World and posture in, a verdict for every row out (decision 5).
//!
//! Each subject gets a result; a row is `not_met` if any subject fails without an active
//! exception, else `unknown` if any is unknown, else `met` or `attested`. An attestation never
//! lifts a machine part that fails or is unknown. What nothing can feed yet is `unknown` and says
//! which register or check will carry it.

mod access;
mod attestable;
mod attestation;
mod body;
mod byod;
mod checklists;
mod concerned;
mod concerns;
mod coverage;
mod devices;
mod exceptions;
mod part;
mod period;
mod permits;
mod plan;
mod public;
mod registers;
mod review;
mod risk;
mod rules;
mod services;
mod table;

use std::borrow::Cow;
use std::collections::BTreeMap;

use sekisho_domain::check::Outcome;
use sekisho_domain::code::Reason;
use sekisho_domain::posture::Posture;
use sekisho_domain::profile::Profile;
use sekisho_domain::requirement::RequirementId;
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::{Counts, RowVerdict, Verdict};
use sekisho_domain::world::World;

pub use access::{Unseen, unseen_use};
pub use attestable::bar_to_attesting;
pub use attestation::attesters;
pub use concerned::{CONCERNED, Concerned, Thing};
pub(crate) use coverage::MAP as COVERAGE;
pub use devices::checks_of;
pub use period::DEFAULT_DAYS;

use crate::access::AccessEvidence;
use crate::catalogue::{Catalogue, Parts, Row};
use crate::reason::next_step;
use attestation::{Attestations, Word};
use part::Part;
use table::DeviceTable;

/// The verdict of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowAssessment {
    /// The row.
    pub id: RequirementId,
    /// The verdict and what carries it.
    pub verdict: RowVerdict,
    /// What to do next; code `nothing` where nothing is to be done.
    pub next_step: Reason,
    /// Who must act.
    pub owner: Vec<Role>,
    /// Why devices do not pass, failures before what is unknown and the most frequent first; at
    /// most [`CAUSES`] of each. Not recorded: none in answers about the past.
    pub causes: Vec<Cause>,
    /// What is not as it should be, one by one, where the row's devices do not tell; at most
    /// [`CONCERNED`]. Not recorded: none in answers about the past.
    pub concerned: Vec<Concerned>,
}

/// Why results of devices are not good, over all devices of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What came of the checks.
    pub outcome: Outcome,
    /// Code of the reason that they share.
    pub code: Cow<'static, str>,
    /// How many results have it. A device has one for every check of the row.
    pub results: u32,
}

/// Causes of one outcome that a row names.
pub const CAUSES: usize = 3;

/// The verdicts of every row of the catalogue at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// The moment.
    pub at: Timestamp,
    /// The profile judged.
    pub profile: Profile,
    /// The rows, in the order of the catalogue.
    pub rows: Vec<RowAssessment>,
}

/// What every area judges from.
struct Ground<'a> {
    world: &'a World,
    catalogue: &'a Catalogue,
    now: Timestamp,
    posture: &'a Posture,
    access: &'a AccessEvidence,
    devices: DeviceTable<'a>,
    attestations: Attestations<'a>,
}

/// Judges every row of the catalogue.
#[must_use]
pub fn assess(
    world: &World,
    posture: &Posture,
    access: &AccessEvidence,
    catalogue: &Catalogue,
    profile: Profile,
    now: Timestamp,
) -> Assessment {
    let opted_in = world
        .organisation
        .as_ref()
        .is_some_and(|organisation| organisation.clauses_opted_in);
    let ground = Ground {
        world,
        catalogue,
        now,
        posture,
        access,
        devices: DeviceTable::new(world, posture, now),
        attestations: Attestations::new(world, now),
    };
    let judged = |row: &Row| row.judged_by(profile, opted_in);
    // The review rows look back on the rows that ask to confirm, so they come second.
    let mut verdicts: BTreeMap<&RequirementId, RowAssessment> = BTreeMap::new();
    for row in catalogue.rows().iter().filter(|row| !is_review(row)) {
        let assessed = if judged(row) {
            judge(row, &ground, machine(row, &ground))
        } else {
            other_notice(row, profile)
        };
        verdicts.insert(&row.id, assessed);
    }
    for row in catalogue.rows().iter().filter(|row| is_review(row)) {
        let assessed = if judged(row) {
            judge(row, &ground, review::judge(row, &ground, &verdicts))
        } else {
            other_notice(row, profile)
        };
        verdicts.insert(&row.id, assessed);
    }
    let rows = catalogue
        .rows()
        .iter()
        .filter_map(|row| verdicts.remove(&row.id))
        .collect();
    Assessment {
        at: now,
        profile,
        rows,
    }
}

/// Whether a row asks that procedures and measures be reviewed where confirmed findings ask it.
fn is_review(row: &Row) -> bool {
    row.checks().any(|check| check == review::CHECK)
}

/// The machine part of a row: every carrier that can be evaluated now. One that cannot leaves the
/// row unknown.
fn machine(row: &Row, ground: &Ground<'_>) -> Part {
    let parts: Vec<Part> = row
        .carried_by
        .iter()
        .filter_map(|carrier| match carrier.as_str() {
            public::PROFILE => Some(public::profile(ground)),
            byod::OFFICER => Some(byod::officer(ground)),
            coverage::MAP => Some(coverage::map(ground)),
            check if checks_of(check).is_some() && devices::speaks_of_devices(row) => {
                Some(devices::judge(row, check, ground))
            }
            carrier if plan::answers(row, carrier) => plan::judge(row, carrier, ground),
            check if risk::answers(check) => risk::judge(check, ground),
            carrier if concerns::answers(carrier) => Some(concerns::judge(ground)),
            carrier if checklists::answers(row, carrier) => checklists::judge(row, carrier, ground),
            check if registers::answers(check) => registers::judge(row, check, ground),
            check if access::answers(check) => access::judge(row, check, ground),
            check if services::answers(row, check) => services::judge(row, check, ground),
            check if rules::answers(check) => rules::judge(row, check, ground),
            check if body::answers(check) => body::judge(row, check, ground),
            check if exceptions::answers(check) => exceptions::judge(check, ground),
            check if permits::answers(check) => permits::judge(row, check, ground),
            check if check.starts_with("CK-") => Some(Part::not_yet(row)),
            // A register shows nothing by itself; its checks do.
            _ => None,
        })
        .collect();
    Part::all(parts).unwrap_or_else(|| Part::not_yet(row))
}

/// Puts the machine part and the attestation together as the row's parts ask.
fn judge(row: &Row, ground: &Ground<'_>, machine: Part) -> RowAssessment {
    let word = || ground.attestations.word(row);
    let part = match row.parts {
        Parts::Machine => machine,
        Parts::Attestation => word().carry(Part::empty()),
        // Where no review was called for there is no review to attest.
        Parts::Both if machine.reason.code == review::NOT_NEEDED => machine,
        Parts::Both if machine.verdict == Verdict::Met => word().carry(machine),
        Parts::Both => machine,
    };
    part.into_row(row)
}

impl Word {
    /// The part as this word leaves it: attested, or unknown for want of a word.
    fn carry(self, mut part: Part) -> Part {
        match self {
            Self::Given { reason, evidence } => {
                part.verdict = Verdict::Attested;
                part.reason = reason;
                part.evidence.push(evidence);
            }
            Self::Lacking { reason } => {
                part.verdict = Verdict::Unknown;
                part.reason = reason;
            }
        }
        part.next = next_step(&part.reason);
        part
    }
}

/// A row of a notice that the profile does not answer to: the profile in force is the
/// machine-checked reason.
fn other_notice(row: &Row, profile: Profile) -> RowAssessment {
    let reason = Reason::new("profile.other-notice").with("profile", profile.code());
    RowAssessment {
        id: row.id.clone(),
        next_step: next_step(&reason),
        verdict: RowVerdict {
            verdict: Verdict::NotApplicable,
            reason,
            counts: Counts::default(),
            finding: None,
            evidence: Vec::new(),
        },
        owner: row.owner.clone(),
        causes: Vec::new(),
        concerned: Vec::new(),
    }
}
