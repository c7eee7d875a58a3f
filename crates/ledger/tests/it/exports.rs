//! Static exports, whole and with records left out.

use std::collections::BTreeMap;
use std::convert::Infallible;

use sekisho_ledger::export::{export, record_path, verify_export};
use sekisho_ledger::{Place, TileId};

use crate::memory::{Memory, Random, signer};

pub fn files(ledger: &Memory, disclose: &dyn Fn(u64) -> bool) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    export::<_, Infallible>(ledger, disclose, &mut |path, bytes| {
        files.insert(path.to_owned(), bytes.to_vec());
        Ok(())
    })
    .unwrap();
    files
}

#[test]
fn an_export_verifies_and_a_disclosure_copy_says_what_is_left_out() {
    let key = signer();
    let ledger = Memory::new(600);
    let outside = Memory::new(256).checkpoint;
    let all = files(&ledger, &|_| true);
    let report = verify_export(
        &|path| all.get(path).cloned(),
        key.verifier(),
        outside.as_deref(),
    );
    assert!(report.is_clean(), "{:?}", report.findings);
    assert_eq!((report.records, report.undisclosed_records), (600, 0));
    assert_eq!(report.blobs, ledger.blobs.len() as u64);

    let some = files(&ledger, &|seq| seq % 10 == 3);
    assert!(!some.contains_key(&record_path(4)));
    let report = verify_export(&|path| some.get(path).cloned(), key.verifier(), None);
    assert!(report.is_clean(), "{:?}", report.findings);
    assert_eq!((report.records, report.undisclosed_records), (60, 540));
    assert!(report.blobs > 0 && report.blobs < ledger.blobs.len() as u64);
}

#[test]
fn every_changed_file_of_an_export_is_found() {
    let key = signer();
    let whole = files(&Memory::new(300), &|_| true);
    let mut random = Random(7);
    for _ in 0..2000 {
        let mut copy = whole.clone();
        let path = whole.keys().nth(random.below(whole.len())).unwrap();
        let bytes = copy.get_mut(path).unwrap();
        let at = random.below(bytes.len());
        bytes[at] ^= (1 + random.below(255)) as u8;
        let report = verify_export(&|path| copy.get(path).cloned(), key.verifier(), None);
        assert!(!report.is_clean(), "{path} at {at}");
        let seq = path
            .strip_prefix("records/")
            .and_then(|p| p.strip_suffix(".json"));
        if let Some(seq) = seq {
            let place = Place::Seq(seq.parse().unwrap());
            assert!(
                report.findings.iter().any(|f| f.place == place),
                "{path} at {at}"
            );
        }
    }
}

#[test]
fn missing_tiles_and_bundles_are_found() {
    let key = signer();
    let whole = files(&Memory::new(300), &|_| true);
    for path in [
        "tile/0/000",
        "tile/1/000.p/1",
        "tile/entries/000",
        "checkpoint",
    ] {
        let mut copy = whole.clone();
        assert!(copy.remove(path).is_some(), "{path}");
        let report = verify_export(&|path| copy.get(path).cloned(), key.verifier(), None);
        match path {
            // Without a checkpoint nothing is claimed: the export counts as empty.
            "checkpoint" => assert_eq!(report.size, 0),
            "tile/0/000" => {
                let place = Place::Tile(TileId { level: 0, index: 0 });
                assert!(report.findings.iter().any(|f| f.place == place));
            }
            _ => assert!(!report.is_clean(), "{path}"),
        }
    }
}
