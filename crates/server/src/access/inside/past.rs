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

/// By what connections are known.
#[derive(Default)]
pub(super) struct Past {
    ports: HashMap<String, Port>,
}

#[derive(Default)]
struct Port {
    /// The switch's names for connections that it told to be over, and when it last did.
    over: Vec<(String, Timestamp)>,
    /// The connection that was there last, and when that ended.
    last: Option<(Connection, Timestamp)>,
}

impl Port {
    fn is_of_use(&self, now: Timestamp) -> bool {
        let last = self.last.as_ref().is_some_and(|(_, at)| is_held(*at, now));
        last || self.over.iter().any(|(_, at)| now < at.after(OVER))
    }
}

fn is_held(at: Timestamp, now: Timestamp) -> bool {
    now < at.after(LAST)
}

impl Past {
    /// What there is of a port; what is of no use any more goes where there is too much.
    fn port(&mut self, key: &str, now: Timestamp) -> &mut Port {
        if self.ports.len() >= WAITING_MAX {
            self.ports.retain(|_, it| it.is_of_use(now));
        }
        self.ports.entry(key.to_owned()).or_default()
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
        let over = self.ports.get(key).map(|port| &port.over);
        let mut over = over.into_iter().flatten();
        over.any(|(it, at)| it == session && now < at.after(OVER))
    }

    /// A connection was there until now.
    pub(super) fn left(&mut self, key: &str, connection: Connection, now: Timestamp) {
        self.port(key, now).last = Some((connection, now));
    }

    /// The connection that was there last, where it is not too long ago; it is not remembered any more.
    pub(super) fn take(&mut self, key: &str, now: Timestamp) -> Option<Connection> {
        let (connection, at) = self.ports.get_mut(key)?.last.take()?;
        is_held(at, now).then_some(connection)
    }

    /// A switch was told anew what becomes of a device at a port: what was there before does not go on, and the name
    /// under which it asked is that of what comes.
    pub(super) fn answered(&mut self, key: &str, session: Option<&str>) {
        let Some(port) = self.ports.get_mut(key) else {
            return;
        };
        port.last = None;
        if let Some(session) = session {
            port.over.retain(|(it, _)| it != session);
        }
    }
}
