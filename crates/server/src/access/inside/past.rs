//! What is remembered of connections that ended. Switches tell of a connection more than once and in any order: what
//! comes late of one that is over is not taken for another one, and one that goes on after all is taken up again.

use std::collections::HashMap;

use sekisho_domain::time::{Span, Timestamp};

use super::connection::Connection;
use super::desk::WAITING_MAX;

/// So long it is remembered that a connection was told to be over: switches repeat themselves for minutes. Later a
/// name may be another connection's.
const OVER: Span = Span::hours(1);
/// So long it is remembered which connection there was last.
const LAST: Span = Span::days(1);
/// So many names are remembered of one device at one port.
const NAMES_MAX: usize = 8;

/// By what connections are known, in two halves: where the newer one is full, or as old as anything is of use, the
/// older one is forgotten at once. So no more than twice as many ports are remembered as one of them holds, the ones
/// that were touched last, and nobody waits until all of them are looked through.
#[derive(Default)]
pub(super) struct Past {
    newer: HashMap<String, Port>,
    older: HashMap<String, Port>,
    /// When the newer half began.
    begun_at: Timestamp,
}

#[derive(Default)]
struct Port {
    /// The switch's names for connections that it told to be over, and when it last did.
    over: Vec<(String, Timestamp)>,
    /// The connection that was there last, and when that ended.
    last: Option<(Connection, Timestamp)>,
}

impl Past {
    /// What there is of a port.
    fn port(&mut self, key: &str, now: Timestamp) -> &mut Port {
        if self.newer.len() >= WAITING_MAX || now >= self.begun_at.after(LAST) {
            self.older = std::mem::take(&mut self.newer);
            self.begun_at = now;
        }
        let older = self.older.remove(key);
        let port = self.newer.entry(key.to_owned());
        port.or_insert_with(|| older.unwrap_or_default())
    }

    fn known(&self, key: &str) -> Option<&Port> {
        self.newer.get(key).or_else(|| self.older.get(key))
    }

    fn known_mut(&mut self, key: &str) -> Option<&mut Port> {
        match self.newer.get_mut(key) {
            Some(port) => Some(port),
            None => self.older.get_mut(key),
        }
    }

    /// Whether anything is remembered of a port.
    pub(super) fn remembers(&self, key: &str) -> bool {
        self.known(key).is_some()
    }

    /// One was there of which the switch may still tell.
    pub(super) fn remember(&mut self, key: &str, now: Timestamp) {
        self.port(key, now);
    }

    /// A switch told that a connection is over.
    pub(super) fn over(&mut self, key: &str, session: &str, now: Timestamp) {
        let port = self.port(key, now);
        port.over.retain(|(it, _)| it != session);
        if port.over.len() == NAMES_MAX {
            port.over.remove(0);
        }
        port.over.push((session.to_owned(), now));
    }

    /// Whether a switch told so.
    pub(super) fn is_over(&self, key: &str, session: &str, now: Timestamp) -> bool {
        let over = self.known(key).map(|port| &port.over);
        let mut over = over.into_iter().flatten();
        over.any(|(it, at)| it == session && now < at.after(OVER))
    }

    /// A connection was there until now.
    pub(super) fn left(&mut self, key: &str, connection: Connection, now: Timestamp) {
        self.port(key, now).last = Some((connection, now));
    }

    /// The connection that was there last, where it is not too long ago; it is not remembered any more.
    pub(super) fn take(&mut self, key: &str, now: Timestamp) -> Option<Connection> {
        let (connection, at) = self.known_mut(key)?.last.take()?;
        (now < at.after(LAST)).then_some(connection)
    }

    /// A switch was told anew what becomes of a device at a port: what was there before does not go on, and the name
    /// under which it asked is that of what comes.
    pub(super) fn answered(&mut self, key: &str, session: Option<&str>) {
        let Some(port) = self.known_mut(key) else {
            return;
        };
        port.last = None;
        if let Some(session) = session {
            port.over.retain(|(it, _)| it != session);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u32) -> Timestamp {
        Timestamp::from_millis(1_000_000_000).after(Span::hours(hour))
    }

    /// How many ports are remembered.
    fn size(past: &Past) -> usize {
        past.newer.len() + past.older.len()
    }

    #[test]
    fn what_is_remembered_has_a_bound_and_the_oldest_goes_first() {
        let mut past = Past::default();
        let all = 3 * WAITING_MAX;
        for number in 0..all {
            past.over(&number.to_string(), "A", at(0));
            // This one goes on telling the same.
            past.over("kept", "B", at(0));
        }
        assert!(size(&past) <= 2 * WAITING_MAX, "{}", size(&past));
        assert!(!past.remembers("0"));
        assert!(!past.is_over("0", "A", at(0)));
        for number in all - WAITING_MAX..all {
            assert!(past.is_over(&number.to_string(), "A", at(0)), "{number}");
        }
        assert!(past.is_over("kept", "B", at(0)));
    }

    #[test]
    fn what_is_of_no_use_any_more_goes_with_time() {
        let mut past = Past::default();
        past.over("7", "A", at(0));
        past.over("8", "A", at(23));
        assert!(past.is_over("8", "A", at(23)));
        assert!(!past.is_over("7", "A", at(1)), "for an hour");
        past.over("9", "A", at(24));
        assert!(past.is_over("8", "A", at(23)), "it is not a day ago");
        past.over("9", "B", at(48));
        let kept = ["7", "8", "9"].map(|key| past.remembers(key));
        assert_eq!(kept, [false, false, true]);
        // What was remembered of a port goes on with it.
        assert_eq!(past.known("9").map(|port| port.over.len()), Some(2));
        assert_eq!(size(&past), 1);
    }
}
