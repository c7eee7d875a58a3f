//! Who acted.

use serde::{Deserialize, Serialize};

use crate::id::{ApiTokenId, AppointmentId, DeviceId, PersonId};

/// The author of a record or command.
///
/// Person, account, post, appointment, session and device are separate: a person's authority
/// comes from an appointment in force when the command is decided, and that appointment is
/// written beside the person once `authorise` has found it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Actor {
    /// The shell on the machine: may configure, feed, back up and verify; never approves,
    /// appoints or decides.
    Operator,
    /// The program itself: verdicts, assessments, checkpoints.
    System,
    /// A device, by its signed report.
    Device {
        /// The device.
        device: DeviceId,
    },
    /// Somebody who does not say who: tells of unease without being signed in. Nothing beside this word
    /// is known or stored of them.
    Nobody,
    /// The holder of the one-time set-up link, before anyone is known.
    Setup,
    /// A signed-in person.
    Person {
        /// The person.
        person: PersonId,
        /// The appointment under which the person acted; none for what anyone may do, and for
        /// the bootstrap officer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        appointment: Option<AppointmentId>,
        /// The API token with which a program acted in the person's name; none where the person
        /// was signed in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        via: Option<ApiTokenId>,
    },
    /// A service account: a program that acts in its own name, by its API token.
    Service {
        /// The token.
        token: ApiTokenId,
        /// The appointment on which its authority rested.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        appointment: Option<AppointmentId>,
    },
}

/// Who wrote a draft before it is written anew, each once and without who writes it now: `before` are those who
/// were known already, `last` is who wrote it last.
pub(crate) fn earlier(mut before: Vec<Actor>, last: Actor, now: &Actor) -> Vec<Actor> {
    if !before.contains(&last) {
        before.push(last);
    }
    before.retain(|it| it != now);
    before
}

impl Actor {
    /// A signed-in person, before an appointment has been found for the action.
    #[must_use]
    pub const fn person(person: PersonId) -> Self {
        Self::Person {
            person,
            appointment: None,
            via: None,
        }
    }
}
