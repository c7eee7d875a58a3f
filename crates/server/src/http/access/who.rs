//! Who is behind a request that a proxy asks about, on which device, from where.
//!
//! The person is whoever our own session names. The device is what a client certificate says that the
//! trusted proxy has verified: a certificate on the connection to us would be the proxy's own. No header
//! that a client can set names anyone.

use std::net::IpAddr;

use axum::http::HeaderMap;
use sekisho_domain::id::DeviceId;

use crate::http::ctx::Ctx;

/// How a certificate of ours names its device (URI among its alternative names).
const URI_PREFIX: &str = "sekisho:device/";
/// Longest header of certificates that is read, in bytes.
const CERTIFICATES_MAX: usize = 16 * 1024;

/// The device that a name in a certificate means.
pub(super) fn of_uri(uri: &str) -> Option<DeviceId> {
    uri.strip_prefix(URI_PREFIX)?.parse().ok()
}

/// The device by the words of a proxy's own configuration: an id, or the name in a certificate.
pub(super) fn of_words(words: &str) -> Option<DeviceId> {
    of_uri(words).or_else(|| words.parse().ok())
}

/// The device in Envoy's `x-forwarded-client-cert`. Envoy removes what a client sends and writes the
/// certificate that it verified itself, as one element; several are a chain of proxies, and then
/// nobody here knows who vouches for which.
pub(super) fn of_envoy(headers: &HeaderMap) -> Option<DeviceId> {
    let mut all = headers.get_all("x-forwarded-client-cert").iter();
    let (value, None) = (all.next()?, all.next()) else {
        return None;
    };
    let text = value.to_str().ok()?;
    if text.len() > CERTIFICATES_MAX || text.contains(',') {
        return None;
    }
    let mut uris = text
        .split(';')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, _)| name.eq_ignore_ascii_case("URI"))
        .map(|(_, value)| value.trim_matches('"'));
    match (uris.next(), uris.next()) {
        (Some(uri), None) => of_uri(uri),
        _ => None,
    }
}

/// The client's address as a trusted proxy tells it. A proxy that does not tell would make everybody
/// come from its own place, which may lie inside: nothing is known then.
pub(super) fn address(ctx: &Ctx) -> Option<IpAddr> {
    let mut said = ctx.headers.get_all("x-forwarded-for").iter().peekable();
    said.peek()?;
    let sound = said.all(|line| {
        let line = line.to_str().unwrap_or_default();
        line.split(',')
            .all(|it| it.trim().parse::<IpAddr>().is_ok())
    });
    ctx.address.filter(|_| sound)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const DEVICE: &str = "dev_01j9zq3v8h0000000000000000";

    fn certificates(lines: &[&str]) -> Option<DeviceId> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(
                "x-forwarded-client-cert",
                HeaderValue::from_str(line).unwrap(),
            );
        }
        of_envoy(&headers)
    }

    #[test]
    fn one_certificate_with_one_name_counts() {
        let device: DeviceId = DEVICE.parse().unwrap();
        let uri = format!("URI=sekisho:device/{DEVICE}");
        let hash = "Hash=0a1b2c";
        assert_eq!(certificates(&[&format!("{hash};{uri}")]), Some(device));
        assert_eq!(certificates(&[&format!("{hash};{uri};{uri}")]), None);
        assert_eq!(certificates(&[&format!("{uri},{uri}")]), None);
        assert_eq!(certificates(&[&uri, &uri]), None);
        assert_eq!(certificates(&["URI=spiffe://other/x"]), None);
        assert_eq!(certificates(&[]), None);
        assert_eq!(of_words(DEVICE), Some(device));
        assert_eq!(of_words(&format!("sekisho:device/{DEVICE}")), Some(device));
        assert_eq!(of_words("CN=somebody"), None);
    }
}
