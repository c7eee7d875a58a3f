//! Logs that the server reads itself, at an interval, as the configuration names them: the same reading as
//! `sekisho discover --into-server`, on a thread that stands back behind everything else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use sekisho_detect::discovery::{Clients, Form};
use sekisho_protocol::admin::{Answer, Request};
use sekisho_server::admin::Desk;
use sekisho_server::app::App;
use sekisho_server::keeper::stand_back;
use sekisho_server::service_use::lists::ServiceLists;
use sekisho_server::service_use::watched::{LastRead, WatchedSource};

use super::into_server::{gather, hand_over};
use super::rotated::ReadThrough;
use super::{Asked, Bookmarks, OFFSET, Pace, clients, offset_of};
use crate::config::Logs;
use crate::fault::Fault;

/// Most bytes of a log that are read before what they tell is taken in.
const AT_ONCE: u64 = 256 << 20;
/// So often a log may bring not one whole line, each time of four times as much, before it is left until the next
/// reading.
const ROUNDS: u32 = 4;
/// Whether a source is due is looked at so often.
const LOOK: Duration = Duration::from_millis(500);

/// The thread.
pub struct Watch {
    // Dropped to stop it.
    stop: mpsc::Sender<()>,
    break_off: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<()>,
}

impl Watch {
    /// Starts it; none where no logs are named.
    ///
    /// # Errors
    /// `discover.offset`; the operating system gives no thread.
    pub fn start(app: &App, desk: &Arc<Desk>, named: &[Logs]) -> Result<Option<Self>, Fault> {
        if named.is_empty() {
            return Ok(None);
        }
        let break_off = Arc::new(AtomicBool::new(false));
        let mut sources = Vec::new();
        for it in named {
            let source = Source::of(it.clone(), &break_off)?;
            app.watched().announce(source.shown());
            sources.push(source);
        }
        let (stop, stopped) = mpsc::channel::<()>();
        let (app, desk) = (app.clone(), Arc::clone(desk));
        let thread = std::thread::Builder::new().name("logs-watched".to_owned());
        let thread = thread.spawn(move || {
            stand_back();
            loop {
                for source in &mut sources {
                    source.read_if_due(&app, &desk);
                }
                if stopped.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        })?;
        Ok(Some(Self {
            stop,
            break_off,
            thread,
        }))
    }

    /// Ends it. What is under way is broken off, and read the next time.
    pub fn stop(self) {
        self.break_off.store(true, Ordering::Relaxed);
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!(
                code = "logs-watched.panicked",
                "the reading of logs ended abnormally"
            );
        }
    }
}

/// How much of a log is read at once, and for how long one may bring nothing. A line that is longer than what is read
/// at once brings nothing until all of it is read.
#[derive(Debug, PartialEq, Eq)]
struct Patience {
    most: u64,
    rounds: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            most: AT_ONCE,
            rounds: 0,
        }
    }
}

impl Patience {
    /// After a round, in which a log stood where it was or none did: whether it is over. Then it begins anew.
    fn is_over(&mut self, stands: bool) -> bool {
        if stands && self.rounds + 1 < ROUNDS {
            self.rounds += 1;
            self.most = self.most.saturating_mul(4);
            return false;
        }
        *self = Self::default();
        stands
    }
}

/// One source.
struct Source {
    named: Logs,
    name: String,
    offset: i32,
    break_off: Arc<AtomicBool>,
    read_through: ReadThrough,
    next: Instant,
    patience: Patience,
}

impl Source {
    fn of(named: Logs, break_off: &Arc<AtomicBool>) -> Result<Self, Fault> {
        let offset = match &named.offset {
            Some(text) => {
                offset_of(text).ok_or_else(|| Fault::new("discover.offset").about(text))?
            }
            None => OFFSET,
        };
        Ok(Self {
            name: named.source.trim().to_owned(),
            named,
            offset,
            break_off: Arc::clone(break_off),
            read_through: ReadThrough::default(),
            next: Instant::now(),
            patience: Patience::default(),
        })
    }

    fn shown(&self) -> WatchedSource {
        let paths = self.named.paths.iter();
        WatchedSource {
            source: self.name.clone(),
            paths: paths.map(|it| it.display().to_string()).collect(),
            every: self.named.every(),
            last: None,
        }
    }

    fn is_broken_off(&self) -> bool {
        self.break_off.load(Ordering::Relaxed)
    }

    fn read_if_due(&mut self, app: &App, desk: &Desk) {
        // Before there is an organisation nothing can be anybody's.
        let founded = app.world().organisation.is_some();
        if !founded || self.is_broken_off() || Instant::now() < self.next {
            return;
        }
        let mut last = LastRead {
            at: app.now(),
            lines: 0,
            matched: 0,
            skipped: 0,
            faults: Vec::new(),
        };
        loop {
            match self.read(app, desk, &mut last) {
                Ok(true) => break,
                Ok(false) if self.is_broken_off() => return,
                // More is there than is read at once.
                Ok(false) => {}
                Err(fault) => {
                    self.read_through.broken_off();
                    last.faults.push(fault.reason);
                    break;
                }
            }
        }
        for fault in &last.faults {
            tracing::warn!(code = %fault.code, source = self.name, "a log could not be read");
        }
        last.at = app.now();
        app.watched().note(&self.name, last);
        self.next = Instant::now() + Duration::from_secs(self.named.every().into());
    }

    /// One reading; whether there is no more to be read now.
    fn read(&mut self, app: &App, desk: &Desk, last: &mut LastRead) -> Result<bool, Fault> {
        let request = Request::ServiceMarks {
            source: self.name.clone(),
        };
        let Answer::ServiceMarks(known) = asked(desk, &request, &[])? else {
            return Err(Fault::new("admin.not-understood"));
        };
        let mut how = self.how(app)?;
        let marks = Bookmarks::parse(&known.marks)?;
        let read = (&marks, known.since);
        let paths = self.read_through.paths(&self.named.paths, read);
        let gathered = gather(&known, &mut how, paths, None)?;
        if self.is_broken_off() {
            return Ok(false);
        }
        hand_over(self.name.clone(), &gathered.run, |request, document| {
            asked(desk, request, document)
        })?;
        last.lines += gathered.run.lines;
        last.matched += gathered.run.matched;
        last.skipped += gathered.run.skipped;
        let mut faults = gathered.faults;
        faults.extend(gathered.gaps);
        let is_over = self.patience.is_over(gathered.stands.is_some());
        if let Some(path) = gathered.stands.filter(|_| is_over) {
            faults.push(Fault::new("discover.line-endless").about(path.display()));
        }
        if gathered.to_their_end || !faults.is_empty() {
            last.faults = faults.into_iter().map(|it| it.reason).collect();
        }
        if gathered.to_their_end {
            self.read_through.done(&gathered.failed);
        } else {
            self.read_through.broken_off();
        }
        Ok(gathered.to_their_end || is_over)
    }

    /// The lists as they are now: who changes one need not start anything anew.
    fn how(&self, app: &App) -> Result<Asked, Fault> {
        let lists = ServiceLists::of(app).and_then(|lists| lists.catalogue());
        let catalogue = lists.map_err(|error| {
            let (code, about) = error.told();
            Fault::new(code).about(about)
        })?;
        let form = self.named.form.as_deref().and_then(Form::from_code);
        Ok(Asked {
            form,
            catalogue,
            clients: match &self.named.clients {
                Some(path) => clients(path)?,
                None => Clients::default(),
            },
            offset: self.offset,
            pace: Some(Pace {
                most: self.patience.most,
                stop: Arc::clone(&self.break_off),
            }),
        })
    }
}

/// Asks the desk of this process.
fn asked(desk: &Desk, request: &Request, document: &[u8]) -> Result<Answer, Fault> {
    match desk.answer(request, document) {
        Answer::Failed(failure) => Err(failure.into()),
        answer => Ok(answer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However much other logs bring meanwhile, one that stands is read in larger pieces, and left after a while.
    #[test]
    fn a_log_that_brings_no_line_is_read_in_larger_pieces_and_left_after_a_while() {
        let mut patience = Patience::default();
        let mut pieces = Vec::new();
        while !patience.is_over(true) {
            pieces.push(patience.most / AT_ONCE);
        }
        assert_eq!(pieces, [4, 16, 64]);
        assert_eq!(patience, Patience::default());
        assert!(!patience.is_over(true));
        // What moves is nothing to wait for.
        assert!(!patience.is_over(false));
        assert_eq!(patience, Patience::default());
    }
}
