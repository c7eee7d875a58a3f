//! The socket through which the running agent is asked: one line in, lines of sights out.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::desk::TunnelDesk;
use super::sight::{TunnelAct, TunnelSight};
use crate::error::AgentError;
use crate::state::StateDir;

/// The socket in the state folder, which is its owner's alone (0700).
const SOCKET: &str = "agent.sock";
/// Longest line.
const LINE_MAX: u64 = 65_536;
/// How long whoever asks may take to say what.
const LIMIT: Duration = Duration::from_secs(5);
/// How long a change is waited for: a code holds for ten minutes.
const CHANGE_LIMIT: Duration = Duration::from_secs(15 * 60);

/// The door of a running agent. The socket goes with it.
pub(super) struct Door {
    path: PathBuf,
    listener: UnixListener,
}

impl Door {
    pub fn open(state: &StateDir) -> Result<Self, AgentError> {
        let path = state.file(SOCKET);
        // The folder is locked: a socket that is there was left behind.
        state.remove(SOCKET)?;
        match UnixListener::bind(&path) {
            Ok(listener) => Ok(Self { path, listener }),
            Err(source) => Err(AgentError::StateFile { path, source }),
        }
    }

    /// Answers until the desk is closed and [`Door::wake`] was called.
    pub fn serve(&self, desk: &TunnelDesk) {
        std::thread::scope(|scope| {
            for stream in self.listener.incoming() {
                if desk.is_closed() {
                    return;
                }
                if let Ok(stream) = stream {
                    scope.spawn(move || {
                        // Whoever asked has gone: nobody is left to be told.
                        let _ = answer(&stream, desk);
                    });
                }
            }
        });
    }

    /// Lets [`Door::serve`] look up.
    pub fn wake(&self) {
        let _ = UnixStream::connect(&self.path);
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn answer(stream: &UnixStream, desk: &TunnelDesk) -> std::io::Result<()> {
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    let mut line = String::new();
    BufReader::new(stream.take(LINE_MAX)).read_line(&mut line)?;
    let act: TunnelAct = serde_json::from_str(&line)?;
    let mut version = desk.ask(act);
    if act == TunnelAct::Status {
        return tell(stream, &desk.now());
    }
    while let Some((later, sight)) = desk.after(version, CHANGE_LIMIT) {
        tell(stream, &sight)?;
        if sight.is_settled() {
            return Ok(());
        }
        version = later;
    }
    Ok(())
}

fn tell(mut stream: &UnixStream, sight: &TunnelSight) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(sight)?;
    line.push(b'\n');
    stream.write_all(&line)
}

/// What a running agent says, one sight after the other, until it is settled.
#[derive(Debug)]
pub struct Sights(BufReader<UnixStream>);

impl Iterator for Sights {
    type Item = TunnelSight;

    fn next(&mut self) -> Option<TunnelSight> {
        let mut line = String::new();
        let read = self.0.by_ref().take(LINE_MAX).read_line(&mut line);
        read.ok().and_then(|_| serde_json::from_str(&line).ok())
    }
}

/// Asks the agent that runs on a state folder.
///
/// # Errors
/// [`AgentError::NotRunning`].
pub fn ask(state_dir: &Path, act: TunnelAct) -> Result<Sights, AgentError> {
    let asked = || {
        let mut stream = UnixStream::connect(state_dir.join(SOCKET))?;
        let mut line = serde_json::to_vec(&act)?;
        line.push(b'\n');
        stream.write_all(&line)?;
        Ok(Sights(BufReader::new(stream)))
    };
    asked().map_err(|_: std::io::Error| AgentError::NotRunning)
}
