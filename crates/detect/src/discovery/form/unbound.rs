//! unbound with `log-queries` or `log-replies`: `[time] unbound[1:0] info: client name. type class`. With
//! `log-tag-queryreply`, `query` or `reply` stands in the place of `info`.

use super::super::clock::Stamp;
use super::syslog::{Head, head, stamp};
use super::{Line, Lookup, name, text, word};

pub(super) fn read(line: &[u8]) -> Line<'_> {
    text(line).map_or(Line::Malformed, read_text)
}

fn read_text(line: &str) -> Line<'_> {
    if let Some((at, said)) = own_file(line) {
        return told(at, said);
    }
    match head(line, "unbound") {
        Head::Own(line) => {
            let said = numbered(line.message);
            said.map_or(Line::Malformed, |said| told(line.at, said))
        }
        Head::Other(_) => Line::Foreign,
        Head::None => Line::Malformed,
    }
}

fn told<'a>(at: Stamp<'a>, (level, message): (Level, &'a str)) -> Line<'a> {
    let tagged = match level {
        Level::Info => None,
        Level::Query => Some(false),
        Level::Reply => Some(true),
        Level::Other => return Line::Other,
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
        // A reply that is not called one goes on: its code, its time and its size.
        answer: tagged.unwrap_or_else(|| words.next().is_some()),
    })
}

/// What stands before a message: how grave it is, or that it is a question or an answer.
#[derive(Clone, Copy)]
enum Level {
    Info,
    Query,
    Reply,
    /// Of other things.
    Other,
}

/// `[1606640400] unbound[1:0] info: …` and, with `log-time-ascii`, a time in words.
fn own_file(line: &str) -> Option<(Stamp<'_>, (Level, &str))> {
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
    levelled(rest).map(|said| (at, said))
}

/// `[1:0] info: …`, as it follows the heading of syslog.
fn numbered(message: &str) -> Option<(Level, &str)> {
    let (_, rest) = message.strip_prefix('[')?.split_once("] ")?;
    levelled(rest)
}

/// Takes off the level of a message; none where it has none.
fn levelled(message: &str) -> Option<(Level, &str)> {
    let (level, message) = message.split_once(": ")?;
    let level = match level {
        "info" => Level::Info,
        "query" => Level::Query,
        "reply" => Level::Reply,
        "notice" | "warning" | "error" | "debug" | "fatal error" => Level::Other,
        _ => return None,
    };
    Some((level, message))
}
