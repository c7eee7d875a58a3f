//! Verdicts on catalogue rows (decision 5).

use serde::{Deserialize, Serialize};

use crate::code::Reason;
use crate::time::{Span, Timestamp};

/// What is known of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Fresh machine evidence shows it, for every subject.
    Met,
    /// At least one subject fails without an active exception.
    NotMet,
    /// The right post attested it, and no machine part contradicts or lacks.
    Attested,
    /// Does not apply, for a reason that a machine checked.
    NotApplicable,
    /// Data is missing, stale or partial.
    Unknown,
}

impl Verdict {
    /// Every verdict, worst first.
    pub const ALL: [Self; 5] = [
        Self::NotMet,
        Self::Unknown,
        Self::Attested,
        Self::Met,
        Self::NotApplicable,
    ];

    /// The stable code, as in `assess --format json`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not_met",
            Self::Attested => "attested",
            Self::NotApplicable => "not_applicable",
            Self::Unknown => "unknown",
        }
    }

    /// Whether this leaves something to do.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::NotMet | Self::Unknown)
    }
}

/// How many subjects came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Counts {
    /// Subjects that pass.
    pub pass: u32,
    /// Subjects that fail without an active exception.
    pub fail: u32,
    /// Subjects that fail under an active exception.
    pub excepted: u32,
    /// Subjects of which too little is known.
    pub unknown: u32,
}

impl Counts {
    /// All subjects.
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.pass + self.fail + self.excepted + self.unknown
    }

    /// The verdict of the machine part of a row from its subjects: any failure wins, then any
    /// unknown; without a single subject nothing is known.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        if self.fail > 0 {
            Verdict::NotMet
        } else if self.unknown > 0 || self.total() == 0 {
            Verdict::Unknown
        } else {
            Verdict::Met
        }
    }
}

/// Which subjects a verdict speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The whole organisation.
    Body,
}

/// What was found besides the verdict, in rows that ask only to confirm (requirements.md 1.0):
/// a finding that was confirmed goes to the review row of its section, where there is one, and does not break
/// the notice itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Finding {
    /// Subjects by what was found of them.
    pub counts: Counts,
    /// The gravest reason among them; none when nothing adverse was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The period that was confirmed; none in records made before periods were looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
}

impl Finding {
    /// Whether anything adverse was found, now or within the period.
    #[must_use]
    pub fn is_adverse(&self) -> bool {
        self.counts.fail > 0 || self.period.is_some_and(|period| period.failed_within > 0)
    }
}

/// From when on a confirmation looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodStart {
    /// From the last dated word of the row's owner.
    Attested(Timestamp),
    /// So many days back from the moment of the verdict, where there is no such word.
    LastDays(u32),
}

impl PeriodStart {
    /// The first instant of a period that ends at `now`.
    #[must_use]
    pub const fn from(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Attested(at) => at,
            Self::LastDays(days) => now.before(Span::days(days)),
        }
    }
}

/// What a confirmation over a period found besides what is so at its end. A device is looked at
/// from its enrolment on where that is later than the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    /// Where it starts; it ends at the moment of the verdict.
    pub start: PeriodStart,
    /// Subjects that failed at some time within it and do not fail at its end.
    pub failed_within: u32,
    /// The longest stretch within it, in whole days, that went unobserved for longer than evidence
    /// stays fresh; 0 where there was none.
    pub longest_unobserved_days: u32,
}

/// A verdict with what carries it, as recorded in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowVerdict {
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// Subjects counted.
    pub counts: Counts,
    /// For rows that ask to confirm: what was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<Finding>,
    /// Where the evidence comes from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// One piece of evidence: never the data itself, which is an observation with retention.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// Source: a check over devices, a feed, a register.
    pub source: String,
    /// Time of the oldest piece that the verdict rests on.
    pub at: Timestamp,
    /// SHA-256 in hex of what it was drawn from, where there is one document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}
