//! The address of the server: for now plain HTTP on this machine itself, as the agent's.

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::error::GatewayError;

/// An address that requests may be sent to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServerUrl(SocketAddr);

impl ServerUrl {
    /// Reads `http://127.0.0.1:8080`, `http://[::1]:8080` or `http://localhost:8080`. The name is
    /// never looked up: whoever answers for it may not be this machine.
    ///
    /// # Errors
    /// [`GatewayError::ServerTls`] for HTTPS, [`GatewayError::ServerNotLoopback`] for another
    /// machine, [`GatewayError::ServerAddress`] for other texts.
    pub fn parse(text: &str) -> Result<Self, GatewayError> {
        let address = || text.to_owned();
        if text.starts_with("https://") {
            return Err(GatewayError::ServerTls);
        }
        let authority = text
            .strip_prefix("http://")
            .map(|rest| rest.strip_suffix('/').unwrap_or(rest))
            .filter(|rest| !rest.is_empty() && !rest.contains(['/', '?', '#', '@']))
            .ok_or_else(|| GatewayError::ServerAddress { address: address() })?;
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port),
            _ => (authority, "80"),
        };
        let host = if host == "localhost" {
            "127.0.0.1"
        } else {
            host
        };
        match format!("{host}:{port}").parse::<SocketAddr>() {
            Ok(it) if it.ip().is_loopback() => Ok(Self(it)),
            _ => Err(GatewayError::ServerNotLoopback { address: address() }),
        }
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.0)
    }
}

impl TryFrom<String> for ServerUrl {
    type Error = GatewayError;

    fn try_from(text: String) -> Result<Self, GatewayError> {
        Self::parse(&text)
    }
}

impl From<ServerUrl> for String {
    fn from(url: ServerUrl) -> Self {
        url.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_reaches_this_machine_only() {
        for (text, expected) in [
            ("http://127.0.0.1:8080/", Ok("http://127.0.0.1:8080")),
            ("http://[::1]:8080", Ok("http://[::1]:8080")),
            ("http://[::1]", Ok("http://[::1]:80")),
            ("http://localhost", Ok("http://127.0.0.1:80")),
            (
                "http://localhost.example:80",
                Err("gateway.server.not_loopback"),
            ),
            ("http://192.0.2.1:80", Err("gateway.server.not_loopback")),
            (
                "http://127.0.0.1@192.0.2.1:80",
                Err("gateway.server.address"),
            ),
            ("https://sekisho.example", Err("gateway.server.tls")),
            ("", Err("gateway.server.address")),
        ] {
            let shown = ServerUrl::parse(text);
            let shown = shown.map(|it| it.to_string()).map_err(|e| e.code());
            assert_eq!(shown, expected.map(str::to_owned), "{text}");
        }
    }
}
