//! `sekisho discover`: which outside services were used, by the logs of resolvers and proxies, offline.
//! One JSON object a line.

mod bookmark;
mod folder;
mod into_server;
mod log;
mod print;
mod progress;
mod reading;
mod rotated;
pub mod watch;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::ArgMatches;
use sekisho_agent::run::device_clock;
use sekisho_detect::discovery::{
    Catalogue, CatalogueError, Clients, ClientsError, Clock, Counts, Form, Reader, Tally,
};
use sekisho_server::service_use::lists::{ListError, ServiceLists, told};
use sekisho_store::{DataFolder, Observations, StoreCode};

use super::feeds::files;
use crate::fault::Fault;
use crate::output::Output;
use crate::place;
use bookmark::Bookmarks;
use log::Log;
use progress::Progress;

/// Seconds east of UTC where nothing is said: Japan.
const OFFSET: i32 = 9 * 3600;
/// Largest catalogue or list of clients, in bytes.
const LIST_MAX: u64 = 64 << 20;
/// What is read at a time, in bytes.
const CHUNK: usize = 256 << 10;

/// `sekisho discover`
pub fn run(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let given: Vec<PathBuf> = arguments
        .get_many::<String>("paths")
        .into_iter()
        .flatten()
        .map(PathBuf::from)
        .collect();
    if arguments.get_flag("into-server") {
        return into_server::run(arguments, &given, output);
    }
    let catalogue = match arguments.get_one::<String>("catalogue") {
        Some(path) => {
            Catalogue::parse(&text(Path::new(path))?).map_err(|error| unusable(&error))?
        }
        None => known_here(&place::data(arguments, false))?,
    };
    let asked = Asked::of(arguments, catalogue)?;
    let resume = arguments.get_one::<String>("resume").map(PathBuf::from);
    let mut bookmarks = resume.as_deref().map(Bookmarks::read).transpose()?;
    let mut tally = Tally::default();
    let mut failed = false;
    let mut summaries = Vec::new();
    for path in logs(&given)? {
        match asked.read(&path, bookmarks.as_ref(), &mut tally, Some(output)) {
            Ok(read) => {
                if let (Some(read), Some(bookmarks)) = (&read, &mut bookmarks) {
                    bookmarks.put(&read.log, read.to);
                }
                summaries.extend(read.map(|it| it.summary));
            }
            // One log that cannot be read does not stop the others, and is not passed over in silence.
            Err(fault) => {
                output.fault(&fault);
                failed = true;
            }
        }
    }
    for used in tally.into_sorted() {
        output.line(print::used(&used, &asked.catalogue, &asked.clients).to_string());
    }
    for summary in &summaries {
        output.line(summary.to_string());
    }
    // Only what was printed has been read for good.
    if let (Some(path), Some(bookmarks)) = (&resume, &bookmarks) {
        bookmarks.write(path)?;
    }
    Ok(ExitCode::from(if failed { 2 } else { 0 }))
}

/// `-` is standard input.
fn logs(given: &[PathBuf]) -> Result<Vec<PathBuf>, Fault> {
    let mut logs = Vec::new();
    for path in given {
        if path.as_os_str() == "-" {
            logs.push(path.clone());
        } else {
            logs.extend(files(std::slice::from_ref(path))?);
        }
    }
    if logs.is_empty() {
        return Err(Fault::new("discover.no-logs"));
    }
    Ok(logs)
}

/// What was read of one log.
struct LogRead {
    log: Log,
    summary: serde_json::Value,
    counts: Counts,
    /// Up to which of its bytes.
    to: u64,
    /// Whether it was read to its end.
    to_its_end: bool,
    /// Whether it was not, and not one line of what was read has ended.
    stands: bool,
}

/// How much is read in one go, and who may break it off.
struct Pace {
    /// Most bytes of a log.
    most: u64,
    /// Set by whoever wants it to end.
    stop: Arc<AtomicBool>,
}

impl Pace {
    fn ends(&self, read: u64) -> bool {
        read >= self.most || self.stop.load(Ordering::Relaxed)
    }
}

/// What was asked for.
struct Asked {
    form: Option<Form>,
    catalogue: Catalogue,
    clients: Clients,
    offset: i32,
    /// None where each log is read to its end.
    pace: Option<Pace>,
}

impl Asked {
    fn of(arguments: &ArgMatches, catalogue: Catalogue) -> Result<Self, Fault> {
        let file = |name: &str| arguments.get_one::<String>(name).map(PathBuf::from);
        let form = arguments.get_one::<String>("form");
        let offset = arguments.get_one::<String>("offset");
        Ok(Self {
            form: form.and_then(|code| Form::from_code(code)),
            catalogue,
            clients: file("clients")
                .as_deref()
                .map_or(Ok(Clients::default()), clients)?,
            offset: offset.map_or(Ok(OFFSET), |text| {
                offset_of(text).ok_or_else(|| Fault::new("discover.offset").about(text))
            })?,
            pace: None,
        })
    }

    /// Reads one log from where it was left.
    fn read(
        &self,
        path: &Path,
        bookmarks: Option<&Bookmarks>,
        tally: &mut Tally,
        output: Option<&Output>,
    ) -> Result<Option<LogRead>, Fault> {
        let mut log = Log::open(path)?;
        if log.head().is_empty() {
            return Ok(None);
        }
        let form = self.form.or_else(|| Form::recognise(&log.first_lines()));
        let form = form.ok_or_else(|| Fault::new("discover.form-unknown").about(path.display()))?;
        let now = device_clock();
        let newest = log.written_at().map_or(now, |at| at.min(now)).as_millis();
        let clock = Clock::new(self.offset, newest)
            .map_err(|_| Fault::new("discover.offset").about(self.offset))?
            .with_now(now.as_millis());
        let from = bookmarks.map_or(0, |it| it.place_in(&log));
        log.skip_to(from)?;
        let mut progress = Progress::new(output, path, log.size());
        let mut reader = Reader::new(form, &self.catalogue, clock);
        let mut buffer = vec![0; CHUNK];
        let mut to_its_end = true;
        loop {
            let read = log.given_out().saturating_sub(from);
            if self.pace.as_ref().is_some_and(|pace| pace.ends(read)) {
                to_its_end = false;
                break;
            }
            let count = log.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            reader.feed(&buffer[..count], tally);
            progress.at(log.given_out(), reader.counts().lines);
        }
        let stands = !to_its_end && reader.done() == 0;
        // A line without an end may still be being written: next time, where there is one.
        if bookmarks.is_none() {
            reader.finish(tally);
        }
        let to = from + reader.done();
        let counts = *reader.counts();
        Ok(Some(LogRead {
            summary: print::summary(path, form, &counts, (from, to)),
            counts,
            to,
            to_its_end,
            stands,
            log,
        }))
    }
}

/// What is wrong with a list of services.
fn unusable(error: &CatalogueError) -> Fault {
    let (code, about) = told(error);
    Fault::new(code).about(about)
}

/// The lists of services that lie in a data folder; the one that comes along where there is no such folder. Of
/// what the ledger says of them nothing is known here, so that only a person reads what comes of it.
fn known_here(data: &Path) -> Result<Catalogue, Fault> {
    let fault = |error: &ListError| {
        let (code, about) = error.told();
        Fault::new(code).about(about)
    };
    let kept = DataFolder::open_existing(data).map(|folder| folder.observations());
    let lists = match kept {
        Ok(kept) if kept.is_file() => {
            let observations = Observations::open_to_read(&kept)?;
            ServiceLists::read(&observations, data, None)
        }
        Err(error) if error.kind() != StoreCode::NotFound => return Err(error.into()),
        _ => Ok(ServiceLists::default()),
    };
    lists
        .and_then(|lists| lists.catalogue())
        .map_err(|error| fault(&error))
}

fn clients(path: &Path) -> Result<Clients, Fault> {
    Clients::parse(&text(path)?).map_err(|error| {
        let (code, line) = match error {
            ClientsError::Form { line } => ("discover.clients-form", line),
            ClientsError::Network { line } => ("discover.clients-network", line),
            ClientsError::Twice { line } => ("discover.clients-twice", line),
            ClientsError::Long => return Fault::new("discover.clients-long").about(path.display()),
        };
        Fault::new(code).about(format!("{}:{line}", path.display()))
    })
}

/// A list that a person has written.
fn text(path: &Path) -> Result<String, Fault> {
    let unreadable = |error: std::io::Error| {
        tracing::debug!(%error, "a list cannot be read");
        Fault::new("discover.unreadable").about(path.display())
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > LIST_MAX {
        return Err(Fault::new("discover.list-large").about(path.display()));
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

/// `+09:00`, `-05:30` or `Z`, in seconds east of UTC.
fn offset_of(text: &str) -> Option<i32> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let two = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<i32>().ok()).flatten()
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}
