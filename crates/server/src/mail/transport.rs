//! Handing a mail to the relay.

use std::error::Error as _;
use std::io::ErrorKind;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::{Error, SmtpTransportBuilder};
use lettre::{Message, SmtpTransport, Transport};

use super::settings::{MailSettings, Security};
use crate::reconcile::Failure;

/// Hands a mail to the relay. `limit` is how long each answer may take.
///
/// # Errors
/// `mail.relay`, `mail.authorities` for wrong settings; `mail.name-unknown`,
/// `mail.connection-refused`, `mail.timed-out`, `mail.unreachable`, `mail.no-starttls`, `mail.tls`
/// for the line; `mail.no-login`, `mail.login` for signing in; `mail.busy` where the
/// relay asks to come again, `mail.refused` where it says no for good.
pub(crate) fn post(
    settings: &MailSettings,
    message: &Message,
    limit: Duration,
) -> Result<(), Failure> {
    let transport = builder(settings)?.timeout(Some(limit)).build();
    match transport.send(message) {
        Ok(_) => Ok(()),
        Err(error) => {
            let code = code(&error, settings.login.is_some());
            Err(Failure::new(code, detail(settings, &error)))
        }
    }
}

fn builder(settings: &MailSettings) -> Result<SmtpTransportBuilder, Failure> {
    let (host, port) = settings.host_and_port()?;
    let tls = match settings.security {
        Security::Plain => Tls::None,
        Security::StartTls => Tls::Required(parameters(settings, &host)?),
        Security::Implicit => Tls::Wrapper(parameters(settings, &host)?),
    };
    let mut builder = SmtpTransport::builder_dangerous(host).port(port).tls(tls);
    if let Some(login) = &settings.login {
        let credentials = Credentials::new(login.user.clone(), login.password().to_owned());
        builder = builder
            .credentials(credentials)
            .authentication(vec![Mechanism::Plain, Mechanism::Login]);
    }
    Ok(builder)
}

fn parameters(settings: &MailSettings, host: &str) -> Result<TlsParameters, Failure> {
    let given = authorities(settings)?;
    let store = match given {
        Some(_) => CertificateStore::None,
        None => CertificateStore::Default,
    };
    let mut builder = TlsParameters::builder(host.to_owned()).certificate_store(store);
    for certificate in given.into_iter().flatten() {
        builder = builder.add_root_certificate(certificate);
    }
    let wrong = |error: Error| Failure::new("mail.tls", detail(settings, &error));
    builder.build_rustls().map_err(wrong)
}

/// The authorities given in the settings; one or more where any are.
///
/// # Errors
/// `mail.authorities`.
pub(super) fn authorities(settings: &MailSettings) -> Result<Option<Vec<Certificate>>, Failure> {
    let Some(pem) = &settings.authorities else {
        return Ok(None);
    };
    let wrong = || Failure::new("mail.authorities", &settings.relay);
    // A text without any certificate is read as an empty list.
    if !pem
        .windows(CERTIFICATE.len())
        .any(|part| part == CERTIFICATE)
    {
        return Err(wrong());
    }
    let certificate = Certificate::from_pem(pem).map_err(|_| wrong())?;
    // Whether they are certificates is found only when a client is made of them.
    let trial = TlsParameters::builder("relay.invalid".to_owned())
        .certificate_store(CertificateStore::None)
        .add_root_certificate(certificate.clone())
        .build_rustls();
    trial.map_err(|_| wrong())?;
    Ok(Some(vec![certificate]))
}

/// How a certificate begins in PEM (RFC 7468).
const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";

fn code(error: &Error, signing_in: bool) -> &'static str {
    if let Some(status) = error.status() {
        // RFC 4954, 6: what a relay says of signing in.
        return match u16::from(status) {
            432 | 530 | 534 | 535 | 538 => "mail.login",
            454 if signing_in => "mail.login",
            400..=499 => "mail.busy",
            _ => "mail.refused",
        };
    }
    // The library has no kinds of its own for these two; the tests speak to relays that do so.
    let said = error.to_string();
    if error.is_client() && said.contains("STARTTLS") {
        "mail.no-starttls"
    } else if error.is_client() && said.contains("authentication") {
        "mail.no-login"
    } else if error.is_client() {
        "mail.refused"
    } else if error.is_tls() || is_tls_alert(error) {
        "mail.tls"
    } else {
        of_the_line(error)
    }
}

/// What is wrong with the way to the relay.
fn of_the_line(error: &Error) -> &'static str {
    match io_error(error).map(|io| (io.kind(), io)) {
        Some((ErrorKind::ConnectionRefused, _)) => "mail.connection-refused",
        // A socket whose time is up says that it would block.
        Some((ErrorKind::TimedOut | ErrorKind::WouldBlock, _)) => "mail.timed-out",
        // The standard library has no kind of its own for names; a test asks for one that is none.
        Some((_, io)) if io.to_string().contains("failed to lookup address") => "mail.name-unknown",
        _ => "mail.unreachable",
    }
}

/// What the operating system said, where it said something.
fn io_error(error: &Error) -> Option<&std::io::Error> {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            return Some(io);
        }
        source = inner.source();
    }
    None
}

/// Whether TLS ended the talk: the handshake happens within the first read or write.
fn is_tls_alert(error: &Error) -> bool {
    io_error(error).is_some_and(|io| io.kind() == ErrorKind::InvalidData)
}

/// The relay, with its reply code where it said no. The words of a reply may name the reader, so that
/// they go nowhere; those of a broken line are for the log.
fn detail(settings: &MailSettings, error: &Error) -> String {
    if let Some(status) = error.status() {
        return format!("{}, SMTP {}", settings.relay, u16::from(status));
    }
    let said = one_line(&error.to_string());
    tracing::warn!(
        code = "mail.line",
        relay = settings.relay,
        said,
        "the line to the relay"
    );
    settings.relay.clone()
}

fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The standard library tells it in words alone, which another version may change.
    #[test]
    fn a_relay_whose_name_is_none_is_told_apart() {
        // No label of a name is so long (RFC 1035, 2.3.4): nobody needs to be asked.
        let relay = format!("{}.invalid:25", "a".repeat(64));
        let settings = MailSettings::plain(&relay, "sekisho@example.org");
        let message = Message::builder()
            .from("sekisho@example.org".parse().unwrap())
            .to("audit@example.org".parse().unwrap())
            .body(String::new())
            .unwrap();
        let failed = post(&settings, &message, Duration::from_secs(5)).unwrap_err();
        assert_eq!(failed.code, "mail.name-unknown", "{failed:?}");
    }
}
