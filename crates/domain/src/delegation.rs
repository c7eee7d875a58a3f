//! Standing delegation (専決): the holder of one post decides certain matters for another post.

use serde::{Deserialize, Serialize};

use crate::grade::Grade;
use crate::id::{DelegationId, PostId};
use crate::permit::PermitKind;
use crate::time::{Interval, Timestamp};

/// One delegation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// Its id.
    pub id: DelegationId,
    /// The post that delegates.
    pub post: PostId,
    /// The post whose holder decides.
    pub to: PostId,
    /// For which kinds of permit; at least one.
    pub kinds: Vec<PermitKind>,
    /// Up to which grade; any where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<Grade>,
    /// When.
    pub valid: Interval,
}

impl Delegation {
    /// Whether it covers a kind and grade at an instant.
    #[must_use]
    pub fn covers(&self, kind: PermitKind, grade: Option<Grade>, at: Timestamp) -> bool {
        let within = match (self.ceiling, grade) {
            (Some(ceiling), Some(grade)) => grade.join(ceiling) == ceiling,
            // A grade that is not known may be any.
            (Some(_), None) => false,
            (None, _) => true,
        };
        within && self.valid.holds(at) && self.kinds.contains(&kind)
    }
}
