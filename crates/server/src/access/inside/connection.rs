//! A connection at a switch, as it stands.

use core::net::Ipv4Addr;

use sekisho_domain::admission::AdmissionOutcome;
use sekisho_domain::id::{DeviceId, LineId, PermitId, PersonId};
use sekisho_domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a device is connected, as the switch names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The switch or access point.
    pub switch: Ipv4Addr,
    /// Its port.
    pub port: Option<String>,
    /// The hardware address that it sees.
    pub station: Option<String>,
    /// Its name for the connection (Acct-Session-Id).
    pub session: Option<String>,
}

impl Place {
    /// By what a connection is known: there is one for each hardware address at a port.
    #[must_use]
    pub fn key(&self) -> String {
        let part = |text: &Option<String>| text.clone().unwrap_or_default();
        format!(
            "{}|{}|{}",
            self.switch,
            part(&self.port),
            part(&self.station)
        )
    }
}

/// A device that was let onto a line, or into its quarantine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Which device.
    pub device: DeviceId,
    /// In whose name it was asked; none where a shared device is there by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Which line.
    pub line: LineId,
    /// Admitted or quarantined.
    pub outcome: AdmissionOutcome,
    /// Where.
    pub place: Place,
    /// The permission that it rests on.
    pub permit: Option<PermitId>,
    /// Since when it stands, however often the device signed in anew within it and whatever was answered then.
    pub since: Timestamp,
    /// When the switch was answered last; none where it was kept before that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
    /// When a permit or exception ends that it was let on by, as that was looked at last; none where nothing ends by
    /// itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
}

/// So much earlier than what it rests on a connection may end for that: its switch counts whole seconds.
const EARLIER: Span = Span::seconds(2);

impl Connection {
    /// When the switch was answered last what it is.
    #[must_use]
    pub fn answered_at(&self) -> Timestamp {
        self.answered_at.unwrap_or(self.since)
    }

    /// Whether something that let it on has ended, so that it is to be asked about at once.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.ends_at.is_some_and(|end| end <= now)
    }

    /// Whether a switch that was told how long it may last has ended it for that, as far as times tell.
    pub(super) fn has_run_out(&self, now: Timestamp) -> bool {
        self.is_over(now.after(EARLIER))
    }

    /// Whether it is the one that was seen, and was answered nothing since. The switch may have named it meanwhile.
    pub(super) fn is_as_it_was(&self, seen: &Self) -> bool {
        let place = Place {
            session: seen
                .place
                .session
                .clone()
                .or_else(|| self.place.session.clone()),
            ..seen.place.clone()
        };
        *self
            == Self {
                place,
                ..seen.clone()
            }
    }
}

/// That a connection ended by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Where it was.
    pub place: Place,
    /// How long ago it began, where the switch says so.
    pub lasted: Option<Span>,
}

impl Gone {
    /// Whether what a switch says at an instant is the end of a connection, and not of an earlier one there. Of one
    /// that the switch has not named yet only times tell: what began before the device asked is another one.
    pub(super) fn ends(&self, known: &Connection, now: Timestamp) -> bool {
        match (&known.place.session, &self.place.session) {
            (_, None) => true,
            (Some(known), Some(gone)) => known == gone,
            (None, Some(_)) => self
                .lasted
                .is_some_and(|lasted| known.since <= now.before(lasted)),
        }
    }
}
