//! The ledger's store from outside: appending, views, tampering with the file, bad places.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use sekisho_ledger::{
    BlobRef, Digest, FindingCode, InclusionProof, Place, Record, Salt, SignerKey, verify,
};
use sekisho_store::sqlite::ledger::{Access, Appended, DataLock, LedgerStore, NewEntry};
use serde_json::json;

pub fn signer() -> SignerKey {
    SignerKey::new("ledger.example/store", &[5; 32]).unwrap()
}

/// The entry `n`; every seventh brings a blob.
pub fn entry(n: u64) -> NewEntry {
    let blob = (n % 7 == 3).then(|| format!("blob {n}").into_bytes());
    let record = Record {
        kind: "test.happened".into(),
        version: 1,
        actor: json!({"person": "p"}),
        recorded_at: 1_700_000_000_000 + n.cast_signed(),
        effective_from: None,
        payload: json!({"n": n, "data": blob.as_ref().map(|b| BlobRef::of(b).to_value())}),
    };
    let mut salt = [0; 16];
    salt[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    NewEntry {
        salt: Salt(salt),
        record: record.to_bytes().unwrap(),
        blobs: blob.into_iter().collect(),
    }
}

pub fn append(store: &mut LedgerStore, from: u64, count: u64) -> Appended {
    let key = signer();
    let batch: Vec<_> = (from..from + count).map(entry).collect();
    store
        .append(&batch, &|size, root| key.sign(size, root))
        .unwrap()
}

/// A ledger file of `size` entries, closed.
fn ledger(folder: &Path, size: u64) -> PathBuf {
    let path = folder.join("ledger.sqlite");
    let mut store = LedgerStore::open(&path, Access::Write).unwrap();
    let mut at = 0;
    while at < size {
        let count = (size - at).min(97);
        append(&mut store, at, count);
        at += count;
    }
    path
}

fn report(path: &Path, outside: Option<&[u8]>) -> sekisho_ledger::Report {
    let store = LedgerStore::open(path, Access::Read).unwrap();
    verify(&store.view().unwrap(), signer().verifier(), outside).unwrap()
}

#[test]
fn what_is_appended_is_read_back_proved_and_verified() {
    let dir = tempfile::tempdir().unwrap();
    let path = ledger(dir.path(), 700);
    let mut store = LedgerStore::open(&path, Access::Write).unwrap();
    let appended = append(&mut store, 700, 3);
    assert_eq!((appended.first_seq, appended.size), (700, 703));
    assert_eq!(store.checkpoint().unwrap(), Some(appended.checkpoint));
    assert_eq!(store.root().unwrap(), appended.root);
    assert_eq!(store.entry(0).unwrap().unwrap().1, entry(0).record);
    assert_eq!(store.entry(703).unwrap(), None);
    assert_eq!(
        store.blob(&Digest::of(b"blob 3")).unwrap(),
        Some(b"blob 3".to_vec())
    );

    let reader = LedgerStore::open(&path, Access::Read).unwrap();
    let view = reader.view().unwrap();
    append(&mut store, 703, 10);
    assert_eq!(view.size(), 703, "a view does not move");
    assert_eq!(store.size().unwrap(), 713);
    let mut seen = Vec::new();
    let count = view.range(650, 100, &mut |row| {
        seen.push((row.seq, row.salt, row.record.to_vec()));
        Ok(())
    });
    assert_eq!(count.unwrap(), 53);
    let expected: Vec<_> = (650..703)
        .map(|n| (n, entry(n).salt, entry(n).record))
        .collect();
    assert_eq!(seen, expected);
    let proof = InclusionProof::make(&view, 258, 703).unwrap().unwrap();
    let one = entry(258);
    let hash = sekisho_ledger::digest::entry_hash(&one.salt, &one.record);
    proof.verify(&hash, &appended.root).unwrap();
    drop(view);
    let found = verify(&reader.view().unwrap(), signer().verifier(), None).unwrap();
    assert!(found.is_clean(), "{:?}", found.findings);
    assert_eq!((found.records, found.blobs), (713, 102));
}

#[test]
fn what_would_not_verify_is_not_appended() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = LedgerStore::open(&dir.path().join("l"), Access::Write).unwrap();
    append(&mut store, 10, 5);
    let key = signer();
    let mut refuse = |batch: &[NewEntry], why: &str| {
        let error = store
            .append(batch, &|size, root| key.sign(size, root))
            .unwrap_err();
        assert_eq!((error.code(), error.subject().as_str()), ("bad-input", why));
        assert_eq!(store.size().unwrap(), 5);
    };
    refuse(&[], "record 0: empty-batch");
    refuse(&[entry(20), entry(19)], "record 1: time-backwards");
    refuse(&[entry(9)], "record 0: time-backwards");
    let mut spaced = entry(20);
    spaced.record.push(b' ');
    refuse(&[spaced], "record 0: not-canonical");
    let mut blobless = entry(24);
    blobless.blobs.clear();
    refuse(&[blobless], "record 0: blob-missing");
    let mut stranger = entry(20);
    stranger.blobs.push(b"x".to_vec());
    refuse(&[stranger], "record 0: blob-unreferenced");
    append(&mut store, 20, 5);
    assert!(report(store.path(), None).is_clean());
}

/// A statement that tampers, and what must be found where.
const TAMPERING: &[(&str, &str, &str)] = &[
    (
        "UPDATE entries SET record = CAST(replace(CAST(record AS TEXT), '\"n\":77', '\"n\":78')
         AS BLOB) WHERE seq = 77",
        "entry-mismatch",
        "seq 77",
    ),
    (
        "UPDATE entries SET salt = zeroblob(16) WHERE seq = 299",
        "entry-mismatch",
        "seq 299",
    ),
    (
        "DELETE FROM entries WHERE seq = 5",
        "entry-missing",
        "seq 5",
    ),
    (
        "DELETE FROM entries WHERE seq = 299",
        "entry-missing",
        "seq 299",
    ),
    (
        "DELETE FROM entries WHERE seq >= 290",
        "entry-missing",
        "seq 290..300",
    ),
    (
        "UPDATE tiles SET hashes = zeroblob(8192) WHERE id = 0",
        "tile-mismatch",
        "tile/0/000",
    ),
    (
        "DELETE FROM tiles WHERE id = 0",
        "tile-missing",
        "tile/0/000",
    ),
    (
        "UPDATE blobs SET bytes = zeroblob(7) WHERE bytes = CAST('blob 10' AS BLOB)",
        "blob-mismatch",
        "blob 10",
    ),
    (
        "DELETE FROM blobs WHERE bytes = CAST('blob 10' AS BLOB)",
        "blob-missing",
        "blob 10",
    ),
    (
        "UPDATE checkpoints SET text = zeroblob(99)",
        "checkpoint-invalid",
        "checkpoint",
    ),
    (
        "DELETE FROM checkpoints",
        "checkpoint-missing",
        "checkpoint",
    ),
];

#[test]
fn tampering_with_the_file_is_found_and_its_place_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = ledger(dir.path(), 300);
    for (statement, code, place) in TAMPERING {
        let copy = dir.path().join("copy");
        std::fs::copy(&path, &copy).unwrap();
        let conn = Connection::open(&copy).unwrap();
        assert!(conn.execute(statement, []).unwrap() > 0, "{statement}");
        drop(conn);
        // The table names a blob by its content.
        let place = match place.strip_prefix("blob ") {
            Some(_) => Place::Blob(Digest::of(place.as_bytes())).to_string(),
            None => (*place).to_owned(),
        };
        let report = report(&copy, None);
        let named = report
            .findings
            .iter()
            .any(|f| f.code.as_str() == *code && f.place.to_string() == place);
        assert!(named, "{statement}: {:?}", report.findings);
    }
}

#[test]
fn a_cut_or_rolled_back_ledger_is_found_with_a_checkpoint_kept_outside() {
    let dir = tempfile::tempdir().unwrap();
    let path = ledger(dir.path(), 300);
    let backup = dir.path().join("backup");
    std::fs::copy(&path, &backup).unwrap();
    let mut store = LedgerStore::open(&path, Access::Write).unwrap();
    let outside = append(&mut store, 300, 5).checkpoint;
    drop(store);
    assert!(report(&path, Some(outside.as_bytes())).is_clean());
    let rolled_back = report(&backup, Some(outside.as_bytes()));
    assert_eq!(rolled_back.findings[0].code, FindingCode::OutsideAhead);
    assert!(
        report(&backup, None).is_clean(),
        "without it nothing can be known"
    );
}

#[test]
fn a_writer_does_not_go_on_from_parts_that_do_not_fit() {
    let dir = tempfile::tempdir().unwrap();
    let path = ledger(dir.path(), 20);
    let conn = Connection::open(&path).unwrap();
    conn.execute("DELETE FROM entries WHERE seq = 19", [])
        .unwrap();
    drop(conn);
    let error = LedgerStore::open(&path, Access::Write).unwrap_err();
    assert_eq!(error.code(), "corrupt");
    assert_eq!(error.subject(), "ledger: 19 entries, checkpoint counts 20");
}

#[test]
fn one_process_at_a_time_and_the_other_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let lock = DataLock::acquire(dir.path()).unwrap();
    let error = DataLock::acquire(dir.path()).unwrap_err();
    assert_eq!(error.code(), "locked");
    assert_eq!(DataLock::holder(dir.path()), Some(std::process::id()));
    drop(lock);
    DataLock::acquire(dir.path()).unwrap();
}
