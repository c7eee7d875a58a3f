//! One reading of the logs of a source: what they told, how far each was read, and which are missing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sekisho_agent::run::device_clock;
use sekisho_detect::discovery::{Counts, Tally};
use sekisho_domain::time::{Span, Timestamp};

use super::bookmark::{Bookmarks, Left, LeftFile};
use super::folder::gone;
use super::log::{Log, timestamp};
use super::rotated::{Paths, goes_on_here, is_rotated};
use super::{Asked, LogRead};
use crate::fault::Fault;
use crate::output::Output;

/// How many lines at the end of a log that was read before may all say nothing: a line that was cut, rubbish after a
/// power failure. They are skipped and counted.
const REST_MAX: u64 = 3;

/// What all logs together told.
#[derive(Default)]
pub(super) struct Sum {
    pub(super) lines: u64,
    pub(super) matched: u64,
    pub(super) skipped: u64,
    /// Until when the newest of them had been written.
    pub(super) through: Option<Timestamp>,
}

impl Sum {
    fn add(&mut self, counts: &Counts, written_at: Option<Timestamp>) {
        self.lines += counts.lines;
        self.matched += counts.matched;
        self.skipped += counts.skipped_in_all();
        self.through = self.through.max(written_at);
    }
}

/// A reading under way.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) sum: Sum,
    pub(super) tally: Tally,
    pub(super) faults: Vec<Fault>,
    pub(super) gaps: Vec<Fault>,
    pub(super) failed: Vec<PathBuf>,
    pub(super) to_their_end: bool,
    pub(super) stands: Option<PathBuf>,
    /// The named logs that were read, and by what they are known.
    named: Vec<(PathBuf, String)>,
}

/// As what a file is read.
#[derive(Clone, Copy)]
enum Role {
    /// It was named itself.
    Named,
    /// It lies in a folder that was named as a whole, and may be called as what another log was rotated to.
    OfFolder { is_rotated: bool },
    /// It is what a named log was rotated to.
    Beside,
}

/// The files of a reading, made for looking up: each is asked about among all.
struct Roles<'p> {
    all: BTreeSet<&'p Path>,
    named: BTreeSet<&'p Path>,
    folders: BTreeSet<&'p Path>,
}

impl<'p> Roles<'p> {
    fn new(paths: &'p Paths) -> Self {
        let set = |of: &'p [PathBuf]| of.iter().map(PathBuf::as_path).collect();
        Self {
            all: set(&paths.all),
            named: set(&paths.named),
            folders: set(&paths.folders),
        }
    }

    fn of(&self, path: &Path) -> Role {
        if self.named.contains(path) {
            return Role::Named;
        }
        let lies_in = path.parent().is_some_and(|it| self.folders.contains(it));
        if !lies_in {
            return Role::Beside;
        }
        Role::OfFolder {
            is_rotated: is_rotated(path, |log| self.all.contains(log)),
        }
    }
}

impl Reading {
    /// Reads all of them, and notes in the marks how far.
    pub(super) fn of(
        mut paths: Paths,
        (asked, marks): (&Asked, &mut Bookmarks),
        output: Option<&Output>,
    ) -> Self {
        let faults = std::mem::take(&mut paths.faults);
        let anew = paths.named.iter().filter(|it| !goes_on_here(it, marks));
        let anew: Vec<&PathBuf> = anew.collect();
        let missing = gone(&paths, marks);
        let lost = anew
            .iter()
            .copied()
            .chain(missing.iter().map(|it| &it.path));
        let lost: BTreeSet<&PathBuf> = lost.collect();
        let mut read = Self {
            gaps: lost.into_iter().map(|it| gap(it)).collect(),
            to_their_end: true,
            faults,
            ..Self::default()
        };
        let roles = Roles::new(&paths);
        for path in &paths.all {
            let role = roles.of(path);
            match read.one((path, role), (asked, &mut *marks), output) {
                Ok(()) => {}
                // What cannot be read does not stop the others, and is not passed over in silence.
                Err(fault) => {
                    if matches!(role, Role::OfFolder { .. }) {
                        still_to_come(path, marks);
                    }
                    read.faults.push(fault);
                    read.failed.push(path.clone());
                }
            }
        }
        read.leave((&anew, &missing), marks);
        read
    }

    /// Notes under which names the logs were left. Until everything was read a name stays with the log that was left:
    /// what was rotated away and could not be read may yet be gone.
    fn leave(&self, (anew, missing): (&[&PathBuf], &[LeftFile]), marks: &mut Bookmarks) {
        if !self.to_their_end {
            return;
        }
        if self.faults.is_empty() {
            for (path, head) in &self.named {
                marks.name(path, head);
            }
            // One without a line is known by its name alone. That the one before it is lost was told.
            let is_named = |path: &PathBuf| self.named.iter().any(|it| it.0 == *path);
            for path in anew.iter().filter(|it| !is_named(it)) {
                marks.name_bare(path);
            }
        }
        for file in missing {
            marks.leave(&file.path, &file.head, Left::Done);
        }
    }

    /// Reads one log from where it was left.
    fn one(
        &mut self,
        (path, role): (&Path, Role),
        (asked, marks): (&Asked, &mut Bookmarks),
        output: Option<&Output>,
    ) -> Result<(), Fault> {
        let mut told = Tally::default();
        let Some(read) = asked.read(path, Some(marks), &mut told, output)? else {
            // An empty log has been read as far as it goes.
            self.sum.through = self.sum.through.max(written_at(path));
            return Ok(());
        };
        let is_rest = read.counts.lines <= REST_MAX
            && marks.place_in(&read.log) > 0
            && has_settled(read.log.written_at(), device_clock());
        if !read.counts.is_understood() && !is_rest {
            // It has not been read, and is read again from the same place: its lines count once somebody says of what
            // form they are.
            return Err(Fault::new("discover.not-understood").about(path.display()));
        }
        let is_piped = path.as_os_str() == "-";
        if is_piped && !marks.is_empty() && !marks.is_of(path, &read.log) {
            self.gaps.push(gap(path));
        }
        marks.put(&read.log, read.to);
        self.sum.add(&read.counts, read.log.written_at());
        self.tally.absorb(told);
        self.to_their_end &= read.to_its_end;
        if read.stands {
            self.stands = Some(path.to_owned());
        }
        let Some(head) = marks.head_of(&read.log) else {
            return Ok(());
        };
        match role {
            Role::Named => self.named.push((path.to_owned(), head)),
            Role::OfFolder { is_rotated } => marks.leave(path, &head, left(&read, is_rotated)),
            Role::Beside => {}
        }
        Ok(())
    }
}

/// What was written last to a log may never have been read.
fn gap(path: &Path) -> Fault {
    Fault::new("discover.gap").about(path.display())
}

/// Whether nothing more comes to a log: it was rotated away, or its program writes elsewhere. Until then what follows
/// shows whether the log is still of the form it is read as.
fn has_settled(written_at: Option<Timestamp>, now: Timestamp) -> bool {
    written_at.is_some_and(|at| at.after(Span::days(1)) < now)
}

/// How a file of a folder is left that was read.
fn left(read: &LogRead, is_rotated: bool) -> Left {
    let is_packed = read.log.size().is_none();
    if !read.to_its_end {
        Left::Open
    } else if is_packed || is_rotated {
        Left::Done
    } else if has_settled(read.log.written_at(), device_clock()) {
        Left::Settled
    } else {
        Left::Open
    }
}

/// Notes of a file of a folder that what follows in it was not read, however it was left before.
fn still_to_come(path: &Path, marks: &mut Bookmarks) {
    let head = Log::open(path).ok().and_then(|log| marks.head_of(&log));
    if let Some(head) = head {
        marks.leave(path, &head, Left::Open);
    }
}

/// When a file was last written to.
fn written_at(path: &Path) -> Option<Timestamp> {
    let at = std::fs::metadata(path).and_then(|it| it.modified()).ok()?;
    timestamp(at)
}

#[cfg(test)]
mod tests;
