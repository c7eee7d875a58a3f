//! What a write-ahead log holds, read from its frames (SQLite file format, section 4).

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::Path;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// Whether the log beside `database` holds, committed, the page of this number (from 1). A log that is
/// not there holds nothing.
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
    let Some(header) = read::<HEADER>(&mut log)? else {
        return Ok(false);
    };
    let salts = &header[16..24];
    let mut found = false;
    while let Some(frame) = read::<FRAME_HEADER>(&mut log)? {
        // What follows is left over from before the log was begun anew.
        if frame[8..16] != *salts {
            return Ok(false);
        }
        let [a, b, c, d, e, f, g, h, ..] = frame;
        found |= u64::from(u32::from_be_bytes([a, b, c, d])) == number;
        let commits = u32::from_be_bytes([e, f, g, h]) != 0;
        if !skip(&mut log, u64::from(page_size))? {
            return Ok(false);
        }
        if found && commits {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The next bytes; none where the log ends before them.
fn read<const N: usize>(log: &mut impl Read) -> io::Result<Option<[u8; N]>> {
    let mut bytes = [0; N];
    match log.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

fn skip(log: &mut impl Read, count: u64) -> io::Result<bool> {
    let skipped = io::copy(&mut log.take(count), &mut io::sink())?;
    Ok(skipped == count)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};

    use rusqlite::Connection;

    use super::holds;
    use crate::db::require_whole_pages;

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
        // Begun and not committed is as good as not there.
        conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); BEGIN; UPDATE last SET text = 'e'")
            .unwrap();
        assert!(!holds(&path, 8192, 3).unwrap());
    }
}
