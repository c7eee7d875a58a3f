//! The address of a server: over TLS anywhere, without it on this machine itself only.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::error::UplinkError;

/// The port of `https://` where none is named.
const HTTPS: u16 = 443;
/// Longest host name (RFC 1035, 2.3.4).
const HOST_MAX: usize = 253;

/// The address of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServerUrl(Address);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Address {
    /// HTTP on this machine itself.
    Plain(SocketAddr),
    /// HTTPS. The host is a name or an address, IPv6 without brackets.
    Tls { host: String, port: u16 },
}

impl ServerUrl {
    /// Reads `https://sekisho.example.go.jp`, `https://[2001:db8::1]:8443`, or, for a server on
    /// this machine itself, `http://127.0.0.1:8080`, `http://[::1]:8080`, `http://localhost:8080`.
    ///
    /// # Errors
    /// [`UplinkError::NotLoopback`] for HTTP to any other host, [`UplinkError::Address`]
    /// for other texts.
    pub fn parse(text: &str) -> Result<Self, UplinkError> {
        let wrong = || UplinkError::Address {
            address: text.to_owned(),
        };
        let (authority, tls) = match text.strip_prefix("https://") {
            Some(rest) => (rest, true),
            None => (text.strip_prefix("http://").ok_or_else(wrong)?, false),
        };
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        if authority.contains(['/', '?', '#', '@']) {
            return Err(wrong());
        }
        if tls {
            return named(authority).map(Self).ok_or_else(wrong);
        }
        // The name is never looked up: whoever answers for it may not be this machine.
        let numeric = match authority.strip_prefix("localhost") {
            Some("") => "127.0.0.1:80".to_owned(),
            Some(port) if port.starts_with(':') => format!("127.0.0.1{port}"),
            _ => authority.to_owned(),
        };
        let address = numeric
            .parse::<SocketAddr>()
            .or_else(|_| format!("{numeric}:80").parse::<SocketAddr>());
        match address {
            Ok(address) if address.ip().is_loopback() => Ok(Self(Address::Plain(address))),
            Ok(_) => Err(UplinkError::NotLoopback {
                address: text.to_owned(),
            }),
            Err(_) => Err(not_numeric(text, &numeric)),
        }
    }

    /// Host and port, where it is reached over TLS.
    #[must_use]
    pub fn tls(&self) -> Option<(&str, u16)> {
        match &self.0 {
            Address::Plain(_) => None,
            Address::Tls { host, port } => Some((host, *port)),
        }
    }
}

/// Host and port of an `https://` address.
fn named(authority: &str) -> Option<Address> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        let host: std::net::Ipv6Addr = host.parse().ok()?;
        let port = match rest {
            "" => HTTPS,
            rest => port(rest.strip_prefix(':')?)?,
        };
        let host = host.to_string();
        return Some(Address::Tls { host, port });
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, text)) => (host, port(text)?),
        None => (authority, HTTPS),
    };
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    let sound = (1..=HOST_MAX).contains(&host.len()) && host.chars().all(letter);
    let host = host.to_ascii_lowercase();
    sound.then_some(Address::Tls { host, port })
}

fn port(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port != 0)
}

/// A name with a port is an address, but not one of this machine itself.
fn not_numeric(text: &str, authority: &str) -> UplinkError {
    let host = authority.split(':').next().unwrap_or_default();
    let name = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    let address = text.to_owned();
    if !host.is_empty() && host.chars().all(name) {
        UplinkError::NotLoopback { address }
    } else {
        UplinkError::Address { address }
    }
}

impl std::fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Address::Plain(address) => write!(f, "http://{address}"),
            Address::Tls { host, port } => {
                match host.parse() {
                    Ok(IpAddr::V6(host)) => write!(f, "https://[{host}]")?,
                    _ => write!(f, "https://{host}")?,
                }
                match *port {
                    HTTPS => Ok(()),
                    port => write!(f, ":{port}"),
                }
            }
        }
    }
}

impl TryFrom<String> for ServerUrl {
    type Error = UplinkError;

    fn try_from(text: String) -> Result<Self, UplinkError> {
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
            ("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080")),
            ("http://127.0.0.1:8080/", Ok("http://127.0.0.1:8080")),
            ("http://[::1]:8080", Ok("http://[::1]:8080")),
            ("http://localhost:8080", Ok("http://127.0.0.1:8080")),
            ("http://localhost", Ok("http://127.0.0.1:80")),
            ("http://127.0.0.1", Ok("http://127.0.0.1:80")),
            ("http://localhost.example:80", Err("uplink.not_loopback")),
            ("http://192.0.2.1:80", Err("uplink.not_loopback")),
            ("http://0.0.0.0:80", Err("uplink.not_loopback")),
            ("http://sekisho.example", Err("uplink.not_loopback")),
            ("http://127.0.0.1@192.0.2.1:80", Err("uplink.address")),
            ("http://127.0.0.1:80/path", Err("uplink.address")),
            ("http://127.0.0.1:99999", Err("uplink.not_loopback")),
            ("ftp://127.0.0.1", Err("uplink.address")),
            ("", Err("uplink.address")),
        ] {
            assert_eq!(shown(text), expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn https_reaches_any_host() {
        for (text, expected) in [
            ("https://Sekisho.Example", Ok("https://sekisho.example")),
            (
                "https://sekisho.example:8443/",
                Ok("https://sekisho.example:8443"),
            ),
            ("https://sekisho.example:443", Ok("https://sekisho.example")),
            ("https://192.0.2.1:8443", Ok("https://192.0.2.1:8443")),
            ("https://[2001:db8::1]", Ok("https://[2001:db8::1]")),
            ("https://[2001:db8::1]:1", Ok("https://[2001:db8::1]:1")),
            ("https://", Err("uplink.address")),
            ("https://a:0", Err("uplink.address")),
            ("https://a:+1", Err("uplink.address")),
            ("https://a:65536", Err("uplink.address")),
            ("https://a/path", Err("uplink.address")),
            ("https://a@b", Err("uplink.address")),
            ("https://関所.example", Err("uplink.address")),
            ("https://[::1", Err("uplink.address")),
            ("https://[nonsense]", Err("uplink.address")),
        ] {
            assert_eq!(shown(text), expected.map(str::to_owned), "{text}");
        }
    }

    fn shown(text: &str) -> Result<String, &'static str> {
        let url = ServerUrl::parse(text);
        url.map(|url| url.to_string()).map_err(|error| error.code())
    }
}
