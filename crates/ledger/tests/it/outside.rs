//! What only a checkpoint kept outside can tell.

use sekisho_ledger::{FindingCode, Place, SignerKey, Unknown};

use crate::memory::{Memory, record, signer, verify};

#[test]
fn without_an_outside_checkpoint_the_report_says_what_it_cannot_know() {
    let key = signer();
    let report = verify(&Memory::new(30), key.verifier(), None).unwrap();
    assert!(report.is_clean());
    assert_eq!(report.unknown, [Unknown::NoOutsideCheckpoint]);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["unknown"][0], "no-outside-checkpoint");
}

#[test]
fn every_older_checkpoint_is_continued() {
    let key = signer();
    for (old, new) in [
        (0u64, 5),
        (1, 1),
        (255, 256),
        (256, 600),
        (257, 600),
        (600, 600),
    ] {
        let outside = match Memory::new(old).checkpoint {
            Some(text) => text,
            None => key
                .sign(0, sekisho_ledger::digest::empty_root())
                .into_bytes(),
        };
        let report = verify(&Memory::new(new), key.verifier(), Some(&outside)).unwrap();
        assert!(report.is_clean(), "{old} → {new}: {:?}", report.findings);
        assert!(report.unknown.is_empty());
    }
}

#[test]
fn truncation_and_roll_back_of_the_whole_folder_are_found() {
    let key = signer();
    let outside = Memory::new(600).checkpoint.unwrap();
    for size in [0u64, 1, 256, 599] {
        // A whole ledger of an earlier moment, with its own valid checkpoint.
        let rolled_back = Memory::new(size);
        assert!(
            verify(&rolled_back, key.verifier(), None)
                .unwrap()
                .is_clean()
        );
        let report = verify(&rolled_back, key.verifier(), Some(&outside)).unwrap();
        let found: Vec<_> = report.findings.iter().map(|f| (f.code, f.place)).collect();
        assert_eq!(
            found,
            [(FindingCode::OutsideAhead, Place::OutsideCheckpoint)]
        );
    }
}

#[test]
fn a_rewrite_signed_again_with_the_real_key_is_found() {
    let key = signer();
    let honest = Memory::new(300);
    for changed in [0u64, 100, 256, 299] {
        for size in [300u64, 301, 700] {
            let rewritten = Memory::with(size, &|seq| {
                record(
                    seq,
                    if seq == changed {
                        "another"
                    } else {
                        "日本語 \"quoted\"\n"
                    },
                )
            });
            assert!(verify(&rewritten, key.verifier(), None).unwrap().is_clean());
            let outside = honest.checkpoint.as_deref();
            let report = verify(&rewritten, key.verifier(), outside).unwrap();
            let found: Vec<_> = report.findings.iter().map(|f| (f.code, f.place)).collect();
            assert_eq!(
                found,
                [(FindingCode::OutsideFork, Place::OutsideCheckpoint)]
            );
        }
    }
}

#[test]
fn another_ledgers_checkpoint_is_not_taken() {
    let key = signer();
    let ledger = Memory::new(30);
    let other = SignerKey::new("ledger.example/test", &[4; 32]).unwrap();
    let text = other.sign(30, sekisho_ledger::Digest([0; 32]));
    let report = verify(&ledger, key.verifier(), Some(text.as_bytes())).unwrap();
    assert_eq!(report.findings[0].code, FindingCode::OutsideInvalid);
    assert_eq!(report.findings[0].detail, Some("checkpoint-unsigned"));
}
