//! How the reading of logs goes that the configuration names: kept in memory by whoever reads them, shown on
//! the page of services.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use sekisho_domain::code::Reason;
use sekisho_domain::time::Timestamp;

/// Logs of one source that are read at an interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedSource {
    /// What the source is called.
    pub source: String,
    /// The files, as the configuration names them.
    pub paths: Vec<String>,
    /// Seconds between two readings.
    pub every: u32,
    /// The newest reading since the start; none before there was one.
    pub last: Option<LastRead>,
}

/// What became of a reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRead {
    /// When.
    pub at: Timestamp,
    /// Lines that were new.
    pub lines: u64,
    /// Uses of services among them.
    pub matched: u64,
    /// Lines that were skipped.
    pub skipped: u64,
    /// What could not be read or taken in, and why: codes of errors.
    pub faults: Vec<Reason>,
}

/// All of them, by source.
#[derive(Debug, Default)]
pub struct WatchBoard(Mutex<BTreeMap<String, WatchedSource>>);

impl WatchBoard {
    /// Says that a source will be read.
    pub fn announce(&self, source: WatchedSource) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(source.source.clone(), source);
    }

    /// Notes what became of a reading.
    pub fn note(&self, source: &str, last: LastRead) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get_mut(source) {
            known.last = Some(last);
        }
    }

    /// The sources, by name.
    #[must_use]
    pub fn all(&self) -> Vec<WatchedSource> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().cloned().collect()
    }
}
