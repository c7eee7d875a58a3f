//! A program that runs beside the test, with what it says, ended with the test.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::command::{end_group, prepare};
use crate::output::Collected;

/// How long something may take to be said, on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// The program.
pub struct Running {
    child: Child,
    stdout: Collected,
    stderr: Collected,
}

impl Running {
    /// Starts it.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn start(mut command: Command) -> Self {
        prepare(&mut command);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let stdout = Collected::from(child.stdout.take().expect("a pipe"));
        let stderr = Collected::from(child.stderr.take().expect("a pipe"));
        Self {
            child,
            stdout,
            stderr,
        }
    }

    /// Everything it has said so far.
    pub fn said(&self) -> String {
        format!("{}{}", self.stdout.so_far(), self.stderr.so_far())
    }

    /// Waits until standard output gives something.
    ///
    /// # Panics
    /// With what it said, where it does not come in time.
    pub fn wait_for<T>(&self, what: &str, find: impl Fn(&str) -> Option<T>) -> T {
        match self.stdout.wait(Instant::now() + LIMIT, find) {
            Some(found) => found,
            None => panic!("{what}: not said in {}", self.said()),
        }
    }

    /// Waits until standard error gives something.
    ///
    /// # Panics
    /// With what it said, where it does not come in time.
    pub fn wait_for_note<T>(&self, what: &str, find: impl Fn(&str) -> Option<T>) -> T {
        match self.stderr.wait(Instant::now() + LIMIT, find) {
            Some(found) => found,
            None => panic!("{what}: not said in {}", self.said()),
        }
    }

    /// SIGKILL to it and its children.
    pub fn kill(&mut self) {
        end_group(&mut self.child);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        end_group(&mut self.child);
        if std::thread::panicking() {
            eprintln!("said by a program of the test:\n{}", self.said());
        }
    }
}
