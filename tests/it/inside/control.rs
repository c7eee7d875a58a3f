//! The control sockets of hostapd and wpa_supplicant.

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// One conversation. The own end goes when this is dropped.
pub struct Control {
    socket: UnixDatagram,
    own: PathBuf,
}

impl Control {
    /// Opens one, once the program listens.
    pub fn open(folder: &Path, program: &Path) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let own = folder.join(format!("c{number}"));
        let socket = UnixDatagram::bind(&own).expect("a socket");
        let deadline = Instant::now() + Duration::from_secs(20);
        while let Err(error) = socket.connect(program) {
            assert!(Instant::now() < deadline, "{}: {error}", program.display());
            std::thread::sleep(Duration::from_millis(20));
        }
        let limit = Some(Duration::from_secs(5));
        socket.set_read_timeout(limit).expect("a limit");
        Self { socket, own }
    }

    /// Says something and takes the answer; none where the program is gone.
    pub fn ask(&self, words: &str) -> Option<String> {
        self.socket.send(words.as_bytes()).ok()?;
        let mut answer = vec![0; 8192];
        let length = self.socket.recv(&mut answer).ok()?;
        Some(String::from_utf8_lossy(&answer[..length]).into_owned())
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.own);
    }
}
