//! What was known at an earlier moment (decision 4).

use sekisho_domain::code::Reason;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::{Counts, RowVerdict, Scope, Verdict};
use sekisho_domain::world::World;

use crate::assess::{Assessment, RowAssessment};
use crate::catalogue::Catalogue;
use crate::reason::next_step;

/// How long before the moment asked for the newest assessment may lie. Assessments are held at
/// least hourly, so a longer gap means that nothing was judging.
pub const FRESHNESS: Span = Span::hours(2);

/// The verdicts as recorded by `at`. `world` is the fold of what was recorded by then. Checks are
/// never run again on old observations; a row that was not judged within [`FRESHNESS`] before `at`
/// is unknown.
///
/// None before the organisation was founded: no profile was in force.
#[must_use]
pub fn at(world: &World, catalogue: &Catalogue, at: Timestamp) -> Option<Assessment> {
    let organisation = world.organisation.as_ref()?;
    let held = world
        .assessed
        .as_ref()
        .is_some_and(|(held_at, _)| *held_at <= at && at.since(*held_at) <= FRESHNESS);
    let rows = catalogue
        .rows()
        .iter()
        .map(|row| {
            let recorded = world.verdicts.get(&(row.id.clone(), Scope::Body));
            let verdict = match recorded {
                Some(recorded) if held && recorded.since <= at => recorded.verdict.clone(),
                _ => not_assessed(),
            };
            RowAssessment {
                id: row.id.clone(),
                next_step: next_step(&verdict.reason),
                verdict,
                owner: row.owner.clone(),
                causes: Vec::new(),
                concerned: Vec::new(),
            }
        })
        .collect();
    Some(Assessment {
        at,
        profile: world
            .assessed
            .as_ref()
            .filter(|_| held)
            .map_or(organisation.profile, |(_, held)| held.profile),
        rows,
    })
}

fn not_assessed() -> RowVerdict {
    RowVerdict {
        verdict: Verdict::Unknown,
        reason: Reason::new("row.not-assessed"),
        counts: Counts::default(),
        finding: None,
        evidence: Vec::new(),
    }
}
