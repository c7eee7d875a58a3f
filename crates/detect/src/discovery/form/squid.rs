//! Squid's native access log: `time elapsed client code/status bytes method URL user hierarchy type`.

use super::super::clock::Stamp;
use super::{Line, Lookup, name, text};

pub(super) fn read(line: &[u8]) -> Line<'_> {
    text(line).map_or(Line::Malformed, |line| {
        read_text(line).unwrap_or(Line::Malformed)
    })
}

fn read_text(line: &str) -> Option<Line<'_>> {
    let mut words = line.split_ascii_whitespace();
    let at = millis(words.next()?)?;
    let _elapsed: i64 = words.next()?.parse().ok()?;
    let client = words.next()?;
    let code = words.next()?;
    code.contains('/').then_some(())?;
    let bytes: u64 = words.next()?.parse().ok()?;
    let method = words.next()?;
    let url = words.next()?;
    let user = words.next()?;
    words.next()?;
    // What the proxy refused was not used. (`TCP_DENIED/407` asks who it is.)
    if code.starts_with("TCP_DENIED") {
        return Some(Line::Other);
    }
    let Some(host) = host(method, url) else {
        return Some(Line::Other);
    };
    Some(Line::Lookup(Lookup {
        at: Stamp::Millis(at),
        client,
        user: (user != "-").then_some(user),
        subject: name(host),
        bytes,
        answer: false,
    }))
}

/// Seconds with thousandths.
fn millis(text: &str) -> Option<i64> {
    let (seconds, thousandths) = text.split_once('.')?;
    (thousandths.len() == 3).then_some(())?;
    let seconds: i64 = seconds.parse().ok()?;
    let thousandths: u16 = thousandths.parse().ok()?;
    seconds.checked_mul(1000)?.checked_add(thousandths.into())
}

/// The host of a request: `host:port` of a tunnel, or the authority of a URL. None where it is an
/// address, or Squid's own word for what could not be read (`error:…`).
fn host<'a>(method: &str, url: &'a str) -> Option<&'a str> {
    let authority = if method == "CONNECT" {
        url
    } else {
        let (_, rest) = url.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let authority = &rest[..end];
        authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host)
    };
    if authority.starts_with('[') {
        return None;
    }
    let host = authority
        .split_once(':')
        .map_or(authority, |(host, _)| host);
    let address = host.parse::<core::net::Ipv4Addr>().is_ok();
    (!address && !host.is_empty()).then_some(host)
}
