//! Whom to ask for a certificate, and for which names.

use std::net::IpAddr;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use zeroize::Zeroizing;

/// Most names in one certificate: authorities take about as many.
const NAMES_MAX: usize = 100;
/// Longest address of a directory, in bytes.
const URL_MAX: usize = 2048;
/// Longest mail address (RFC 5321, 4.5.3.1.3), in bytes.
const MAIL_MAX: usize = 254;

/// What ties an account at the authority to one that the organisation has there already
/// (RFC 8555, 7.3.4). `Debug` does not print the key.
#[derive(Clone, PartialEq, Eq)]
pub struct Binding {
    /// What the authority calls the key.
    pub id: String,
    /// The key, as bytes.
    pub key: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Binding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Binding")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// How certificates are ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcmeSettings {
    /// The address of the authority's directory. No authority is built in.
    pub directory: String,
    /// Mail addresses at which the authority reaches the operator.
    pub contact: Vec<String>,
    /// Host names and addresses that the certificate is for.
    pub names: Vec<String>,
    /// A binding to an account elsewhere, where the authority asks for one.
    pub binding: Option<Binding>,
    /// Certificates (PEM) by which the authority's server is known; those of this machine where there
    /// are none.
    pub roots: Option<Vec<u8>>,
}

/// What is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsFault {
    /// Stable code.
    pub code: &'static str,
    /// The value at fault.
    pub detail: String,
}

impl AcmeSettings {
    /// Whether it can be asked like that.
    ///
    /// # Errors
    /// `acme.directory`, `acme.contact`, `acme.names`, `acme.roots`.
    pub fn check(&self) -> Result<(), SettingsFault> {
        let fault = |code, detail: &str| SettingsFault {
            code,
            detail: detail.to_owned(),
        };
        if !is_https(&self.directory) {
            return Err(fault("acme.directory", &self.directory));
        }
        for mail in &self.contact {
            let whole = mail.split_once('@').is_some_and(|(who, at)| {
                !who.is_empty() && !at.is_empty() && mail.len() <= MAIL_MAX
            });
            let plain = mail.bytes().all(|b| b.is_ascii_graphic() && b != b',');
            if !(whole && plain) {
                return Err(fault("acme.contact", mail));
            }
        }
        if self.names.is_empty() || self.names.len() > NAMES_MAX {
            return Err(fault("acme.names", &self.names.join(", ")));
        }
        if let Some(wrong) = self.names.iter().find(|name| !is_name(name)) {
            return Err(fault("acme.names", wrong));
        }
        match &self.roots {
            Some(pem) if roots(pem).is_empty() => Err(fault("acme.roots", "")),
            _ => Ok(()),
        }
    }
}

/// RFC 8555 (6.1) knows no other way than HTTPS.
pub(super) fn is_https(url: &str) -> bool {
    let host = url.strip_prefix("https://");
    let host = host.and_then(|rest| rest.split('/').next());
    host.is_some_and(|host| !host.is_empty())
        && url.len() <= URL_MAX
        && url.bytes().all(|b| b.is_ascii_graphic())
}

/// An address, or a host name of ASCII. A wildcard cannot be shown to be ours by this challenge, and a
/// single label is no name that anybody could look up but by local convention: the authority judges that.
fn is_name(name: &str) -> bool {
    name.parse::<IpAddr>().is_ok()
        || (rustls::pki_types::DnsName::try_from(name).is_ok()
            && !name.contains('*')
            && !name.ends_with('.'))
}

/// The certificates of a text in PEM; none where one of them is none.
pub(super) fn roots(pem: &[u8]) -> Vec<CertificateDer<'static>> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    read.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound() -> AcmeSettings {
        AcmeSettings {
            directory: "https://ca.example.go.jp/acme/directory".to_owned(),
            contact: vec!["telework@example.go.jp".to_owned()],
            names: vec!["sekisho.example.go.jp".to_owned(), "192.0.2.7".to_owned()],
            binding: None,
            roots: None,
        }
    }

    #[test]
    fn what_cannot_be_asked_is_told_by_code() {
        assert_eq!(sound().check(), Ok(()));
        let wrong = |change: &dyn Fn(&mut AcmeSettings)| {
            let mut settings = sound();
            change(&mut settings);
            settings.check().err().map(|fault| fault.code)
        };
        for directory in [
            "http://ca.example/dir",
            "https://",
            "https:///x",
            "ca",
            "https://a b/",
        ] {
            let code = wrong(&|it| it.directory = directory.to_owned());
            assert_eq!(code, Some("acme.directory"), "{directory}");
        }
        for contact in ["mailto", "@b", "a@", "a b@c", "a@b,c@d"] {
            let code = wrong(&|it| it.contact = vec![contact.to_owned()]);
            assert_eq!(code, Some("acme.contact"), "{contact}");
        }
        for name in [
            "*.example.go.jp",
            "関所.example",
            "a_b c",
            "sekisho.example.",
            "",
        ] {
            let code = wrong(&|it| it.names = vec![name.to_owned()]);
            assert_eq!(code, Some("acme.names"), "{name}");
        }
        assert_eq!(wrong(&|it| it.names.clear()), Some("acme.names"));
        let code = wrong(&|it| it.roots = Some(b"nothing".to_vec()));
        assert_eq!(code, Some("acme.roots"));
    }

    #[test]
    fn a_binding_does_not_show_its_key() {
        let binding = Binding {
            id: "kid-1".to_owned(),
            key: Zeroizing::new(b"secret".to_vec()),
        };
        assert_eq!(format!("{binding:?}"), "Binding { id: \"kid-1\", .. }");
    }
}
