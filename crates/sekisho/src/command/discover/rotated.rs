//! Logs that were rotated since they were read: what was written to them last is read under their new names.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sekisho_domain::time::{Timestamp, parse_date};

use super::bookmark::Bookmarks;
use super::log::{Log, timestamp};
use super::logs;
use crate::fault::Fault;

/// So many of the newest files beside a log are looked at, however old they are.
const LOOKED_AT: usize = 2;
/// Most packed files of which it is remembered that they were read.
const REMEMBERED: usize = 10_000;

/// A packed file as it was: its name, its length, and when it was written.
type Packed = (PathBuf, u64, Option<SystemTime>);

/// Packed files that were read to their end: how long they are unpacked is not seen from outside.
#[derive(Debug, Default)]
pub struct ReadThrough {
    known: BTreeSet<Packed>,
    /// Those of the reading under way.
    now: Vec<Packed>,
}

/// The files that a reading of a source reads.
#[derive(Debug, Default)]
pub struct Paths {
    /// All of them, each once: what was rotated away stands before the log that it was.
    pub all: Vec<PathBuf>,
    /// The logs among them that were named themselves: neither files of a folder nor what others were rotated to.
    pub named: Vec<PathBuf>,
    /// The folders that were named as a whole, each once.
    pub folders: Vec<PathBuf>,
    /// Why some are missing.
    pub faults: Vec<Fault>,
}

impl ReadThrough {
    /// The files to be read: what was rotated away since, then what is named, without packed files of a folder that
    /// were read to their end.
    pub fn paths(&mut self, given: &[PathBuf], read: (&Bookmarks, Option<Timestamp>)) -> Paths {
        let mut paths = Paths::default();
        let all_given: BTreeSet<&Path> = given.iter().map(PathBuf::as_path).collect();
        for path in given {
            let is_folder = path.is_dir();
            if !is_folder && !is_standard_input(path) {
                let beside = self.beside(path, read, &mut paths.faults);
                paths.all.extend(beside);
            }
            match logs(std::slice::from_ref(path)) {
                Ok(found) if is_folder => paths.all.extend(self.unread(found)),
                Ok(found) => paths.all.extend(found),
                Err(fault) => paths.faults.push(fault),
            }
            if is_folder && !paths.folders.contains(path) {
                paths.folders.push(path.clone());
            }
            if !is_folder && !is_rotated(path, |log| all_given.contains(log)) {
                paths.named.push(path.clone());
            }
        }
        let mut seen = BTreeSet::new();
        paths.all.retain(|it| seen.insert(it.clone()));
        paths
    }

    /// What was under way has been read, but for what failed.
    pub fn done(&mut self, failed: &[PathBuf]) {
        self.now.retain(|it| !failed.contains(&it.0));
        if self.known.len() + self.now.len() > REMEMBERED {
            self.known.clear();
        }
        self.known.extend(self.now.drain(..));
    }

    /// It has not, and is read again.
    pub fn broken_off(&mut self) {
        self.now.clear();
    }

    /// The files beside a log that it was rotated to, the oldest first: those that were read under its name before
    /// and to which more came, and all that were written to since everything had been read. Of these what cannot be
    /// read is a fault, since it is missing; of others it is passed over, since nobody named them.
    pub fn beside(
        &mut self,
        path: &Path,
        (marks, since): (&Bookmarks, Option<Timestamp>),
        faults: &mut Vec<Fault>,
    ) -> Vec<PathBuf> {
        let beside = match beside(path) {
            Ok(beside) => beside,
            Err(error) => {
                tracing::debug!(%error, "the folder of a log cannot be read");
                let about = path.parent().unwrap_or(path).display();
                faults.push(Fault::new("discover.unreadable").about(about));
                return Vec::new();
            }
        };
        let mut found = Vec::new();
        for (place, Beside { file, is_rotated }) in beside.into_iter().enumerate() {
            let at = file.2.and_then(timestamp);
            let written_since = |since| at.is_none_or(|at| since < at);
            let is_missing = is_rotated && since.is_some_and(written_since);
            let is_looked_at = is_missing || place < LOOKED_AT;
            if !is_looked_at || self.known.contains(&file) {
                continue;
            }
            match goes_on(&file, marks, is_missing) {
                Ok(Some(is_packed)) => {
                    found.push(file.0.clone());
                    if is_packed {
                        self.now.push(file);
                    }
                }
                Ok(None) => {}
                Err(fault) if is_missing => faults.push(fault),
                Err(fault) => {
                    tracing::debug!(code = %fault.reason.code, "a file beside a log is passed over");
                }
            }
        }
        found.reverse();
        found
    }

    /// The files of a folder without the packed ones that were read to their end: how far they were read is only seen
    /// by unpacking them.
    pub fn unread(&mut self, files: Vec<PathBuf>) -> Vec<PathBuf> {
        let mut unread = Vec::new();
        for path in files {
            let about = std::fs::metadata(&path).ok();
            let file = about.map(|it| (path.clone(), it.len(), it.modified().ok()));
            if file.as_ref().is_some_and(|it| self.known.contains(it)) {
                continue;
            }
            // What cannot be opened is told by the reading.
            if Log::open(&path).is_ok_and(|log| log.size().is_none()) {
                self.now.extend(file);
            }
            unread.push(path);
        }
        unread
    }
}

/// Whether no file is meant.
pub fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Whether a named log goes on from where it was left: it is the one that was read, or that one stands beside it. One
/// that cannot be opened is told by the reading, and asked about again once it can. Of standard input nobody knows
/// before it was read.
pub fn goes_on_here(path: &Path, marks: &Bookmarks) -> bool {
    if marks.is_empty() || is_standard_input(path) {
        return true;
    }
    let Ok(log) = Log::open(path) else {
        return true;
    };
    // One that was empty from the beginning has had nothing to lose.
    let never_had = log.size() == Some(0) && !marks.has_name(path);
    if never_had || marks.is_of(path, &log) {
        return true;
    }
    let is_it = |it: &Beside| Log::open(&it.file.0).is_ok_and(|log| marks.is_of(path, &log));
    beside(path).is_ok_and(|all| all.iter().any(is_it))
}

/// Whether a file is called as rotation calls those of a log that `is_there`, in the same folder. That is asked of the
/// few names alone that its own may come from, however many files there are.
pub fn is_rotated(path: &Path, is_there: impl Fn(&Path) -> bool) -> bool {
    let called = path.file_name().and_then(|it| it.to_str());
    let logs = called.map(rotated_from).unwrap_or_default();
    logs.iter().any(|log| is_there(&path.with_file_name(log)))
}

/// What the logs may be called that a file was rotated from.
fn rotated_from(called: &str) -> BTreeSet<String> {
    let extension = unpacked(called).rsplit_once('.').map(|(_, it)| it);
    let mut logs = BTreeSet::new();
    for (at, _) in called.match_indices(['.', '-', '_']) {
        let (stem, rest) = called.split_at(at);
        if stem.is_empty() {
            continue;
        }
        if rest.starts_with(['.', '-']) && is_rotation(rest) {
            logs.insert(stem.to_owned());
        }
        let dated = extension.map(|it| format!("{stem}.{it}"));
        logs.extend(dated.filter(|log| is_dated(called, log)));
    }
    logs
}

/// What stands behind the name of a log in that of a file.
fn behind<'n>(called: &'n str, log: &str) -> Option<&'n str> {
    let rest = called.strip_prefix(log);
    rest.filter(|it| it.starts_with(['.', '-']))
}

/// Whether there is more in a file than was read of it, and whether it is packed; none where there is not. One of
/// which nothing was read counts where it `is_missing`.
fn goes_on(file: &Packed, marks: &Bookmarks, is_missing: bool) -> Result<Option<bool>, Fault> {
    let log = Log::open(&file.0)?;
    if !is_missing && !marks.know(&log) {
        return Ok(None);
    }
    Ok(match log.size() {
        None => Some(true),
        Some(size) => (size > marks.place_in(&log)).then_some(false),
    })
}

/// A file beside a log.
struct Beside {
    file: Packed,
    /// Whether it is called as rotation calls files.
    is_rotated: bool,
}

/// Whether what stands behind the name of a log is what rotation puts there: numbers and dates, or that it is old,
/// and what it was packed with.
fn is_rotation(rest: &str) -> bool {
    let rest = unpacked(rest);
    matches!(rest, ".old" | "-old")
        || (rest.contains(|it: char| it.is_ascii_digit())
            && is_of_dates(rest)
            && !is_address(rest.trim_start_matches(['.', '-'])))
}

/// Whether a file is called as rotation that keeps the extension calls those of a log: `dns-20261129.log.gz` for
/// `dns.log`. It takes a day that there is, or Zeek's two times of day: `dns-2.log` and `dns-10.20.30.40.log` may be
/// the logs of other resolvers.
fn is_dated(called: &str, log: &str) -> bool {
    let parts = log.rsplit_once('.').filter(|(stem, _)| !stem.is_empty());
    let between = parts.and_then(|(stem, extension)| {
        let rest = unpacked(called).strip_prefix(stem)?;
        rest.strip_suffix(extension)?.strip_suffix('.')
    });
    let name = between.and_then(|it| it.strip_prefix(['.', '-', '_']));
    name.is_some_and(|it| {
        let is_of_a_day = after_a_day(it).is_some_and(is_time_behind_a_day);
        !is_address(it) && (is_of_a_day || is_of_two_times(it))
    })
}

/// Whether somebody is called so, and no time.
fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

/// Whether a text has a digit wherever its form has a `d`, and else what the form has.
fn has_form(text: &str, form: &str) -> bool {
    let fits = |(byte, form): (u8, u8)| match form {
        b'd' => byte.is_ascii_digit(),
        other => byte == other,
    };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
}

/// What stands behind the day that a text begins with; none where it begins with none. Logs are of this century or
/// the one before.
fn after_a_day(text: &str) -> Option<&str> {
    ["dddddddd", "dddd-dd-dd"].into_iter().find_map(|form| {
        let (day, rest) = text.split_at_checked(form.len())?;
        let is_a_day = has_form(day, form)
            && (day.starts_with("19") || day.starts_with("20"))
            && parse_date(day).is_ok();
        is_a_day.then_some(rest)
    })
}

/// Whether what stands behind a day is a time of it, a moment in seconds, or the number of one of its files; or
/// nothing.
fn is_time_behind_a_day(rest: &str) -> bool {
    const TIMES: [&str; 12] = [
        "d",
        "dd",
        "ddd",
        "dddd",
        "dddddd",
        "dddddddddd",
        "dd:dd",
        "dd:dd:dd",
        "dd-dd",
        "dd-dd-dd",
        "dd.dd",
        "dd.dd.dd",
    ];
    let time = rest.strip_prefix(['T', '.', '-', '_']).unwrap_or(rest);
    let in_zone = time.rsplit_once('+');
    let in_zone = in_zone.filter(|(_, zone)| has_form(zone, "dddd") || has_form(zone, "dd:dd"));
    let bare = in_zone.map(|(time, _)| time);
    let bare = bare.or_else(|| time.strip_suffix('Z')).unwrap_or(time);
    rest.is_empty() || TIMES.iter().any(|form| has_form(bare, form))
}

/// Whether a text is from when to when in a day a log was written, as Zeek puts it: `09:00:00-10:00:00`.
fn is_of_two_times(text: &str) -> bool {
    let is_a_time = |time: &str| {
        let mut parts = time.split(':').zip([23, 59, 59_u8]);
        parts.all(|(part, most)| part.parse::<u8>().is_ok_and(|it| it <= most))
    };
    let (from, until) = text.split_once('-').unwrap_or((text, ""));
    has_form(text, "dd:dd:dd-dd:dd:dd") && is_a_time(from) && is_a_time(until)
}

/// A name without what tells how the file was packed.
fn unpacked(name: &str) -> &str {
    let packed = [".gz", ".xz", ".bz2", ".zst"];
    let bare = packed.iter().find_map(|it| name.strip_suffix(it));
    bare.unwrap_or(name)
}

fn is_of_dates(text: &str) -> bool {
    let of_a_date = |it: char| it.is_ascii_digit() || "-_.:+TZ".contains(it);
    text.chars().all(of_a_date)
}

/// The files that are called as a log with something behind it (`dnsmasq.log.1`, `dnsmasq.log-20261129.gz`) or with a
/// date before its extension, the newest first.
fn beside(path: &Path) -> std::io::Result<Vec<Beside>> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|it| it.to_str()))
    else {
        return Ok(Vec::new());
    };
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let called = entry.file_name();
        let Some(called) = called.to_str() else {
            continue;
        };
        let rest = behind(called, name);
        let is_dated = is_dated(called, name);
        if rest.is_none() && !is_dated {
            continue;
        }
        // One that has gone meanwhile is none any more.
        let Some(about) = entry.metadata().ok().filter(std::fs::Metadata::is_file) else {
            continue;
        };
        let at = about.modified().ok();
        found.push(Beside {
            is_rotated: is_dated || rest.is_some_and(is_rotation),
            file: (entry.path(), about.len(), at),
        });
    }
    found.sort_by(|a, b| (b.file.2, &b.file.0).cmp(&(a.file.2, &a.file.0)));
    Ok(found)
}

#[cfg(test)]
mod tests;
