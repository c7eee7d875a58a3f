//! What stands before the message: the time, the host where there is one, the program.

use super::super::clock::Stamp;

/// A line taken apart.
pub(super) struct Headed<'a> {
    pub(super) at: Stamp<'a>,
    /// After the program's name and its colon.
    pub(super) message: &'a str,
}

/// Whose line it is, by its heading.
pub(super) enum Head<'a> {
    /// The program's that was asked for.
    Own(Headed<'a>),
    /// Another one's, in a log to which several write; its name.
    Other(&'a str),
    /// Nobody's: it has no such heading.
    None,
}

/// Takes off the heading of a line that `program` wrote: RFC 3164 (`Nov 29 16:00:00 [host]
/// program[1]: `), RFC 5424's time in front of the same, or RFC 3339 alone.
pub(super) fn headed<'a>(line: &'a str, program: &str) -> Option<Headed<'a>> {
    let (at, rest) = stamp(line)?;
    let message = after_program(rest, program)?;
    Some(Headed { at, message })
}

/// The same, telling lines of other programs from what is none.
pub(super) fn head<'a>(line: &'a str, program: &str) -> Head<'a> {
    if let Some(own) = headed(line, program) {
        return Head::Own(own);
    }
    let other = stamp(line).and_then(|(_, rest)| other_program(rest));
    other.map_or(Head::None, Head::Other)
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

/// The program that a heading names: `host program[123]: `, `host program: ` or `program[123]: `. Without a host and
/// without a number it may be any word of a message.
fn other_program(rest: &str) -> Option<&str> {
    let (first, after) = super::word(rest)?;
    if let Some((program, true)) = tag(first) {
        return Some(program);
    }
    let of_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
    (first.bytes().all(of_host) && !first.ends_with(':')).then_some(())?;
    // What stands in place of lines that are like the one before.
    let repeated = after.strip_prefix("last ").unwrap_or(after);
    if repeated.starts_with("message repeated ") {
        return Some("");
    }
    let (second, _) = super::word(after)?;
    tag(second).map(|(program, _)| program)
}

/// The program that a word with a colon names, and whether the number of its process stands beside it.
fn tag(word: &str) -> Option<(&str, bool)> {
    let word = word.strip_suffix(':')?;
    let (program, number) = match word.strip_suffix(']') {
        Some(word) => word
            .split_once('[')
            .map(|(it, number)| (it, Some(number)))?,
        None => (word, None),
    };
    let of_name = |byte: u8| {
        let with_number = number.is_some() && b"/()@".contains(&byte);
        byte.is_ascii_alphanumeric() || b"-._".contains(&byte) || with_number
    };
    let numbered = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    let sound = !program.is_empty() && program.bytes().all(of_name) && number.is_none_or(numbered);
    sound.then_some((program, number.is_some()))
}
