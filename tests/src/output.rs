//! Collecting what a process prints while it runs.

use std::io::Read;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Never keep more than this of one stream.
const MOST: usize = 64 << 20;

/// A stream read to its end by a thread of its own.
pub(crate) struct Collected {
    held: Arc<(Mutex<Vec<u8>>, Condvar)>,
    reader: Option<JoinHandle<()>>,
}

impl Collected {
    /// Starts to read.
    pub(crate) fn from(mut stream: impl Read + Send + 'static) -> Self {
        let held = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
        let shared = Arc::clone(&held);
        let reader = std::thread::spawn(move || {
            let mut buffer = [0u8; 8192];
            while let Ok(read @ 1..) = stream.read(&mut buffer) {
                let (bytes, changed) = &*shared;
                let mut bytes = lock(bytes);
                if bytes.len() < MOST {
                    bytes.extend_from_slice(&buffer[..read]);
                }
                changed.notify_all();
            }
        });
        Self {
            held,
            reader: Some(reader),
        }
    }

    /// What has come so far.
    pub(crate) fn so_far(&self) -> String {
        String::from_utf8_lossy(&lock(&self.held.0)).into_owned()
    }

    /// Waits until the text so far gives something, at most until the deadline.
    pub(crate) fn wait<T>(&self, deadline: Instant, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        let (bytes, changed) = &*self.held;
        let mut held = lock(bytes);
        loop {
            if let Some(found) = find(&String::from_utf8_lossy(&held)) {
                return Some(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left == Duration::ZERO {
                return None;
            }
            held = changed
                .wait_timeout(held, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Everything, once the stream has ended.
    pub(crate) fn finish(mut self) -> String {
        if let Some(reader) = self.reader.take() {
            // The reader cannot panic; were it to, what it kept is still there.
            let _ = reader.join();
        }
        self.so_far()
    }
}

fn lock(bytes: &Mutex<Vec<u8>>) -> MutexGuard<'_, Vec<u8>> {
    bytes.lock().unwrap_or_else(PoisonError::into_inner)
}
