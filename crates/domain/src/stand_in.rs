//! Stand-ins (代決): someone decides for the holder of a post who is absent, for a time. The holder
//! views it later (後閲); nothing waits for that.

use serde::{Deserialize, Serialize};

use crate::id::{PersonId, PostId, StandInId};
use crate::permit::{PermitKind, Term};
use crate::time::Timestamp;

crate::choice! {
    /// Why the holder does not decide.
    pub enum Absence {
        /// On leave.
        Leave = "leave",
        /// On a business trip.
        Trip = "trip",
        /// Ill.
        Illness = "illness",
        /// The post is vacant.
        Vacancy = "vacancy",
        /// For another reason.
        Other = "other",
    }
}

/// One stand-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandIn {
    /// Its id.
    pub id: StandInId,
    /// For the holder of which post.
    pub post: PostId,
    /// Who stands in.
    pub person: PersonId,
    /// Why the holder is absent.
    pub absence: Absence,
    /// For which kinds of permit; empty for all. Important or unusual matters are left out here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<PermitKind>,
    /// When. An end set later closes this earlier, never later.
    pub valid: Term,
}

impl StandIn {
    /// Whether it covers a kind at an instant.
    #[must_use]
    pub fn covers(&self, kind: PermitKind, at: Timestamp) -> bool {
        self.valid.holds(at) && (self.kinds.is_empty() || self.kinds.contains(&kind))
    }
}
