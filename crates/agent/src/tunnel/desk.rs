//! Where those who ask for something and the keeper of the tunnel meet.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::sight::{TunnelAct, TunnelSight};

#[derive(Default)]
struct Held {
    /// What was asked for last and is not yet done.
    asked: Option<TunnelAct>,
    sight: Option<TunnelSight>,
    /// Counts what has been told, so that a wait misses nothing.
    version: u64,
    closed: bool,
}

/// The desk.
#[derive(Default)]
pub(super) struct TunnelDesk {
    held: Mutex<Held>,
    moved: Condvar,
}

impl TunnelDesk {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for something. Returns the version after which the answer is told.
    pub fn ask(&self, act: TunnelAct) -> u64 {
        let mut held = self.held();
        if act != TunnelAct::Status {
            held.asked = Some(act);
            self.moved.notify_all();
        }
        held.version
    }

    /// Ends all waiting.
    pub fn close(&self) {
        self.held().closed = true;
        self.moved.notify_all();
    }

    /// Whether it is closed.
    pub fn is_closed(&self) -> bool {
        self.held().closed
    }

    /// How it stands now.
    pub fn now(&self) -> TunnelSight {
        let sight = self.held().sight.clone();
        sight.unwrap_or(TunnelSight::Down { why: None })
    }

    /// Tells how it stands. Returns whether that is news.
    pub fn tell(&self, sight: &TunnelSight, answers: bool) -> bool {
        let mut held = self.held();
        let news = held.sight.as_ref() != Some(sight);
        if news || answers {
            held.sight = Some(sight.clone());
            held.version += 1;
            self.moved.notify_all();
        }
        news
    }

    /// Waits for what is told after a version; none where the desk is closed or the time is over.
    pub fn after(&self, version: u64, limit: Duration) -> Option<(u64, TunnelSight)> {
        let wait = |held: &mut Held| held.version <= version && !held.closed;
        let waited = self.moved.wait_timeout_while(self.held(), limit, wait);
        let (held, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if held.version <= version {
            return None;
        }
        Some((held.version, held.sight.clone()?))
    }

    /// Waits for so long or until something is asked for. `Err` where the desk is closed.
    pub fn wait(&self, limit: Duration) -> Result<Option<TunnelAct>, Closed> {
        let wait = |held: &mut Held| held.asked.is_none() && !held.closed;
        let waited = self.moved.wait_timeout_while(self.held(), limit, wait);
        let (mut held, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if held.closed {
            return Err(Closed);
        }
        Ok(held.asked.take())
    }
}

/// The agent ends.
#[derive(Debug)]
pub(super) struct Closed;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_asks_hears_what_is_told_afterwards() {
        let desk = TunnelDesk::default();
        let none = TunnelSight::Down { why: None };
        assert_eq!(desk.now(), none);
        let version = desk.ask(TunnelAct::Down);
        assert!(desk.after(version, Duration::ZERO).is_none());
        assert_eq!(desk.wait(Duration::ZERO).unwrap(), Some(TunnelAct::Down));
        assert_eq!(desk.wait(Duration::ZERO).unwrap(), None);
        // The same as before is an answer all the same.
        assert!(desk.tell(&none, true));
        let version = desk.ask(TunnelAct::Down);
        assert!(!desk.tell(&none, true));
        let (later, sight) = desk.after(version, Duration::ZERO).unwrap();
        assert_eq!((later, sight), (version + 1, none.clone()));
        assert!(!desk.tell(&none, false));
        assert!(desk.after(later, Duration::ZERO).is_none());
        desk.close();
        assert!(desk.after(later, Duration::from_secs(600)).is_none());
        assert!(desk.wait(Duration::from_secs(600)).is_err());
    }
}
