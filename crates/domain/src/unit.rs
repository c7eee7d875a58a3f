//! Units (部局, 課室): a dated tree.

use serde::{Deserialize, Serialize};

use crate::id::UnitId;
use crate::name::Name;
use crate::time::Interval;

/// One unit of the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// The unit above it; none for the organisation's root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<UnitId>,
    /// Its name.
    pub name: Name,
    /// When it exists.
    pub valid: Interval,
}
