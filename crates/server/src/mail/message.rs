//! Mails as they are written: who, to whom, what about, and marks that tell programs what they are.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};
use lettre::{Address, Message};
use sekisho_ledger::digest::Digest;

use super::settings::MailSettings;
use crate::app::App;
use crate::reconcile::Failure;

/// A mail of plain text: subject, body, and what it is about. Its Message-ID follows from the
/// ledger, the address and what it is about, so that one that leaves twice is known as one.
///
/// # Errors
/// `mail.sender`, `mail.address`.
pub(crate) fn plain(
    app: &App,
    settings: &MailSettings,
    to: &str,
    [subject, body, about]: [&str; 3],
) -> Result<Message, Failure> {
    let from = sender(settings)?;
    let to = to.trim().parse::<Address>();
    let to = to.map_err(|error| Failure::new("mail.address", error))?;
    let mut message = Message::builder()
        .message_id(Some(message_id(app, &from, &to, about)))
        .from(from)
        .to(Mailbox::new(None, to))
        .subject(subject)
        .date(sent_at(app))
        .singlepart(SinglePart::plain(body.to_owned()))
        .map_err(|error| Failure::new("mail.sender", error))?;
    without_holiday_answers(&mut message);
    Ok(message)
}

/// The sender of the settings.
///
/// # Errors
/// `mail.sender`.
pub(crate) fn sender(settings: &MailSettings) -> Result<Mailbox, Failure> {
    let wrong = |_| Failure::new("mail.sender", &settings.from);
    settings.from.parse().map_err(wrong)
}

/// The same for the same ledger, address and subject matter.
pub(crate) fn message_id(app: &App, from: &Mailbox, to: &Address, about: &str) -> String {
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

/// The writer's time.
pub(crate) fn sent_at(app: &App) -> SystemTime {
    let now = u64::try_from(app.now().as_millis()).unwrap_or_default();
    UNIX_EPOCH + Duration::from_millis(now)
}

/// RFC 3834.
pub(crate) fn without_holiday_answers(message: &mut Message) {
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    let value = HeaderValue::new(name, "auto-generated".to_owned());
    message.headers_mut().insert_raw(value);
}
