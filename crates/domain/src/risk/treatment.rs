//! What is done about a risk. A high one is never approved without any.

use serde::{Deserialize, Serialize};

use crate::check::DeviceCheck;
use crate::grade::Grade;
use crate::permit::particulars::TeleworkPlace;
use crate::permit::{Place, hours_fault};
use crate::time::Timestamp;

/// For how many days at most a high risk is accepted.
pub const ACCEPTED_DAYS: u32 = 90;

/// A limit of the task (GOV-1-i). What is left open is not limited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskLimit {
    /// Nothing above this grade by telework.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<Grade>,
    /// Only here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<TeleworkPlace>,
}

/// A condition of doing the task (GOV-1-k). What is left open is no condition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Nothing above this grade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<Grade>,
    /// Only here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<TeleworkPlace>,
    /// From which hour of the day in Japan (0 to 23).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_hour: Option<u32>,
    /// Until which hour of the day in Japan (1 to 24).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_hour: Option<u32>,
    /// Not on Saturdays, Sundays and holidays.
    #[serde(default, skip_serializing_if = "is_not")]
    pub working_days_only: bool,
    /// Two persons together. No sensor sees it: it has to stand on each permit to telework.
    #[serde(default, skip_serializing_if = "is_not")]
    pub two_persons: bool,
    /// In a room that others do not enter; likewise.
    #[serde(default, skip_serializing_if = "is_not")]
    pub closed_room: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // The form that serde asks for.
const fn is_not(flag: &bool) -> bool {
    !*flag
}

/// What is done about a risk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Treatment {
    /// The task is not done by telework (GOV-1-i).
    Stop,
    /// The task is limited (GOV-1-i).
    Limit(TaskLimit),
    /// A technical measure: permits are held on a device until it passes this check (GOV-1-j).
    Measure {
        /// The check.
        check: DeviceCheck,
    },
    /// A condition (GOV-1-k).
    Condition(Condition),
    /// The CISO accepts the risk for the time being.
    Accept {
        /// The first instant at which it is no longer accepted.
        until: Timestamp,
    },
}

/// Whether a grade is no higher than a ceiling.
fn is_below(ceiling: Option<Grade>, grade: Grade) -> bool {
    ceiling.is_none_or(|ceiling| ceiling.join(grade) == ceiling)
}

/// Whether a choice of places leaves out any of those given.
fn leaves_out(chosen: &[TeleworkPlace], places: &[TeleworkPlace]) -> bool {
    !chosen.is_empty() && places.iter().any(|place| !chosen.contains(place))
}

impl TaskLimit {
    /// Whether it covers a grade, at one of the places that may be meant.
    #[must_use]
    pub fn covers(&self, grade: Grade, is_there: impl Fn(TeleworkPlace) -> bool) -> bool {
        let there = self.places.is_empty() || self.places.iter().any(|place| is_there(*place));
        there && is_below(self.ceiling, grade)
    }

    /// Whether it takes anything away from what is done up to a grade and at these places.
    #[must_use]
    pub fn narrows(&self, grade: Grade, places: &[TeleworkPlace]) -> bool {
        !is_below(self.ceiling, grade) || leaves_out(&self.places, places)
    }
}

impl Condition {
    /// Whether it is kept for a grade, at one of the places that may be meant. Hours are compared apart.
    #[must_use]
    pub fn covers(&self, grade: Grade, is_there: impl Fn(TeleworkPlace) -> bool) -> bool {
        let there = self.places.is_empty() || self.places.iter().any(|place| is_there(*place));
        there && is_below(self.ceiling, grade)
    }

    /// Whether an hour of the day lies within its hours, on a day that is or is no working day.
    #[must_use]
    pub fn covers_hour(&self, hour: u32, working_day: bool) -> bool {
        let (from, until) = (self.from_hour.unwrap_or(0), self.until_hour.unwrap_or(24));
        (from..until).contains(&hour) && (working_day || !self.working_days_only)
    }

    /// Whether it takes anything away from what is done up to a grade and at these places, at any hour of any day. What
    /// has to stand on each permit takes away what is done without it.
    #[must_use]
    pub fn narrows(&self, grade: Grade, places: &[TeleworkPlace]) -> bool {
        let closes = (0..24).any(|hour| !self.covers_hour(hour, false));
        let asks = self.two_persons || self.closed_room;
        !is_below(self.ceiling, grade) || leaves_out(&self.places, places) || closes || asks
    }
}

impl Treatment {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Limit(_) => "limit",
            Self::Measure { .. } => "measure",
            Self::Condition(_) => "condition",
            Self::Accept { .. } => "accept",
        }
    }

    /// Whether it takes anything away from what is done up to a grade and at these places. All but limits and conditions
    /// do, whatever that is.
    #[must_use]
    pub fn narrows(&self, grade: Grade, places: &[TeleworkPlace]) -> bool {
        match self {
            Self::Limit(it) => it.narrows(grade, places),
            Self::Condition(it) => it.narrows(grade, places),
            Self::Stop | Self::Measure { .. } | Self::Accept { .. } => true,
        }
    }

    /// What is wrong with it, whatever it is for: the code of what, and the field; none where it is sound. What would
    /// take nothing away even from a task of the highest grade that is done anywhere and at any time limits nothing.
    #[must_use]
    pub fn fault(&self) -> Option<(&'static str, &'static str)> {
        let field = match self {
            Self::Limit(_) => "limit",
            Self::Condition(it) => {
                if let Some(field) = hours_fault(it.from_hour, it.until_hour) {
                    return Some(("risk.hours", field));
                }
                "condition"
            }
            Self::Stop | Self::Measure { .. } | Self::Accept { .. } => return None,
        };
        let narrows = self.narrows(Grade::HIGHEST, TeleworkPlace::ALL);
        (!narrows).then_some(("risk.limits-nothing", field))
    }

    /// Whether it stands at an instant: an acceptance ends by itself.
    #[must_use]
    pub fn stands(&self, at: Timestamp) -> bool {
        match self {
            Self::Accept { until } => at < *until,
            _ => true,
        }
    }
}

/// The kinds of place that may be meant by a place in the sense of the clauses.
pub fn may_be(place: Place) -> impl Fn(TeleworkPlace) -> bool {
    move |telework| telework.place() == place
}
