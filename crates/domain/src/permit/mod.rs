//! Permits: one object with one life, from application to close-out. Fourteen kinds share it; a
//! kind adds its particulars, its approver and its obligations.

mod access;
mod clause;
mod conditions;
mod deadline;
mod decision;
pub mod event;
mod fold;
mod kind;
mod life;
mod mark;
mod need;
mod number;
mod obligation;
pub mod particulars;
mod route;
mod setting;
mod supposed;
mod term;
mod unviewed;

use serde::{Deserialize, Serialize};

pub use access::{Access, Needed};
pub use clause::Clause;
pub use conditions::{Conditions, hours_fault};
pub use deadline::{Deadline, Deadlines};
pub use decision::{Capacity, Decision};
pub use fold::{Misplaced, Recorded};
pub use kind::PermitKind;
pub use life::{ActKind, End, EndKind, Grant, HoldCause, Life, Stage, Status};
pub use mark::Mark;
pub use need::{Need, is_weighty};
pub use number::{Half, NumberSeries, PermitNumber, SoughtNumber, fiscal_year};
pub use obligation::{Obligation, Obligations, Proof};
pub use particulars::Particulars;
pub use route::{Route, RouteFault, route};
pub use setting::{Place, Setting};
pub use term::{LONGEST, Term, TermFault};
pub use unviewed::Unviewed;

use crate::grade::Grade;
use crate::id::{PermitId, PersonId, UnitId};
use crate::time::Timestamp;

/// One permit, as the World keeps it. Its texts stand in the ledger, at [`records`](Self::records).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permit {
    /// Its id.
    pub id: PermitId,
    /// Who applied and holds it.
    pub applicant: PersonId,
    /// The unit under which it runs: that of the applicant.
    pub unit: UnitId,
    /// What was asked for.
    pub particulars: Box<Particulars>,
    /// The grade that counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    /// From when to when it was wanted.
    pub wanted: Term,
    /// The post that decides on what waits.
    pub route: Route,
    /// When it was applied for.
    pub applied_at: Timestamp,
    /// When something last happened to it.
    pub changed_at: Timestamp,
    /// What has happened to it.
    pub life: Life,
    /// What a stand-in decided and the holder of the post has not viewed, at most one of each post.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_view: Vec<Unviewed>,
    /// The numbers of its records in the ledger, in order. As many as its version.
    pub records: Vec<u64>,
}

impl Permit {
    /// Of which kind.
    #[must_use]
    pub fn kind(&self) -> PermitKind {
        self.particulars.kind()
    }

    /// Counts what has happened to it; a command may say which version it means.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.records.len() as u64
    }

    /// Where it stands at an instant.
    #[must_use]
    pub fn status(&self, at: Timestamp) -> Status {
        self.life.status(at)
    }

    /// What was given, where it was.
    #[must_use]
    pub fn grant(&self) -> Option<&Grant> {
        self.life.grant()
    }

    /// Whether it holds at an instant.
    #[must_use]
    pub fn is_in_force(&self, at: Timestamp) -> bool {
        self.grant().is_some_and(|grant| grant.is_in_force(at))
    }

    /// Whether it waits for a decision at an instant: on the application, a later end, or after a
    /// move.
    #[must_use]
    pub fn waits(&self, at: Timestamp) -> bool {
        match &self.life {
            Life::Applied => true,
            Life::Granted(grant) => grant.end(at).is_none() && grant.stage.asks(),
            _ => false,
        }
    }

    /// Whether something owed is overdue at an instant.
    #[must_use]
    pub fn is_overdue(&self, at: Timestamp) -> bool {
        self.grant()
            .is_some_and(|grant| grant.due().is_some_and(|due| due <= at))
    }

    /// The later end that is asked for, where one is.
    #[must_use]
    pub fn asked_until(&self) -> Option<Timestamp> {
        match self.grant()?.stage {
            Stage::Live { asked, .. } => asked,
            _ => None,
        }
    }
}
