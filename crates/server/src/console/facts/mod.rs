//! Every kind of fact, rendered for people.

mod account;
mod network;
mod protection;
mod software;
mod system;

use std::borrow::Cow;

use maud::{Markup, html};
use sekisho_domain::fact::{FactValue, UnseenReason};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, contains, t, text};

/// Renders the value of a fact. Long package lists are cut unless `whole` is asked for.
#[must_use]
pub fn value(lang: Lang, value: &FactValue, now: Timestamp, whole: bool) -> Markup {
    match value {
        FactValue::MachineIdentity(fact) => system::identity(lang, fact),
        FactValue::OsRelease(fact) => system::os(lang, fact),
        FactValue::Kernel(fact) => system::kernel(lang, fact, now),
        FactValue::TimeSync(fact) => system::time_sync(lang, fact),
        FactValue::FirmwareSecurity(fact) => system::firmware(lang, fact),
        FactValue::Packages(fact) => software::packages(lang, fact, whole),
        FactValue::PendingUpdates(fact) => software::pending(lang, fact, now),
        FactValue::RebootNeeded(fact) => software::reboot(lang, fact),
        FactValue::AutomaticUpdates(fact) => software::automatic(lang, fact),
        FactValue::DiskEncryption(fact) => protection::disk(lang, fact),
        FactValue::Firewall(fact) => protection::firewall(lang, fact),
        FactValue::ScreenLock(fact) => protection::screen_lock(lang, fact),
        FactValue::SshDaemon(fact) => protection::ssh(lang, fact),
        FactValue::Antivirus(fact) => protection::antivirus(lang, fact, now),
        FactValue::UsbHistory(fact) => protection::usb(lang, fact, now),
        FactValue::Listening(fact) => network::listening(lang, fact),
        FactValue::Networks(fact) => network::networks(lang, fact, now),
        FactValue::Accounts(fact) => account::accounts(lang, fact),
        FactValue::RecentLogins(fact) => account::logins(lang, fact, now),
    }
}

/// Says why something was not seen, and what to do about it. `partly` when the rest was seen.
#[must_use]
pub fn unseen(lang: Lang, reason: &UnseenReason, partly: bool) -> Markup {
    let (code, what, detail) = match reason {
        UnseenReason::NeedsPrivilege { what } => ("needs_privilege", what, ""),
        UnseenReason::SourceMissing { what } => ("source_missing", what, ""),
        UnseenReason::Unreadable { what, detail } => ("unreadable", what, detail.as_str()),
        UnseenReason::TimedOut { what } => ("timed_out", what, ""),
        UnseenReason::Hidden { what } => ("hidden", what, ""),
    };
    let place = format!("fact.place.{what}");
    let what = if contains(&place) {
        text(lang, place, &[])
    } else {
        Cow::Borrowed(what.as_str())
    };
    let args = [("what", what.as_ref().into()), ("detail", detail.into())];
    let why = text(lang, format!("fact.unseen.{code}.why"), &args);
    let todo = text(lang, format!("fact.unseen.{code}.todo"), &args);
    let head = if partly {
        t!(lang, "fact.partly")
    } else {
        t!(lang, "fact.not_seen")
    };
    html! {
        div class="unseen" {
            p { strong { (head) } (t!(lang, "console.colon")) (why) }
            p class="todo" { strong { (t!(lang, "requirement.next_step")) } (t!(lang, "console.colon")) (todo) }
        }
    }
}

/// A text that a machine stated, or a dash.
fn stated(text: Option<&str>) -> Markup {
    match text {
        Some(text) if !text.is_empty() => html! { (text) },
        _ => html! { span class="muted" { "–" } },
    }
}

/// A yes or no where one of the two is a reason for care, marked with an icon and a word.
fn judged(good: bool, word: &str) -> Markup {
    use super::components::{Icon, icon};
    if good {
        html! { span class="mark-good" { (icon(Icon::Pass)) (word) } }
    } else {
        html! { span class="mark-bad" { (icon(Icon::Warning)) (word) } }
    }
}
