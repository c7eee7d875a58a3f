//! Zeek's `dns.log` and `ssl.log` as JSON: one object a line, with the names of the fields as Zeek has them.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;

use super::super::clock::Stamp;
use super::{Line, Lookup, Subject, bytes};

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    ts: Time<'a>,
    #[serde(rename = "id.orig_h", borrow)]
    client: &'a str,
    /// `dns.log`.
    #[serde(default, borrow)]
    query: Option<Cow<'a, str>>,
    /// `ssl.log`.
    #[serde(default, borrow)]
    server_name: Option<Cow<'a, str>>,
}

/// Seconds, or RFC 3339 where Zeek is told to write that.
enum Time<'a> {
    Seconds(f64),
    Iso(&'a str),
}

impl<'de: 'a, 'a> Deserialize<'de> for Time<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Seen;
        impl<'de> serde::de::Visitor<'de> for Seen {
            type Value = Time<'de>;

            fn expecting(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                form.write_str("seconds or a time")
            }

            fn visit_f64<E>(self, seconds: f64) -> Result<Self::Value, E> {
                Ok(Time::Seconds(seconds))
            }

            #[expect(clippy::cast_precision_loss, reason = "whole seconds of a date fit")]
            fn visit_u64<E>(self, seconds: u64) -> Result<Self::Value, E> {
                Ok(Time::Seconds(seconds as f64))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Time::Iso(text))
            }
        }
        from.deserialize_any(Seen)
    }
}

pub(super) fn read(line: &[u8]) -> Line<'_> {
    // A comment of the other form of Zeek's logs, or an empty line.
    if line.first() != Some(&b'{') {
        return Line::Malformed;
    }
    quickly(line).unwrap_or_else(|| whole(line))
}

/// By looking for the three fields as Zeek writes them, without reading the twenty others: four times
/// as fast. None where anything is written otherwise; then the whole line is read.
///
/// In an object without objects in it, as Zeek's are, the bytes `"name":"` stand nowhere but at a field of
/// that name: inside a string the quotation marks would bear strokes.
fn quickly(line: &[u8]) -> Option<Line<'_>> {
    static NAMES: LazyLock<[Finder<'static>; 3]> = LazyLock::new(|| {
        ["\"id.orig_h\":\"", "\"query\":\"", "\"server_name\":\""].map(Finder::new)
    });
    let field = |name: &Finder<'_>| {
        let from = name.find(line)? + name.needle().len();
        let end = memchr::memchr2(b'"', b'\\', &line[from..])?;
        let value = &line[from..from + end];
        (line[from + end] == b'"').then_some(value)
    };
    let seconds = line.strip_prefix(b"{\"ts\":")?;
    let end = seconds.iter().position(|byte| *byte == b',')?;
    let at = decimal(&seconds[..end])?;
    line.ends_with(b"}").then_some(())?;
    let [client, query, server_name] = &*NAMES;
    let asked = field(query).or_else(|| field(server_name))?;
    Some(Line::Lookup(Lookup {
        at: Stamp::Millis(at),
        client: std::str::from_utf8(field(client)?).ok()?,
        user: None,
        subject: Subject::Name(Cow::Borrowed(asked)),
        bytes: 0,
        answer: false,
    }))
}

/// `1606640400.123456` in milliseconds; none where it is written otherwise.
fn decimal(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let (seconds, rest) = text.split_once('.')?;
    let digits = rest.bytes().all(|byte| byte.is_ascii_digit());
    (digits && rest.len() == 6).then_some(())?;
    let seconds: i64 = seconds.parse().ok()?;
    let micros: i64 = rest.parse().ok()?;
    seconds
        .checked_mul(1000)?
        .checked_add((micros + 500) / 1000)
}

fn whole(line: &[u8]) -> Line<'_> {
    let Ok(entry) = serde_json::from_slice::<Entry<'_>>(line) else {
        return Line::Malformed;
    };
    let Some(asked) = entry.query.or(entry.server_name) else {
        return Line::Other;
    };
    let at = match entry.ts {
        Time::Seconds(seconds) => Stamp::Millis(millis(seconds)),
        Time::Iso(text) => Stamp::Iso(text),
    };
    Line::Lookup(Lookup {
        at,
        client: entry.client,
        user: None,
        subject: Subject::Name(bytes(asked)),
        bytes: 0,
        answer: false,
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` holds at the ends, which no calendar has"
)]
fn millis(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LINES: [&str; 3] = [
        r#"{"ts":1795935600.123456,"uid":"CAa","id.orig_h":"192.0.2.7","proto":"udp","query":"zoom.us","answers":["198.51.100.3"]}"#,
        r#"{"ts":1795935600.000001,"id.orig_h":"2001:db8::7","server_name":"zoom.us","subject":"CN=\"query\":\"x"}"#,
        r#"{"ts":1795935600.999999,"id.orig_h":"192.0.2.7","query":"zoom\u002eus"}"#,
    ];

    #[test]
    fn the_quick_way_reads_what_zeek_writes_and_leaves_the_rest() {
        assert_eq!(
            LINES.map(|line| quickly(line.as_bytes()).is_some()),
            [true, true, false]
        );
        // Seconds at hand are not what JSON's numbers come to: no sign, no exponent.
        assert_eq!(
            quickly(br#"{"ts":1.5e9,"id.orig_h":"a","query":"b.c"}"#),
            None
        );
    }

    proptest! {
        /// Where the quick way reads a line that is JSON, it reads what the whole line says.
        #[test]
        fn both_ways_agree(at in 0..LINES.len(), from in 0_usize..140, put in "[a-z\",:{}\\\\.0-9]{0,6}", cut in 0_usize..4) {
            let mut line = LINES[at].as_bytes().to_vec();
            let from = from.min(line.len());
            let to = (from + cut).min(line.len());
            line.splice(from..to, put.bytes());
            let full = whole(&line);
            if let (Some(quick), Line::Lookup(_)) = (quickly(&line), &full) {
                prop_assert_eq!(&quick, &full, "{}", String::from_utf8_lossy(&line));
            }
        }
    }
}
