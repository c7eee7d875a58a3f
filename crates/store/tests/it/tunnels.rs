//! Sessions of tunnels as they are stored.

use sekisho_store::Accounts;
use sekisho_store::accounts::{NewTunnel, Session, TokenHash, TunnelRequest};

use crate::support::{NOW, Place};

const HOUR: i64 = 3_600_000;

fn hash(text: &str) -> TokenHash {
    TokenHash::of(text.as_bytes())
}

fn wish(accounts: &Accounts, session: &str, device: &str, key: &str) -> TunnelRequest {
    let new = NewTunnel {
        session,
        device,
        key,
        code: hash(session),
        requested_at: NOW,
        code_until: NOW + 1000,
    };
    accounts.request_tunnel(&new).unwrap()
}

fn with_an_account(place: &Place) -> Accounts {
    let accounts = place.open().accounts;
    accounts.add("a-1", "p-1", "yamada", NOW).unwrap();
    let session = Session {
        account: "a-1".to_owned(),
        csrf: [1; 32],
        created_at: NOW,
        last_seen_at: NOW,
        expires_at: NOW + HOUR,
    };
    accounts.add_session(hash("console"), &session).unwrap();
    accounts
}

fn confirm(accounts: &Accounts, session: &str, at: i64) -> bool {
    let who = ("a-1", hash("console"));
    accounts
        .confirm_tunnel(session, who, at, at + HOUR)
        .unwrap()
}

fn ended(accounts: &Accounts, session: &str) -> Option<String> {
    accounts.tunnel(session).unwrap().unwrap().ended
}

#[test]
fn a_wish_is_confirmed_once_and_in_time() {
    let place = Place::new();
    let accounts = with_an_account(&place);
    assert_eq!(wish(&accounts, "s-1", "d-1", "k-1"), TunnelRequest::Waiting);
    assert!(
        accounts
            .tunnel_of_code(hash("s-1"), NOW + 999)
            .unwrap()
            .is_some()
    );
    assert!(
        accounts
            .tunnel_of_code(hash("s-1"), NOW + 1000)
            .unwrap()
            .is_none()
    );
    assert!(!confirm(&accounts, "s-1", NOW + 1000), "too late");
    assert!(confirm(&accounts, "s-1", NOW));
    assert!(!confirm(&accounts, "s-1", NOW), "twice");
    assert!(accounts.tunnel_of_code(hash("s-1"), NOW).unwrap().is_none());
    assert_eq!(accounts.tunnels(NOW).unwrap().len(), 1);
    assert_eq!(accounts.tunnels(NOW + HOUR).unwrap(), []);
    // The device's next one takes its place once it is confirmed, and not before.
    assert_eq!(wish(&accounts, "s-2", "d-1", "k-1"), TunnelRequest::Waiting);
    assert_eq!(ended(&accounts, "s-1"), None);
    assert!(confirm(&accounts, "s-2", NOW));
    assert_eq!(ended(&accounts, "s-1").as_deref(), Some("replaced"));
    accounts.end_tunnel("s-1", "by-device").unwrap();
    assert_eq!(ended(&accounts, "s-1").as_deref(), Some("replaced"));
}

#[test]
fn a_key_belongs_to_one_device() {
    let place = Place::new();
    let accounts = with_an_account(&place);
    assert_eq!(wish(&accounts, "s-1", "d-1", "k-1"), TunnelRequest::Waiting);
    assert_eq!(
        wish(&accounts, "s-2", "d-2", "k-1"),
        TunnelRequest::KeyInUse
    );
    assert_eq!(
        wish(&accounts, "s-1", "d-2", "k-2"),
        TunnelRequest::CodeTaken
    );
    accounts.end_tunnel("s-1", "refused").unwrap();
    assert_eq!(
        wish(&accounts, "s-3", "d-2", "k-1"),
        TunnelRequest::KeyInUse
    );
    // A week later nothing is known of it.
    accounts.retain(NOW + 7 * 24 * HOUR + 1).unwrap();
    assert_eq!(accounts.tunnel("s-1").unwrap(), None);
}

#[test]
fn signing_out_takes_tunnels_along() {
    let place = Place::new();
    let accounts = with_an_account(&place);
    for (session, end) in [
        (
            "s-1",
            (|it: &Accounts| it.end_session(hash("console")).unwrap()) as fn(&Accounts),
        ),
        ("s-2", |it| {
            it.end_sessions("a-1").unwrap();
        }),
        ("s-3", |it| it.set_password("a-1", "$argon2id$x").unwrap()),
    ] {
        assert_eq!(
            wish(&accounts, session, "d-1", "k-1"),
            TunnelRequest::Waiting
        );
        assert!(confirm(&accounts, session, NOW));
        accounts.end_session(hash("another")).unwrap();
        assert_eq!(ended(&accounts, session), None);
        end(&accounts);
        assert_eq!(ended(&accounts, session).as_deref(), Some("signed-out"));
    }
    wish(&accounts, "s-4", "d-1", "k-1");
    assert!(confirm(&accounts, "s-4", NOW));
    accounts.forget("p-1").unwrap();
    assert_eq!(
        accounts.tunnel("s-4").unwrap(),
        None,
        "nothing names who was forgotten"
    );
}

#[test]
fn a_devices_numbers_only_grow() {
    let place = Place::new();
    let accounts = place.open().accounts;
    for (device, sequence, taken) in [
        ("d-1", 5, true),
        ("d-1", 5, false),
        ("d-1", 4, false),
        ("d-2", 1, true),
        ("d-1", 6, true),
    ] {
        let counted = accounts.count_device_request(device, sequence).unwrap();
        assert_eq!(counted, taken, "{device} {sequence}");
    }
}

#[test]
fn what_gateways_said_and_which_one_had_the_tunnels_outlives_the_run() {
    let place = Place::new();
    let accounts = place.open().accounts;
    assert_eq!(accounts.carrier().unwrap(), None);
    for (gateway, number, taken) in [
        ("g-1", 7, true),
        ("g-1", 7, false),
        ("g-1", 6, false),
        ("g-2", 3, true),
        ("g-1", 8, true),
    ] {
        let counted = accounts.count_gateway_hello(gateway, number).unwrap();
        assert_eq!(counted, taken, "{gateway} {number}");
    }
    for gateway in ["g-2", "g-1"] {
        accounts.put_carrier(gateway).unwrap();
        assert_eq!(accounts.carrier().unwrap().as_deref(), Some(gateway));
    }
    drop(accounts);
    let again = place.open().accounts;
    assert_eq!(again.carrier().unwrap().as_deref(), Some("g-1"));
    assert!(!again.count_gateway_hello("g-1", 8).unwrap());
    assert!(again.count_gateway_hello("g-1", 9).unwrap());
}
