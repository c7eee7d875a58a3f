//! Appointments: a person holds a post on a half-open interval.

use serde::{Deserialize, Serialize};

use crate::id::{AppointmentId, PersonId, PostId};
use crate::time::{Interval, Timestamp};

/// One appointment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// Its id.
    pub id: AppointmentId,
    /// Who holds the post.
    pub person: PersonId,
    /// Which post.
    pub post: PostId,
    /// When. An end set later closes this interval earlier, never later.
    pub valid: Interval,
}

impl Appointment {
    /// Whether it is in force at an instant.
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> bool {
        self.valid.holds(at)
    }
}
