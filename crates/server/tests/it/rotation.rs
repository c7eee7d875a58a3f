//! The key that signs the ledger is changed while it runs, and what was signed before stays good.

use std::fs;
use std::path::Path;

use sekisho_ledger::keys::{CheckpointKeys, KeyHistory};
use sekisho_ledger::{Report, verify};
use sekisho_server::app::App;
use sekisho_store::DataFolder;
use sekisho_store::keyring::{Keyring, MasterSource, Purpose};

use super::reconcile_house::{FOUNDED, House, folder, open, settings, size_of};

fn verified(app: &App, outside: Option<&[u8]>) -> Report {
    let store = app.open_ledger().unwrap();
    let view = store.view().unwrap();
    verify(&view, &app.verifiers(), outside).unwrap()
}

#[test]
fn what_the_old_key_signed_still_verifies() {
    let dir = tempfile::tempdir().unwrap();
    let (data, out) = (dir.path().join("data"), folder(dir.path(), "out"));
    let house = House::at(&data, settings());
    house.targets(&[&format!("file:{}", out.display())]);
    house.delivered();
    let old = house.key();
    let before = fs::read(out.join("latest")).unwrap();

    let keys = house.app.rotate_ledger_key().unwrap();
    assert_eq!(keys.keys().len(), 2);
    assert_ne!(house.key(), old);
    assert_eq!(keys.newest(), &house.key());
    // The checkpoint of this moment is signed by both.
    let turning = house.app.head().checkpoint.into_bytes();
    for key in [&old, &house.key()] {
        assert_eq!(size_of(key, &turning), FOUNDED + 1);
    }
    house.grow("after");
    let head = house.app.head().checkpoint.into_bytes();
    assert!(old.open(&head).is_err(), "the old key signs no more");
    assert_eq!(size_of(&house.key(), &head), FOUNDED + 2);
    for outside in [None, Some(before.as_slice()), Some(turning.as_slice())] {
        let report = verified(&house.app, outside);
        assert!(report.is_clean(), "{:?}", report.findings);
    }
    let key = house.key();
    house.stop();

    // The target takes the new checkpoints and has every key.
    assert_eq!(
        size_of(&key, &fs::read(out.join("latest")).unwrap()),
        FOUNDED + 2
    );
    let outside = fs::read_to_string(out.join("key")).unwrap();
    let outside = KeyHistory::parse(&outside).unwrap();
    assert_eq!((outside.newest(), outside.keys().len()), (&key, 2));
    let app = open(&data);
    assert_eq!(app.verifiers(), outside);
    assert!(verified(&app, Some(&before)).is_clean());
    app.stop();
}

/// Changes the key in the keyring alone, as when the machine stops right behind that.
fn cut_off(data: &Path) {
    let folder = DataFolder::open_existing(data).unwrap();
    let master = MasterSource::standard(&folder, None);
    let mut keyring = Keyring::open(&folder, &master, 0).unwrap();
    let now = i64::MAX / 2;
    keyring.rotate(Purpose::LedgerSigning, now).unwrap();
}

#[test]
fn a_rotation_that_was_cut_off_is_finished_by_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let app = open(&data);
    let old = app.verifier();
    app.stop();
    drop(app);
    cut_off(&data);
    let app = open(&data);
    let head = app.head().checkpoint.into_bytes();
    assert_ne!(app.verifier(), old);
    for key in [&old, &app.verifier()] {
        assert_eq!(size_of(key, &head), FOUNDED);
    }
    assert_eq!(app.verifiers().opened(&head).unwrap().retired_at, None);
    assert!(verified(&app, Some(&head)).is_clean());
    app.stop();
}
