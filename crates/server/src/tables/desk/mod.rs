//! The desk where table files lie between being brought in and being stored: in memory, for one person
//! each, bounded in number, size and time. One file is worked on at a time, on a thread of its own, so
//! that no page waits for it and the machine stays free for others.

mod upload;
mod work;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sekisho_domain::id::PersonId;
use sekisho_domain::mapping::Mapping;
use sekisho_domain::time::Timestamp;
use sekisho_store::{StoreError, entropy};

pub use upload::{Again, Done, Overtaken, State, Upload};

use super::{Given, TableOf};
use crate::app::App;

/// Largest file that the desk takes, in bytes.
pub const FILE_MAX: usize = 32 * 1024 * 1024;
/// Files of one person; the oldest that nothing is done with makes room.
const OF_A_PERSON: usize = 3;
/// Files of everybody.
const OF_ALL: usize = 12;
/// Bytes of everybody's files.
const BYTES_OF_ALL: usize = 128 * 1024 * 1024;
/// How long a file lies without being looked at, in milliseconds.
const KEPT_FOR: i64 = 60 * 60 * 1000;

/// A file that is brought in.
pub struct NewUpload {
    /// Who brings it.
    pub owner: PersonId,
    /// What it is a table of.
    pub of: TableOf,
    /// The file's name, only to be shown.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How it is read, as far as that is known.
    pub given: Given,
}

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// There is no room now.
    #[error("the desk is full")]
    Full,
    /// No id could be made.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The desk.
#[derive(Default)]
pub struct Desk {
    uploads: Mutex<Vec<Arc<Upload>>>,
    /// Held while a file is worked on.
    turn: Mutex<()>,
}

impl Desk {
    /// Takes a file and begins to look through it.
    ///
    /// # Errors
    /// [`DeskError`]; then nothing was taken.
    pub fn take(self: &Arc<Self>, app: &App, new: NewUpload) -> Result<Arc<Upload>, DeskError> {
        let now = app.now();
        let id: [u8; 16] = entropy::bytes()?;
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let upload = Arc::new(Upload::new(id, new, now));
        {
            let mut list = self.list();
            sweep(&mut list, now);
            make_room(&mut list, &upload)?;
            list.push(Arc::clone(&upload));
        }
        work::look(self, app, &upload);
        Ok(upload)
    }

    /// A person's file by its id.
    #[must_use]
    pub fn find(&self, id: &str, owner: PersonId, now: Timestamp) -> Option<Arc<Upload>> {
        let mut list = self.list();
        sweep(&mut list, now);
        let found = list.iter().find(|it| it.id == id && it.owner == owner)?;
        found.touch(now);
        Some(Arc::clone(found))
    }

    /// The files that a person has on the desk, of tables of one kind, the newest first.
    #[must_use]
    pub fn of(&self, owner: PersonId, of: TableOf, now: Timestamp) -> Vec<Arc<Upload>> {
        let mut list = self.list();
        sweep(&mut list, now);
        let own = list.iter().rev();
        own.filter(|it| it.owner == owner && it.of == of)
            .cloned()
            .collect()
    }

    /// Looks through a file anew, by another mapping; what is being worked on stays as it is.
    pub fn look_again(self: &Arc<Self>, app: &App, upload: &Arc<Upload>, mapping: Mapping) {
        if upload.look_again(mapping) {
            work::look(self, app, upload);
        }
    }

    /// Carries a file out that is ready; anything else stays as it is.
    pub fn carry_out(self: &Arc<Self>, app: &App, upload: &Arc<Upload>) {
        if let Some(prepared) = upload.begin_storing() {
            work::store(self, app, upload, prepared);
        }
    }

    /// Takes a person's file away, unless it is being worked on.
    pub fn discard(&self, id: &str, owner: PersonId) {
        self.list()
            .retain(|it| it.id != id || it.owner != owner || it.is_at_work());
    }

    /// Takes away what was left lying, and says whether anything is left.
    pub fn clear_away(&self, now: Timestamp) -> bool {
        let mut list = self.list();
        sweep(&mut list, now);
        !list.is_empty()
    }

    fn list(&self) -> MutexGuard<'_, Vec<Arc<Upload>>> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sweep(list: &mut Vec<Arc<Upload>>, now: Timestamp) {
    list.retain(|it| it.is_at_work() || it.idle(now) < KEPT_FOR);
}

fn make_room(list: &mut Vec<Arc<Upload>>, coming: &Upload) -> Result<(), DeskError> {
    let own = |it: &Arc<Upload>| it.owner == coming.owner;
    let goes = if list.iter().filter(|it| own(it)).count() >= OF_A_PERSON {
        let oldest = list.iter().position(|it| own(it) && !it.is_at_work());
        Some(oldest.ok_or(DeskError::Full)?)
    } else {
        None
    };
    let stays = list.iter().enumerate().filter(|(at, _)| Some(*at) != goes);
    let (number, bytes) = stays.fold((0, 0), |(number, bytes), (_, it)| {
        (number + 1, bytes + it.size())
    });
    if number >= OF_ALL || bytes + coming.size() > BYTES_OF_ALL {
        return Err(DeskError::Full);
    }
    // Only what does get a place takes another's.
    if let Some(at) = goes {
        list.remove(at);
    }
    Ok(())
}
