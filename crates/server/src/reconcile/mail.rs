//! Delivery by mail, through the relay of the organisation.
//!
//! The mail carries the checkpoint as its text and, byte for byte, as an attachment.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

use super::failure::Failure;
use crate::app::{App, Head};
use crate::mail::message::{message_id, sender, sent_at, without_holiday_answers};
use crate::mail::{MailSettings, transport};

/// Sends the checkpoint to one address.
///
/// # Errors
/// `mail.not-configured` when no relay is, `mail.sender`, and those of handing it over.
pub(super) fn deliver(
    app: &App,
    settings: Option<&MailSettings>,
    to: &Address,
    head: &Head,
    limit: Duration,
) -> Result<(), Failure> {
    let settings = settings.ok_or_else(|| Failure::new("mail.not-configured", to))?;
    let message = message(app, settings, to, head)?;
    transport::post(settings, &message, limit)
}

fn message(
    app: &App,
    settings: &MailSettings,
    to: &Address,
    head: &Head,
) -> Result<Message, Failure> {
    let from = sender(settings)?;
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
        .map_err(|error| Failure::new("mail.sender", error))?;
    without_holiday_answers(&mut message);
    Ok(message)
}

fn octets() -> ContentType {
    ContentType::parse("application/octet-stream").unwrap_or(ContentType::TEXT_PLAIN)
}
