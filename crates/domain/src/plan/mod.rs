//! The plan of telework (テレワーク計画): which tasks, up to which grade, by whom, where and how much; the
//! baseline that its approval freezes; and the cases that open when use departs from it (notices, 1).
//!
//! A plan is drafted, proposed and approved. Its approval freezes a [`Baseline`]: what was measured over
//! 28 days, which tasks, functions and editions there were. Use is held against that every day, and what
//! departs from it opens a [`Case`] that somebody has to reassess by a date.

mod baseline;
mod case;
mod content;
mod evaluation;
mod figure;
mod version;
mod widened;

pub use baseline::{
    Baseline, FrozenLine, FrozenParts, FrozenTask, FrozenTaskUse, FrozenUse, Members, Share,
    decode_baseline, encode_baseline,
};
pub use case::{
    Case, CaseAssessed, CaseClosed, CaseGrown, CaseOpened, CaseState, CaseSubsided, Conclusion,
    DUE_DAYS, DUE_DAYS_HIGH, Reassessment, RiskLevel,
};
pub use content::{LINES_MAX, PlanContent, PlanDecision, PlanHead, PlanLine};
pub use evaluation::{DAYS_KEPT, FailingSince, FailingUnits, PlanEvaluated};
pub use figure::{CaseScope, FIGURES_MAX, Feed, Figure, Measure, Trigger};
pub use version::{
    Cause, DEFAULT_MONTHS, PlanApproved, PlanDrafted, PlanProposed, PlanSentBack, PlanVersion,
    PlanWork, Proposed, default_until, in_months,
};
pub use widened::{ANYWHERE, EVERYONE, stood_for};
