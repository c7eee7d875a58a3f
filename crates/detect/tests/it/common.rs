//! What the tests share: fixtures, times, and the shared data where it is there.

use std::io::BufReader;
use std::path::PathBuf;

use sekisho_detect::advisory::day::{day_start_ms, parse_day};
use sekisho_detect::advisory::error::FeedError;
use sekisho_detect::advisory::import::{Hints, Imported, import};
use sekisho_detect::advisory::index::{Index, IndexBuilder};
use sekisho_detect::advisory::unpack::Limits;

/// The day all tests take as today, in milliseconds since the Unix epoch.
pub fn today() -> i64 {
    ms("2026-11-22")
}

/// Midnight UTC of a day.
pub fn ms(day: &str) -> i64 {
    day_start_ms(parse_day(day).unwrap())
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn fixture(name: &str) -> Vec<u8> {
    let path = root().join("fixtures/feeds").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Hints that give a date to formats without one.
pub fn dated() -> Hints<'static> {
    Hints {
        as_of: Some(ms("2026-11-21")),
        release: None,
    }
}

pub fn import_bytes(bytes: &[u8], hints: Hints<'_>) -> Result<Imported, FeedError> {
    import(bytes, hints, Limits::default(), today())
}

pub fn import_fixture(name: &str) -> Imported {
    import_bytes(&fixture(name), dated()).unwrap_or_else(|e| panic!("{name}: {e}"))
}

pub fn index_of(names: &[&str]) -> Index {
    let mut builder = IndexBuilder::new();
    for name in names {
        builder.add(&import_fixture(name));
    }
    builder.build()
}

/// A file of the shared data, or `None` (and a line that says so) where there is none.
pub fn shared(path: &str) -> Option<BufReader<std::fs::File>> {
    let folder =
        std::env::var_os("SEKISHO_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let file = folder.join("data").join(path);
    match std::fs::File::open(&file) {
        Ok(file) => Some(BufReader::new(file)),
        Err(_) => {
            println!("skipped: the shared data has no {path} (set SEKISHO_SHARED)");
            None
        }
    }
}

/// Unpacked text of a file of the shared data.
pub fn shared_text(path: &str) -> Option<String> {
    let reader = shared(path)?;
    let mut unpacked = sekisho_detect::advisory::unpack::open(reader, Limits::default()).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut unpacked, &mut text).unwrap();
    Some(text)
}
