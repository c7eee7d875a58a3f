//! Counts and reports, on a thread of its own: neither may keep a revocation waiting.

use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use sekisho_tunnel::Tunnel;

use super::watch::Watched;
use super::{Stop, locked};
use crate::clock::wall;
use crate::controller::Controller;
use crate::error::GatewayError;
use crate::filter::Filter;

/// Where the numbers come from.
pub(super) struct Source {
    pub filter: Arc<Filter>,
    pub tunnel: Arc<Tunnel>,
    pub watched: Arc<Mutex<Watched>>,
}

/// Begins to report; ends when asked to stop.
pub(super) fn begin(
    controller: Arc<dyn Controller>,
    source: Source,
    every: Duration,
    stop: Stop,
) -> Result<JoinHandle<()>, GatewayError> {
    let work = move || {
        while !stop.wait(every) {
            if let Err(error) = report(&*controller, &source) {
                // What was not received is told again with the next.
                tracing::warn!(code = error.code(), %error, "the report was not received");
            }
        }
    };
    thread::Builder::new()
        .name("reports".to_owned())
        .spawn(work)
        .map_err(|error| GatewayError::System {
            detail: error.to_string(),
        })
}

fn report(controller: &dyn Controller, source: &Source) -> Result<(), GatewayError> {
    let states = source.tunnel.peers()?;
    let counters = source.filter.counters()?;
    let report = {
        let mut watched = locked(&source.watched);
        watched.counted(states, &counters);
        watched.report(wall(), counters.dropped)
    };
    controller.report(&report)?;
    locked(&source.watched).received(&report);
    Ok(())
}
