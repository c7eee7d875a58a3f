//! What certificates say, how long, and how they are judged.

use p256::ecdsa::SigningKey;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sekisho_domain::device::{DeviceKey, DeviceState};
use sekisho_domain::id::{DeviceId, Fresh};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_store::DataFolder;
use sekisho_store::keyring::{Keyring, MasterSource, Purpose};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::*;
use crate::identity::device_key::parse_key;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_123);

struct Bench {
    ring: Keyring,
    authorities: Authorities,
    _folder: tempfile::TempDir,
}

fn bench() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let data = DataFolder::create_or_open(&folder.path().join("data")).unwrap();
    let master = MasterSource::standard(&data, None);
    let mut ring = Keyring::open(&data, &master, NOW.as_millis()).unwrap();
    Bench {
        authorities: Authorities::of(&mut ring, NOW).unwrap(),
        ring,
        _folder: folder,
    }
}

fn key(seed: u8) -> DeviceKey {
    use base64ct::{Base64UrlUnpadded, Encoding};
    let signing = SigningKey::from_slice(&[seed; 32]).unwrap();
    let point = signing.verifying_key().to_sec1_point(true);
    parse_key(&Base64UrlUnpadded::encode_string(point.as_bytes())).unwrap()
}

fn device(seed: u8) -> DeviceId {
    DeviceId::new(Fresh([seed; 16]))
}

fn leaf(authority: &Authority, seed: u8) -> CertificateDer<'static> {
    let made = authority
        .certify_device(device(seed), &key(seed), NOW, [seed; 16])
        .unwrap();
    CertificateDer::from_pem_slice(made.chain.as_bytes()).unwrap()
}

#[test]
fn a_devices_certificate_names_its_id_and_nothing_else() {
    let bench = bench();
    let der = leaf(bench.authorities.active(), 1);
    let stated = Stated::read(&der).unwrap();
    assert_eq!((stated.device, &stated.key), (device(1), &key(1)));
    let day = stated.validity.until.since(NOW).as_millis();
    assert!((86_399_000..=86_400_000).contains(&day), "{day}");
    let (_, read) = X509Certificate::from_der(&der).unwrap();
    assert_eq!(read.subject().iter().count(), 0);
    assert_eq!(read.raw_serial().len(), 16);
    let usage = read.extended_key_usage().unwrap().unwrap().value;
    assert!(usage.client_auth && !usage.server_auth && !usage.any);
    let text = format!("{:?}", read.subject_alternative_name().unwrap().unwrap());
    assert!(text.contains(&format!("sekisho:device/{}", device(1))));
}

#[test]
fn the_authority_follows_from_its_key_alone() {
    let mut bench = bench();
    let again = Authorities::of(&mut bench.ring, NOW.after(Span::days(30))).unwrap();
    let first = bench.authorities.active();
    assert_eq!(again.active().der(), first.der());
    assert_eq!(again.active().fingerprint(), first.fingerprint());
    let (_, read) = X509Certificate::from_der(first.der()).unwrap();
    assert!(read.is_ca());
    assert!(read.verify_signature(None).is_ok());
    assert!(!format!("{first:?}").contains("issuer"));
}

#[test]
fn one_name_is_one_device() {
    let uri = uri_of(device(1));
    assert_eq!(device_of(&uri), Some(device(1)));
    for wrong in [
        String::new(),
        DEVICE_URI.to_owned(),
        uri.to_uppercase(),
        format!("{uri}/"),
        format!(" {uri}"),
        format!("{uri}?owner=x"),
        uri.replace("device", "devices"),
        uri.replace("dev_", ""),
        format!("{DEVICE_URI}../{}", device(1)),
    ] {
        assert_eq!(device_of(&wrong), None, "{wrong}");
    }
}

#[test]
fn only_our_authorities_certificates_for_clients_count_in_their_time() {
    let (ours, theirs) = (bench(), bench());
    let chain = Chain::new(&ours.authorities, NOW).unwrap();
    let own = leaf(ours.authorities.active(), 1);
    let foreign = leaf(theirs.authorities.active(), 1);
    let server = ours
        .authorities
        .active()
        .certify_server(&["sekisho.example".to_owned()], NOW, [3; 16])
        .unwrap();
    let mut forged = own.to_vec();
    let at = forged
        .windows(15)
        .position(|it| it == DEVICE_URI.as_bytes());
    forged[at.unwrap() + 20] ^= 1;
    for (what, der, at, good) in [
        ("own", own.clone(), NOW, true),
        ("before", own.clone(), NOW.before(Span::hours(2)), false),
        ("at its end", own, NOW.after(Span::hours(25)), false),
        ("foreign", foreign, NOW, false),
        ("a server's", server.chain[0].clone(), NOW, false),
        ("an authority's", server.chain[1].clone(), NOW, false),
        ("forged", CertificateDer::from(forged), NOW, false),
        ("none", CertificateDer::from(vec![0x30]), NOW, false),
    ] {
        assert_eq!(chain.check(&der, at).is_ok(), good, "{what}");
    }
    assert_eq!(Stated::read(&server.chain[0]), Err(Unfit::Name));
    assert_eq!(Stated::read(&server.chain[1]), Err(Unfit::Form));
    assert_eq!(Stated::read(&[0; 5000]), Err(Unfit::Form));
}

#[test]
fn after_a_rotation_old_certificates_count_until_their_end() {
    let mut bench = bench();
    let old = leaf(bench.authorities.active(), 1);
    let later = NOW.after(Span::hours(1));
    bench
        .ring
        .rotate(Purpose::CertificateAuthority, later.as_millis())
        .unwrap();
    let after = Authorities::of(&mut bench.ring, later).unwrap();
    assert_ne!(
        after.active().fingerprint(),
        bench.authorities.active().fingerprint()
    );
    let chain = Chain::new(&after, later).unwrap();
    assert!(chain.check(&old, later).is_ok());
    assert!(chain.check(&leaf(after.active(), 2), later).is_ok());
    assert_eq!(after.pem(later).matches("BEGIN CERTIFICATE").count(), 2);
    // For a month the old one certifies this server, so that agents come to know the new one.
    let first = bench.authorities.active().fingerprint();
    let second = after.active().fingerprint();
    assert!(
        after
            .pem(later)
            .starts_with(&bench.authorities.active().pem())
    );
    for (days, serving) in [(0, &first), (29, &first), (30, &second), (100, &second)] {
        let at = later.after(Span::days(days));
        assert_eq!(&after.serving(at).fingerprint(), serving, "{days}");
    }
    // Its last certificate of this server lasts for two weeks more; after that nobody trusts it.
    let trusted = |days| {
        let at = later.after(Span::days(days));
        let stands = after.stands(at).into_iter();
        let by_server = |it: AuthorityStands| (it.fingerprint, it.certifies_server);
        stands.map(by_server).collect::<Vec<_>>()
    };
    let both = [(second.clone(), false), (first.clone(), true)];
    assert_eq!(trusted(1), both);
    assert_eq!(trusted(43), [(second.clone(), true), (first, false)]);
    assert_eq!(trusted(45), [(second, true)]);
    let late = later.after(Span::days(45));
    assert_eq!(after.pem(late).matches("BEGIN CERTIFICATE").count(), 1);
    assert!(
        Chain::new(&after, late)
            .unwrap()
            .check(&old, later)
            .is_err()
    );
}

#[test]
fn the_ledger_has_the_last_word() {
    let bench = bench();
    let stated = Stated::read(&leaf(bench.authorities.active(), 1)).unwrap();
    let (own, other) = (key(1), key(2));
    let late = NOW.after(Span::hours(24));
    use DeviceState::{Active, Retired, Suspended};
    for (known, at, expected) in [
        (Some((&own, Active)), NOW, Ok(Standing::Active)),
        (Some((&own, Suspended)), NOW, Ok(Standing::Suspended)),
        (Some((&own, Retired)), NOW, Err(Unfit::Retired)),
        (Some((&own, Retired)), late, Err(Unfit::Retired)),
        (Some((&other, Active)), NOW, Err(Unfit::OtherKey)),
        (Some((&other, Retired)), NOW, Err(Unfit::OtherKey)),
        (None, NOW, Err(Unfit::Unknown)),
        (Some((&own, Active)), late, Err(Unfit::Time)),
        (
            Some((&own, Active)),
            NOW.before(Span::hours(2)),
            Err(Unfit::Time),
        ),
    ] {
        assert_eq!(judge(&stated, at, known), expected, "{known:?} {at:?}");
    }
}

#[test]
fn renewal_is_due_at_half_time() {
    let validity = Validity::starting(NOW, Lifetime::DEVICE);
    let left = validity.until.since(validity.renew_at());
    let gone = validity.renew_at().since(validity.from);
    assert_eq!(left, gone);
    assert!(validity.holds(NOW) && validity.holds(validity.renew_at()));
    assert!(!validity.holds(validity.until));
    let signer = Validity {
        from: NOW,
        until: NOW.after(Span::hours(1)),
    };
    assert_eq!(validity.within(signer), signer);
}
