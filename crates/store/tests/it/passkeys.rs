//! Passkeys and the language of an account.

use rusqlite::Connection;
use sekisho_store::Accounts;
use sekisho_store::accounts::{ImportProfile, PASSKEYS_MAX, Passkey};

use crate::support::{NOW, Place};

fn passkey(account: &str, credential: &[u8]) -> Passkey {
    Passkey {
        credential: credential.to_vec(),
        account: account.to_owned(),
        name: "庁内の端末".to_owned(),
        key: "{}".to_owned(),
        counter: 0,
        created_at: NOW,
        last_used_at: None,
        blocked_at: None,
    }
}

fn with_two_accounts(place: &Place) -> Accounts {
    let accounts = place.open().accounts;
    accounts.add("a-1", "p-1", "yamada", NOW).unwrap();
    accounts.add("a-2", "p-2", "suzuki", NOW).unwrap();
    accounts
}

#[test]
fn a_credential_belongs_to_one_account_and_goes_with_it() {
    let place = Place::new();
    let accounts = with_two_accounts(&place);
    assert!(accounts.add_passkey(&passkey("a-1", b"k-1")).unwrap());
    for (account, credential, code) in [
        ("a-2", &b"k-1"[..], "exists"),
        ("a-9", b"k-9", "exists"),
        ("a-1", b"", "bad-input"),
        ("a-1", &[7; 1024], "bad-input"),
    ] {
        let error = accounts.add_passkey(&passkey(account, credential));
        assert_eq!(error.unwrap_err().code(), code, "{account}");
    }
    assert_eq!(
        accounts.passkey(b"k-1").unwrap(),
        Some(passkey("a-1", b"k-1"))
    );
    assert_eq!(accounts.passkeys("a-2").unwrap(), []);
    accounts.forget("p-1").unwrap();
    assert_eq!(accounts.passkey(b"k-1").unwrap(), None);
}

#[test]
fn an_account_holds_so_many_and_no_more() {
    let place = Place::new();
    let accounts = with_two_accounts(&place);
    for n in 0..PASSKEYS_MAX {
        let credential = n.to_be_bytes();
        assert!(accounts.add_passkey(&passkey("a-1", &credential)).unwrap());
    }
    assert!(!accounts.add_passkey(&passkey("a-1", b"one more")).unwrap());
    assert!(accounts.add_passkey(&passkey("a-2", b"one more")).unwrap());
}

#[test]
fn a_counter_only_grows_and_a_blocked_key_is_refused() {
    let place = Place::new();
    let accounts = with_two_accounts(&place);
    accounts.add_passkey(&passkey("a-1", b"k-1")).unwrap();
    for (counter, passes) in [
        (0, true),
        (0, true),
        (5, true),
        (5, false),
        (4, false),
        (0, false),
        (6, true),
    ] {
        let used = accounts
            .use_passkey(b"k-1", (counter, "{\"n\":1}"), NOW + 1)
            .unwrap();
        assert_eq!(used, passes, "{counter}");
    }
    let kept = accounts.passkey(b"k-1").unwrap().unwrap();
    assert_eq!(
        (kept.counter, kept.key.as_str(), kept.last_used_at),
        (6, "{\"n\":1}", Some(NOW + 1))
    );
    accounts.block_passkey(b"k-1", NOW + 2).unwrap();
    accounts.block_passkey(b"k-1", NOW + 3).unwrap();
    assert_eq!(
        accounts.passkey(b"k-1").unwrap().unwrap().blocked_at,
        Some(NOW + 2)
    );
    assert!(!accounts.use_passkey(b"k-1", (7, "{}"), NOW + 4).unwrap());
    assert_eq!(
        accounts.block_passkey(b"k-9", NOW).unwrap_err().code(),
        "unknown"
    );
}

#[test]
fn the_last_means_of_signing_in_stays() {
    let place = Place::new();
    let accounts = with_two_accounts(&place);
    accounts.add_passkey(&passkey("a-1", b"k-1")).unwrap();
    assert!(!accounts.remove_passkey("a-1", b"k-1").unwrap());
    accounts.add_passkey(&passkey("a-1", b"k-2")).unwrap();
    accounts.block_passkey(b"k-2", NOW).unwrap();
    assert!(
        !accounts.remove_passkey("a-1", b"k-1").unwrap(),
        "a blocked key is no means"
    );
    assert!(accounts.remove_passkey("a-1", b"k-2").unwrap());
    accounts.set_password("a-1", "$argon2id$x").unwrap();
    assert_eq!(
        accounts.remove_passkey("a-2", b"k-1").unwrap_err().code(),
        "unknown"
    );
    assert!(accounts.remove_passkey("a-1", b"k-1").unwrap());
    assert_eq!(accounts.passkeys("a-1").unwrap(), []);
}

#[test]
fn a_language_is_kept_with_the_account() {
    let place = Place::new();
    let accounts = with_two_accounts(&place);
    assert_eq!(accounts.language_of("p-1").unwrap(), None);
    accounts.set_language("a-1", "en").unwrap();
    assert_eq!(accounts.language_of("p-1").unwrap().as_deref(), Some("en"));
    assert_eq!(accounts.language_of("p-9").unwrap(), None);
    assert_eq!(
        accounts.set_language("a-9", "ja").unwrap_err().code(),
        "unknown"
    );
}

/// The tables as the release before passkeys left them, with an account in use.
const BEFORE: &str = "CREATE TABLE accounts (
        account TEXT PRIMARY KEY, person TEXT NOT NULL UNIQUE,
        login TEXT NOT NULL UNIQUE COLLATE NOCASE, password TEXT, totp BLOB,
        totp_step INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
        locked_until INTEGER, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE links (token BLOB PRIMARY KEY, purpose TEXT NOT NULL, person TEXT,
        account TEXT REFERENCES accounts ON DELETE CASCADE, created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL, used_at INTEGER) STRICT, WITHOUT ROWID;
    CREATE INDEX links_expiry ON links (expires_at);
    CREATE TABLE sessions (token BLOB PRIMARY KEY,
        account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE, csrf BLOB NOT NULL,
        created_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX sessions_account ON sessions (account);
    CREATE INDEX sessions_expiry ON sessions (expires_at);
    INSERT INTO accounts (account, person, login, password, created_at)
        VALUES ('a-1', 'p-1', 'yamada', '$argon2id$x', 1);
    PRAGMA application_id = 0x534b534f; PRAGMA user_version = 1;";

#[test]
fn accounts_of_the_release_before_are_carried_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("accounts.sqlite");
    Connection::open(&file)
        .unwrap()
        .execute_batch(BEFORE)
        .unwrap();
    let accounts = Accounts::open(&file).unwrap();
    let kept = accounts.by_login("yamada").unwrap().unwrap();
    assert_eq!(kept.password.as_deref(), Some("$argon2id$x"));
    assert_eq!(accounts.language_of("p-1").unwrap(), None);
    assert!(accounts.add_passkey(&passkey("a-1", b"k-1")).unwrap());
}

/// What the releases after [`BEFORE`] added until there were import profiles, in use as well.
const UNTIL_PROFILES: &str = "CREATE TABLE api_tokens (token TEXT PRIMARY KEY,
        person TEXT NOT NULL, secret BLOB NOT NULL UNIQUE,
        created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX api_tokens_person ON api_tokens (person);
    CREATE TABLE api_requests (token TEXT NOT NULL REFERENCES api_tokens ON DELETE CASCADE,
        name TEXT NOT NULL, digest BLOB NOT NULL, begun_at INTEGER NOT NULL, status INTEGER,
        answer TEXT, PRIMARY KEY (token, name)) STRICT, WITHOUT ROWID;
    CREATE INDEX api_requests_begun ON api_requests (begun_at);
    ALTER TABLE accounts ADD COLUMN language TEXT;
    CREATE TABLE passkeys (credential BLOB PRIMARY KEY,
        account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE, name TEXT NOT NULL,
        key TEXT NOT NULL, counter INTEGER NOT NULL, created_at INTEGER NOT NULL,
        last_used_at INTEGER, blocked_at INTEGER) STRICT, WITHOUT ROWID;
    CREATE INDEX passkeys_account ON passkeys (account);
    UPDATE accounts SET language = 'en';
    INSERT INTO passkeys VALUES (x'6b31', 'a-1', 'key', '{}', 7, 2, 3, NULL);
    INSERT INTO api_tokens VALUES ('t-1', 'p-1', zeroblob(32), 4);
    INSERT INTO sessions VALUES (zeroblob(32), 'a-1', zeroblob(32), 5, 5, 9000000000000);
    PRAGMA user_version = 3;";

#[test]
fn accounts_of_the_release_before_import_profiles_are_carried_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("accounts.sqlite");
    let old = Connection::open(&file).unwrap();
    old.execute_batch(BEFORE).unwrap();
    old.execute_batch(UNTIL_PROFILES).unwrap();
    drop(old);
    let accounts = Accounts::open(&file).unwrap();
    let kept = accounts.by_login("yamada").unwrap().unwrap();
    assert_eq!(kept.password.as_deref(), Some("$argon2id$x"));
    assert_eq!(accounts.language_of("p-1").unwrap().as_deref(), Some("en"));
    let [key] = &accounts.passkeys("a-1").unwrap()[..] else {
        panic!("one passkey")
    };
    assert_eq!((&*key.credential, key.counter), (&b"k1"[..], 7));
    assert_eq!(accounts.count_sessions(6, 1000).unwrap(), 1);
    assert!(accounts.profiles("medium").unwrap().is_empty());
    let profile = ImportProfile {
        name: "総務課の台帳".to_owned(),
        mapping: "{}".to_owned(),
        saved_at: NOW,
    };
    accounts.save_profile("medium", &profile).unwrap();
    drop(accounts);
    let again = Accounts::open(&file).unwrap();
    assert_eq!(again.profiles("medium").unwrap(), [profile]);
}
