//! Decisions: post, holder, capacity, basis clause (requirements.md section 4).

use serde::{Deserialize, Serialize};

use super::route::Route;
use crate::id::{DelegationId, PersonId, StandInId};

/// In what capacity someone decides for a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "snake_case")]
pub enum Capacity {
    /// 本人: the holder of the post.
    Holder,
    /// 専決: by standing delegation.
    Delegate {
        /// Which.
        delegation: DelegationId,
    },
    /// 代決: in the holder's absence, who views it later.
    StandIn {
        /// Which.
        stand_in: StandInId,
    },
}

impl Capacity {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Holder => "holder",
            Self::Delegate { .. } => "delegate",
            Self::StandIn { .. } => "stand_in",
        }
    }
}

/// That someone decided for a post. When is when it was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Decision {
    /// Who.
    pub by: PersonId,
    /// In what capacity.
    #[serde(flatten)]
    pub capacity: Capacity,
    /// For which post, as which role, on which clause.
    #[serde(flatten)]
    pub route: Route,
}
