//! Whether storage was attached that is neither a registered medium nor permitted (PP, 8.1.1(3)(e)).
//!
//! What counts is what is attached and what was last attached within the period over which rows look
//! back: a log that reaches back for years must not fail a device for ever. It is in order where it is
//! permitted now or was when it was last seen.

use sekisho_domain::code::Reason;
use sekisho_domain::fact::{FactKind, UsbDevice};
use sekisho_domain::time::{Span, Timestamp};

use super::facts::sight;
use super::lists::SIGHTINGS_DAYS;
use super::{Found, Given, Judged};
use crate::reason::day;

pub(super) const NEEDS: &[FactKind] = &[FactKind::UsbHistory];

pub(super) fn judge(given: Given<'_, '_>) -> Judged {
    let history = sight!(given, UsbHistory)?;
    let from = given.now.before(Span::days(SIGHTINGS_DAYS));
    let counts = |usb: &&UsbDevice| usb.attached || usb.last_seen.is_none_or(|at| from <= at);
    let (mut permitted, mut until) = (0_u32, None);
    let (mut unpermitted, mut undated) = (Vec::new(), Vec::new());
    for usb in history.value.devices.iter().filter(counts) {
        match given.permitted(usb) {
            Some(end) => {
                permitted += 1;
                until = until.into_iter().chain(end).min();
            }
            // When it was attached is not known: perhaps before the period, perhaps within.
            None if !usb.attached && usb.last_seen.is_none() => undated.push(usb),
            None => unpermitted.push(usb),
        }
    }
    if let Some(found) = found(&unpermitted) {
        return Ok(Found::fail(found));
    }
    if let Some(first) = undated.first() {
        let reason = Reason::new("usb.undated").with("n", undated.len());
        return Err(reason.with("first", label(first)));
    }
    // Without a log only this moment is seen, and storage is attached for minutes.
    let Some(since) = history.value.since else {
        return Err(Reason::new("usb.no-history"));
    };
    let code = if permitted > 0 {
        "usb.permitted"
    } else {
        "usb.none-seen"
    };
    let reason = Reason::new(code).with("since", day(since.max(from).jst_date()));
    let reason = if permitted > 0 {
        reason.with("n", permitted)
    } else {
        reason
    };
    let pass = Found::pass(reason);
    let pass = until.map_or(pass.clone(), |until| pass.until(until));
    Ok(pass.unless_hidden(history.partial))
}

impl Given<'_, '_> {
    /// Whether storage may be attached, and until when that stands.
    fn permitted(&self, usb: &UsbDevice) -> Option<Option<Timestamp>> {
        let equipment = self.knowledge.lists?.equipment();
        let permitted = equipment.permitted(self.facts.subject(), usb, self.now)?;
        Some(permitted.until)
    }
}

/// What was attached and may not be: the one that is attached, else the one seen last, speaks.
fn found(unpermitted: &[&UsbDevice]) -> Option<Reason> {
    let first = unpermitted
        .iter()
        .max_by_key(|usb| (usb.attached, usb.last_seen))?;
    let n = unpermitted.len();
    let reason = |code| Reason::new(code).with("n", n).with("first", label(first));
    Some(match first.last_seen {
        Some(at) if first.attached => reason("usb.unpermitted-attached-since").with("at", at),
        Some(at) => reason("usb.unpermitted").with("at", at),
        None => reason("usb.unpermitted-attached"),
    })
}

/// Storage as people can find it: the name it states, its numbers, its serial number.
fn label(usb: &UsbDevice) -> String {
    let numbers = format!("{}:{}", usb.vendor, usb.product);
    let parts = [usb.name.as_deref(), Some(&numbers), usb.serial.as_deref()];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    parts.join(" ")
}
