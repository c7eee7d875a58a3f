//! Appointments: a person holds a post on a half-open interval.

use serde::{Deserialize, Serialize};

use crate::id::{AppointmentId, PersonId, PostId};
use crate::time::{Interval, Timestamp};

/// How a person holds a post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentKind {
    /// As the person's own.
    #[default]
    Regular,
    /// 併任: besides another.
    Concurrent,
    /// 事務取扱: for as long as it has no holder of its own.
    Acting,
}

impl AppointmentKind {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::Concurrent => "concurrent",
            Self::Acting => "acting",
        }
    }

    // The form that serde asks for.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    fn is_regular(&self) -> bool {
        *self == Self::Regular
    }
}

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
    /// How.
    #[serde(default, skip_serializing_if = "AppointmentKind::is_regular")]
    pub kind: AppointmentKind,
}

impl Appointment {
    /// An appointment as the person's own, from an instant on.
    #[must_use]
    pub const fn regular(
        id: AppointmentId,
        person: PersonId,
        post: PostId,
        from: Timestamp,
    ) -> Self {
        Self {
            id,
            person,
            post,
            valid: Interval::starting(from),
            kind: AppointmentKind::Regular,
        }
    }

    /// Whether it is in force at an instant.
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> bool {
        self.valid.holds(at)
    }
}
