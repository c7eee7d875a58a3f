use proptest::prelude::*;
use sekisho_domain::id::Fresh;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn signer() -> TableSigner {
    TableSigner::new(&[1; 32])
}

fn reach(address: &str, protocol: Protocol, port: Option<u16>) -> Reach {
    Reach {
        address: address.parse().unwrap(),
        ends_at: None,
        port,
        protocol,
        system: SystemId::new(Fresh([3; 16])),
    }
}

fn peer(number: u8) -> TablePeer {
    TablePeer {
        address: IpAddr::from([10, 9, 0, number]),
        key: WireGuardKey::new([number; 32]).unwrap(),
        reach: vec![reach("10.1.0.5", Protocol::Tcp, Some(443))],
        session: TunnelSessionId::new(Fresh([number; 16])),
    }
}

fn content() -> TableContent {
    TableContent {
        expires_at: NOW.after(Span::seconds(60)),
        gateway: GatewayId::new(Fresh([2; 16])),
        gateway_address: IpAddr::from([10, 9, 0, 1]),
        issued_at: NOW,
        lease_seconds: 60,
        network: "10.9.0.0/16".parse().unwrap(),
        peers: vec![peer(2), peer(3)],
        sequence: 7,
    }
}

fn expected() -> Expectation {
    Expectation {
        gateway: content().gateway,
        network: content().network,
        address: content().gateway_address,
        after: 6,
    }
}

fn accept(signed: &[u8]) -> Result<AccessTable, TableError> {
    AccessTable::accept(signed, &signer().verifier(), &expected(), NOW)
}

#[test]
fn a_signed_table_is_accepted_as_it_was_written() {
    let signed = signer().sign(&content()).unwrap();
    let table = accept(&signed).unwrap();
    assert_eq!(table.content(), &content());
    assert_eq!(table.lease(), Span::seconds(60));
    let text = signer().verifier().to_string();
    assert_eq!(TableVerifier::parse(&text).unwrap(), signer().verifier());
    // The form is written down: other programs sign and verify it too.
    let text = String::from_utf8(signed).unwrap();
    let (head, json) = text.split_once('\n').unwrap();
    assert!(head.starts_with("sekisho-access-table-v1 "));
    assert!(json.starts_with(r#"{"expires_at":1800000060000,"gateway":"gwy_"#));
}

#[test]
fn every_wrong_content_has_its_own_code() {
    type Change = fn(&mut TableContent);
    let cases: &[(&str, Change)] = &[
        ("access_table.sequence_range", |t| t.sequence = 0),
        ("access_table.sequence_range", |t| t.sequence = 1 << 53),
        ("access_table.lease", |t| t.lease_seconds = 9),
        ("access_table.lease", |t| t.lease_seconds = 901),
        ("access_table.lease", |t| t.expires_at = t.issued_at),
        ("access_table.lease", |t| {
            t.expires_at = t.expires_at.after(Span::millis(1));
        }),
        ("access_table.lease", |t| {
            t.issued_at = Timestamp::from_millis(i64::MIN);
        }),
        ("access_table.network", |t| t.network = net("10.9.0.0/31")),
        ("access_table.network", |t| t.network = net("0.0.0.0/7")),
        ("access_table.network", |t| t.network = net("127.0.0.0/8")),
        ("access_table.duplicate_session", |t| {
            t.peers[1].session = t.peers[0].session;
        }),
        ("access_table.duplicate_key", |t| {
            t.peers[1].key = t.peers[0].key;
        }),
        ("access_table.duplicate_address", |t| {
            t.peers[1].address = t.peers[0].address;
        }),
        ("access_table.duplicate_address", |t| {
            t.peers[1].address = t.gateway_address;
        }),
        ("access_table.address_outside", |t| {
            t.peers[1].address = IpAddr::from([10, 8, 0, 1]);
        }),
        ("access_table.address_outside", |t| {
            t.peers[1].address = IpAddr::from([10, 9, 0, 0]);
        }),
        ("access_table.address_outside", |t| {
            t.gateway_address = IpAddr::from([10, 9, 255, 255]);
        }),
        ("access_table.too_much_reach", |t| {
            t.peers[0].reach = vec![t.peers[0].reach[0].clone(); REACH_MAX + 1];
        }),
        ("access_table.reach_overlap", |t| to(t, "10.9.0.3")),
        ("access_table.reach_overlap", |t| to(t, "10.8.0.0/15")),
        ("access_table.reach_overlap", |t| to(t, "10.9.0.0/24")),
        ("access_table.reach_address", |t| to(t, "fd00::1")),
        ("access_table.reach_address", |t| to(t, "0.0.0.0/0")),
        ("access_table.reach_address", |t| to(t, "224.0.0.1")),
        ("access_table.reach_address", |t| to(t, "127.0.0.1")),
        ("access_table.reach_port", |t| {
            t.peers[0].reach[0].port = Some(0);
        }),
        ("access_table.reach_port", |t| {
            t.peers[0].reach[0].protocol = Protocol::Icmp;
        }),
    ];
    for (number, (code, change)) in cases.iter().enumerate() {
        let mut wrong = content();
        change(&mut wrong);
        let error = signer().sign(&wrong).unwrap_err();
        assert_eq!(error.code(), *code, "case {number}");
        // A server that signs it all the same is not believed.
        let refused = accept(&sign_unchecked(&wrong)).unwrap_err();
        assert_eq!(refused.code(), *code, "case {number}");
    }
    let mut to_gateway = content();
    to(&mut to_gateway, "10.9.0.1");
    assert!(signer().sign(&to_gateway).is_ok());
}

fn net(text: &str) -> IpNetwork {
    text.parse().unwrap()
}

fn to(content: &mut TableContent, address: &str) {
    content.peers[0].reach[0].address = net(address);
}

/// Signs JSON without asking whether it is a sound table.
fn sign_json(json: &[u8]) -> Vec<u8> {
    use base64ct::{Base64UrlUnpadded, Encoding};
    use ed25519_dalek::Signer;
    let key = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
    let signature = key.sign(&[b"sekisho-access-table-v1\n", json].concat());
    let text = Base64UrlUnpadded::encode_string(&signature.to_bytes());
    let head = format!("sekisho-access-table-v1 {text}\n");
    [head.as_bytes(), json].concat()
}

fn sign_unchecked(content: &TableContent) -> Vec<u8> {
    sign_json(&serde_json::to_vec(content).unwrap())
}

#[test]
fn a_table_for_another_moment_or_place_is_refused() {
    let signed = signer().sign(&content()).unwrap();
    let at = |change: fn(&mut Expectation), now| {
        let mut expected = expected();
        change(&mut expected);
        AccessTable::accept(&signed, &signer().verifier(), &expected, now)
            .map(|_| "")
            .map_err(|error| error.code())
    };
    let same = |_: &mut Expectation| {};
    assert_eq!(at(same, NOW), Ok(""));
    assert_eq!(at(same, NOW.after(Span::millis(59_999))), Ok(""));
    assert_eq!(
        at(same, NOW.after(Span::seconds(60))),
        Err("access_table.expired")
    );
    assert_eq!(at(same, NOW.before(AHEAD_MAX)), Ok(""));
    let before = NOW.before(AHEAD_MAX).before(Span::millis(1));
    assert_eq!(at(same, before), Err("access_table.issued_ahead"));
    assert_eq!(at(|e| e.after = 7, NOW), Err("access_table.not_newer"));
    assert_eq!(at(|e| e.after = 8, NOW), Err("access_table.not_newer"));
    let other = |e: &mut Expectation| e.gateway = GatewayId::new(Fresh([9; 16]));
    assert_eq!(at(other, NOW), Err("access_table.other_gateway"));
    let other = |e: &mut Expectation| e.network = net("10.9.0.0/17");
    assert_eq!(at(other, NOW), Err("access_table.other_network"));
    let other = |e: &mut Expectation| e.address = IpAddr::from([10, 9, 0, 9]);
    assert_eq!(at(other, NOW), Err("access_table.other_network"));
}

#[test]
fn nothing_is_parsed_before_the_signature_holds() {
    let signed = signer().sign(&content()).unwrap();
    let code = |bytes: &[u8]| accept(bytes).unwrap_err().code();
    let foreign = TableSigner::new(&[2; 32]).sign(&content()).unwrap();
    assert_eq!(code(&foreign), "access_table.signature");
    let text = String::from_utf8(signed.clone()).unwrap();
    let altered = text.replace("10.1.0.5", "10.1.0.6");
    assert_eq!(code(altered.as_bytes()), "access_table.signature");
    assert_eq!(code(b""), "access_table.form");
    assert_eq!(
        code(text.replace("-v1 ", "-v2 ").as_bytes()),
        "access_table.form"
    );
    assert_eq!(code(&signed[..60]), "access_table.form");
    assert_eq!(code(&vec![b' '; TABLE_MAX + 1]), "access_table.too_large");
    assert_eq!(code(&sign_json(b"{}")), "access_table.json");
    let json = text.split_once('\n').unwrap().1;
    let spaced = json.replacen(':', ": ", 1);
    assert_eq!(
        code(&sign_json(spaced.as_bytes())),
        "access_table.not_canonical"
    );
    let more = json.replacen('{', r#"{"more":1,"#, 1);
    assert_eq!(code(&sign_json(more.as_bytes())), "access_table.json");
    let twice = json.replacen("\"sequence\":7", "\"sequence\":7,\"sequence\":8", 1);
    assert_eq!(code(&sign_json(twice.as_bytes())), "access_table.json");
    for wrong in ["", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert!(TableVerifier::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn more_peers_than_the_bound_are_refused() {
    let mut large = content();
    large.peers = vec![peer(2); PEERS_MAX + 1];
    let refused = check(&large).unwrap_err();
    assert_eq!(refused.code(), "access_table.too_many_peers");
}

proptest! {
    #[test]
    fn no_altered_byte_is_accepted(at in any::<prop::sample::Index>(), flip in 1_u8..=255) {
        let mut signed = signer().sign(&content()).unwrap();
        let at = at.index(signed.len());
        signed[at] ^= flip;
        prop_assert!(accept(&signed).is_err());
    }

    #[test]
    fn any_bytes_are_refused_without_fault(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(accept(&bytes).is_err());
        let signed = sign_json(&bytes);
        prop_assert_eq!(accept(&signed).unwrap_err().code(), "access_table.json");
    }
}
