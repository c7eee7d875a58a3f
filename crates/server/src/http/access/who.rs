//! Who is behind a request that a proxy asks about, on which device, from where.
//!
//! The person is whoever our own session names. The device is what a client certificate says that the
//! trusted proxy has verified: a certificate on the connection to us would be the proxy's own. No header
//! that a client can set names anyone.

use std::net::IpAddr;

use axum::http::HeaderMap;
use base64ct::{Base64, Encoding};
use rustls::pki_types::CertificateDer;
use sekisho_domain::id::DeviceId;

use crate::app::App;
use crate::http::ctx::Ctx;
use crate::identity::ca::{self, Chain, Stated, Unfit, device_of};

/// Longest header of certificates that is read, in bytes.
const CERTIFICATES_MAX: usize = 16 * 1024;

/// Header in which a proxy passes the client's certificate on: DER in base64, or PEM, percent-encoded
/// where that was needed. A proxy has to set it always, empty where the client showed none.
const CERTIFICATE: &str = "sekisho-client-certificate";

/// The device of the client: by its certificate, which is verified here once more, else as the proxy's
/// own configuration names it. Where a certificate does not hold there is no device.
pub(super) fn device(ctx: &Ctx, configured: Option<&str>) -> Option<DeviceId> {
    match passed_on(&ctx.headers) {
        PassedOn::Nothing => configured.and_then(of_words),
        PassedOn::Unreadable => None,
        PassedOn::Certificate(der) => match proven(&ctx.site.app, der) {
            Ok(device) => Some(device),
            Err(unfit) => {
                let code = unfit.code();
                tracing::warn!(code, request = %ctx.request_id, "a certificate that a proxy passed on was refused");
                None
            }
        },
    }
}

/// The device by the words of a proxy's own configuration: an id, or the name in a certificate.
fn of_words(words: &str) -> Option<DeviceId> {
    device_of(words).or_else(|| words.parse().ok())
}

/// What a proxy passed on.
#[derive(Debug, PartialEq, Eq)]
enum PassedOn {
    Nothing,
    Unreadable,
    Certificate(Vec<u8>),
}

fn passed_on(headers: &HeaderMap) -> PassedOn {
    let mut all = headers.get_all(CERTIFICATE).iter();
    let value = match (all.next(), all.next()) {
        (None, _) => return PassedOn::Nothing,
        (Some(value), None) => value.to_str().unwrap_or("?"),
        // One of them is the client's.
        (Some(_), Some(_)) => return PassedOn::Unreadable,
    };
    // Caddy leaves a placeholder as it stands where the client did not come over TLS.
    if value.is_empty() || value.starts_with('{') {
        return PassedOn::Nothing;
    }
    if value.len() > CERTIFICATES_MAX {
        return PassedOn::Unreadable;
    }
    der(value).map_or(PassedOn::Unreadable, PassedOn::Certificate)
}

fn der(text: &str) -> Option<Vec<u8>> {
    let text = percent_decoded(text)?;
    let inner = match text.trim().strip_prefix("-----BEGIN CERTIFICATE-----") {
        Some(rest) => rest.strip_suffix("-----END CERTIFICATE-----")?,
        None => text.as_str(),
    };
    let base64: String = inner
        .chars()
        .filter(|it| !it.is_ascii_whitespace())
        .collect();
    Base64::decode_vec(&base64).ok()
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digit = |it: Option<u8>| char::from(it?).to_digit(16);
            let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
            decoded.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

/// The device of a certificate that one of our authorities made and that holds now.
fn proven(app: &App, der: Vec<u8>) -> Result<DeviceId, Unfit> {
    let leaf = CertificateDer::from(der);
    let chain = Chain::new(&app.authorities(), app.now()).map_err(|_| Unfit::Chain)?;
    chain.check(&leaf, app.now())?;
    let stated = Stated::read(&leaf)?;
    let world = app.world();
    let known = world.device(stated.device);
    ca::judge(&stated, app.now(), known.map(|it| (&it.key, it.state)))?;
    Ok(stated.device)
}

/// The device in Envoy's `x-forwarded-client-cert`. Envoy removes what a client sends and writes the
/// certificate that it verified itself, as one element; several are a chain of proxies, and then
/// nobody here knows who vouches for which. Without any the device is as Envoy's configuration names it.
pub(super) fn of_envoy(headers: &HeaderMap, configured: Option<&str>) -> Option<DeviceId> {
    let mut all = headers.get_all("x-forwarded-client-cert").iter();
    let value = match (all.next(), all.next()) {
        (None, _) => return configured.and_then(of_words),
        (Some(value), None) => value,
        (Some(_), Some(_)) => return None,
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
        (Some(uri), None) => device_of(uri),
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

/// Header in which Envoy's configuration tells the client's address. Its own `x-forwarded-for` does not
/// do: Envoy adds the address of the machine that it runs on to what it asks us, and then everybody would
/// seem to come from there.
const ADDRESS: &str = "sekisho-client-address";

/// The client's address as Envoy tells it over HTTP.
pub(super) fn address_by_envoy(headers: &HeaderMap) -> Option<IpAddr> {
    let mut all = headers.get_all(ADDRESS).iter();
    match (all.next(), all.next()) {
        (Some(value), None) => value.to_str().ok()?.parse().ok(),
        _ => None,
    }
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
        of_envoy(&headers, None)
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

    #[test]
    fn envoy_tells_one_address() {
        let read = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(ADDRESS, HeaderValue::from_str(line).unwrap());
            }
            address_by_envoy(&headers)
        };
        assert_eq!(read(&["192.0.2.1"]), Some(IpAddr::from([192, 0, 2, 1])));
        for wrong in [
            &[][..],
            &[""],
            &["192.0.2.1, 192.0.2.2"],
            &["192.0.2.1", "192.0.2.2"],
        ] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_certificate_is_read_as_each_proxy_passes_it_on() {
        let read = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(CERTIFICATE, HeaderValue::from_str(line).unwrap());
            }
            passed_on(&headers)
        };
        let der = || PassedOn::Certificate(vec![0xfb, 0xff, 0x01]);
        assert_eq!(read(&["+/8B"]), der());
        let nginx = "-----BEGIN%20CERTIFICATE-----%0A%2B%2F8B%0A-----END%20CERTIFICATE-----%0A";
        assert_eq!(read(&[nginx]), der());
        for nothing in [
            &[][..],
            &[""],
            &["{http.request.tls.client.certificate_der_base64}"],
        ] {
            assert_eq!(read(nothing), PassedOn::Nothing);
        }
        let two = format!("{nginx}{nginx}");
        for wrong in [&["+/8B", "+/8B"][..], &["%"], &["!"], &[&two]] {
            assert_eq!(read(wrong), PassedOn::Unreadable, "{wrong:?}");
        }
    }
}
