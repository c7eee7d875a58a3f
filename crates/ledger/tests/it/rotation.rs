//! Ledgers whose key was changed: what the old key signed while it was active still verifies.

use sekisho_ledger::export::{CHECKPOINT_PATH, export, verify_export};
use sekisho_ledger::{CheckpointKeys, FindingCode, KeyHistory, KnownKey, Place, Report, SignerKey};

use crate::memory::{Memory, signer};

/// When record `seq` of the test ledger was made.
fn made(seq: i64) -> i64 {
    1_700_000_000_000 + seq * 10
}

fn next() -> SignerKey {
    SignerKey::new("ledger.example/test", &[4; 32]).unwrap()
}

/// The first key, retired at a moment, and the one that took its place.
fn keys(retired_at: i64) -> KeyHistory {
    let known = |key: &SignerKey, retired_at| KnownKey {
        key: key.verifier().clone(),
        retired_at,
    };
    KeyHistory::new(vec![
        known(&signer(), Some(retired_at)),
        known(&next(), None),
    ])
    .unwrap()
}

/// The test ledger, its checkpoint signed by a key.
fn signed(size: u64, key: &SignerKey) -> Memory {
    let mut memory = Memory::new(size);
    let text = memory.checkpoint.take().unwrap();
    let root = signer().verifier().open(&text).unwrap().root;
    memory.checkpoint = Some(key.sign(size, root).into_bytes());
    memory
}

fn verify<K: CheckpointKeys>(memory: &Memory, keys: &K, outside: Option<&[u8]>) -> Report {
    let Ok(report) = sekisho_ledger::verify(memory, keys, outside);
    report
}

fn found(report: &Report) -> Vec<(FindingCode, Place, Option<&'static str>)> {
    let all = report.findings.iter();
    all.map(|it| (it.code, it.place, it.detail)).collect()
}

#[test]
fn checkpoints_of_before_and_after_a_rotation_both_verify() {
    // Retired right after record 299 was made, in the middle of a tile.
    let keys = keys(made(299));
    let before = Memory::new(300).checkpoint.unwrap();
    for size in [300, 301, 512, 600] {
        let ledger = signed(size, &next());
        for outside in [None, Some(before.as_slice())] {
            let report = verify(&ledger, &keys, outside);
            assert!(report.is_clean(), "{size}: {:?}", report.findings);
        }
        // With the new key alone the old checkpoint is a stranger's.
        let report = verify(&ledger, next().verifier(), Some(&before));
        assert_eq!(report.findings[0].detail, Some("checkpoint-unsigned"));
    }
    // A rotation that was cut off: the ledger has not grown and the old key alone has signed it.
    assert!(verify(&Memory::new(300), &keys, None).is_clean());
}

#[test]
fn a_retired_key_signs_no_later_record() {
    let keys = keys(made(299));
    let late = Some("checkpoint-key-retired");
    for size in [301, 512, 600] {
        let stored = Memory::new(size);
        assert_eq!(
            found(&verify(&stored, &keys, None)),
            [(FindingCode::CheckpointInvalid, Place::Checkpoint, late)]
        );
        let ledger = signed(600, &next());
        let outside = stored.checkpoint.as_deref();
        assert_eq!(
            found(&verify(&ledger, &keys, outside)),
            [(FindingCode::OutsideInvalid, Place::OutsideCheckpoint, late)]
        );
    }
}

#[test]
fn an_export_verifies_with_the_history_of_keys() {
    let ledger = signed(300, &next());
    let mut files = std::collections::BTreeMap::new();
    export(&ledger, &|_| true, &mut |path, bytes| {
        files.insert(path.to_owned(), bytes.to_vec());
        Ok::<(), std::convert::Infallible>(())
    })
    .unwrap();
    assert!(files.contains_key(CHECKPOINT_PATH));
    let lookup = |path: &str| files.get(path).cloned();
    assert!(verify_export(&lookup, &keys(made(100)), None).is_clean());
    assert!(!verify_export(&lookup, signer().verifier(), None).is_clean());
    let before = Memory::new(100).checkpoint.unwrap();
    assert!(verify_export(&lookup, &keys(made(100)), Some(&before)).is_clean());
    let late = Memory::new(102).checkpoint.unwrap();
    let report = verify_export(&lookup, &keys(made(100)), Some(&late));
    assert_eq!(report.findings[0].detail, Some("checkpoint-key-retired"));
}
