//! What stands before the message: the time, the host where there is one, the program.

use super::super::clock::Stamp;

/// A line taken apart.
pub(super) struct Headed<'a> {
    pub(super) at: Stamp<'a>,
    /// After the program's name and its colon.
    pub(super) message: &'a str,
}

/// Takes off the heading of a line that `program` wrote: RFC 3164 (`Nov 29 16:00:00 [host]
/// program[1]: `), RFC 5424's time in front of the same, or RFC 3339 alone.
pub(super) fn headed<'a>(line: &'a str, program: &str) -> Option<Headed<'a>> {
    let (at, rest) = stamp(line)?;
    let message = after_program(rest, program)?;
    Some(Headed { at, message })
}

/// The time in front of a line and what follows it.
pub(super) fn stamp(line: &str) -> Option<(Stamp<'_>, &str)> {
    let bytes = line.as_bytes();
    if bytes.first()?.is_ascii_digit() {
        let (time, rest) = super::word(line)?;
        let dated = bytes.get(4) == Some(&b'-') && time.len() >= 19;
        return dated.then_some((Stamp::Iso(time), rest));
    }
    // `Nov 29 16:00:00 `: always fifteen characters.
    let shape = bytes.get(3) == Some(&b' ')
        && bytes.get(6) == Some(&b' ')
        && bytes.get(9) == Some(&b':')
        && bytes.get(15) == Some(&b' ');
    if !shape {
        return None;
    }
    Some((Stamp::Syslog(line.get(..15)?), line.get(16..)?))
}

/// `[host ]program[123]: message`.
fn after_program<'a>(rest: &'a str, program: &str) -> Option<&'a str> {
    let (first, after) = super::word(rest)?;
    let named = |word: &str| {
        let tail = word.strip_prefix(program)?;
        (tail == ":" || tail.starts_with('[')).then_some(())
    };
    if named(first).is_some() {
        return Some(after);
    }
    let (second, after) = super::word(after)?;
    named(second).map(|()| after)
}
