//! The running program, ended with the test that started it.

use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::Cli;
use crate::command::{end_group, prepare};
use crate::http::Client;
use crate::output::Collected;
use crate::places::{binary, free_address};

/// How long a start or a stop may take, in a debug build on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// How to start the program.
#[derive(Debug)]
pub struct Launch {
    arguments: Vec<OsString>,
    environment: Vec<(String, String)>,
    data: Option<PathBuf>,
    address: SocketAddr,
    readiness: u16,
    authority: Option<String>,
}

/// The program running on a data folder and a loopback address.
pub struct Sekisho {
    child: Child,
    stdout: Option<Collected>,
    stderr: Option<Collected>,
    address: SocketAddr,
    data: PathBuf,
    authority: Option<String>,
    // Kept so that the folder lives as long as the process, and goes with it.
    _own: Option<TempDir>,
}

/// A start that did not come to readiness.
#[derive(Debug)]
pub struct NotStarted {
    /// The exit code, where the program ended by itself.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl fmt::Display for NotStarted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code,
            stdout,
            stderr,
        } = self;
        write!(
            out,
            "not ready; exit code {code:?}\nstdout: {stdout}\nstderr: {stderr}"
        )
    }
}

impl Launch {
    /// By subcommand: `up` or `serve`.
    pub fn new(subcommand: &str) -> Self {
        Self {
            arguments: vec![subcommand.into()],
            environment: Vec::new(),
            data: None,
            address: free_address(),
            readiness: 200,
            authority: None,
        }
    }

    /// With TLS of its own, by which visitors know it from the start, by this authority (PEM).
    #[must_use]
    pub fn known_by(mut self, authority: &str) -> Self {
        self.authority = Some(authority.to_owned());
        self
    }

    /// On an existing folder, which outlives the process; otherwise a fresh one that does not.
    #[must_use]
    pub fn on(mut self, data: impl AsRef<Path>) -> Self {
        self.data = Some(data.as_ref().to_owned());
        self
    }

    /// On a given address.
    #[must_use]
    pub fn at(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// With one more argument.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// With a variable in its environment.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Into a state in which `/readyz` says something else than yes, such as 503.
    #[must_use]
    pub fn ready_with(mut self, status: u16) -> Self {
        self.readiness = status;
        self
    }

    /// Starts and waits until `/readyz` says yes.
    ///
    /// # Panics
    /// With everything the program said, where it does not come to that.
    pub fn start(self) -> Sekisho {
        match self.try_start() {
            Ok(running) => running,
            Err(failure) => panic!("{failure}"),
        }
    }

    /// Starts, for tests of starts that fail.
    ///
    /// # Errors
    /// Where the program ends or does not become ready in time.
    pub fn try_start(self) -> Result<Sekisho, NotStarted> {
        let readiness = self.readiness;
        self.begin().wait_until_ready(readiness)
    }

    /// Starts and waits for nothing.
    pub fn begin(self) -> Sekisho {
        let own = self
            .data
            .is_none()
            .then(|| TempDir::new().expect("a temporary folder"));
        let data = match (&self.data, &own) {
            (Some(data), _) => data.clone(),
            // Not the temporary folder itself: the program shall make its own.
            (None, Some(own)) => own.path().join("data"),
            (None, None) => unreachable!("a folder is made where none is given"),
        };
        let mut command = Command::new(binary());
        prepare(&mut command)
            .args(&self.arguments)
            .arg("--data")
            .arg(&data);
        command.arg("--listen").arg(self.address.to_string());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let stdout = child.stdout.take().map(Collected::from);
        let stderr = child.stderr.take().map(Collected::from);
        Sekisho {
            child,
            stdout,
            stderr,
            address: self.address,
            data,
            authority: self.authority,
            _own: own,
        }
    }
}

impl Sekisho {
    /// `sekisho up` on a fresh folder.
    ///
    /// # Panics
    /// Where it does not become ready.
    pub fn up() -> Self {
        Launch::new("up").start()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// A new visitor, with no cookies.
    pub fn client(&self) -> Client {
        let client = Client::new(self.address);
        match &self.authority {
            Some(pem) => client.over_tls(pem),
            None => client,
        }
    }

    /// From here on visitors speak TLS, and know the server by this authority (PEM).
    pub fn known_by(&mut self, authority: String) {
        self.authority = Some(authority);
    }

    /// The shell on the same folder.
    pub fn cli(&self) -> Cli {
        Cli::on(&self.data)
    }

    /// What it has said on standard error so far: the log.
    pub fn log(&self) -> String {
        self.stderr
            .as_ref()
            .map(Collected::so_far)
            .unwrap_or_default()
    }

    /// Waits until standard output gives something, such as the one-time link.
    ///
    /// # Panics
    /// With the output, where it does not come in time.
    pub fn wait_for_output<T>(&self, find: impl Fn(&str) -> Option<T>) -> T {
        self.wait(self.stdout.as_ref(), find)
    }

    /// Waits until standard error gives something: progress and the log.
    ///
    /// # Panics
    /// With the output, where it does not come in time.
    pub fn wait_for_log<T>(&self, find: impl Fn(&str) -> Option<T>) -> T {
        self.wait(self.stderr.as_ref(), find)
    }

    fn wait<T>(&self, stream: Option<&Collected>, find: impl Fn(&str) -> Option<T>) -> T {
        match stream.and_then(|it| it.wait(Instant::now() + LIMIT, find)) {
            Some(found) => found,
            None => panic!(
                "not said: {:?}\nlog: {}",
                stream.map(Collected::so_far),
                self.log()
            ),
        }
    }

    /// Asks it to stop, as a service manager does, and waits for the end.
    ///
    /// # Panics
    /// Where it does not end in time.
    pub fn stop(self) -> ExitStatus {
        self.end_by(Signal::TERM)
    }

    /// Ends it by a signal that it handles, and waits for the end.
    ///
    /// # Panics
    /// Where it does not end in time.
    pub fn end_by(mut self, signal: Signal) -> ExitStatus {
        self.signal(signal);
        match self.wait_for_end() {
            Some(status) => status,
            None => panic!("not ended {LIMIT:?} after {signal:?}\nlog: {}", self.log()),
        }
    }

    /// Ends it at once, in the midst of whatever it does.
    pub fn kill(mut self) {
        end_group(&mut self.child);
    }

    /// Sends a signal to the process itself.
    pub fn signal(&self, signal: Signal) {
        if let Some(id) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // Already gone is found by the wait that follows.
            let _ = kill_process(id, signal);
        }
    }

    fn wait_for_end(&mut self) -> Option<ExitStatus> {
        let deadline = Instant::now() + LIMIT;
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }

    fn wait_until_ready(mut self, readiness: u16) -> Result<Self, NotStarted> {
        let deadline = Instant::now() + LIMIT;
        let mut code = None;
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.child.try_wait() {
                code = status.code();
                break;
            }
            let mut client = self.client();
            if client
                .try_get("/readyz")
                .is_ok_and(|reply| reply.status == readiness)
            {
                // The address could be somebody else's, and our process be about to end on it:
                // it has to say itself that it listens, be it by the name of a proxy before it.
                let said = self.stdout.as_ref().map(Collected::so_far);
                let listens = said.is_some_and(|it| it.contains("://"));
                if listens && matches!(self.child.try_wait(), Ok(None)) {
                    return Ok(self);
                }
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        end_group(&mut self.child);
        let finish = |it: Option<Collected>| it.map(Collected::finish).unwrap_or_default();
        Err(NotStarted {
            code,
            stdout: finish(self.stdout.take()),
            stderr: finish(self.stderr.take()),
        })
    }
}

impl Drop for Sekisho {
    fn drop(&mut self) {
        end_group(&mut self.child);
        if std::thread::panicking() {
            eprintln!("log of the program under test:\n{}", self.log());
        }
    }
}
