//! unbound with `log-queries` or `log-replies`: `[time] unbound[1:0] info: client name. type class`.

use super::super::clock::Stamp;
use super::syslog::{headed, stamp};
use super::{Line, Lookup, name, text, word};

pub(super) fn read(line: &[u8]) -> Line<'_> {
    text(line).map_or(Line::Malformed, read_text)
}

fn read_text(line: &str) -> Line<'_> {
    let Some((at, message)) = own_file(line).or_else(|| through_syslog(line)) else {
        return Line::Malformed;
    };
    // Notices and errors are of other things.
    let Some(message) = message.strip_prefix("info: ") else {
        return Line::Other;
    };
    // `log-tag-queryreply` says which it is.
    let (message, tagged) = match message.strip_prefix("query: ") {
        Some(message) => (message, Some(false)),
        None => message
            .strip_prefix("reply: ")
            .map_or((message, None), |message| (message, Some(true))),
    };
    let mut words = message.split(' ');
    let (Some(client), Some(asked), Some(_type), Some(class)) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Line::Other;
    };
    // Everything else that unbound says in this place is prose.
    let address = client.parse::<core::net::IpAddr>().is_ok();
    if !address || !asked.ends_with('.') || !matches!(class, "IN" | "CH" | "HS" | "ANY") {
        return Line::Other;
    }
    Line::Lookup(Lookup {
        at,
        client,
        user: None,
        subject: name(asked),
        bytes: 0,
        // A reply goes on: its code, its time and its size.
        answer: tagged.unwrap_or_else(|| words.next().is_some()),
    })
}

/// `[1606640400] unbound[1:0] info: …` and, with `log-time-ascii`, a time in words.
fn own_file(line: &str) -> Option<(Stamp<'_>, &str)> {
    let (at, rest) = match line.strip_prefix('[') {
        Some(rest) => {
            let (seconds, rest) = rest.split_once("] ")?;
            let seconds: i64 = seconds.parse().ok()?;
            (Stamp::Millis(seconds.checked_mul(1000)?), rest)
        }
        None => stamp(line)?,
    };
    let (program, rest) = word(rest)?;
    let own = program.strip_prefix("unbound[")?;
    // In its own file unbound names process and thread, and puts no colon.
    own.strip_suffix(']')?.contains(':').then_some(())?;
    levelled(rest).then_some((at, rest))
}

/// `Nov 29 16:00:00 host unbound[1]: [1:0] info: …`.
fn through_syslog(line: &str) -> Option<(Stamp<'_>, &str)> {
    let line_ = headed(line, "unbound")?;
    let (_, rest) = line_.message.strip_prefix('[')?.split_once("] ")?;
    levelled(rest).then_some((line_.at, rest))
}

/// Whether a message begins with how grave it is.
fn levelled(message: &str) -> bool {
    let levels = ["info", "notice", "warning", "error", "debug", "fatal error"];
    let level = message.split_once(": ").map(|(level, _)| level);
    level.is_some_and(|level| levels.contains(&level))
}
