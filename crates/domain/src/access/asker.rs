//! Who asks the decision point: a program with a token, or a proxy that is known by its address.

use std::fmt;
use std::str::FromStr;

use crate::id::ApiTokenId;

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
}

/// The stable text: the token's id, or the code of the door.
impl fmt::Display for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(id) => fmt::Display::fmt(id, f),
            Self::Proxy(door) => f.write_str(door.code()),
        }
    }
}

/// No text of an asker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither a token's id nor the code of a door")]
pub struct NoAsker;

impl FromStr for Asker {
    type Err = NoAsker;

    fn from_str(text: &str) -> Result<Self, NoAsker> {
        if let Some(door) = ProxyDoor::from_code(text) {
            return Ok(Self::Proxy(door));
        }
        text.parse().map(Self::Token).map_err(|_| NoAsker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{DeviceId, Fresh};

    #[test]
    fn an_asker_survives_text_and_nothing_else_is_one() {
        let token = ApiTokenId::new(Fresh([7; 16]));
        let doors = ProxyDoor::ALL.iter().map(|door| Asker::Proxy(*door));
        for asker in doors.chain([Asker::Token(token)]) {
            assert_eq!(asker.to_string().parse(), Ok(asker));
        }
        let device = DeviceId::new(Fresh([7; 16])).to_string();
        for text in ["", "console", "forward-auth", device.as_str()] {
            assert_eq!(text.parse::<Asker>(), Err(NoAsker), "{text}");
        }
    }
}
