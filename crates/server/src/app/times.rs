//! How long the writer takes, for the metrics.

use crate::histogram::{DURATIONS, Histogram, SIZES};

/// What was measured of the writer since the start.
#[derive(Debug)]
pub(crate) struct WriterTimes {
    /// From the queueing of a command to its turn.
    pub(crate) queued: Histogram,
    /// Deciding a command.
    pub(crate) decide: Histogram,
    /// Making a batch durable.
    pub(crate) commit: Histogram,
    /// Commands in a batch.
    pub(crate) batch: Histogram,
}

impl Default for WriterTimes {
    fn default() -> Self {
        Self {
            queued: Histogram::new(DURATIONS),
            decide: Histogram::new(DURATIONS),
            commit: Histogram::new(DURATIONS),
            batch: Histogram::new(SIZES),
        }
    }
}
