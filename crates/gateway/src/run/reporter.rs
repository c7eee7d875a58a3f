//! Counts and reports, on a thread of its own: neither may keep a revocation waiting.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use sekisho_tunnel::{PeerState, Tunnel};

use super::locked;
use super::threads::spawn;
use super::watch::Watched;
use crate::clock::wall;
use crate::controller::Controller;
use crate::error::GatewayError;
use crate::filter::{Counters, Filter};

/// Where the numbers come from.
pub(super) struct Source {
    pub filter: Arc<Filter>,
    pub tunnel: Arc<Tunnel>,
    pub watched: Arc<Mutex<Watched>>,
}

/// Reports that go on until this is ended.
pub(super) struct Reports {
    now: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Reports {
    /// Has a report sent now, since something is wrong.
    pub fn now(&self) {
        // Where one is asked for already, that one tells it.
        let _ = self.now.try_send(());
    }

    /// Ends them. It is never longer at work than one request takes.
    pub fn end(self) {
        drop(self.now);
        let _ = self.thread.join();
    }
}

/// Begins to report.
pub(super) fn begin(
    controller: Arc<dyn Controller>,
    source: Source,
    every: Duration,
) -> Result<Reports, GatewayError> {
    let (now, asked): (_, Receiver<()>) = sync_channel(1);
    let work = move || {
        let mut failing = None;
        while asked.recv_timeout(every) != Err(RecvTimeoutError::Disconnected) {
            // What was not received is told again with the next; that it was not, once.
            let failed = report(&*controller, &source).err();
            let code = failed.as_ref().map(GatewayError::code);
            if let Some(error) = failed.filter(|_| code != failing) {
                tracing::warn!(code = error.code(), %error, "the report was not received");
            }
            failing = code;
        }
    };
    let thread = spawn("reports", work)?;
    Ok(Reports { now, thread })
}

fn report(controller: &dyn Controller, source: &Source) -> Result<(), GatewayError> {
    let begun = locked(&source.watched).reading();
    let counted = count(source);
    let report = {
        let mut watched = locked(&source.watched);
        match counted {
            Ok((states, counters)) => {
                watched.counted(begun, states, &counters);
                watched.report(wall(), None)
            }
            // A gateway that cannot count says so: silence would look like one without traffic.
            Err(error) => {
                tracing::warn!(code = error.code(), %error, "what passes cannot be counted");
                watched.report(wall(), Some(error.code()))
            }
        }
    };
    controller.report(&report)?;
    locked(&source.watched).received(&report);
    Ok(())
}

fn count(source: &Source) -> Result<(Vec<PeerState>, Counters), GatewayError> {
    Ok((source.tunnel.peers()?, source.filter.counters()?))
}
