//! Master key, system keys, keys of persons, forgetting.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use sekisho_store::keyring::{
    ForgottenList, Keyring, MasterSource, Passphrase, Plain, Purpose, Sealed,
};

use crate::support::{NOW, Place, files_with, flip, open};

fn plain<'a>(person: &'a str, text: &'a str) -> Plain<'a> {
    Plain {
        person,
        purpose: "person.name",
        text: text.as_bytes(),
    }
}

#[test]
fn every_secret_file_is_for_its_owner_only() {
    let place = Place::new();
    let open = place.open();
    open.people.person_key("p-1", NOW).unwrap();
    let mut seen = 0;
    for entry in fs::read_dir(open.folder.keys()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(
            fs::metadata(&path).unwrap().mode() & 0o777,
            0o600,
            "{}",
            path.display()
        );
        seen += 1;
    }
    assert_eq!(seen, 4, "master.key, system.json, people.sqlite, forgotten");
    for path in [open.folder.accounts(), open.folder.observations()] {
        assert_eq!(
            fs::metadata(&path).unwrap().mode() & 0o777,
            0o600,
            "{}",
            path.display()
        );
    }
}

#[test]
fn system_keys_come_back_the_same_and_rotation_keeps_the_old() {
    let place = Place::new();
    let folder = place.folder();
    let source = MasterSource::standard(&folder, None);
    let mut ring = Keyring::open(&folder, &source, NOW).unwrap();
    let first = ring.active(Purpose::LedgerSigning).unwrap().clone();
    assert_eq!(
        ring.active(Purpose::AccessTable).unwrap_err().code(),
        "unknown"
    );
    let table = ring.ensure(Purpose::AccessTable, NOW).unwrap();
    let sealed = first.seal("test", b"old").unwrap();
    let second = ring.rotate(Purpose::LedgerSigning, NOW + 1).unwrap();

    let again = Keyring::open(&folder, &source, NOW + 2).unwrap();
    let active = again.active(Purpose::LedgerSigning).unwrap();
    assert_eq!(
        (active.id.as_str(), active.secret()),
        (second.id.as_str(), second.secret())
    );
    let old = again.by_id(&first.id).unwrap();
    assert_eq!((old.retired_at, old.created_at), (Some(NOW + 1), NOW));
    assert_eq!(old.secret(), first.secret());
    assert_eq!(old.open("test", &sealed).unwrap().as_slice(), b"old");
    assert_eq!(old.open("other", &sealed).unwrap_err().code(), "unsealable");
    assert_eq!(
        again.active(Purpose::AccessTable).unwrap().secret(),
        table.secret()
    );
    for key in again.all() {
        assert!(
            files_with(folder.root(), key.secret()).is_empty(),
            "{key:?} lies bare"
        );
    }
}

#[test]
fn persons_sealed_before_the_wrapping_key_was_rotated_still_open() {
    let place = Place::new();
    let mut all = place.open();
    let old = all.people.seal(plain("p-1", "山田"), NOW).unwrap();
    all.ring.rotate(Purpose::People, NOW).unwrap();
    let people = all.ring.people(&all.folder).unwrap();
    let new = people.seal(plain("p-2", "鈴木"), NOW).unwrap();
    for (person, sealed, name) in [("p-1", &old, "山田"), ("p-2", &new, "鈴木")] {
        let opened = people.open_sealed(person, "person.name", sealed).unwrap();
        assert_eq!(opened.as_slice(), name.as_bytes());
    }
}

#[test]
fn each_fault_of_the_master_key_has_its_code() {
    let place = Place::new();
    let folder = place.folder();
    let source = MasterSource::standard(&folder, None);
    Keyring::open(&folder, &source, NOW).unwrap();
    let path = folder.keys().join("master.key");
    let right = fs::read(&path).unwrap();
    let code = || Keyring::open(&folder, &source, NOW).unwrap_err().code();

    fs::write(&path, "0".repeat(64)).unwrap();
    assert_eq!(code(), "master-key-wrong");
    fs::write(&path, "not a key").unwrap();
    assert_eq!(code(), "master-key-malformed");
    fs::remove_file(&path).unwrap();
    assert_eq!(code(), "master-key-missing");
    assert!(
        !path.exists(),
        "a lost master key is never replaced by a new one"
    );
    fs::write(&path, &right).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(code(), "too-open");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    Keyring::open(&folder, &source, NOW).unwrap();
}

#[test]
fn the_master_key_may_be_a_credential_or_a_passphrase() {
    let place = Place::new();
    let folder = place.folder();
    let credentials = place.path("credentials");
    fs::create_dir(&credentials).unwrap();
    let file = MasterSource::standard(&folder, Some(&credentials));
    assert!(
        matches!(file, MasterSource::File(_)),
        "an absent credential falls to the file"
    );
    fs::write(credentials.join("sekisho-master"), [7; 48]).unwrap();
    let credential = MasterSource::standard(&folder, Some(&credentials));
    assert!(matches!(credential, MasterSource::Credential(_)));

    let mut ring = Keyring::open(&folder, &credential, NOW).unwrap();
    let seed = *ring.active(Purpose::LedgerSigning).unwrap().secret();
    assert!(!folder.keys().join("master.key").exists());
    let words = |w: &str| MasterSource::Passphrase(Passphrase::new(w.to_owned()).unwrap());
    ring.change_master(words("正しい長い合言葉")).unwrap();

    assert_eq!(
        Keyring::open(&folder, &credential, NOW).unwrap_err().code(),
        "master-key-wrong"
    );
    let wrong = Keyring::open(&folder, &words("間違った合言葉です"), NOW).unwrap_err();
    assert_eq!(wrong.code(), "master-key-wrong");
    let ring = Keyring::open(&folder, &words("正しい長い合言葉"), NOW).unwrap();
    assert_eq!(*ring.active(Purpose::LedgerSigning).unwrap().secret(), seed);

    fs::write(credentials.join("sekisho-master"), [7; 31]).unwrap();
    let short = Keyring::open(&folder, &credential, NOW).unwrap_err();
    assert_eq!(short.code(), "master-key-malformed");
}

#[test]
fn a_ledger_without_its_keys_does_not_start_with_new_ones() {
    let place = Place::new();
    let folder = place.folder();
    crate::support::write_ledger(&folder, &[1; 32]);
    let source = MasterSource::standard(&folder, None);
    assert_eq!(
        Keyring::open(&folder, &source, NOW).unwrap_err().code(),
        "not-found"
    );
    assert!(!folder.keys().join("system.json").exists());
}

#[test]
fn a_sealed_text_opens_only_for_its_person_and_purpose() {
    let place = Place::new();
    let people = place.open().people;
    let sealed = people.seal(plain("p-1", "山田太郎"), NOW).unwrap();
    let open = |person: &str, purpose: &str, sealed: &Sealed| {
        people
            .open_sealed(person, purpose, sealed)
            .map_err(|e| e.code())
    };
    assert_eq!(
        open("p-1", "person.name", &sealed).unwrap().as_slice(),
        "山田太郎".as_bytes()
    );
    assert_eq!(
        open("p-1", "person.mail", &sealed).unwrap_err(),
        "unsealable"
    );
    people.person_key("p-2", NOW).unwrap();
    assert_eq!(open("p-2", "person.name", &sealed).unwrap_err(), "unknown");
    assert_eq!(open("p-3", "person.name", &sealed).unwrap_err(), "unknown");
    for broken in ["", "!", "AAAA", &sealed.nonce] {
        let changed = Sealed {
            ciphertext: broken.to_owned(),
            ..sealed.clone()
        };
        assert_eq!(
            open("p-1", "person.name", &changed).unwrap_err(),
            "unsealable",
            "{broken}"
        );
    }
    assert_eq!(
        people.seal(plain("p 1", "x"), NOW).unwrap_err().code(),
        "bad-input"
    );
    let json = serde_json::to_string(&sealed).unwrap();
    assert_eq!(serde_json::from_str::<Sealed>(&json).unwrap(), sealed);
}

/// The wrapped bytes of every person's key, as they lie in the database.
fn wrapped_keys(folder: &sekisho_store::DataFolder) -> Vec<(String, String, Vec<u8>)> {
    let conn = rusqlite::Connection::open(folder.keys().join("people.sqlite")).unwrap();
    let mut all = conn
        .prepare("SELECT person, key_id, wrapped FROM person_keys")
        .unwrap();
    all.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap()
}

#[test]
fn forgetting_leaves_no_byte_of_the_key_in_any_file() {
    let place = Place::new();
    let all = place.open();
    let ids: Vec<String> = (0..300).map(|n| format!("p-{n}")).collect();
    let plains: Vec<_> = ids.iter().map(|id| plain(id, "名前")).collect();
    let sealed = all.people.seal_many(&plains, NOW).unwrap();
    let keys = wrapped_keys(&all.folder);
    assert_eq!(keys.len(), 300);

    for (n, (person, key_id, wrapped)) in keys.iter().enumerate() {
        let (tail, id) = (&wrapped[24..56], key_id.as_bytes());
        if n % 3 == 0 {
            assert_eq!(
                files_with(all.folder.root(), tail).len(),
                1,
                "the search finds keys"
            );
            all.people.forget(person, NOW + 5).unwrap();
            assert!(
                files_with(all.folder.root(), tail).is_empty(),
                "{person}: key"
            );
            assert!(
                files_with(all.folder.root(), id).is_empty(),
                "{person}: key id"
            );
        }
    }
    assert_eq!(all.people.count().unwrap(), 200);
    let kept = ids
        .iter()
        .position(|id| !all.people.is_forgotten(id))
        .unwrap();
    all.people
        .open_sealed(&ids[kept], "person.name", &sealed[kept])
        .unwrap();
}

#[test]
fn a_forgotten_person_is_refused_everywhere_and_keeps_the_first_time() {
    let place = Place::new();
    let people = place.open().people;
    let sealed = people.seal(plain("p-1", "x"), NOW).unwrap();
    people.forget("p-1", NOW + 5).unwrap();
    let again = plain("p-1", "x");
    let refusals = [
        people
            .open_sealed("p-1", "person.name", &sealed)
            .unwrap_err(),
        people.person_key("p-1", NOW).unwrap_err(),
        people.seal(again, NOW).unwrap_err(),
        people.seal_many(&[again], NOW).unwrap_err(),
    ];
    for error in refusals {
        assert_eq!(
            (error.code(), error.subject()),
            ("forgotten", "p-1".to_owned())
        );
    }
    people.forget("p-1", NOW + 99).unwrap();
    people.forget("p-never-known", NOW + 6).unwrap();
    let list = people.forgotten();
    assert_eq!(
        list.iter().collect::<Vec<_>>(),
        [("p-1", NOW + 5), ("p-never-known", NOW + 6)]
    );
}

#[test]
fn a_batch_with_a_forgotten_person_makes_no_key_at_all() {
    let place = Place::new();
    let people = place.open().people;
    people.forget("p-2", NOW).unwrap();
    let batch = [plain("p-1", "a"), plain("p-2", "b")];
    assert_eq!(
        people.seal_many(&batch, NOW).unwrap_err().code(),
        "forgotten"
    );
    assert_eq!(people.count().unwrap(), 0);
}

#[test]
fn a_forgetting_cut_off_after_the_list_is_finished_at_the_next_start() {
    let place = Place::new();
    let all = place.open();
    let sealed = all.people.seal(plain("p-1", "a"), NOW).unwrap();
    all.people.person_key("p-2", NOW).unwrap();
    let list = all.folder.keys().join("forgotten");
    let folder = all.folder.clone();
    drop(all);
    fs::write(&list, format!("p-1\t{NOW}\np-2\t1")).unwrap();

    let people = open(folder).people;
    assert_eq!(
        people.count().unwrap(),
        1,
        "p-1 is gone, the torn line of p-2 never was"
    );
    assert!(!people.is_forgotten("p-2"));
    let error = people
        .open_sealed("p-1", "person.name", &sealed)
        .unwrap_err();
    assert_eq!(error.code(), "forgotten");
}

#[test]
fn a_lost_list_is_written_again_from_the_database() {
    let place = Place::new();
    let all = place.open();
    all.people.forget("p-1", NOW).unwrap();
    let folder = all.folder.clone();
    drop(all);
    fs::remove_file(folder.keys().join("forgotten")).unwrap();
    let people = open(folder.clone()).people;
    assert!(people.is_forgotten("p-1"));
    let out = place.path("forgotten-copy");
    people.export_forgotten(&out).unwrap();
    people.forget("p-2", NOW).unwrap();
    people.export_forgotten(&out).unwrap();
    assert_eq!(ForgottenList::read(&out).unwrap(), people.forgotten());
}

#[test]
fn damaged_key_files_are_told_not_replaced() {
    let place = Place::new();
    let folder = place.folder();
    let source = MasterSource::standard(&folder, None);
    Keyring::open(&folder, &source, NOW).unwrap();
    let path = folder.keys().join("system.json");
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        flip(&path, at);
        let error = Keyring::open(&folder, &source, NOW).unwrap_err();
        let expected = [
            "bad-value",
            "newer-version",
            "unsealable",
            "master-key-wrong",
        ];
        assert!(
            expected.contains(&error.code()),
            "byte {at}: {}",
            error.code()
        );
        flip(&path, at);
    }
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(
        Keyring::open(&folder, &source, NOW).unwrap_err().code(),
        "bad-value"
    );
}

#[test]
fn a_hundred_thousand_persons_are_sealed_in_one_transaction() {
    let place = Place::new();
    let people = place.open().people;
    let ids: Vec<String> = (0..100_000).map(|n| format!("p-{n:06}")).collect();
    let plains: Vec<_> = ids.iter().map(|id| plain(id, "山田 太郎")).collect();
    let start = std::time::Instant::now();
    let sealed = people.seal_many(&plains, NOW).unwrap();
    let sealing = start.elapsed();
    let start = std::time::Instant::now();
    for (id, sealed) in ids.iter().zip(&sealed) {
        people.open_sealed(id, "person.name", sealed).unwrap();
    }
    println!(
        "100,000 persons: sealed in {sealing:?}, opened in {:?}",
        start.elapsed()
    );
    assert_eq!(people.count().unwrap(), 100_000);
}
