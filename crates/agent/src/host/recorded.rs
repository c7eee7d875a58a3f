//! Recorded hosts: a tree of files and the answers of commands.
//!
//! `<folder>/root/…` is the tree; `<folder>/commands.toml` holds what a tree in a repository
//! cannot: the answers of commands, which paths were denied, times of files, and the moment.

use std::path::{Path, PathBuf};

use sekisho_domain::time::Timestamp;
use serde::Deserialize;

use super::{Host, Output, Overrides, RunError, Runner};

/// Why a recorded host cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordedError {
    /// `commands.toml` cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// `commands.toml` is not understood.
    #[error("cannot understand {path}: {detail}")]
    Form {
        /// The file.
        path: PathBuf,
        /// Where and why.
        detail: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recording {
    now: i64,
    #[serde(default)]
    privileged: bool,
    #[serde(default)]
    denied: Vec<PathBuf>,
    #[serde(default)]
    modified: std::collections::BTreeMap<PathBuf, i64>,
    #[serde(default)]
    command: Vec<RecordedCommand>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordedCommand {
    /// Program and arguments; a last element `...` stands for any further arguments.
    argv: Vec<String>,
    #[serde(default)]
    code: i32,
    #[serde(default)]
    stdout: String,
    #[serde(default)]
    stderr: String,
    #[serde(default)]
    timed_out: bool,
}

impl RecordedCommand {
    fn answers(&self, program: &str, args: &[&str]) -> bool {
        let asked = std::iter::once(program).chain(args.iter().copied());
        match self.argv.split_last() {
            Some((last, head)) if last == "..." => {
                asked.take(head.len()).eq(head.iter().map(String::as_str))
            }
            _ => asked.eq(self.argv.iter().map(String::as_str)),
        }
    }
}

struct RecordedRunner {
    commands: Vec<RecordedCommand>,
}

impl Runner for RecordedRunner {
    fn run(&self, program: &str, args: &[&str]) -> Result<Output, RunError> {
        let command = self.commands.iter().find(|c| c.answers(program, args));
        match command {
            None => Err(RunError::Missing),
            Some(command) if command.timed_out => Err(RunError::TimedOut),
            Some(command) => Ok(Output {
                code: command.code,
                stdout: command.stdout.clone(),
                stderr: command.stderr.clone(),
            }),
        }
    }
}

/// Opens a recorded host and the moment at which it was recorded.
///
/// # Errors
/// [`RecordedError`] when `commands.toml` is missing or not understood.
pub fn open_recorded(folder: &Path) -> Result<(Host, Timestamp), RecordedError> {
    let path = folder.join("commands.toml");
    let text = std::fs::read_to_string(&path).map_err(|source| RecordedError::Read {
        path: path.clone(),
        source,
    })?;
    let recording: Recording = toml::from_str(&text).map_err(|error| RecordedError::Form {
        path,
        detail: error.to_string(),
    })?;
    let modified = recording.modified.into_iter();
    let host = Host {
        root: folder.join("root"),
        runner: Box::new(RecordedRunner {
            commands: recording.command,
        }),
        privileged: recording.privileged,
        overrides: Overrides {
            denied: recording.denied,
            modified: modified
                .map(|(path, at)| (path, Timestamp::from_millis(at)))
                .collect(),
        },
    };
    Ok((host, Timestamp::from_millis(recording.now)))
}
