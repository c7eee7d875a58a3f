//! The debug log of the DNS server of Windows: `date time thread PACKET packet UDP Rcv client id Q [flags] type (4)name(2)us(0)`.

use super::super::clock::Stamp;
use super::{Line, Lookup, Subject, text};

pub(super) fn read(line: &[u8]) -> Line<'_> {
    // The heading of the file explains its columns, in the language of the server.
    let Some(line) = text(line) else {
        return Line::Malformed;
    };
    if line.is_empty() {
        return Line::Other;
    }
    read_text(line).unwrap_or(Line::Malformed)
}

fn read_text(line: &str) -> Option<Line<'_>> {
    line.as_bytes().first()?.is_ascii_digit().then_some(())?;
    let (date, rest) = next(line)?;
    let (time, rest) = next(rest)?;
    // Not the date and time of another log, which are one word.
    (time.contains(':') && !date.contains(':')).then_some(())?;
    // A clock of twelve hours has a third word.
    let (third, after) = next(rest)?;
    let rest = if half(third) { after } else { rest };
    let (at, rest) = line.split_at(line.len() - rest.len());
    let (_thread, rest) = next(rest)?;
    let (about, rest) = next(rest)?;
    if about != "PACKET" {
        return Some(Line::Other);
    }
    let (_packet, rest) = next(rest)?;
    let (_transport, rest) = next(rest)?;
    let (direction, rest) = next(rest)?;
    let (client, rest) = next(rest)?;
    let (_id, rest) = next(rest)?;
    let (first, _) = next(rest)?;
    // Questions that came in; answers of other servers bear an R.
    if direction != "Rcv" || first != "Q" {
        return Some(Line::Other);
    }
    let (_, rest) = rest.split_once(']')?;
    let (_type, name) = next(rest)?;
    Some(Line::Lookup(Lookup {
        at: Stamp::Windows(at),
        client,
        user: None,
        subject: Subject::Counted(name.trim().as_bytes()),
        bytes: 0,
        answer: false,
    }))
}

/// The halves of a day, as a clock of twelve hours names them.
fn half(word: &str) -> bool {
    matches!(word, "AM" | "PM" | "午前" | "午後")
}

fn next(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(' ');
    let end = text.find(' ').unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}
