//! What a write-ahead log holds, read from its frames (SQLite file format, section 4).

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::Path;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The mark of a log; its last bit says whether checksums read words with the highest byte first.
const MAGIC: u32 = 0x377f_0682;

/// Whether the log beside `database` holds, committed and whole, the page of this number (from 1), as
/// SQLite itself would read it: it stops at the first frame whose salts or checksum do not fit. A log
/// that is not there, or is of other pages, holds nothing.
///
/// Opening and closing the log is harmless: SQLite's locks are on the database and its index.
pub(crate) fn holds(database: &Path, page_size: u32, number: u64) -> io::Result<bool> {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    let log = match File::open(log) {
        Ok(log) => log,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let mut log = BufReader::new(log);
    let mut header = [0; HEADER];
    if !filled(&mut log, &mut header)? {
        return Ok(false);
    }
    let magic = word(&header, 0);
    if magic & !1 != MAGIC || word(&header, 8) != page_size {
        return Ok(false);
    }
    let mut sum = Checksum::new(magic & 1 == 1);
    sum.add(&header[..24]);
    if !sum.is(&header[24..]) {
        return Ok(false);
    }
    let mut page = vec![0; usize::try_from(page_size).unwrap_or_default()];
    let mut frame = [0; FRAME_HEADER];
    let mut found = false;
    while filled(&mut log, &mut frame)? && filled(&mut log, &mut page)? {
        sum.add(&frame[..8]);
        sum.add(&page);
        // What follows is torn, or left over from before the log was begun anew.
        if frame[8..16] != header[16..24] || !sum.is(&frame[16..]) {
            return Ok(false);
        }
        found |= u64::from(word(&frame, 0)) == number;
        let commits = word(&frame, 4) != 0;
        if found && commits {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The word at a place, the highest byte first; nothing beyond the end.
fn word(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..at + 4).and_then(|it| it.try_into().ok());
    four.map_or(0, u32::from_be_bytes)
}

/// Whether the log went far enough to fill it.
fn filled(log: &mut impl Read, bytes: &mut [u8]) -> io::Result<bool> {
    match log.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// The running checksum of a log (section 4.2).
struct Checksum {
    high_first: bool,
    sums: [u32; 2],
}

impl Checksum {
    const fn new(high_first: bool) -> Self {
        Self {
            high_first,
            sums: [0; 2],
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        let read = |at: &[u8]| {
            let word = word(at, 0);
            if self.high_first {
                word
            } else {
                word.swap_bytes()
            }
        };
        let [mut one, mut two] = self.sums;
        for pair in bytes.chunks_exact(8) {
            one = one.wrapping_add(read(&pair[..4])).wrapping_add(two);
            two = two.wrapping_add(read(&pair[4..])).wrapping_add(one);
        }
        self.sums = [one, two];
    }

    fn is(&self, stored: &[u8]) -> bool {
        self.sums == [word(stored, 0), word(stored, 4)]
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::path::{Path, PathBuf};

    use rusqlite::Connection;

    use super::holds;
    use crate::db::require_whole_pages;

    fn log_of(path: &Path) -> PathBuf {
        path.with_extension("sqlite-wal")
    }

    /// A log that held anything at all once excused any database that ended in the midst of a page.
    #[test]
    fn a_log_stands_in_for_the_pages_that_it_holds_and_for_no_others() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("it.sqlite");
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch(
            "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
             CREATE TABLE first (text); CREATE TABLE last (text);
             INSERT INTO first VALUES ('a'); INSERT INTO last VALUES ('b');
             PRAGMA wal_checkpoint(TRUNCATE);
             UPDATE first SET text = 'c';",
        )
        .unwrap();
        let length = fs::metadata(&path).unwrap().len();
        assert_eq!(length, 3 * 8192);
        assert!(holds(&path, 8192, 2).unwrap() && !holds(&path, 8192, 3).unwrap());
        assert!(!holds(&path, 4096, 2).unwrap(), "of other pages");
        let cut = |to: u64| {
            let file = OpenOptions::new().write(true).open(&path).unwrap();
            file.set_len(to).unwrap();
            require_whole_pages(&conn, &path, "it").map_err(|e| e.code())
        };
        assert_eq!(cut(length), Ok(()));
        for less in [1, 4096, 8191] {
            assert_eq!(cut(length - less), Err("corrupt"), "{less}");
        }
        cut(length).unwrap();
        conn.execute_batch("UPDATE last SET text = 'd'").unwrap();
        assert!(holds(&path, 8192, 3).unwrap());
        assert_eq!(cut(length - 4096), Ok(()));
        // SQLite reads no frame whose checksum does not fit, so that such a one stands in for nothing.
        let log = log_of(&path);
        let whole = fs::read(&log).unwrap();
        let mut torn = whole.clone();
        *torn.last_mut().unwrap() ^= 1;
        fs::write(&log, &torn).unwrap();
        assert!(holds(&path, 8192, 2).unwrap() && !holds(&path, 8192, 3).unwrap());
        fs::write(&log, &whole).unwrap();
        assert!(holds(&path, 8192, 3).unwrap());
    }

    #[test]
    fn what_is_not_committed_stands_in_for_nothing() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("it.sqlite");
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch(
            "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
             CREATE TABLE wide (bytes);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
             INSERT INTO wide SELECT zeroblob(6000) FROM n;
             PRAGMA wal_checkpoint(TRUNCATE);
             PRAGMA cache_size = 5;
             BEGIN; UPDATE wide SET bytes = randomblob(6000);",
        )
        .unwrap();
        let spilled = fs::metadata(log_of(&path)).unwrap().len();
        assert!(spilled > 10 * 8192, "{spilled}");
        let pages = fs::metadata(&path).unwrap().len() / 8192;
        let held = |number: &u64| holds(&path, 8192, *number).unwrap();
        assert_eq!((1..=pages).filter(held).count(), 0);
        conn.execute_batch("COMMIT").unwrap();
        assert!((1..=pages).filter(held).count() > 50);
    }
}
