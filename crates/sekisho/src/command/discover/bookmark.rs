//! How far each log was read, for the next time.
//!
//! A log is known by its first bytes and not by its name: a log that was renamed or packed in the
//! meantime (logrotate) goes on where it was left, and a new one of the old name begins anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sekisho_ledger::digest::Digest;
use serde::{Deserialize, Serialize};

use super::log::Log;
use crate::fault::Fault;
use crate::replace_file;

/// Bytes by which a log is known, at most: enough that the heading of a form is passed.
const KNOWN_BY: usize = 4096;
/// Logs that are remembered; the oldest are forgotten first.
const LOGS_MAX: usize = 10_000;
/// Largest file of bookmarks, in bytes.
const FILE_MAX: u64 = 8 << 20;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bookmark {
    /// SHA-256 of the first bytes.
    head: String,
    /// How many bytes those are: a log may have been shorter when it was first read. None are of a name under which
    /// no line stood yet when the log before it was given up.
    head_bytes: usize,
    /// Bytes of whole lines that were read.
    read: u64,
    /// The path under which it was named when everything had been read last; of a file of a folder, under which it was
    /// left with more to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    named: Option<String>,
    /// Of a file of a folder: whether nothing had come to it for a day when it was left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    settled: bool,
}

impl Bookmark {
    /// Whether it is of a name alone, and of no log.
    fn is_bare(&self) -> bool {
        self.head_bytes == 0
    }
}

/// How a file of a folder was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// More may come to it, or more of it is to be read.
    Open,
    /// It was read to its end, and nothing had come to it for a day. Another log may still take its name.
    Settled,
    /// It was rotated away or packed, and read to its end.
    Done,
}

/// A file of a folder that was left and is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftFile {
    /// Where it was left.
    pub path: PathBuf,
    /// By what it is known.
    pub head: String,
    /// Whether nothing had come to it for a day.
    pub settled: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    logs: Vec<Bookmark>,
}

/// The bookmarks.
#[derive(Debug, Default)]
pub struct Bookmarks(Stored);

impl Bookmarks {
    /// Reads them; none are there the first time.
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let bad = || Fault::new("discover.resume-form").about(path.display());
        let unreadable = |error: std::io::Error| {
            tracing::debug!(%error, "bookmarks cannot be read");
            Fault::new("discover.unreadable").about(path.display())
        };
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Ok(about) if about.len() > FILE_MAX => return Err(bad()),
            Ok(_) => {}
            Err(error) => return Err(unreadable(error)),
        }
        let bytes = std::fs::read(path).map_err(unreadable)?;
        serde_json::from_slice(&bytes).map(Self).map_err(|_| bad())
    }

    /// Reads what a server kept; empty text is none.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let bad = |_| Fault::new("discover.resume-form");
        serde_json::from_str(text).map(Self).map_err(bad)
    }

    /// As a server keeps them.
    pub fn text(&self) -> Result<String, Fault> {
        serde_json::to_string(&self.0).map_err(|error| {
            tracing::debug!(%error, "bookmarks cannot be written");
            Fault::new("discover.resume-form")
        })
    }

    /// Writes them in the old ones' place.
    pub fn write(&self, path: &Path) -> Result<(), Fault> {
        let mut bytes = serde_json::to_vec_pretty(&self.0).map_err(|error| {
            tracing::debug!(%error, "bookmarks cannot be written");
            Fault::new("discover.resume-form").about(path.display())
        })?;
        bytes.push(b'\n');
        Ok(replace_file::with(path, &bytes)?)
    }

    /// Where a log is to be read from.
    pub fn place_in(&self, log: &Log) -> u64 {
        self.find(log).map_or(0, |at| self.0.logs[at].read)
    }

    /// Whether a log was read before, under whatever name.
    pub fn know(&self, log: &Log) -> bool {
        self.find(log).is_some()
    }

    /// Whether no log was read yet.
    pub fn is_empty(&self) -> bool {
        self.0.logs.is_empty()
    }

    /// Whether a log was read under this name.
    pub fn has_name(&self, path: &Path) -> bool {
        let name = path.display().to_string();
        self.0
            .logs
            .iter()
            .any(|it| it.named.as_ref() == Some(&name))
    }

    /// Whether a file is the one that was read under this name last; where that is not known, whether it was read at
    /// all.
    pub fn is_of(&self, path: &Path, log: &Log) -> bool {
        let name = path.display().to_string();
        let is_named = |mark: &Bookmark| mark.named.as_ref() == Some(&name);
        let left = self.0.logs.iter().position(is_named);
        // Of a name alone there was nothing to lose.
        if left.is_some_and(|left| self.0.logs[left].is_bare()) {
            return true;
        }
        let found = self.find(log);
        found.is_some_and(|found| left.is_none_or(|left| left == found))
    }

    /// By what a log is known, to be named once all are read; none where it was not read.
    pub fn head_of(&self, log: &Log) -> Option<String> {
        self.find(log).map(|at| self.0.logs[at].head.clone())
    }

    /// Notes that this name is now that of the log that is known by a head, and of no other any more.
    pub fn name(&mut self, path: &Path, head: &str) {
        if !self.0.logs.iter().any(|it| it.head == head) {
            return;
        }
        let name = path.display().to_string();
        self.free(&name);
        if let Some(mark) = self.0.logs.iter_mut().find(|it| it.head == head) {
            mark.named = Some(name);
            mark.settled = false;
        }
    }

    /// Notes that under this name stands a log of which there is no line yet, and that the one before it is given up.
    pub fn name_bare(&mut self, path: &Path) {
        let name = path.display().to_string();
        self.free(&name);
        self.push(Bookmark {
            head: Digest::of(&[]).to_string(),
            head_bytes: 0,
            read: 0,
            named: Some(name),
            settled: false,
        });
    }

    /// Notes how the log that is known by a head was left in a folder. Another that was left under the same name
    /// keeps it: more of it may be to come under yet another.
    pub fn leave(&mut self, path: &Path, head: &str, left: Left) {
        let name = path.display().to_string();
        let is_of_name = |it: &Bookmark| it.named.as_ref() == Some(&name);
        self.0.logs.retain(|it| !(it.is_bare() && is_of_name(it)));
        if let Some(mark) = self.0.logs.iter_mut().find(|it| it.head == head) {
            mark.named = (left != Left::Done).then_some(name);
            mark.settled = left == Left::Settled;
        }
    }

    /// The files that were left in a folder and are not done.
    pub fn left_in(&self, folder: &Path) -> Vec<LeftFile> {
        // As it stands in the names.
        let folder = PathBuf::from(folder.display().to_string());
        let left = |mark: &Bookmark| {
            let name = mark.named.as_ref().filter(|_| !mark.is_bare())?;
            let path = PathBuf::from(name);
            let is_there = path.parent() == Some(folder.as_path());
            is_there.then(|| LeftFile {
                path,
                head: mark.head.clone(),
                settled: mark.settled,
            })
        };
        self.0.logs.iter().filter_map(left).collect()
    }

    /// Takes a name from whatever bears it.
    fn free(&mut self, name: &str) {
        let bears = |it: &Bookmark| it.named.as_deref() == Some(name);
        self.0.logs.retain(|it| !(it.is_bare() && bears(it)));
        for mark in self.0.logs.iter_mut().filter(|it| bears(it)) {
            mark.named = None;
            mark.settled = false;
        }
    }

    fn push(&mut self, mark: Bookmark) {
        self.0.logs.push(mark);
        let excess = self.0.logs.len().saturating_sub(LOGS_MAX);
        self.0.logs.drain(..excess);
    }

    /// Notes how far a log was read.
    pub fn put(&mut self, log: &Log, read: u64) {
        let known = self.find(log).map(|at| self.0.logs.remove(at));
        let head = &log.head()[..log.head().len().min(KNOWN_BY)];
        // Only bytes of lines that have ended stay as they are.
        let whole = usize::try_from(read).unwrap_or(usize::MAX).min(head.len());
        if whole == 0 {
            return;
        }
        self.push(Bookmark {
            head: Digest::of(&head[..whole]).to_string(),
            head_bytes: whole,
            read,
            named: known.and_then(|it| it.named),
            settled: false,
        });
    }

    /// The longest beginning that is known counts.
    fn find(&self, log: &Log) -> Option<usize> {
        // Most are known by as many bytes.
        let mut digests: BTreeMap<usize, Option<String>> = BTreeMap::new();
        let mut known = |mark: &Bookmark| {
            let digest = digests.entry(mark.head_bytes).or_insert_with(|| {
                let head = log.head().get(..mark.head_bytes)?;
                Some(Digest::of(head).to_string())
            });
            let is_it = !mark.is_bare() && digest.as_ref() == Some(&mark.head);
            is_it.then_some(mark.head_bytes)
        };
        let marks = self.0.logs.iter().enumerate();
        let found = marks.filter_map(|(at, mark)| Some((known(mark)?, at)));
        found.max().map(|(_, at)| at)
    }
}
