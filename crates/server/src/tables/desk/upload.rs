//! One file on the desk, and how far it has come.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sekisho_domain::id::PersonId;
use sekisho_domain::mapping::Mapping;
use sekisho_domain::register::EntryId;
use sekisho_domain::time::Timestamp;
use sekisho_tabular::Fault;

use super::super::import::{Given, Prepared, Stage};
use super::super::table_of::TableOf;
use super::NewUpload;
use crate::app::CommandError;

/// Something that changed between the looking through and the storing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overtaken {
    /// The row of the file, from 1.
    pub line: u32,
    /// The entry that was changed, or that has come.
    pub entry: EntryId,
}

/// Why a file that was to be stored was not: nothing of it happened.
#[derive(Clone, Debug)]
pub struct Again {
    /// What the writer said.
    pub error: Arc<CommandError>,
    /// What changed meanwhile.
    pub overtaken: Vec<Overtaken>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// The number of the record in the ledger.
    pub record: u64,
    /// When.
    pub at: Timestamp,
    /// Entries that came.
    pub entered: usize,
    /// Entries that changed.
    pub changed: usize,
    /// Rows that changed nothing.
    pub unchanged: usize,
}

/// How far a file has come.
#[derive(Clone, Debug)]
pub enum State {
    /// Another file is worked on.
    Waiting,
    /// It is looked through.
    Working(Stage),
    /// It cannot be read at all, or not the sheet that was chosen.
    Unreadable {
        /// Why.
        faults: Arc<Vec<Fault>>,
        /// The names of its sheets; none where it cannot be opened.
        sheets: Arc<Vec<String>>,
    },
    /// It has been looked through.
    Looked {
        /// What it would do.
        prepared: Arc<Prepared>,
        /// Why it was not stored, where that was tried.
        again: Option<Again>,
    },
    /// It is being stored.
    Storing,
    /// It is stored.
    Done(Done),
    /// It cannot be worked on, with a stable code.
    Failed(String),
}

impl State {
    /// Whether it goes on by itself.
    #[must_use]
    pub const fn is_at_work(&self) -> bool {
        matches!(self, Self::Waiting | Self::Working(_) | Self::Storing)
    }
}

/// A file on the desk.
pub struct Upload {
    /// By which its owner finds it again.
    pub id: String,
    /// Who brought it; nobody else sees it.
    pub owner: PersonId,
    /// What it is a table of.
    pub of: TableOf,
    /// The file's name, only to be shown.
    pub name: String,
    touched: AtomicI64,
    inside: Mutex<Inside>,
}

struct Inside {
    bytes: Arc<Vec<u8>>,
    given: Given,
    state: State,
}

impl Upload {
    pub(super) fn new(id: String, new: NewUpload, now: Timestamp) -> Self {
        Self {
            id,
            owner: new.owner,
            of: new.of,
            name: new.name,
            touched: AtomicI64::new(now.as_millis()),
            inside: Mutex::new(Inside {
                bytes: Arc::new(new.bytes),
                given: new.given,
                state: State::Waiting,
            }),
        }
    }

    /// How far it has come.
    #[must_use]
    pub fn state(&self) -> State {
        self.inside().state.clone()
    }

    /// Whether it goes on by itself.
    #[must_use]
    pub fn is_at_work(&self) -> bool {
        self.inside().state.is_at_work()
    }

    /// The mapping by which it is read, where one was chosen.
    #[must_use]
    pub fn mapping(&self) -> Option<Mapping> {
        self.inside().given.mapping.clone()
    }

    pub(super) fn size(&self) -> usize {
        self.inside().bytes.len()
    }

    pub(super) fn touch(&self, now: Timestamp) {
        self.touched.store(now.as_millis(), Ordering::Relaxed);
    }

    pub(super) fn idle(&self, now: Timestamp) -> i64 {
        now.as_millis() - self.touched.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, state: State) {
        let mut inside = self.inside();
        if matches!(state, State::Done(_)) {
            // What is stored is in the ledger: nothing of it lies about.
            inside.bytes = Arc::new(Vec::new());
        }
        inside.state = state;
    }

    pub(super) fn file(&self) -> (Arc<Vec<u8>>, Given) {
        let inside = self.inside();
        (Arc::clone(&inside.bytes), inside.given.clone())
    }

    /// Whether it may be looked through by another mapping; then it waits for its turn.
    pub(super) fn look_again(&self, mapping: Mapping) -> bool {
        let mut inside = self.inside();
        if inside.state.is_at_work() || matches!(inside.state, State::Done(_)) {
            return false;
        }
        inside.given.mapping = Some(mapping);
        inside.state = State::Waiting;
        true
    }

    /// What it would do, once: two confirmations store it once.
    pub(super) fn begin_storing(&self) -> Option<Arc<Prepared>> {
        let mut inside = self.inside();
        let State::Looked { prepared, .. } = &inside.state else {
            return None;
        };
        if !prepared.is_ready() {
            return None;
        }
        let prepared = Arc::clone(prepared);
        inside.state = State::Storing;
        Some(prepared)
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
