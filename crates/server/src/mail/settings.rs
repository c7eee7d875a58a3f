//! How mail leaves.

use zeroize::Zeroizing;

use crate::reconcile::Failure;

/// How the line to the relay is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all.
    Plain,
    /// TLS after `STARTTLS` (RFC 3207); a relay that does not offer it is given nothing.
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Implicit,
}

impl Security {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Plain, Self::StartTls, Self::Implicit];

    /// The word in the configuration.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Plain => "none",
            Self::StartTls => "starttls",
            Self::Implicit => "implicit",
        }
    }

    /// The kind of a word; none for others.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Who signs in at the relay. The password is wiped when dropped and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub user: String,
    password: Zeroizing<String>,
}

impl Login {
    /// A name and its password.
    #[must_use]
    pub const fn new(user: String, password: Zeroizing<String>) -> Self {
        Self { user, password }
    }

    pub(super) fn password(&self) -> &str {
        &self.password
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// How mail leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailSettings {
    /// `host:port` of the SMTP relay.
    pub relay: String,
    /// Sender's address.
    pub from: String,
    /// How the line is protected.
    pub security: Security,
    /// Certificates (PEM) of the authorities that vouch for the relay; those of this machine where
    /// none are given.
    pub authorities: Option<Vec<u8>>,
    /// Who signs in there; nobody where the relay knows this machine.
    pub login: Option<Login>,
}

impl MailSettings {
    /// Without TLS and without signing in, as it is fit for a relay on this machine.
    #[must_use]
    pub fn plain(relay: &str, from: &str) -> Self {
        Self {
            relay: relay.to_owned(),
            from: from.to_owned(),
            security: Security::Plain,
            authorities: None,
            login: None,
        }
    }

    /// Checks what can be checked without speaking to anyone.
    ///
    /// # Errors
    /// `mail.relay`, `mail.sender`, `mail.authorities`, `mail.login-in-plain`.
    pub fn check(&self) -> Result<(), Failure> {
        self.host_and_port()?;
        let from = self.from.parse::<lettre::message::Mailbox>();
        from.map_err(|_| Failure::new("mail.sender", &self.from))?;
        super::transport::authorities(self)?;
        if self.login.is_some() && self.security == Security::Plain && !self.is_on_this_machine() {
            return Err(Failure::new("mail.login-in-plain", &self.relay));
        }
        Ok(())
    }

    /// Whether the relay stands on this machine: what is sent there passes no line.
    #[must_use]
    pub fn is_on_this_machine(&self) -> bool {
        self.host_and_port().is_ok_and(|(host, _)| {
            host == "localhost"
                || host
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        })
    }

    pub(super) fn host_and_port(&self) -> Result<(String, u16), Failure> {
        let wrong = || Failure::new("mail.relay", &self.relay);
        let (host, port) = self.relay.rsplit_once(':').ok_or_else(wrong)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = port.parse().map_err(|_| wrong())?;
        if host.is_empty() || host.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(wrong());
        }
        Ok((host.to_owned(), port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(relay: &str) -> MailSettings {
        MailSettings::plain(relay, "sekisho@example.org")
    }

    #[test]
    fn a_relay_is_a_host_and_a_port() {
        for (text, host, port) in [
            ("mail.example:25", "mail.example", 25),
            ("127.0.0.1:2525", "127.0.0.1", 2525),
            ("[::1]:25", "::1", 25),
        ] {
            let found = settings(text).host_and_port();
            assert_eq!(found.unwrap(), (host.to_owned(), port));
        }
        for text in [
            "",
            "mail.example",
            ":25",
            "mail.example:smtp",
            "mail.example:70000",
            "mail .example:25",
        ] {
            let wrong = settings(text).check().unwrap_err();
            assert_eq!(wrong.code, "mail.relay", "{text}");
        }
    }

    #[test]
    fn a_password_needs_tls_or_this_machine() {
        let login = Login::new("sekisho".into(), Zeroizing::new("secret".into()));
        let with = |relay: &str, security| MailSettings {
            security,
            login: Some(login.clone()),
            ..settings(relay)
        };
        for (relay, security, taken) in [
            ("mail.example:25", Security::Plain, false),
            ("192.0.2.1:25", Security::Plain, false),
            ("localhost.example:25", Security::Plain, false),
            ("mail.example:587", Security::StartTls, true),
            ("mail.example:465", Security::Implicit, true),
            ("127.0.0.1:25", Security::Plain, true),
            ("[::1]:25", Security::Plain, true),
            ("localhost:25", Security::Plain, true),
        ] {
            let checked = with(relay, security).check().map_err(|wrong| wrong.code);
            let expected = taken.then_some(()).ok_or("mail.login-in-plain".to_owned());
            assert_eq!(checked, expected, "{relay} {security:?}");
        }
        assert!(!format!("{login:?}").contains("secret"));
    }

    #[test]
    fn sender_and_authorities_are_looked_at() {
        let mut wrong = settings("mail.example:25");
        wrong.from = "nobody".to_owned();
        assert_eq!(wrong.check().unwrap_err().code, "mail.sender");
        for pem in [
            "",
            "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n",
        ] {
            let mut wrong = settings("mail.example:25");
            wrong.security = Security::StartTls;
            wrong.authorities = Some(pem.as_bytes().to_vec());
            assert_eq!(wrong.check().unwrap_err().code, "mail.authorities", "{pem}");
        }
    }
}
