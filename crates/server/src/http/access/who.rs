//! Who is behind a request that a proxy asks about, on which device, from where.
//!
//! The person is whoever our own session names. The device is what a client certificate says that the
//! trusted proxy passes on: the proxy has seen that the client holds its key, and the certificate itself is
//! verified here once more. A certificate on the connection to us would be the proxy's own. No header that a
//! client can set names anyone.

use std::net::IpAddr;

use axum::http::HeaderMap;
use base64ct::{Base64, Encoding};
use rustls::pki_types::CertificateDer;
use sekisho_domain::id::DeviceId;
use sekisho_domain::time::Timestamp;

use crate::app::App;
use crate::http::ctx::Ctx;
use crate::identity::ca::{self, Authorities, Chain, Standing, Stated, Unfit, device_of};

/// Longest header of certificates that is read, in bytes.
const CERTIFICATES_MAX: usize = 16 * 1024;

/// Header in which a proxy passes the client's certificate on: DER in base64, or PEM, percent-encoded
/// where that was needed. A proxy has to set it always, empty where the client showed none.
const CERTIFICATE: &str = "sekisho-client-certificate";

/// Header in which Envoy passes it on.
const CERTIFICATE_BY_ENVOY: &str = "x-forwarded-client-cert";

/// The device of the client: by its certificate, which is verified here once more, else as the proxy states
/// it, where our own configuration leaves that device to it. Where a certificate does not hold there is none.
pub(super) fn device(ctx: &Ctx, shown: Shown, stated: Option<&str>) -> Option<DeviceId> {
    match shown {
        Shown::Nothing => stated.and_then(|words| of_proxy(ctx, words)),
        Shown::Unreadable => None,
        Shown::Certificate(der) => match of_certificate(&ctx.site.app, der) {
            Ok(device) => Some(device),
            Err(unfit) => {
                let code = unfit.code();
                tracing::warn!(code, request = %ctx.request_id, "a certificate that a proxy passed on was refused");
                None
            }
        },
    }
}

/// The device that a proxy states without any proof of the client's.
fn of_proxy(ctx: &Ctx, words: &str) -> Option<DeviceId> {
    let device = of_words(words)?;
    let may = |peer| ctx.site.options.may_state(peer, device);
    if ctx.peer.is_some_and(may) {
        return Some(device);
    }
    let code = "access.device-unproven";
    tracing::warn!(code, %device, request = %ctx.request_id, "a proxy named a device that the configuration does not leave to it");
    None
}

/// The device by the words of a proxy's own configuration: an id, or the name in a certificate.
fn of_words(words: &str) -> Option<DeviceId> {
    device_of(words).or_else(|| words.parse().ok())
}

/// What a proxy passes on of the client's certificate.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// The client showed none.
    Nothing,
    /// It showed something that cannot be read here, or the proxy does not say what.
    Unreadable,
    /// DER, unverified.
    Certificate(Vec<u8>),
}

/// What stands in our own header.
pub(super) fn by_header(headers: &HeaderMap) -> Shown {
    let value = match the_only(headers, CERTIFICATE) {
        Ok(Some(value)) => value,
        Ok(None) => return Shown::Nothing,
        Err(Several) => return Shown::Unreadable,
    };
    // Caddy leaves a placeholder as it stands where the client did not come over TLS.
    if value.is_empty() || value.starts_with('{') {
        return Shown::Nothing;
    }
    read(value)
}

/// What stands in Envoy's header. Envoy removes what a client sends, and writes the certificate that the
/// client showed as one element; several are a chain of proxies, and then nobody here knows who vouches for
/// which. The names beside it are not read: they are no proof.
pub(super) fn by_envoy(headers: &HeaderMap) -> Shown {
    let text = match the_only(headers, CERTIFICATE_BY_ENVOY) {
        Ok(Some(text)) => text,
        Ok(None) => return Shown::Nothing,
        Err(Several) => return Shown::Unreadable,
    };
    if text.contains(',') {
        return Shown::Unreadable;
    }
    let mut certificates = text
        .split(';')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("Cert"))
        .map(|(_, value)| value.trim_matches('"'));
    match (certificates.next(), certificates.next()) {
        (Some(certificate), None) => read(certificate),
        _ => Shown::Unreadable,
    }
}

/// What Envoy says over gRPC: the certificate where its configuration says so, and always a name.
pub(super) fn by_peer(certificate: &str, name: &str) -> Shown {
    match (certificate.is_empty(), name.is_empty()) {
        (false, _) => read(certificate),
        (true, true) => Shown::Nothing,
        (true, false) => Shown::Unreadable,
    }
}

/// One of two is the client's.
struct Several;

fn the_only<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Several> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => Ok(Some(value.to_str().unwrap_or("?"))),
        (Some(_), Some(_)) => Err(Several),
    }
}

fn read(text: &str) -> Shown {
    if text.len() > CERTIFICATES_MAX {
        return Shown::Unreadable;
    }
    der(text).map_or(Shown::Unreadable, Shown::Certificate)
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

/// The device of a certificate, by what the ledger knows of it.
fn of_certificate(app: &App, der: Vec<u8>) -> Result<DeviceId, Unfit> {
    let now = app.now();
    proven(&app.authorities(), now, der, |stated| {
        let world = app.world();
        let known = world.device(stated.device);
        ca::judge(stated, now, known.map(|it| (&it.key, it.state)))
    })
}

/// The device of a certificate that one of our authorities made and that holds now.
fn proven(
    authorities: &Authorities,
    now: Timestamp,
    der: Vec<u8>,
    judge: impl FnOnce(&Stated) -> Result<Standing, Unfit>,
) -> Result<DeviceId, Unfit> {
    let leaf = CertificateDer::from(der);
    let chain = Chain::new(authorities, now).map_err(|_| Unfit::Chain)?;
    chain.check(&leaf, now)?;
    let stated = Stated::read(&leaf)?;
    match judge(&stated) {
        // It is that device by its very key. That it was given up is for the decision to say.
        Ok(_) | Err(Unfit::Retired) => Ok(stated.device),
        Err(unfit) => Err(unfit),
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
    use base64ct::Base64UrlUnpadded;
    use p256::ecdsa::SigningKey;
    use rustls::pki_types::pem::PemObject;
    use sekisho_domain::device::{DeviceKey, DeviceState};
    use sekisho_domain::time::Span;
    use sekisho_store::DataFolder;
    use sekisho_store::keyring::{Keyring, MasterSource};

    use super::*;
    use crate::identity::device_key::parse_key;

    const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_123);
    const DEVICE: &str = "dev_01j9zq3v8h0000000000000000";

    fn headers(name: &'static str, lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, HeaderValue::from_str(line).unwrap());
        }
        headers
    }

    #[test]
    fn envoy_passes_one_certificate_on_and_names_beside_it_prove_nothing() {
        let read = |lines: &[&str]| by_envoy(&headers(CERTIFICATE_BY_ENVOY, lines));
        let pem = "-----BEGIN%20CERTIFICATE-----%0A%2B%2F8B%0A-----END%20CERTIFICATE-----%0A";
        let certificate = format!("Hash=0a1b2c;Cert=\"{pem}\"");
        let uri = format!("URI=sekisho:device/{DEVICE}");
        let der = || Shown::Certificate(vec![0xfb, 0xff, 0x01]);
        assert_eq!(read(&[&certificate]), der());
        assert_eq!(read(&[&format!("{certificate};{uri}")]), der());
        assert_eq!(read(&[]), Shown::Nothing);
        for wrong in [
            &[uri.as_str()][..],
            &[&format!("Hash=0a1b2c;{uri}")],
            &[&format!("{certificate};Cert=\"{pem}\"")],
            &[&format!("{certificate},{certificate}")],
            &[&certificate, &certificate],
            &["Cert=\"!\""],
            &[&format!("Chain=\"{pem}\"")],
            &[""],
        ] {
            assert_eq!(read(wrong), Shown::Unreadable, "{wrong:?}");
        }
        assert_eq!(by_peer(pem, "sekisho:device/x"), der());
        assert_eq!(by_peer("", ""), Shown::Nothing);
        assert_eq!(
            by_peer("", &format!("sekisho:device/{DEVICE}")),
            Shown::Unreadable
        );
        assert_eq!(by_peer("!", ""), Shown::Unreadable);
    }

    #[test]
    fn a_proxy_s_configuration_names_a_device_by_its_id_or_its_name() {
        let device: DeviceId = DEVICE.parse().unwrap();
        assert_eq!(of_words(DEVICE), Some(device));
        assert_eq!(of_words(&format!("sekisho:device/{DEVICE}")), Some(device));
        assert_eq!(of_words("CN=somebody"), None);
    }

    fn authorities() -> (Authorities, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::create_or_open(&folder.path().join("data")).unwrap();
        let master = MasterSource::standard(&data, None);
        let mut ring = Keyring::open(&data, &master, NOW.as_millis()).unwrap();
        (Authorities::of(&mut ring, NOW).unwrap(), folder)
    }

    fn key() -> DeviceKey {
        let signing = SigningKey::from_slice(&[7; 32]).unwrap();
        let point = signing.verifying_key().to_sec1_point(true);
        parse_key(&Base64UrlUnpadded::encode_string(point.as_bytes())).unwrap()
    }

    fn certified(by: &Authorities) -> Vec<u8> {
        let device = DEVICE.parse().unwrap();
        let made = by.active().certify_device(device, &key(), NOW, [7; 16]);
        let chain = made.unwrap().chain;
        CertificateDer::from_pem_slice(chain.as_bytes())
            .unwrap()
            .to_vec()
    }

    #[test]
    fn a_certificate_is_proven_by_its_authority_its_time_and_the_ledger() {
        let ((ours, _kept), (theirs, _also)) = (authorities(), authorities());
        let device: DeviceId = DEVICE.parse().unwrap();
        let own = || certified(&ours);
        let known = |state| move |stated: &Stated| ca::judge(stated, NOW, Some((&key(), state)));
        for state in [
            DeviceState::Active,
            DeviceState::Suspended,
            // The decision refuses those, and says why.
            DeviceState::Retired,
        ] {
            assert_eq!(proven(&ours, NOW, own(), known(state)), Ok(device));
        }
        let active = || known(DeviceState::Active);
        let foreign = certified(&theirs);
        assert_eq!(proven(&ours, NOW, foreign, active()), Err(Unfit::Chain));
        let later = NOW.after(Span::days(2));
        assert_eq!(proven(&ours, later, own(), active()), Err(Unfit::Chain));
        let before = NOW.before(Span::days(2));
        assert_eq!(proven(&ours, before, own(), active()), Err(Unfit::Chain));
        let unknown = |stated: &Stated| ca::judge(stated, NOW, None);
        assert_eq!(proven(&ours, NOW, own(), unknown), Err(Unfit::Unknown));
        // Changed on the way, and no certificate at all.
        let mut changed = own();
        let last = changed.len() - 1;
        changed[last] ^= 1;
        assert_eq!(proven(&ours, NOW, changed, active()), Err(Unfit::Chain));
        assert!(proven(&ours, NOW, b"no certificate".to_vec(), active()).is_err());
    }

    #[test]
    fn envoy_tells_one_address() {
        let read = |lines: &[&str]| address_by_envoy(&headers(ADDRESS, lines));
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
        let read = |lines: &[&str]| by_header(&headers(CERTIFICATE, lines));
        let der = || Shown::Certificate(vec![0xfb, 0xff, 0x01]);
        assert_eq!(read(&["+/8B"]), der());
        let nginx = "-----BEGIN%20CERTIFICATE-----%0A%2B%2F8B%0A-----END%20CERTIFICATE-----%0A";
        assert_eq!(read(&[nginx]), der());
        for nothing in [
            &[][..],
            &[""],
            &["{http.request.tls.client.certificate_der_base64}"],
        ] {
            assert_eq!(read(nothing), Shown::Nothing);
        }
        let two = format!("{nginx}{nginx}");
        for wrong in [&["+/8B", "+/8B"][..], &["%"], &["!"], &[&two]] {
            assert_eq!(read(wrong), Shown::Unreadable, "{wrong:?}");
        }
    }
}
