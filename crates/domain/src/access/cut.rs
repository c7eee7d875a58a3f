//! Cutting off: an officer ends tunnels that stand. That is an end and no ban: whoever still holds the
//! permits can connect again. What keeps somebody away is a permit that is held, or a device that is
//! suspended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::Sealed;
use crate::id::{DeviceId, GatewayId, PersonId, SystemId, TunnelSessionId};
use crate::time::{Span, Timestamp};

/// Most tunnels of one record; more are cut by several.
pub const CUT_MAX: usize = 500;
/// How long the World remembers a cut: longer than any tunnel lasts and than the store keeps what it
/// knows of one (a week).
const REMEMBERED: Span = Span::days(8);

/// What was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutScope {
    /// One tunnel.
    Session(TunnelSessionId),
    /// All of a person.
    Person(PersonId),
    /// All of a device.
    Device(DeviceId),
    /// All that reached a system.
    System(SystemId),
    /// All that led through a gateway to its line.
    Gateway(GatewayId),
}

impl CutScope {
    /// The codes of all.
    pub const CODES: [&'static str; 5] = ["session", "person", "device", "system", "gateway"];

    /// The scope of a code and an id; none where either is none.
    #[must_use]
    pub fn named(code: &str, id: &str) -> Option<Self> {
        match code {
            "session" => id.parse().ok().map(Self::Session),
            "person" => id.parse().ok().map(Self::Person),
            "device" => id.parse().ok().map(Self::Device),
            "system" => id.parse().ok().map(Self::System),
            "gateway" => id.parse().ok().map(Self::Gateway),
            _ => None,
        }
    }

    /// The id of what it names.
    #[must_use]
    pub fn id(self) -> String {
        match self {
            Self::Session(id) => id.to_string(),
            Self::Person(id) => id.to_string(),
            Self::Device(id) => id.to_string(),
            Self::System(id) => id.to_string(),
            Self::Gateway(id) => id.to_string(),
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Session(_) => "session",
            Self::Person(_) => "person",
            Self::Device(_) => "device",
            Self::System(_) => "system",
            Self::Gateway(_) => "gateway",
        }
    }

    /// Whether a tunnel lies within it, as far as the tunnel alone says so: which systems it reached
    /// and where it led is for whoever knows the gateways.
    #[must_use]
    pub fn may_hold(self, tunnel: &CutTunnel) -> bool {
        match self {
            Self::Session(session) => tunnel.session == session,
            Self::Person(person) => tunnel.person == person,
            Self::Device(device) => tunnel.device == device,
            Self::System(_) | Self::Gateway(_) => true,
        }
    }
}

/// A tunnel that is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CutTunnel {
    /// The session.
    pub session: TunnelSessionId,
    /// The person.
    pub person: PersonId,
    /// The device.
    pub device: DeviceId,
}

/// A cut, as the ledger holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// What was to be cut.
    pub scope: CutScope,
    /// What was.
    pub tunnels: Vec<CutTunnel>,
    /// Why, under the key of who cut.
    pub reason: Sealed,
}

/// What the World knows of a tunnel that was cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownCut {
    /// When.
    pub at: Timestamp,
    /// Whose tunnel it was.
    pub person: PersonId,
    /// On which device.
    pub device: DeviceId,
    /// With what it was cut.
    pub scope: CutScope,
    /// Why.
    pub reason: Sealed,
}

/// The tunnels that were cut lately.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cuts(BTreeMap<TunnelSessionId, KnownCut>);

impl Cuts {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is known of the cut of a tunnel.
    #[must_use]
    pub fn of(&self, session: TunnelSessionId) -> Option<&KnownCut> {
        self.0.get(&session)
    }

    /// All, in the order of sessions.
    pub fn iter(&self) -> impl Iterator<Item = (TunnelSessionId, &KnownCut)> {
        self.0.iter().map(|(session, known)| (*session, known))
    }

    pub(crate) fn take(&mut self, cut: &Cut, at: Timestamp) {
        self.0.retain(|_, known| known.at.after(REMEMBERED) > at);
        for tunnel in &cut.tunnels {
            let known = KnownCut {
                at,
                person: tunnel.person,
                device: tunnel.device,
                scope: cut.scope,
                reason: cut.reason.clone(),
            };
            self.0.entry(tunnel.session).or_insert(known);
        }
    }
}
