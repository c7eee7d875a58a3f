//! Every random change, deletion and reordering is found and its place named.

use sekisho_ledger::{Digest, FindingCode, Place, Report, TileId};

use crate::memory::{Memory, Random, signer, verify};

/// Applies one random mutation; the places of which each must be named.
fn mutate(ledger: &mut Memory, random: &mut Random) -> (String, Vec<Place>) {
    let kind = random.below(15);
    let places = match kind {
        0..=6 => mutate_entry(ledger, random, kind),
        7..=10 => mutate_tile(ledger, random, kind),
        11 => {
            let text = ledger.checkpoint.as_mut().unwrap();
            flip(text, random);
            vec![Place::Checkpoint]
        }
        _ => mutate_blob(ledger, random, kind),
    };
    (format!("kind {kind}"), places)
}

/// Changes one byte to another value.
fn flip(bytes: &mut [u8], random: &mut Random) {
    bytes[random.below(bytes.len())] ^= (1 + random.below(255)) as u8;
}

fn mutate_entry(ledger: &mut Memory, random: &mut Random, kind: usize) -> Vec<Place> {
    let n = ledger.entries.len();
    let at = random.below(n);
    let place = Place::Seq(at as u64);
    let record = &mut ledger.entries[at].2;
    match kind {
        0 | 1 => flip(record, random),
        2 => {
            record.remove(random.below(record.len()));
        }
        3 => record.insert(random.below(record.len() + 1), random.below(256) as u8),
        4 => flip(&mut ledger.entries[at].1, random),
        5 => {
            ledger.entries.remove(at);
        }
        _ => {
            let other = (at + 1 + random.below(n - 1)) % n;
            ledger.entries.swap(at, other);
            // Places stay in order, contents change places.
            let (a, b) = (ledger.entries[at].0, ledger.entries[other].0);
            (ledger.entries[at].0, ledger.entries[other].0) = (b, a);
            return vec![place, Place::Seq(other as u64)];
        }
    }
    vec![place]
}

fn mutate_tile(ledger: &mut Memory, random: &mut Random, kind: usize) -> Vec<Place> {
    let id = *ledger
        .tiles
        .keys()
        .nth(random.below(ledger.tiles.len()))
        .unwrap();
    let bytes = ledger.tiles.get_mut(&id).unwrap();
    match kind {
        7 | 8 => flip(bytes, random),
        9 => {
            ledger.tiles.remove(&id);
        }
        _ => bytes.truncate(random.below(bytes.len())),
    }
    vec![Place::Tile(id)]
}

fn mutate_blob(ledger: &mut Memory, random: &mut Random, kind: usize) -> Vec<Place> {
    let place = |digest: &[u8]| Place::Blob(Digest::from_slice(digest).unwrap());
    let blob = ledger
        .blobs
        .keys()
        .nth(random.below(ledger.blobs.len()))
        .unwrap()
        .clone();
    match kind {
        12 => flip(ledger.blobs.get_mut(&blob).unwrap(), random),
        13 => {
            ledger.blobs.remove(&blob);
        }
        _ => {
            let other = ledger
                .blobs
                .keys()
                .find(|key| **key != blob)
                .unwrap()
                .clone();
            let (a, b) = (ledger.blobs[&blob].clone(), ledger.blobs[&other].clone());
            ledger.blobs.insert(blob.clone(), b);
            ledger.blobs.insert(other.clone(), a);
            return vec![place(&blob), place(&other)];
        }
    }
    vec![place(&blob)]
}

fn check(report: &Report, what: &str, places: &[Place]) {
    assert!(!report.is_clean(), "{what}: not found");
    for place in places {
        let named = report
            .findings
            .iter()
            .any(|finding| finding.place == *place);
        assert!(named, "{what}: {place} not named in {:?}", report.findings);
    }
    // One change is not blamed on its neighbours.
    for finding in &report.findings {
        let innocent = matches!(
            finding.code,
            FindingCode::EntryMismatch | FindingCode::EntryMissing | FindingCode::TileMismatch
        ) && !places.contains(&finding.place);
        // Without a signed root nothing at the right edge can be decided, but there also
        // nothing else was changed.
        assert!(
            !innocent,
            "{what}: {} blamed: {:?}",
            finding.place, report.findings
        );
    }
}

#[test]
fn ten_thousand_random_mutations_are_found_and_their_place_named() {
    let key = signer();
    let mut random = Random(0x5ec1_5401);
    let mut count = 0;
    for (size, share) in [(40u64, 3000), (256, 1500), (300, 4000), (600, 1500)] {
        let whole = Memory::new(size);
        let report = verify(&whole, key.verifier(), None).unwrap();
        assert!(report.is_clean(), "{:?}", report.findings);
        assert_eq!(report.records, size);
        for _ in 0..share {
            let mut ledger = whole.clone();
            let (what, places) = mutate(&mut ledger, &mut random);
            let report = verify(&ledger, key.verifier(), None).unwrap();
            check(&report, &format!("size {size}, {what}"), &places);
            count += 1;
        }
    }
    assert_eq!(count, 10_000);
}

#[test]
fn several_changes_at_once_are_each_named() {
    let key = signer();
    let whole = Memory::new(600);
    let tile = TileId { level: 0, index: 1 };
    let mut ledger = whole.clone();
    ledger.entries[3].2[20] ^= 1;
    ledger.entries[590].1[0] ^= 1;
    ledger.tiles.get_mut(&tile).unwrap()[40] ^= 1;
    let report = verify(&ledger, key.verifier(), None).unwrap();
    for place in [Place::Seq(3), Place::Seq(590), Place::Tile(tile)] {
        assert!(
            report.findings.iter().any(|f| f.place == place),
            "{:?}",
            report.findings
        );
    }
}

#[test]
fn entries_tiles_and_blobs_that_do_not_belong_are_found() {
    let key = signer();
    let codes = |ledger: &Memory| {
        let report = verify(ledger, key.verifier(), None).unwrap();
        report
            .findings
            .iter()
            .map(|f| (f.code, f.place))
            .collect::<Vec<_>>()
    };
    let whole = Memory::new(300);
    let mut added = whole.clone();
    let (_, salt, record) = added.entries[299].clone();
    added.entries.push((300, salt, record));
    assert_eq!(
        codes(&added),
        [(FindingCode::EntryUnsigned, Place::Seq(300))]
    );

    let mut twice = whole.clone();
    let entry = twice.entries[10].clone();
    twice.entries.insert(11, entry);
    assert_eq!(codes(&twice), [(FindingCode::EntryOrder, Place::Seq(10))]);

    let mut extra = whole.clone();
    let id = TileId { level: 0, index: 2 };
    extra.tiles.insert(id, vec![0; 32]);
    assert_eq!(codes(&extra), [(FindingCode::TileExtra, Place::Tile(id))]);

    let mut blob = whole.clone();
    let digest = Digest::of(b"unknown");
    blob.blobs.insert(digest.0.to_vec(), b"unknown".to_vec());
    assert_eq!(
        codes(&blob),
        [(FindingCode::BlobUnreferenced, Place::Blob(digest))]
    );

    let mut missing = whole.clone();
    missing.checkpoint = None;
    assert_eq!(
        codes(&missing),
        [(FindingCode::CheckpointMissing, Place::Checkpoint)]
    );

    let mut tail = whole;
    tail.entries.truncate(280);
    assert_eq!(
        codes(&tail),
        [(FindingCode::EntryMissing, Place::Range(280, 300))]
    );
}

#[test]
fn a_hostile_sequence_number_does_not_hang_the_verification() {
    let key = signer();
    let mut ledger = Memory::new(10);
    ledger.checkpoint = None;
    ledger.entries[9].0 = u64::MAX - 1;
    let report = verify(&ledger, key.verifier(), None).unwrap();
    let place = Place::Range(9, u64::MAX - 1);
    assert!(
        report.findings.iter().any(|f| f.place == place),
        "{:?}",
        report.findings
    );
}

#[test]
fn time_that_runs_backwards_is_found_even_when_signed() {
    let key = signer();
    let ledger = Memory::with(20, &|seq| {
        let (mut record, blob) = crate::memory::record(seq, "x");
        if seq == 11 {
            record.recorded_at -= 1_000;
        }
        (record, blob)
    });
    let report = verify(&ledger, key.verifier(), None).unwrap();
    let found: Vec<_> = report.findings.iter().map(|f| (f.code, f.place)).collect();
    assert_eq!(found, [(FindingCode::TimeBackwards, Place::Seq(11))]);
}
