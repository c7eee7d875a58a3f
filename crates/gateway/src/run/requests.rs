//! Asks for the next table, again and again, on a thread of its own.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use sekisho_protocol::gateway::HOLD_DIVISOR;

use super::Stop;
use crate::controller::Controller;
use crate::error::GatewayError;

/// First pause after a failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// Longest pause: a server that is back is found well within a lease.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What the thread tells.
pub(super) enum Message {
    /// A signed table has come.
    Table {
        /// As it came.
        signed: Vec<u8>,
        /// Where the answer goes.
        taken: SyncSender<Taken>,
    },
    /// The server is away or refuses.
    Trouble(GatewayError),
}

/// What became of a table.
pub(super) struct Taken {
    /// Whether it is carried out.
    pub carried: bool,
    /// The sequence of the table in force, this one or one before; none while closed.
    pub in_force: Option<u64>,
}

/// Begins to ask. The thread ends with the last receiver or when asked to stop, at the latest
/// when the request that is under way is answered; nobody waits for it.
pub(super) fn begin(
    controller: Arc<dyn Controller>,
    lease: Duration,
    stop: Stop,
    send: SyncSender<Message>,
) -> Result<(), GatewayError> {
    let work = move || {
        let mut failures = 0_u32;
        // Closed, so that the first answer comes at once.
        let mut after = 0;
        while !stop.is_asked() {
            let carried = match controller.table(after, lease / HOLD_DIVISOR) {
                Ok(signed) => {
                    let (taken, answer) = sync_channel(1);
                    let sent = send.send(Message::Table { signed, taken });
                    let (Ok(()), Ok(taken)) = (sent, answer.recv()) else {
                        return;
                    };
                    after = taken.in_force.unwrap_or(0);
                    taken.carried
                }
                Err(error) => {
                    if send.send(Message::Trouble(error)).is_err() {
                        return;
                    }
                    false
                }
            };
            failures = if carried {
                0
            } else {
                failures.saturating_add(1)
            };
            if failures > 0 && stop.wait(pause(failures)) {
                return;
            }
        }
    };
    thread::Builder::new()
        .name("tables".to_owned())
        .spawn(work)
        .map(|_| ())
        .map_err(|error| GatewayError::System {
            detail: error.to_string(),
        })
}

fn pause(failures: u32) -> Duration {
    FIRST_PAUSE
        .saturating_mul(1 << (failures - 1).min(16))
        .min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_short() {
        let shown: Vec<_> = (1..8).map(|it| pause(it).as_millis()).collect();
        assert_eq!(shown, [250, 500, 1000, 2000, 4000, 5000, 5000]);
        assert_eq!(pause(u32::MAX), LONGEST_PAUSE);
    }
}
