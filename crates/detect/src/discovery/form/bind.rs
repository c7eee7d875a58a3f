//! BIND 9's `queries`: `29-Nov-2026 16:00:00.123 … client @0x… 192.0.2.1#53 (name): query: name IN A …`.

use super::super::clock::Stamp;
use super::syslog::{Head, head, headed};
use super::{Line, Lookup, name, text, word};

pub(super) fn read(line: &[u8]) -> Line<'_> {
    let Some(line) = text(line) else {
        return Line::Malformed;
    };
    match read_text(line) {
        Some(said @ Line::Lookup(_)) => said,
        // With `iso8601` its own lines begin as those of syslog do.
        said => match head(line, "named") {
            Head::Other(_) => Line::Foreign,
            Head::Own(_) | Head::None => said.unwrap_or(Line::Malformed),
        },
    }
}

fn read_text(line: &str) -> Option<Line<'_>> {
    let (at, message) = heading(line)?;
    let Some(client) = memchr::memmem::find(message.as_bytes(), b"client ") else {
        return Some(Line::Other);
    };
    let rest = &message[client + "client ".len()..];
    // Newer versions name the client's object first.
    let rest = match rest.strip_prefix('@') {
        Some(rest) => word(rest)?.1,
        None => rest,
    };
    let (address, rest) = rest.split_once('#')?;
    let Some(found) = memchr::memmem::find(rest.as_bytes(), b" query: ") else {
        return Some(Line::Other);
    };
    let (asked, rest) = word(&rest[found + " query: ".len()..])?;
    // A class follows; else it is a word in some other message.
    matches!(word(rest)?.0, "IN" | "CH" | "HS" | "ANY").then_some(())?;
    Some(Line::Lookup(Lookup {
        at,
        client: address,
        user: None,
        subject: name(asked),
        bytes: 0,
        answer: false,
    }))
}

fn heading(line: &str) -> Option<(Stamp<'_>, &str)> {
    let bytes = line.as_bytes();
    // Through syslog the program stands before the message.
    if let Some(line) = headed(line, "named") {
        return Some((line.at, line.message));
    }
    if bytes.get(2) == Some(&b'-') && bytes.get(6) == Some(&b'-') {
        let (date, rest) = word(line)?;
        let (time, rest) = word(rest)?;
        let at = line.get(..date.len() + 1 + time.len())?;
        return Some((Stamp::DayMonthYear(at), rest));
    }
    // `print-time iso8601`.
    let (time, rest) = word(line)?;
    let dated = bytes.get(4) == Some(&b'-') && bytes.get(10) == Some(&b'T');
    dated.then_some((Stamp::Iso(time), rest))
}
