//! dnsmasq with `log-queries` (and `log-queries=extra`).

use super::syslog::{Head, head};
use super::{Line, Lookup, name, text, word};

pub(super) fn read(line: &[u8]) -> Line<'_> {
    let Some(line) = text(line) else {
        return Line::Malformed;
    };
    let line = match head(line, "dnsmasq") {
        Head::Own(line) => line,
        // Its own parts for addresses, files and scripts.
        Head::Other(program) if program.starts_with("dnsmasq-") => return Line::Other,
        Head::Other(_) => return Line::Foreign,
        Head::None => return Line::Malformed,
    };
    // With `extra` a number and the address with its port stand before the message.
    let message = match word(line.message) {
        Some((number, rest)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            word(rest).map_or(rest, |(_, rest)| rest)
        }
        _ => line.message,
    };
    let Some(question) = message.strip_prefix("query[") else {
        return Line::Other;
    };
    let asked = word(question).and_then(|(_, rest)| rest.split_once(" from "));
    let Some((asked, client)) = asked.filter(|(asked, _)| !asked.is_empty()) else {
        return Line::Malformed;
    };
    if client.is_empty() {
        return Line::Malformed;
    }
    Line::Lookup(Lookup {
        at: line.at,
        client,
        user: None,
        subject: name(asked),
        bytes: 0,
        answer: false,
    })
}
