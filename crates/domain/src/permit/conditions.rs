//! Conditions under which a permit is given: place, hours, a ceiling of grade, two persons
//! (GOV-1-k).

use crate::grade::Grade;
use crate::restriction::Restriction;

crate::noun! {
    /// The conditions of one permit. What no sensor sees is for the applicant to keep.
    pub struct Conditions {
        /// Nothing above this grade.
        pub grade_ceiling: Option<Grade>,
        /// From which hour of the day in Japan (0 to 23).
        pub from_hour: Option<u32>,
        /// Until which hour of the day in Japan (1 to 24).
        pub until_hour: Option<u32>,
        /// Not on Saturdays, Sundays and holidays.
        pub working_days_only: bool,
        /// Two persons together.
        pub two_persons: bool,
        /// In a room that others do not enter.
        pub closed_room: bool,
        /// With a privacy filter on the display.
        pub privacy_filter: bool,
        /// Nothing is kept on the device.
        pub nothing_kept: bool,
        /// A report when it is over.
        pub report_at_end: bool,
        /// Further handling restrictions.
        pub restrictions: Vec<Restriction>,
    }
}

impl Conditions {
    /// No conditions.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            grade_ceiling: None,
            from_hour: None,
            until_hour: None,
            working_days_only: false,
            two_persons: false,
            closed_room: false,
            privacy_filter: false,
            nothing_kept: false,
            report_at_end: false,
            restrictions: Vec::new(),
        }
    }

    /// The first field that makes no sense; none where all do.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        hours_fault(self.from_hour, self.until_hour)
    }
}

/// Whether hours of a day are hours, and begin before they end.
#[must_use]
pub fn hours_fault(from: Option<u32>, until: Option<u32>) -> Option<&'static str> {
    let (start, end) = (from.unwrap_or(0), until.unwrap_or(24));
    if start > 23 {
        Some("from_hour")
    } else if end > 24 || end <= start {
        Some("until_hour")
    } else {
        None
    }
}
