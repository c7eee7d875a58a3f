//! Who asks the decision point: a program with a token, a proxy that is known by its address, a gateway for
//! its tunnels, or what lets devices onto an internal line.

use std::fmt;
use std::str::FromStr;

use crate::id::{ApiTokenId, GatewayId, LineId};

crate::choice! {
    /// A door at which proxies ask without a token: they are trusted by their address.
    pub enum ProxyDoor {
        /// Forward authentication over HTTP.
        ForwardAuth = "forward_auth",
        /// Envoy's checks over gRPC.
        ExtAuthz = "ext_authz",
    }
}

/// By what whoever asked is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asker {
    /// A program, by its API token.
    Token(ApiTokenId),
    /// A proxy, by the door at which it asked.
    Proxy(ProxyDoor),
    /// A gateway, for a tunnel that meets there.
    Gateway(GatewayId),
    /// What lets devices onto an internal line.
    Line(LineId),
}

impl Asker {
    /// Whether what passed is told by whoever asked: traffic that a gateway counted, devices that were let
    /// onto a line. That is evidence then, and not that something was asked or could have passed.
    #[must_use]
    pub const fn tells_what_passed(self) -> bool {
        matches!(self, Self::Gateway(_) | Self::Line(_))
    }
}

/// The stable text: the id of the token, the gateway or the line, or the code of the door.
impl fmt::Display for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(id) => fmt::Display::fmt(id, f),
            Self::Proxy(door) => f.write_str(door.code()),
            Self::Gateway(id) => fmt::Display::fmt(id, f),
            Self::Line(id) => fmt::Display::fmt(id, f),
        }
    }
}

/// No text of an asker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither the id of a token, a gateway or a line nor the code of a door")]
pub struct NoAsker;

impl FromStr for Asker {
    type Err = NoAsker;

    fn from_str(text: &str) -> Result<Self, NoAsker> {
        if let Some(door) = ProxyDoor::from_code(text) {
            return Ok(Self::Proxy(door));
        }
        let token = text.parse().map(Self::Token);
        let gateway = || text.parse().map(Self::Gateway);
        let line = || text.parse().map(Self::Line);
        token
            .or_else(|_| gateway())
            .or_else(|_| line())
            .map_err(|_| NoAsker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{DeviceId, Fresh};

    #[test]
    fn an_asker_survives_text_and_nothing_else_is_one() {
        let doors = ProxyDoor::ALL.iter().map(|door| Asker::Proxy(*door));
        let others = [
            Asker::Token(ApiTokenId::new(Fresh([7; 16]))),
            Asker::Gateway(GatewayId::new(Fresh([7; 16]))),
            Asker::Line(LineId::new(Fresh([7; 16]))),
        ];
        for asker in doors.chain(others) {
            assert_eq!(asker.to_string().parse(), Ok(asker));
        }
        let device = DeviceId::new(Fresh([7; 16])).to_string();
        for text in ["", "console", "forward-auth", device.as_str()] {
            assert_eq!(text.parse::<Asker>(), Err(NoAsker), "{text}");
        }
    }
}
