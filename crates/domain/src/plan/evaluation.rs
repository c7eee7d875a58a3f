//! That use was held against the plan, day by day.

use serde::{Deserialize, Serialize};

use super::baseline::FrozenUse;
use super::figure::Feed;
use crate::check::DeviceCheck;
use crate::id::UnitId;
use crate::time::Timestamp;

/// How many evaluations the World remembers: a year and some more.
pub const DAYS_KEPT: usize = 400;

/// A check that more than a tenth of the devices fail, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailingSince {
    /// Which check.
    pub check: DeviceCheck,
    /// How many per thousand devices fail it.
    pub share: u64,
    /// The beginning, in Japan, of the first day on which it was so, without a break since.
    pub since: Timestamp,
}

/// Units of whose devices too many fail a check, all since the same day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailingUnits {
    /// Which check.
    pub check: DeviceCheck,
    /// The beginning, in Japan, of the first day on which it was so, without a break since.
    pub since: Timestamp,
    /// The units, each with those below it.
    pub units: Vec<UnitId>,
}

/// Use was held against the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanEvaluated {
    /// The version of the plan.
    pub version: u32,
    /// The beginning, in Japan, of the day: looked at are the 28 days before it.
    pub day: Timestamp,
    /// Use of the whole within those 28 days.
    pub body: FrozenUse,
    /// How many triggers fire, over all scopes.
    pub firing: u32,
    /// What could not be measured.
    pub unmeasured: Vec<Feed>,
    /// The checks that more than a tenth of the devices fail.
    pub failing: Vec<FailingSince>,
    /// The same of units, each by itself. The World remembers it of the newest day alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failing_units: Vec<FailingUnits>,
}
