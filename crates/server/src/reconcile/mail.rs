//! Delivery by mail, through the relay of the organisation.
//!
//! The mail carries the checkpoint as its text and, byte for byte, as an attachment. Its
//! Message-ID follows from ledger, size and address: a mail that leaves twice is known as one.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message, SmtpTransport, Transport};
use sekisho_ledger::digest::Digest;

use super::checkpoints::MailSettings;
use super::failure::Failure;
use crate::app::{App, Head};

/// Sends the checkpoint to one address.
///
/// # Errors
/// `checkpoint.mail-relay` when none is configured, `checkpoint.mail-sender`,
/// `checkpoint.mail-refused`, `checkpoint.mail-unreachable`.
pub(super) fn deliver(
    app: &App,
    settings: Option<&MailSettings>,
    to: &Address,
    head: &Head,
    limit: Duration,
) -> Result<(), Failure> {
    let settings = settings.ok_or_else(|| Failure::new("checkpoint.mail-relay", to))?;
    let message = message(app, settings, to, head)?;
    post(settings, &message, limit)
}

/// A mail of plain text: subject, body, and what it is about. Its Message-ID follows from the
/// ledger, the address and what it is about.
///
/// # Errors
/// `checkpoint.mail-sender`, `checkpoint.mail-address`.
pub(crate) fn plain(
    app: &App,
    settings: &MailSettings,
    to: &str,
    [subject, body, about]: [&str; 3],
) -> Result<Message, Failure> {
    let sender = |_| Failure::new("checkpoint.mail-sender", &settings.from);
    let from: Mailbox = settings.from.parse().map_err(sender)?;
    let to = to.trim().parse::<Address>();
    let to = to.map_err(|error| Failure::new("checkpoint.mail-address", error))?;
    let mut message = Message::builder()
        .message_id(Some(message_id(app, &from, &to, about)))
        .from(from)
        .to(Mailbox::new(None, to))
        .subject(subject)
        .date(sent_at(app))
        .singlepart(SinglePart::plain(body.to_owned()))
        .map_err(|error| Failure::new("checkpoint.mail-sender", error))?;
    without_holiday_answers(&mut message);
    Ok(message)
}

/// Hands a mail to the relay.
///
/// # Errors
/// `checkpoint.mail-relay`, `checkpoint.mail-refused`, `checkpoint.mail-unreachable`.
pub(crate) fn post(
    settings: &MailSettings,
    message: &Message,
    limit: Duration,
) -> Result<(), Failure> {
    let (host, port) = relay(&settings.relay)?;
    let transport = SmtpTransport::builder_dangerous(host)
        .port(port)
        .timeout(Some(limit))
        .build();
    match transport.send(message) {
        Ok(_) => Ok(()),
        // The relay answered, and its answer is no.
        Err(error) if error.status().is_some() => {
            Err(Failure::new("checkpoint.mail-refused", detail(&error)))
        }
        Err(error) => {
            let what = format!("{}: {}", settings.relay, detail(&error));
            Err(Failure::new("checkpoint.mail-unreachable", what))
        }
    }
}

/// What the relay said, on one line and bounded.
fn detail(error: &lettre::transport::smtp::Error) -> String {
    let text = error.to_string();
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

fn relay(text: &str) -> Result<(String, u16), Failure> {
    let wrong = || Failure::new("checkpoint.mail-relay", text);
    let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = port.parse().map_err(|_| wrong())?;
    if host.is_empty() {
        return Err(wrong());
    }
    Ok((host.to_owned(), port))
}

fn message(
    app: &App,
    settings: &MailSettings,
    to: &Address,
    head: &Head,
) -> Result<Message, Failure> {
    let sender = |_| Failure::new("checkpoint.mail-sender", &settings.from);
    let from: Mailbox = settings.from.parse().map_err(sender)?;
    let key = app.verifier();
    let origin = key.name();
    let Head { size, checkpoint } = head;
    let id =
        message_id(app, &from, to, checkpoint).replacen('<', &format!("<checkpoint-{size}-"), 1);
    let attached = Attachment::new(format!("checkpoint-{size}.txt"));
    // Not as text: a relay may change the line ends of text, and then the signature fails.
    let attached = attached.body(checkpoint.clone().into_bytes(), octets());
    let parts = MultiPart::mixed()
        .singlepart(SinglePart::plain(checkpoint.clone()))
        .singlepart(attached);
    let mut message = Message::builder()
        .from(from)
        .to(Mailbox::new(None, to.clone()))
        .subject(format!("[{origin}] checkpoint {size}"))
        .message_id(Some(id))
        .date(sent_at(app))
        .multipart(parts)
        .map_err(|error| Failure::new("checkpoint.mail-sender", error))?;
    without_holiday_answers(&mut message);
    Ok(message)
}

fn message_id(app: &App, from: &Mailbox, to: &Address, about: &str) -> String {
    let key = app.verifier();
    let origin = key.name();
    let hashed = Digest::of(format!("{origin}\n{to}\n{about}").as_bytes()).to_string();
    let id: String = hashed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(32)
        .collect();
    format!("<{id}@{}>", from.email.domain())
}

fn sent_at(app: &App) -> SystemTime {
    let now = u64::try_from(app.now().as_millis()).unwrap_or_default();
    UNIX_EPOCH + Duration::from_millis(now)
}

/// RFC 3834.
fn without_holiday_answers(message: &mut Message) {
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    let value = HeaderValue::new(name, "auto-generated".to_owned());
    message.headers_mut().insert_raw(value);
}

fn octets() -> ContentType {
    ContentType::parse("application/octet-stream").unwrap_or(ContentType::TEXT_PLAIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_is_a_host_and_a_port() {
        for (text, host, port) in [
            ("mail.example:25", "mail.example", 25),
            ("127.0.0.1:2525", "127.0.0.1", 2525),
            ("[::1]:25", "::1", 25),
        ] {
            assert_eq!(relay(text).unwrap(), (host.to_owned(), port));
        }
        for text in [
            "",
            "mail.example",
            ":25",
            "mail.example:smtp",
            "mail.example:70000",
        ] {
            assert_eq!(
                relay(text).unwrap_err().code,
                "checkpoint.mail-relay",
                "{text}"
            );
        }
    }
}
