//! Checkpoints leave the machine: by mail and to a witness.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};

use sekisho_server::app::App;
use sekisho_server::mail::MailSettings;
use sekisho_server::reconcile::Settings;

use super::reconcile_house::{FOUNDED, House, copy, grow, open, settings, size_of, until};
use super::reconcile_smtp::Relay;
use super::reconcile_witness::{Hand, Witness, is_cosigned, vkey};

const AUDITOR: &str = "mail:audit@example.org";

fn any() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// An address on which nothing listens until a test does. One of the kernel's choice would not do: it
/// may be given to whoever binds or connects meanwhile.
fn free() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 2_000).unwrap();
    let mut ports = std::iter::repeat_with(|| {
        let step = NEXT.fetch_add(1, Ordering::Relaxed) % 2_000;
        10_000 + (first + step) % 2_000
    });
    let free = ports.find_map(|port| TcpListener::bind(("127.0.0.1", port)).ok());
    free.unwrap().local_addr().unwrap()
}

fn mailing(relay: SocketAddr) -> Settings {
    let mail = MailSettings::plain(&relay.to_string(), "sekisho@example.org");
    Settings {
        mail: Some(mail),
        ..settings()
    }
}

fn subject(size: u64) -> String {
    format!("[sekisho.local/ledger] checkpoint {size}")
}

fn witness(address: SocketAddr) -> String {
    format!("witness:http://{address}/w/#{}", vkey())
}

#[test]
fn a_mail_carries_the_checkpoint_byte_for_byte() {
    let dir = tempfile::tempdir().unwrap();
    let relay = Relay::start(any(), false);
    let house = House::at(&dir.path().join("data"), mailing(relay.address));
    house.targets(&[AUDITOR]);
    house.delivered();
    let [mail] = &relay.mails()[..] else {
        panic!("one mail")
    };
    assert_eq!(mail.to, "RCPT TO:<audit@example.org>");
    assert_eq!(mail.attachment(), house.app.head().checkpoint.into_bytes());
    assert_eq!(mail.header("Subject"), subject(FOUNDED + 1));
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert_eq!(mail.header("From"), "sekisho@example.org");
    let id = format!("<checkpoint-{}-", FOUNDED + 1);
    assert!(mail.header("Message-ID").starts_with(&id));
    house.stop();
    assert_eq!(relay.mails().len(), 1, "nothing new, nothing sent");
}

#[test]
fn a_relay_that_was_down_gets_one_mail_with_the_newest_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    let address = free();
    let house = House::at(&dir.path().join("data"), mailing(address));
    house.targets(&[AUDITOR]);
    house.failed("mail.connection-refused");
    house.grow("one");
    house.grow("two");
    until("further attempts", || house.state().failures > 3);
    let relay = Relay::start(address, false);
    house.delivered();
    let mails = relay.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(size_of(&house.key(), &mails[0].attachment()), FOUNDED + 3);
    house.grow("three");
    house.stop();
    let sizes: Vec<_> = relay
        .mails()
        .iter()
        .map(|mail| mail.header("Subject"))
        .collect();
    assert_eq!(sizes, [subject(FOUNDED + 3), subject(FOUNDED + 4)]);
}

#[test]
fn a_mail_that_leaves_twice_is_known_as_one() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let relay = Relay::start(any(), false);
    let house = House::at(&data, mailing(relay.address));
    house.targets(&[AUDITOR]);
    house.delivered();
    let notes = house.app.folder().checkpoints().join("deliveries.json");
    house.stop();
    // The machine stopped after the mail left and before that was noted.
    fs::remove_file(notes).unwrap();
    let house = House::at(&data, mailing(relay.address));
    house.delivered();
    house.stop();
    let ids: Vec<_> = relay
        .mails()
        .iter()
        .map(|mail| mail.header("Message-ID"))
        .collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn a_refusing_relay_and_a_missing_one_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let relay = Relay::start(any(), true);
    let house = House::at(&dir.path().join("a"), mailing(relay.address));
    house.targets(&[AUDITOR]);
    house.failed("mail.refused");
    // With its code; its words may name the reader.
    let detail = house.state().last_error.unwrap().detail;
    assert_eq!(detail, format!("{}, SMTP 550", relay.address));
    house.stop();
    let house = House::at(&dir.path().join("b"), settings());
    house.targets(&[AUDITOR]);
    house.failed("mail.not-configured");
    house.stop();
}

/// The cosigned note of the only witness.
fn cosigned(app: &App) -> String {
    let folders = fs::read_dir(app.folder().checkpoints()).unwrap();
    let mut folders: Vec<_> = folders
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    assert_eq!(folders.len(), 1, "{folders:?}");
    fs::read_to_string(folders.remove(0).join("latest")).unwrap()
}

#[test]
fn a_witness_checks_growth_and_its_cosignature_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let house = House::at(&data, settings());
    let peer = Witness::start(any(), house.key());
    for word in ["one", "two", "three", "four"] {
        house.grow(word);
    }
    house.targets(&[&witness(peer.address)]);
    house.delivered();
    assert_eq!(peer.answers(), [(0, 200)]);
    let note = cosigned(&house.app);
    assert!(is_cosigned(&note));
    assert_eq!(metric(&house, "delivered"), 1);
    assert_eq!(size_of(&house.key(), note.as_bytes()), FOUNDED + 5);
    for word in ["five", "six"] {
        house.grow(word);
    }
    let notes = house.app.folder().checkpoints().join("deliveries.json");
    house.stop();
    assert_eq!(peer.answers(), [(0, 200), (FOUNDED + 5, 200)]);
    assert_eq!(peer.size(), FOUNDED + 7);

    // The machine stopped before the delivery was noted: the witness says what it has.
    fs::remove_file(notes).unwrap();
    let house = House::at(&data, settings());
    house.delivered();
    assert_eq!(peer.answers()[2..], [(0, 409), (FOUNDED + 7, 200)]);
    assert!(is_cosigned(&cosigned(&house.app)));
    house.stop();
}

#[test]
fn a_witness_that_was_down_gets_the_newest_checkpoint_once() {
    let dir = tempfile::tempdir().unwrap();
    let address = free();
    let house = House::at(&dir.path().join("data"), settings());
    house.targets(&[&witness(address)]);
    house.failed("checkpoint.witness-unreachable");
    house.grow("one");
    let peer = Witness::start(address, house.key());
    house.delivered();
    assert_eq!(peer.answers(), [(0, 200)]);
    assert_eq!(peer.size(), FOUNDED + 2);
    house.stop();
}

fn refused_by(peer: &Witness, data: &Path, code: &str) {
    let house = House::at(data, settings());
    house.targets(&[&witness(peer.address)]);
    house.failed(code);
    house.stop();
}

#[test]
fn a_witness_finds_a_roll_back_a_rewrite_and_a_stranger() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let app = open(&data);
    let key = app.verifier().clone();
    grow(&app, "one");
    app.stop();
    drop(app);
    let (older, forged) = (dir.path().join("older"), dir.path().join("forged"));
    copy(&data, &older);
    copy(&data, &forged);
    let peer = Witness::start(any(), key);
    let house = House::at(&data, settings());
    house.grow("two");
    house.grow("three");
    house.targets(&[&witness(peer.address)]);
    house.delivered();
    house.stop();
    assert_eq!(peer.size(), FOUNDED + 4);

    refused_by(&peer, &older, "checkpoint.target-ahead");

    let app = open(&forged);
    grow(&app, "other");
    grow(&app, "history");
    app.stop();
    drop(app);
    // The same size under another root, and then a longer one.
    refused_by(&peer, &forged, "checkpoint.target-differs");
    let app = open(&forged);
    grow(&app, "longer");
    app.stop();
    drop(app);
    refused_by(&peer, &forged, "checkpoint.target-differs");
    assert!(
        peer.answers().iter().any(|(_, status)| *status == 422),
        "{:?}",
        peer.answers()
    );

    refused_by(
        &peer,
        &dir.path().join("stranger"),
        "checkpoint.witness-unknown",
    );
    assert_eq!(peer.size(), FOUNDED + 4);
}

/// Metric of the targets in this state.
fn metric(house: &House, state: &str) -> u32 {
    let states = sekisho_server::reconcile::tally(&house.app).unwrap();
    let found = states
        .into_iter()
        .find(|((kind, known), _)| (*kind, *known) == ("witness", state));
    found.map_or(0, |(_, count)| count)
}

#[test]
fn a_cosignature_that_does_not_hold_is_refused_and_not_kept() {
    for hand in [
        Hand::OtherKey,
        Hand::OtherTime,
        Hand::OtherOrigin,
        Hand::AsLog,
    ] {
        let dir = tempfile::tempdir().unwrap();
        let house = House::at(&dir.path().join("data"), settings());
        let peer = Witness::signing(hand, any(), house.key());
        house.targets(&[&witness(peer.address)]);
        house.failed("checkpoint.witness-signature");
        assert_eq!(metric(&house, "unverified"), 1, "{hand:?}");
        assert_eq!(metric(&house, "delivered"), 0, "{hand:?}");
        assert_eq!(house.state().last_size, None, "{hand:?}");
        let kept = fs::read_dir(house.app.folder().checkpoints()).unwrap();
        let folders = kept.filter(|entry| entry.as_ref().unwrap().path().is_dir());
        assert_eq!(folders.count(), 0, "{hand:?}: nothing is kept");
        house.stop();
    }
}

#[test]
fn a_witness_without_a_key_is_named_and_never_asked() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::at(&dir.path().join("data"), settings());
    let peer = Witness::start(any(), house.key());
    house.targets(&[&format!("witness:http://{}/w/", peer.address)]);
    house.failed("checkpoint.witness-key");
    assert!(peer.answers().is_empty());
    house.stop();
}
