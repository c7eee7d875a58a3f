//! At which addresses of this server passkeys work.
//!
//! A passkey belongs to a domain (the relying-party id of WebAuthn Level 3, section 5.1.2): an IP
//! address has none, and a key made for one name is worth nothing under another.

use std::net::IpAddr;

use crate::http::Options;

/// The domain of the passkeys and the origins of the pages that may ask for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The relying-party id.
    pub domain: String,
    /// Origins such as `https://sekisho.example.go.jp`; never empty.
    pub origins: Vec<String>,
}

/// Whether passkeys work at the address that a browser asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// They do.
    Here,
    /// They do at this origin only.
    Elsewhere(&'a str),
    /// This server has no address at which they would.
    Nowhere,
}

impl Place {
    /// The place of a server that is reached like this; none where it has no name.
    #[must_use]
    pub fn of(options: &Options) -> Option<Self> {
        if !options.https {
            if !options.address.ip().is_loopback() {
                return None;
            }
            let port = match options.address.port() {
                80 => String::new(),
                port => format!(":{port}"),
            };
            return Some(Self {
                domain: "localhost".to_owned(),
                origins: vec![format!("http://localhost{port}")],
            });
        }
        let names = names(options);
        let chosen = options.passkey_domain.as_deref().map(str::to_owned);
        let domain = chosen.or_else(|| {
            let mut hosts = names.iter().map(|name| host_of(name));
            hosts.find(|host| is_domain(host)).map(str::to_owned)
        })?;
        let domain = domain.to_ascii_lowercase();
        let mut origins = Vec::new();
        for name in names.iter().filter(|name| lies_in(host_of(name), &domain)) {
            let origin = format!("https://{}", name.strip_suffix(":443").unwrap_or(name));
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        (!origins.is_empty() && is_domain(&domain)).then_some(Self { domain, origins })
    }

    /// How passkeys stand at a host, as a browser names it.
    #[must_use]
    pub fn standing<'a>(place: Option<&'a Self>, https: bool, host: &str) -> Standing<'a> {
        let Some(place) = place else {
            return Standing::Nowhere;
        };
        let (scheme, port) = if https {
            ("https", ":443")
        } else {
            ("http", ":80")
        };
        let host = host.to_ascii_lowercase();
        let origin = format!("{scheme}://{}", host.strip_suffix(port).unwrap_or(&host));
        if place.origins.contains(&origin) {
            return Standing::Here;
        }
        place
            .origins
            .first()
            .map_or(Standing::Nowhere, |first| Standing::Elsewhere(first))
    }
}

/// The names under which browsers know a server that speaks TLS, with the port where it is not the
/// usual one.
fn names(options: &Options) -> Vec<String> {
    let port = options.address.port();
    let direct = options.tls.is_some() && options.trusted_proxies.is_empty();
    if direct && options.names.is_empty() && options.address.ip().is_loopback() {
        return vec![format!("localhost:{port}")];
    }
    let named = options.names.iter().map(|name| {
        let name = name.to_ascii_lowercase();
        if direct && port != 443 && host_of(&name) == name {
            format!("{name}:{port}")
        } else {
            name
        }
    });
    named.collect()
}

/// A name without its port.
fn host_of(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => name,
    }
}

/// Whether a text is a name of the domain system, and no address.
fn is_domain(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.len() <= 253 && host.parse::<IpAddr>().is_err() && host.split('.').all(label)
}

/// Whether a host is a domain or lies below it.
fn lies_in(host: &str, domain: &str) -> bool {
    host == domain
        || host
            .strip_suffix(domain)
            .is_some_and(|before| before.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    fn options(names: &[&str], https: bool, domain: Option<&str>) -> Options {
        let mut options = Options::loopback(SocketAddr::from(([127, 0, 0, 1], 8443)));
        options.names = names.iter().map(|name| (*name).to_owned()).collect();
        options.https = https;
        options.passkey_domain = domain.map(str::to_owned);
        options
    }

    #[test]
    fn a_place_has_a_domain_and_origins_below_it() {
        for (options, expected) in [
            (
                options(&[], false, None),
                Some(("localhost", vec!["http://localhost:8443"])),
            ),
            (
                options(&["Sekisho.example.go.jp"], true, None),
                Some((
                    "sekisho.example.go.jp",
                    vec!["https://sekisho.example.go.jp"],
                )),
            ),
            (
                options(
                    &["10.0.0.1", "a.example.go.jp:8443", "b.example.go.jp:443"],
                    true,
                    Some("example.go.jp"),
                ),
                Some((
                    "example.go.jp",
                    vec!["https://a.example.go.jp:8443", "https://b.example.go.jp"],
                )),
            ),
            (
                options(
                    &["a.example.go.jp", "evilexample.go.jp"],
                    true,
                    Some("example.go.jp"),
                ),
                Some(("example.go.jp", vec!["https://a.example.go.jp"])),
            ),
            (options(&["10.0.0.1"], true, None), None),
            (options(&["a.example.go.jp"], true, Some("other.jp")), None),
        ] {
            let place = Place::of(&options);
            let seen = place.as_ref().map(|place| {
                let origins: Vec<&str> = place.origins.iter().map(String::as_str).collect();
                (place.domain.as_str(), origins)
            });
            assert_eq!(seen, expected, "{options:?}");
        }
    }

    #[test]
    fn with_tls_of_its_own_the_port_is_part_of_the_origin() {
        let mut direct = options(&[], true, None);
        direct.tls = Some(crate::http::TlsSource::BuiltIn);
        let place = Place::of(&direct).unwrap();
        assert_eq!(place.origins, ["https://localhost:8443"]);
        direct.names = vec!["sekisho.example.go.jp".to_owned()];
        let place = Place::of(&direct).unwrap();
        assert_eq!(place.origins, ["https://sekisho.example.go.jp:8443"]);
        direct.address.set_port(443);
        let place = Place::of(&direct).unwrap();
        assert_eq!(place.origins, ["https://sekisho.example.go.jp"]);
    }

    #[test]
    fn another_address_is_led_to_the_right_one() {
        let place = Place::of(&options(&[], false, None));
        let standing = |host| Place::standing(place.as_ref(), false, host);
        assert_eq!(standing("LOCALHOST:8443"), Standing::Here);
        for host in ["127.0.0.1:8443", "[::1]:8443", "localhost:80", "localhost"] {
            assert_eq!(
                standing(host),
                Standing::Elsewhere("http://localhost:8443"),
                "{host}"
            );
        }
        assert_eq!(Place::standing(None, true, "x"), Standing::Nowhere);
    }
}
