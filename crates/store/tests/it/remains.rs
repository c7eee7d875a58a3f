//! Ledgers cut at many places: where reading ends is told, and nothing is changed.

use std::fs;
use std::path::Path;

use sekisho_store::Remains;
use sekisho_store::sqlite::ledger::{Access, LedgerStore};

use crate::ledger::{append, entry};

const PAGE: usize = 8192;

/// A ledger of 900 entries, closed; entries, tiles and blobs lie mixed over its pages.
fn ledger(path: &Path) {
    let mut store = LedgerStore::open(path, Access::Write).unwrap();
    for n in 0..9 {
        append(&mut store, n * 100, 100);
    }
}

/// What stands in the table of a fresh copy, read by the same program from the whole file.
fn matches_the_whole(cut: &Path, records: u64) {
    let Ok(store) = LedgerStore::open(cut, Access::Read) else {
        return;
    };
    if records > 0 {
        let last = records - 1;
        assert_eq!(store.entry(last).unwrap().unwrap().1, entry(last).record);
    }
}

#[test]
fn every_cut_names_where_reading_ends() {
    let dir = tempfile::tempdir().unwrap();
    let (path, copy) = (dir.path().join("l"), dir.path().join("cut"));
    ledger(&path);
    let whole = fs::read(&path).unwrap();
    let sound = Remains::of(&path).unwrap();
    assert_eq!((sound.records, sound.broken), (900, false));
    assert_eq!((sound.parts.len(), sound.is_cut()), (0, false));
    assert_eq!(sound.whole, Some(whole.len() as u64));

    // Inside the header, at and beside every edge of a page, and in the midst of pages.
    let inside = [0, 1, 16, 17, 50, 99, 100, 101, 511, 512, 2000];
    let pages = (1..whole.len() / PAGE).flat_map(|page| {
        let edge = page * PAGE;
        [edge - 1, edge, edge + 1, edge + 8, edge + 900, edge + 6000]
    });
    let mut ends = std::collections::BTreeSet::new();
    for length in inside.into_iter().chain(pages) {
        fs::write(&copy, &whole[..length]).unwrap();
        let left = Remains::of(&copy).unwrap();
        assert!(left.is_cut(), "{length}");
        assert_eq!(left.length, length as u64);
        assert!(
            left.records <= 900 && left.broken == (left.records < 900),
            "{length}: {left:?}"
        );
        // Something is always missed: a record, or a page of the other tables.
        assert!(left.broken || !left.parts.is_empty(), "{length}: {left:?}");
        matches_the_whole(&copy, left.records);
        assert_eq!(fs::read(&copy).unwrap(), &whole[..length], "changed");
        if length < PAGE {
            assert_eq!((left.records, left.broken), (0, true), "{length}");
        }
        ends.insert(left.records);
    }
    // Not one answer for all.
    assert!(ends.len() > 12, "{ends:?}");
}

#[test]
fn pages_that_are_only_in_the_log_are_counted_in() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("l");
    ledger(&path);
    let folded = fs::read(&path).unwrap();
    let mut store = LedgerStore::open(&path, Access::Write).unwrap();
    append(&mut store, 900, 100);
    // As a loss of power leaves it: the log was not yet taken into the database.
    let crashed = dir.path().join("crashed");
    let log = |path: &Path| {
        let mut name = path.as_os_str().to_owned();
        name.push("-wal");
        std::path::PathBuf::from(name)
    };
    let wal = fs::read(log(&path)).unwrap();
    assert!(!wal.is_empty());
    drop(store);
    let put = |length: usize, log_length: usize| {
        fs::write(&crashed, &folded[..length]).unwrap();
        fs::write(log(&crashed), &wal[..log_length]).unwrap();
        Remains::of(&crashed).unwrap()
    };
    let all = put(folded.len(), wal.len());
    assert_eq!((all.records, all.broken), (1000, false));
    // The log cut: SQLite takes what was committed before the cut, and no half of it.
    let short = put(folded.len(), wal.len() / 2);
    assert_eq!((short.records, short.broken), (900, false));
    // The database cut under a whole log.
    for page in [2, 5, folded.len() / PAGE / 2] {
        let left = put(page * PAGE, wal.len());
        assert!(left.broken && left.records < 900, "{page}: {left:?}");
    }
}

#[test]
fn a_page_of_noise_ends_the_reading_there() {
    let dir = tempfile::tempdir().unwrap();
    let (path, copy) = (dir.path().join("l"), dir.path().join("copy"));
    ledger(&path);
    let whole = fs::read(&path).unwrap();
    let at = whole
        .windows(10)
        .position(|bytes| bytes == br#"{"n":500},"#)
        .or_else(|| whole.windows(8).position(|bytes| bytes == br#""n":500}"#));
    let page = at.unwrap() / PAGE;
    let mut bytes = whole;
    bytes[page * PAGE..(page + 1) * PAGE].fill(0xaa);
    fs::write(&copy, &bytes).unwrap();
    let left = Remains::of(&copy).unwrap();
    assert!(left.broken && !left.is_cut(), "{left:?}");
    assert!((400..=500).contains(&left.records), "{left:?}");
    // An open store, as the server has it, names the same place.
    let store = LedgerStore::open(&copy, Access::Read).unwrap();
    assert_eq!(store.first_unreadable(), Some(left.records));
}

#[test]
fn what_is_no_ledger_has_nothing_to_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("l");
    assert_eq!(Remains::of(&path).unwrap_err().code(), "not-found");
    for junk in [&b""[..], b"just text", &[0xff; 9000]] {
        fs::write(&path, junk).unwrap();
        let left = Remains::of(&path).unwrap();
        assert_eq!((left.records, left.broken), (0, true));
        assert_eq!(fs::read(&path).unwrap(), junk);
    }
    // Without a single entry there is nothing to lose.
    fs::remove_file(&path).unwrap();
    drop(LedgerStore::open(&path, Access::Write).unwrap());
    let left = Remains::of(&path).unwrap();
    assert_eq!((left.records, left.broken), (0, false));
}
