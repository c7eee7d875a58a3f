//! Where the server listens and under which names it answers.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use sekisho_domain::id::DeviceId;

use super::ctx::local_path;
use crate::acme::AcmeSettings;
use crate::identity::passkey::Place;
use crate::mail::{MailSettings, Security};

/// How the server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The address it listens on.
    pub address: SocketAddr,
    /// Further values of `Host` that are its own, such as `sekisho.example.go.jp`.
    pub names: Vec<String>,
    /// Proxies that may say where a request came from (`X-Forwarded-For`) and that end TLS.
    pub trusted_proxies: Vec<IpAddr>,
    /// Devices that such a proxy may name without a certificate. None unless the configuration says so:
    /// whatever is behind that proxy counts as that device.
    pub stated_devices: Vec<StatedDevice>,
    /// Hosts of applications behind such a proxy, such as `sekisho.example.go.jp:8001`: whoever signs in is led
    /// back there. Each has the name of this server, and is of another origin.
    pub applications: Vec<String>,
    /// Whether people reach it over https, through such a proxy.
    pub https: bool,
    /// The domain that passkeys belong to, where it is not the first of the names: that name or
    /// a domain above it. A change makes every passkey worthless.
    pub passkey_domain: Option<String>,
    /// How mail leaves, for the page of mail; none where it does not.
    pub mail: Option<MailAbout>,
    /// Where its certificate comes from, when it ends TLS itself.
    pub tls: Option<TlsSource>,
}

/// A device that a proxy may name without a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatedDevice {
    /// The proxy's address.
    pub proxy: IpAddr,
    /// The device.
    pub device: DeviceId,
}

/// How mail leaves, without anything secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailAbout {
    /// `host:port` of the relay.
    pub relay: String,
    /// Sender's address.
    pub from: String,
    /// How the line is protected.
    pub security: Security,
    /// The name with which it signs in there.
    pub user: Option<String>,
}

impl From<&MailSettings> for MailAbout {
    fn from(settings: &MailSettings) -> Self {
        Self {
            relay: settings.relay.clone(),
            from: settings.from.clone(),
            security: settings.security,
            user: settings.login.as_ref().map(|login| login.user.clone()),
        }
    }
}

/// Where the certificate of this server comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsSource {
    /// From this server's own authority, made anew before it ends.
    BuiltIn,
    /// From two files (PEM), which are read again when they change.
    Files {
        /// The certificate of this server, then those that signed it.
        certificate: PathBuf,
        /// Its private key, which nobody but its owner may read.
        key: PathBuf,
    },
    /// From an authority that is asked by ACME, and again before it ends.
    Acme(AcmeSettings),
}

/// Why the server does not start listening.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// Passwords would cross a network in the clear.
    #[error("{address} can be reached from the network and there is no TLS")]
    NoTls {
        /// The address.
        address: SocketAddr,
    },
    /// Cookies of people's sessions would cross a network in the clear.
    #[error("{address} answers Envoy, can be reached from the network, and there is no TLS")]
    GrpcNoTls {
        /// The address.
        address: SocketAddr,
    },
    /// None of the names lies in the domain of the passkeys.
    #[error("no name lies in the domain of the passkeys, {domain}")]
    PasskeyDomain {
        /// The domain.
        domain: String,
    },
    /// A proxy is trusted and no name is given under which it is reached.
    #[error("no name is given under which the server is reached")]
    NoName,
    /// An application is at the origin of this server, or under a name to which its session does not come.
    #[error("{host} is no place for an application")]
    Application {
        /// The host, as it is written.
        host: String,
    },
}

impl OptionsError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoTls { .. } => "serve.no-tls",
            Self::GrpcNoTls { .. } => "serve.grpc-no-tls",
            Self::PasskeyDomain { .. } => "serve.passkey-domain",
            Self::NoName => "serve.no-name",
            Self::Application { .. } => "serve.application",
        }
    }
}

impl Options {
    /// Listening on this machine only.
    #[must_use]
    pub const fn loopback(address: SocketAddr) -> Self {
        Self {
            address,
            names: Vec::new(),
            trusted_proxies: Vec::new(),
            stated_devices: Vec::new(),
            applications: Vec::new(),
            https: false,
            passkey_domain: None,
            mail: None,
            tls: None,
        }
    }

    /// Whether it is sound to listen like this.
    ///
    /// # Errors
    /// [`OptionsError`].
    pub fn check(&self) -> Result<(), OptionsError> {
        let tls = self.tls.is_some();
        if !self.address.ip().is_loopback() && self.trusted_proxies.is_empty() && !tls {
            return Err(OptionsError::NoTls {
                address: self.address,
            });
        }
        let anywhere = tls && self.address.ip().is_unspecified();
        if (!self.trusted_proxies.is_empty() || anywhere) && self.names.is_empty() {
            return Err(OptionsError::NoName);
        }
        if let Some(domain) = &self.passkey_domain
            && Place::of(self).is_none_or(|place| !place.domain.eq_ignore_ascii_case(domain))
        {
            let domain = domain.clone();
            return Err(OptionsError::PasskeyDomain { domain });
        }
        if let Some(host) = self.applications.iter().find(|host| !self.is_apart(host)) {
            let host = host.clone();
            return Err(OptionsError::Application { host });
        }
        Ok(())
    }

    /// Whether it is sound to answer Envoy's checks on an address: over TLS of this server, or on this machine.
    /// A proxy that ends TLS for the console does not stand before it.
    ///
    /// # Errors
    /// [`OptionsError::GrpcNoTls`].
    pub fn check_grpc(&self, address: SocketAddr) -> Result<(), OptionsError> {
        if self.tls.is_none() && !address.ip().is_loopback() {
            return Err(OptionsError::GrpcNoTls { address });
        }
        Ok(())
    }

    /// Whether a proxy may name a device that has shown no certificate.
    #[must_use]
    pub fn may_state(&self, proxy: IpAddr, device: DeviceId) -> bool {
        self.stated_devices
            .contains(&StatedDevice { proxy, device })
    }

    /// Whether a host has the name of this server, so that its session comes along, and is another origin.
    fn is_apart(&self, host: &str) -> bool {
        let name = split_port(host).0;
        let mut own = self.names.iter().map(|own| split_port(own).0);
        own.any(|own| own.eq_ignore_ascii_case(name)) && !self.knows_host(host)
    }

    /// Whether a host is that of an application behind a proxy which the configuration names.
    #[must_use]
    pub fn is_application(&self, host: &str) -> bool {
        let mut all = self.applications.iter();
        all.any(|known| known.eq_ignore_ascii_case(host))
    }

    /// Whether an address leads to such an application, and to nowhere else.
    #[must_use]
    pub fn is_application_address(&self, address: &str) -> bool {
        let Some(rest) = address.strip_prefix("https://") else {
            return false;
        };
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        self.is_application(host) && local_path(path).is_some()
    }

    /// Whether a `Host` is this server's: a page of another name that resolves here (DNS
    /// rebinding) gets nothing.
    #[must_use]
    pub fn knows_host(&self, host: &str) -> bool {
        let (name, port) = split_port(host);
        let named = self.names.iter().any(|known| {
            known.eq_ignore_ascii_case(host)
                || (port.is_none_or(is_web) && known.eq_ignore_ascii_case(name))
                // Without a proxy in between people name the port that it listens on.
                || (self.tls.is_some()
                    && port == Some(self.address.port())
                    && known.eq_ignore_ascii_case(name))
        });
        let own_port =
            port == Some(self.address.port()) || (port.is_none() && is_web(self.address.port()));
        let own = self.address.ip();
        let here = own.is_loopback() || (self.tls.is_some() && own.is_unspecified());
        let own_name = match name
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>()
        {
            Ok(ip) => ip == own || (ip.is_loopback() && here),
            Err(_) => name.eq_ignore_ascii_case("localhost") && here,
        };
        named || (own_name && own_port)
    }

    /// Where people reach it, without a slash at the end: by its first name where people use
    /// names, through a proxy or directly.
    #[must_use]
    pub fn url(&self) -> String {
        let port = self.address.port();
        let own = self.address.ip();
        match self.names.first() {
            Some(name) if !self.trusted_proxies.is_empty() => format!("https://{name}"),
            Some(name) if self.tls.is_some() => match split_port(name) {
                (_, None) if port != 443 => format!("https://{name}:{port}"),
                _ => format!("https://{name}"),
            },
            _ if self.tls.is_some() && own.is_unspecified() => {
                format!("https://localhost:{port}")
            }
            _ if self.tls.is_some() => format!("https://{}", self.address),
            _ => format!("http://{}", self.address),
        }
    }

    /// The names and addresses that a certificate of this server is made for.
    #[must_use]
    pub fn certificate_names(&self) -> Vec<String> {
        let named = self.names.iter().map(|name| split_port(name).0.to_owned());
        let mut all: Vec<String> = named.collect();
        let own = self.address.ip();
        if own.is_loopback() || own.is_unspecified() {
            all.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
        }
        if !own.is_unspecified() {
            all.push(own.to_string());
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether `Origin` is a page of this server under `host`.
    #[must_use]
    pub fn is_own_origin(&self, origin: &str, host: &str) -> bool {
        let rest = origin.strip_prefix(if self.https { "https://" } else { "http://" });
        rest.is_some_and(|rest| rest.eq_ignore_ascii_case(host)) && self.knows_host(host)
    }
}

const fn is_web(port: u16) -> bool {
    matches!(port, 80 | 443)
}

fn split_port(host: &str) -> (&str, Option<u16>) {
    // `[::1]:80`: only a colon behind the bracket parts the port.
    let after = host.rfind(']').map_or(0, |at| at + 1);
    match host[after..].rfind(':') {
        Some(at) => match host[after + at + 1..].parse() {
            Ok(port) => (&host[..after + at], Some(port)),
            Err(_) => (host, None),
        },
        None => (host, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loopback() -> Options {
        Options::loopback(SocketAddr::from(([127, 0, 0, 1], 8420)))
    }

    #[test]
    fn only_own_names_are_known() {
        let mut proxied = loopback();
        proxied.names = vec!["sekisho.example.go.jp".to_owned()];
        for (host, own, through_proxy) in [
            ("127.0.0.1:8420", true, true),
            ("localhost:8420", true, true),
            ("LOCALHOST:8420", true, true),
            ("[::1]:8420", true, true),
            ("127.0.0.1", false, false),
            ("127.0.0.1:80", false, false),
            ("sekisho.example.go.jp", false, true),
            ("sekisho.example.go.jp:443", false, true),
            ("sekisho.example.go.jp:8420", false, false),
            ("evil.example", false, false),
            ("evil.example:8420", false, false),
            ("127.0.0.1.evil.example:8420", false, false),
            ("10.0.0.1:8420", false, false),
            ("", false, false),
            ("[", false, false),
            ("::1:8420", true, true),
        ] {
            assert_eq!(loopback().knows_host(host), own, "{host}");
            assert_eq!(proxied.knows_host(host), through_proxy, "{host}");
        }
    }

    #[test]
    fn only_own_pages_may_post() {
        for (origin, own) in [
            ("http://127.0.0.1:8420", true),
            ("https://127.0.0.1:8420", false),
            ("http://localhost:8420", false),
            ("http://evil.example", false),
            ("null", false),
        ] {
            assert_eq!(
                loopback().is_own_origin(origin, "127.0.0.1:8420"),
                own,
                "{origin}"
            );
        }
        assert!(!loopback().is_own_origin("http://evil.example", "evil.example"));
    }

    #[test]
    fn no_proxy_names_a_device_that_the_configuration_does_not_leave_to_it() {
        let device = |seed| DeviceId::new(sekisho_domain::id::Fresh([seed; 16]));
        let proxy = IpAddr::from([10, 0, 0, 1]);
        assert!(!loopback().may_state(proxy, device(1)));
        let mut options = loopback();
        options.stated_devices.push(StatedDevice {
            proxy,
            device: device(1),
        });
        assert!(options.may_state(proxy, device(1)));
        assert!(!options.may_state(proxy, device(2)));
        assert!(!options.may_state(IpAddr::from([10, 0, 0, 2]), device(1)));
    }

    #[test]
    fn an_application_has_our_name_and_another_origin() {
        let mut options = loopback();
        options.trusted_proxies.push(IpAddr::from([10, 0, 0, 1]));
        options.names = vec![
            "sekisho.example.go.jp".to_owned(),
            "inside.example.go.jp:8000".to_owned(),
        ];
        for (host, fit) in [
            ("sekisho.example.go.jp:8001", true),
            ("Sekisho.example.go.jp:8001", true),
            ("inside.example.go.jp:8001", true),
            ("inside.example.go.jp", true),
            ("inside.example.go.jp:8000", false),
            ("sekisho.example.go.jp", false),
            ("sekisho.example.go.jp:443", false),
            ("application.example.go.jp:8001", false),
            ("sekisho.example.go.jp:8001/", false),
            ("https://sekisho.example.go.jp:8001", false),
            ("", false),
        ] {
            options.applications = vec![host.to_owned()];
            assert_eq!(options.check().is_ok(), fit, "{host}");
        }
        let error = options.check().unwrap_err();
        assert_eq!(error.code(), "serve.application");
    }

    #[test]
    fn only_an_application_that_is_named_is_led_to() {
        let mut options = loopback();
        let to = "https://sekisho.example.go.jp:8001/page?a=1";
        assert!(!options.is_application_address(to));
        options.applications = vec!["sekisho.example.go.jp:8001".to_owned()];
        assert!(options.is_application_address(to));
        for address in [
            "",
            "/page",
            "https://sekisho.example.go.jp:8001",
            "http://sekisho.example.go.jp:8001/",
            "HTTPS://sekisho.example.go.jp:8001/",
            "https://sekisho.example.go.jp:8002/",
            "https://sekisho.example.go.jp/",
            "https://sekisho.example.go.jp:8001.evil.example/",
            "https://sekisho.example.go.jp:8001@evil.example/",
            "https://evil.example/https://sekisho.example.go.jp:8001/",
            "https://sekisho.example.go.jp:8001\\@evil.example/",
            "https://sekisho.example.go.jp:8001/\\evil.example",
            "https://sekisho.example.go.jp:8001//evil.example",
            "https://sekisho.example.go.jp:8001/ x",
            "https://sekisho.example.go.jp:8001?@evil.example/",
            "https:///sekisho.example.go.jp:8001/",
        ] {
            assert!(!options.is_application_address(address), "{address}");
        }
    }

    #[test]
    fn the_network_needs_tls() {
        let mut open = Options::loopback(SocketAddr::from(([0, 0, 0, 0], 8420)));
        assert!(matches!(open.check(), Err(OptionsError::NoTls { .. })));
        open.trusted_proxies.push(IpAddr::from([10, 0, 0, 1]));
        assert_eq!(open.check(), Err(OptionsError::NoName));
        open.names.push("sekisho.example.go.jp".to_owned());
        assert_eq!(open.check(), Ok(()));
        open.https = true;
        for (domain, sound) in [
            ("example.go.jp", true),
            ("other.example", false),
            ("10.0.0.1", false),
        ] {
            open.passkey_domain = Some(domain.to_owned());
            assert_eq!(open.check().is_ok(), sound, "{domain}");
        }
        assert_eq!(loopback().check(), Ok(()));
    }

    #[test]
    fn checks_over_grpc_need_tls_beyond_this_machine() {
        let mut options = loopback();
        // A proxy that ends the console's TLS ends that of the checks nowhere.
        options.trusted_proxies.push(IpAddr::from([10, 0, 0, 1]));
        for (address, here) in [
            ("127.0.0.1:9443", true),
            ("[::1]:9443", true),
            ("0.0.0.0:9443", false),
            ("[::]:9443", false),
            ("10.0.0.2:9443", false),
        ] {
            let address: SocketAddr = address.parse().unwrap();
            options.tls = None;
            let checked = options.check_grpc(address);
            let refused = Err(OptionsError::GrpcNoTls { address });
            assert_eq!(checked, if here { Ok(()) } else { refused }, "{address}");
            options.tls = Some(TlsSource::BuiltIn);
            assert_eq!(options.check_grpc(address), Ok(()), "{address}");
        }
    }

    #[test]
    fn with_tls_of_its_own_it_answers_at_its_port() {
        let mut open = Options::loopback(SocketAddr::from(([0, 0, 0, 0], 8443)));
        open.tls = Some(TlsSource::BuiltIn);
        assert_eq!(open.check(), Err(OptionsError::NoName));
        open.names = vec!["sekisho.example.go.jp".to_owned()];
        assert_eq!(open.check(), Ok(()));
        for (host, own) in [
            ("sekisho.example.go.jp:8443", true),
            ("sekisho.example.go.jp", true),
            ("sekisho.example.go.jp:8444", false),
            ("127.0.0.1:8443", true),
            ("10.0.0.1:8443", false),
        ] {
            assert_eq!(open.knows_host(host), own, "{host}");
        }
        let names = ["127.0.0.1", "::1", "localhost", "sekisho.example.go.jp"];
        assert_eq!(open.certificate_names(), names);
    }
}
