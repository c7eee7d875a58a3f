//! A thread that acts again and again until it is stopped.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// The thread.
pub struct Keeper {
    name: &'static str,
    // Dropped to stop it.
    stop: mpsc::Sender<()>,
    thread: std::thread::JoinHandle<()>,
}

/// How far work beside stands back behind answering, as niceness (0 to 19): it still gets a tenth of a core on
/// a machine that is busy with everything else.
const NICENESS: i32 = 10;

/// Lets the calling thread stand back behind others, where the operating system knows how: by Linux's niceness,
/// which a thread has for itself.
pub fn stand_back() {
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(%error, "work beside has the same priority as answering");
    }
}

/// Which turn of the thread it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// One of many.
    Usual,
    /// The one before it ends.
    Last,
}

impl Keeper {
    /// Starts a thread that rests first and then acts again and again; each time it says how long to rest
    /// before the next.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub(crate) fn start(
        name: &'static str,
        mut rest: Duration,
        mut act: impl FnMut(Turn) -> Duration + Send + 'static,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new().name(name.to_owned());
        let thread = thread.spawn(move || {
            while stopped.recv_timeout(rest) == Err(RecvTimeoutError::Timeout) {
                rest = act(Turn::Usual);
            }
            act(Turn::Last);
        })?;
        Ok(Self { name, stop, thread })
    }

    /// Starts a thread that acts at once and then at this interval, and has nothing left to do at its end.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub(crate) fn every(
        name: &'static str,
        interval: Duration,
        mut act: impl FnMut() + Send + 'static,
    ) -> std::io::Result<Self> {
        Self::start(name, Duration::ZERO, move |turn| {
            if turn == Turn::Usual {
                act();
            }
            interval
        })
    }

    /// Ends it after what is under way and its last turn. Call it before [`App::stop`](crate::app::App::stop),
    /// which ends the writer.
    pub fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            let thread = self.name;
            tracing::error!(
                code = "keeper.panicked",
                thread,
                "a thread that acts again and again ended abnormally"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_turn_comes_once_and_after_all_others() {
        let (tell, told) = mpsc::channel();
        let keeper = Keeper::start("test", Duration::ZERO, move |turn| {
            tell.send(turn).unwrap();
            Duration::from_millis(1)
        });
        let keeper = keeper.unwrap();
        assert_eq!(told.recv().unwrap(), Turn::Usual);
        assert_eq!(told.recv().unwrap(), Turn::Usual);
        keeper.stop();
        // Whoever told is gone: these are all.
        let mut turns: Vec<Turn> = told.iter().collect();
        assert_eq!(turns.pop(), Some(Turn::Last));
        assert!(turns.iter().all(|turn| *turn == Turn::Usual));
    }

    #[test]
    fn an_interval_begins_with_an_act_and_a_stop_waits_for_none() {
        let (tell, told) = mpsc::channel();
        let day = Duration::from_secs(86_400);
        let keeper = Keeper::every("test", day, move || tell.send(()).unwrap()).unwrap();
        told.recv().unwrap();
        keeper.stop();
        assert_eq!(told.iter().count(), 0);
    }
}
