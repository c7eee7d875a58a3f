//! One part of a row's judgement, before it becomes the row's verdict.

use sekisho_domain::code::Reason;
use sekisho_domain::verdict::{Counts, Evidence, Finding, RowVerdict, Verdict};

use super::{Cause, Concerned, RowAssessment};
use crate::catalogue::Row;
use crate::reason::next_step;

/// One part of a row's judgement.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) verdict: Verdict,
    pub(super) reason: Reason,
    pub(super) next: Reason,
    pub(super) counts: Counts,
    pub(super) finding: Option<Finding>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) causes: Vec<Cause>,
    pub(super) concerned: Vec<Concerned>,
}

impl Part {
    /// A part without subjects.
    pub(super) fn of(verdict: Verdict, reason: Reason) -> Self {
        Self {
            verdict,
            next: next_step(&reason),
            reason,
            counts: Counts::default(),
            finding: None,
            evidence: Vec::new(),
            causes: Vec::new(),
            concerned: Vec::new(),
        }
    }

    /// Nothing known, for an attestation to stand on.
    pub(super) fn empty() -> Self {
        Self::of(Verdict::Unknown, Reason::new("attestation.missing"))
    }

    /// Nothing can feed this row yet; the reason names what will.
    pub(super) fn not_yet(row: &Row) -> Self {
        let reason = Reason::new("carrier.not-yet").with("carrier", row.to_come().join(", "));
        Self::of(Verdict::Unknown, reason)
    }

    /// All parts together: the worst speaks, the counts are those of the first that has any.
    pub(super) fn all(parts: Vec<Self>) -> Option<Self> {
        let counts = parts
            .iter()
            .map(|part| part.counts)
            .find(|counts| counts.total() > 0);
        let finding = parts.iter().find_map(|part| part.finding.clone());
        let evidence = parts
            .iter()
            .flat_map(|part| part.evidence.iter().cloned())
            .collect();
        let causes = parts.iter().map(|part| &part.causes);
        let causes = causes.max_by_key(|causes| causes.len()).cloned();
        let concerned = parts.iter().flat_map(|part| part.concerned.iter().cloned());
        let concerned = concerned.collect();
        let worst = parts.into_iter().min_by_key(|part| gravity(part.verdict))?;
        Some(Self {
            counts: counts.unwrap_or_default(),
            finding,
            evidence,
            causes: causes.unwrap_or_default(),
            concerned,
            ..worst
        })
    }

    pub(super) fn into_row(self, row: &Row) -> RowAssessment {
        RowAssessment {
            id: row.id.clone(),
            verdict: RowVerdict {
                verdict: self.verdict,
                reason: self.reason,
                counts: self.counts,
                finding: self.finding,
                evidence: self.evidence,
            },
            next_step: self.next,
            causes: self.causes,
            concerned: self.concerned,
            owner: row.owner.clone(),
        }
    }
}

/// The place of a verdict among all, worst first.
fn gravity(verdict: Verdict) -> usize {
    Verdict::ALL
        .iter()
        .position(|known| *known == verdict)
        .unwrap_or_default()
}
