//! Logs that were rotated since they were read: what was written to them last is read under their new names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::bookmark::Bookmarks;
use super::log::Log;
use crate::fault::Fault;

/// So many of the newest files that were rotated away are looked at.
const LOOKED_AT: usize = 2;
/// Most packed files of which it is remembered that they were read.
const REMEMBERED: usize = 1_000;

/// A packed file as it was: its name, its length, and when it was written.
type Packed = (PathBuf, u64, Option<SystemTime>);

/// Packed files that were read to their end: how long they are unpacked is not seen from outside.
#[derive(Debug, Default)]
pub struct ReadThrough {
    known: BTreeSet<Packed>,
    /// Those of the reading under way.
    now: Vec<Packed>,
}

impl ReadThrough {
    /// What was under way has been read.
    pub fn done(&mut self) {
        if self.known.len() > REMEMBERED {
            self.known.clear();
        }
        self.known.extend(self.now.drain(..));
    }

    /// It has not, and is read again.
    pub fn broken_off(&mut self) {
        self.now.clear();
    }

    /// The files beside a log that it was rotated to, as far as they were read under its name before and more
    /// came; the oldest first.
    /// What cannot be read here is passed over, since nobody named it.
    pub fn beside(&mut self, path: &Path, marks: &Bookmarks) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for (_, packed) in newest(path) {
            if self.known.contains(&packed) {
                continue;
            }
            match goes_on(&packed, marks) {
                Ok(Some(is_packed)) => {
                    found.push(packed.0.clone());
                    if is_packed {
                        self.now.push(packed);
                    }
                }
                Ok(None) => {}
                Err(fault) => {
                    tracing::debug!(code = %fault.reason.code, "a rotated log is passed over");
                }
            }
        }
        found.reverse();
        found
    }
}

/// Whether more came to a file that was read before, and whether it is packed; none where nothing did.
fn goes_on(file: &Packed, marks: &Bookmarks) -> Result<Option<bool>, Fault> {
    let log = Log::open(&file.0)?;
    if !marks.know(&log) {
        return Ok(None);
    }
    Ok(match log.size() {
        None => Some(true),
        Some(size) => (size > marks.place_in(&log)).then_some(false),
    })
}

/// The newest files that are called as a log with something behind it (`dnsmasq.log.1`, `dnsmasq.log-20261129.gz`).
fn newest(path: &Path) -> Vec<(Option<SystemTime>, Packed)> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|it| it.to_str()))
    else {
        return Vec::new();
    };
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let rotated = |entry: &std::fs::DirEntry| {
        let called = entry.file_name();
        let rest = called.to_str().and_then(|it| it.strip_prefix(name));
        rest.is_some_and(|rest| rest.starts_with(['.', '-']))
    };
    let mut found: Vec<(Option<SystemTime>, Packed)> = entries
        .filter_map(Result::ok)
        .filter(rotated)
        .filter_map(|entry| {
            let about = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            let at = about.modified().ok();
            Some((at, (entry.path(), about.len(), at)))
        })
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.truncate(LOOKED_AT);
    found
}
