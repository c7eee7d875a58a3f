//! Running commands that only read, with limits on time and output.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use sekisho_domain::fact::UnseenReason;

/// Where programs are looked for. A fixed list: the caller's `PATH` is not to be trusted.
const PROGRAM_DIRS: [&str; 4] = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// How long a command may take.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Largest output of a command, in bytes.
const OUTPUT_MAX: u64 = 16 * 1024 * 1024;

/// What a command answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its exit code; -1 when a signal ended it.
    pub code: i32,
    /// What it wrote to standard output; bytes that are not UTF-8 are written as `\xNN`.
    pub stdout: String,
    /// The beginning of what it wrote to standard error.
    pub stderr: String,
}

/// Why a command gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// It is not installed.
    #[error("missing")]
    Missing,
    /// It may not be run.
    #[error("denied")]
    Denied,
    /// It did not end in time and was stopped.
    #[error("timed out")]
    TimedOut,
    /// It wrote more than the limit or could not be started.
    #[error("failed: {0}")]
    Failed(String),
}

impl RunError {
    /// The reason as a fact states it.
    #[must_use]
    pub fn reason(&self, what: impl Into<String>) -> UnseenReason {
        let what = what.into();
        match self {
            Self::Missing => UnseenReason::SourceMissing { what },
            Self::Denied => UnseenReason::NeedsPrivilege { what },
            Self::TimedOut => UnseenReason::TimedOut { what },
            Self::Failed(detail) => UnseenReason::Unreadable {
                what,
                detail: detail.clone(),
            },
        }
    }
}

/// Runs commands that only read.
pub trait Runner: Send + Sync {
    /// Runs `program` (a bare name) with arguments, in the C locale.
    ///
    /// # Errors
    /// [`RunError`] when there is no answer. A failing command is an answer.
    fn run(&self, program: &str, args: &[&str]) -> Result<Output, RunError>;
}

/// Runs commands of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRunner;

fn locate(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return None;
    }
    PROGRAM_DIRS
        .iter()
        .map(|dir| Path::new(dir).join(program))
        .find(|path| path.is_file())
}

/// Ends the command and everything it started.
fn stop(child: &mut Child) {
    let group = i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    if let Some(group) = group {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn read_on_thread(
    stream: impl Read + Send + 'static,
    max: u64,
) -> mpsc::Receiver<std::io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let result = stream.take(max + 1).read_to_end(&mut bytes).map(|_| bytes);
        // The receiver is gone when the command was stopped: nobody wants the rest.
        let _ = sender.send(result);
    });
    receiver
}

impl SystemRunner {
    fn run_within(
        program: &Path,
        args: &[&str],
        time_limit: Duration,
        output_max: u64,
    ) -> Result<Output, RunError> {
        let deadline = Instant::now() + time_limit;
        let mut child = Command::new(program)
            .args(args)
            .env_clear()
            .env("PATH", PROGRAM_DIRS.join(":"))
            .env("LC_ALL", "C")
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::PermissionDenied => RunError::Denied,
                std::io::ErrorKind::NotFound => RunError::Missing,
                kind => RunError::Failed(kind.to_string()),
            })?;
        let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
            stop(&mut child);
            return Err(RunError::Failed("no output".to_owned()));
        };
        let out = read_on_thread(out, output_max);
        let err = read_on_thread(err, 65_536);
        let left = || deadline.saturating_duration_since(Instant::now());
        let stdout = match out.recv_timeout(left()) {
            Ok(Ok(bytes)) if bytes.len() as u64 <= output_max => bytes,
            Ok(Ok(_)) => {
                stop(&mut child);
                return Err(RunError::Failed(format!(
                    "wrote more than {output_max} bytes"
                )));
            }
            Ok(Err(error)) => {
                stop(&mut child);
                return Err(RunError::Failed(error.kind().to_string()));
            }
            Err(_) => {
                stop(&mut child);
                return Err(RunError::TimedOut);
            }
        };
        let stderr = err.recv_timeout(left()).ok().and_then(Result::ok);
        let code = wait_until(&mut child, deadline)?;
        Ok(Output {
            code,
            stdout: super::text_of(&stdout),
            stderr: super::text_of(&stderr.unwrap_or_default()),
        })
    }
}

/// Waits for a command that has closed its output, which is nearly always at once.
fn wait_until(child: &mut Child, deadline: Instant) -> Result<i32, RunError> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.code().unwrap_or(-1)),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(2)),
            Ok(None) => {
                stop(child);
                return Err(RunError::TimedOut);
            }
            Err(error) => return Err(RunError::Failed(error.kind().to_string())),
        }
    }
}

impl Runner for SystemRunner {
    fn run(&self, program: &str, args: &[&str]) -> Result<Output, RunError> {
        let path = locate(program).ok_or(RunError::Missing)?;
        Self::run_within(&path, args, TIME_LIMIT, OUTPUT_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHELL: &str = "/bin/sh";

    #[test]
    fn a_command_that_hangs_is_stopped_with_its_children() {
        let begun = Instant::now();
        let limit = Duration::from_millis(200);
        // The inner sleep keeps the pipe open: only ending the whole group frees it.
        let args = ["-c", "sleep 30 & sleep 30"];
        let result = SystemRunner::run_within(Path::new(SHELL), &args, limit, 100);
        assert_eq!(result, Err(RunError::TimedOut));
        assert!(begun.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn output_is_bounded_and_codes_are_answers() {
        let limit = Duration::from_secs(10);
        let endless = ["-c", "while :; do echo yyyyyyyyyyyyyyyy; done"];
        let result = SystemRunner::run_within(Path::new(SHELL), &endless, limit, 1000);
        assert!(matches!(result, Err(RunError::Failed(_))));
        let failing = ["-c", "echo \"$LC_ALL$HOME\"; echo no >&2; exit 3"];
        let result = SystemRunner::run_within(Path::new(SHELL), &failing, limit, 1000).unwrap();
        assert_eq!(result.code, 3);
        assert_eq!(result.stdout, "C\n");
        assert_eq!(result.stderr, "no\n");
    }

    #[test]
    fn programs_are_found_by_bare_name_only() {
        assert_eq!(SystemRunner.run("../bin/sh", &[]), Err(RunError::Missing));
        assert_eq!(SystemRunner.run("/bin/sh", &[]), Err(RunError::Missing));
        assert_eq!(
            SystemRunner.run("no-such-program", &[]),
            Err(RunError::Missing)
        );
    }
}
