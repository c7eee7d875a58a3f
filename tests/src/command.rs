//! Running the program once, as a person or a script would from the shell.

use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;

use crate::output::Collected;
use crate::places::binary;

/// How long one command may take, in a debug build on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

/// The program at the shell, with a data folder and in a language.
#[derive(Clone, Debug)]
pub struct Cli {
    data: Option<PathBuf>,
    environment: Vec<(String, String)>,
}

/// A command that has ended.
#[derive(Debug)]
pub struct Finished {
    /// The exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Cli {
    /// Without a data folder.
    pub fn new() -> Self {
        Self {
            data: None,
            environment: Vec::new(),
        }
    }

    /// On a data folder: adds `--data DIR` after the subcommand's arguments.
    pub fn on(data: impl AsRef<Path>) -> Self {
        Self {
            data: Some(data.as_ref().to_owned()),
            environment: Vec::new(),
        }
    }

    /// With a variable in its environment.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs to the end, with nothing on standard input.
    ///
    /// # Panics
    /// Where it does not start or does not end in time.
    pub fn run<I: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Finished {
        self.run_with_input(arguments, b"")
    }

    /// Runs to the end with the given standard input.
    ///
    /// # Panics
    /// Where it does not start or does not end in time.
    pub fn run_with_input<I: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = I>,
        input: &[u8],
    ) -> Finished {
        let mut command = Command::new(binary());
        prepare(&mut command).args(arguments);
        if let Some(data) = &self.data {
            command.arg("--data").arg(data);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        finish(command, input)
    }
}

impl Default for Cli {
    fn default() -> Self {
        Self::new()
    }
}

impl Finished {
    /// Itself, where the exit code is the expected one.
    ///
    /// # Panics
    /// With everything it said, where not.
    pub fn with_code(self, expected: i32) -> Self {
        assert_eq!(
            self.code,
            Some(expected),
            "stdout: {}\nstderr: {}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// Standard output as JSON.
    ///
    /// # Panics
    /// Where it is none.
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("{error} in {}\nstderr: {}", self.stdout, self.stderr),
        }
    }
}

/// Makes a command ready for a test: a group of its own, a fixed language and no colours.
pub(crate) fn prepare(command: &mut Command) -> &mut Command {
    command
        .process_group(0)
        .env("LANG", "C.UTF-8")
        .env("NO_COLOR", "1");
    for name in ["LC_ALL", "LC_MESSAGES", "LANGUAGE"] {
        command.env_remove(name);
    }
    command
}

/// Ends a process with everything in its group, and reaps it.
pub(crate) fn end_group(child: &mut Child) {
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(id) = id {
        // An empty group is the wished result, not an error.
        let _ = kill_process_group(id, Signal::KILL);
    }
    let _ = child.wait();
}

fn finish(mut command: Command, input: &[u8]) -> Finished {
    command
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let stdout = Collected::from(child.stdout.take().expect("piped"));
    let stderr = Collected::from(child.stderr.take().expect("piped"));
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends without reading its input is no fault of the test's.
        let _ = stdin.write_all(input);
    }
    let deadline = Instant::now() + LIMIT;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
            _ => break None,
        }
    };
    // Also what it may have started and left behind, which would hold the pipes open.
    end_group(&mut child);
    let (stdout, stderr) = (stdout.finish(), stderr.finish());
    let Some(status) = status else {
        panic!("not ended after {LIMIT:?}: {command:?}\n{stdout}\n{stderr}");
    };
    Finished {
        code: status.code(),
        stdout,
        stderr,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, input: &[u8]) -> Finished {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        finish(command, input)
    }

    #[test]
    fn code_and_both_streams_are_kept_apart() {
        let finished = shell("cat; echo problem >&2; exit 3", b"{\"a\": 1}").with_code(3);
        assert_eq!(finished.json()["a"], 1);
        assert_eq!(finished.stderr, "problem\n");
    }

    #[test]
    fn what_a_command_leaves_behind_does_not_hold_the_test() {
        let began = Instant::now();
        shell("sleep 300 & exit 0", b"").with_code(0);
        assert!(began.elapsed() < Duration::from_secs(60));
    }
}
