//! `DATA/admin.sock`, 0600: only the user that runs the server, and root, get in.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use sekisho_protocol::admin::{Answer, Request};

use super::answer::Desk;
use super::frame::{FrameError, read_document, read_frame, write_frame};

/// How long a shell may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// Why the socket cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}")]
pub struct SocketError {
    /// Where.
    pub path: PathBuf,
    /// Why.
    pub source: std::io::Error,
}

/// The listening socket and its thread.
pub struct AdminSocket {
    path: PathBuf,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl AdminSocket {
    /// Listens. The caller holds the folder's lock, so a socket that is there is a dead one.
    ///
    /// # Errors
    /// [`SocketError`].
    pub fn listen(desk: Arc<Desk>) -> Result<Self, SocketError> {
        let path = desk.app().folder().admin_socket();
        let fail = |source| SocketError {
            path: path.clone(),
            source,
        };
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(fail(error)),
            _ => {}
        }
        let listener = UnixListener::bind(&path).map_err(fail)?;
        // The folder is 0700 already; this says so on the socket itself too.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(fail)?;
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopping);
        let thread = std::thread::Builder::new()
            .name("admin-socket".to_owned())
            .spawn(move || run(&listener, &desk, &stop))
            .map_err(fail)?;
        Ok(Self {
            path,
            stopping,
            thread: Some(thread),
        })
    }

    /// Stops listening and removes the socket.
    pub fn close(mut self) {
        self.stopping.store(true, Ordering::Release);
        // Wakes the thread out of `accept`.
        let _ = UnixStream::connect(&self.path);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!(code = "admin.panicked", "the admin socket ended abnormally");
        }
        let _ = std::fs::remove_file(&self.path);
    }
}

fn run(listener: &UnixListener, desk: &Arc<Desk>, stopping: &AtomicBool) {
    for stream in listener.incoming() {
        if stopping.load(Ordering::Acquire) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let desk = Arc::clone(desk);
        let named = std::thread::Builder::new().name("admin".to_owned());
        let started = named.spawn(move || {
            if let Err(error) = serve(stream, &desk) {
                tracing::warn!(code = "admin.exchange", %error, "the shell was not answered");
            }
        });
        if let Err(error) = started {
            tracing::error!(code = "admin.no-thread", %error, "the shell was not answered");
        }
    }
}

fn serve(mut stream: UnixStream, desk: &Desk) -> Result<(), FrameError> {
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))?;
    let frame = read_frame(&mut stream)?;
    let answer = match serde_json::from_slice::<Request>(&frame) {
        Ok(request) => {
            let size = match &request {
                Request::ImportFeed { size, .. }
                | Request::ImportTable { size, .. }
                | Request::CheckAccessRules { size }
                | Request::AccessRulesWhatIf { size, .. }
                | Request::SetAccessRules { size, .. }
                | Request::TakeServiceRun { size, .. } => *size,
                _ => 0,
            };
            let document = read_document(&mut stream, size)?;
            desk.answer_telling(&request, &document, &mut |progress| {
                // A shell that has gone away is found out when it is answered.
                if let Ok(bytes) = serde_json::to_vec(&Answer::Progress(progress)) {
                    let _ = write_frame(&mut stream, &bytes);
                }
            })
        }
        Err(_) => Answer::Failed(super::answer::failure("admin.not-understood", false)),
    };
    let bytes = serde_json::to_vec(&answer).map_err(|_| FrameError::Form)?;
    write_frame(&mut stream, &bytes)
}
