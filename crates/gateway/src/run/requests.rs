//! Asks for the next table, again and again, on a thread of its own.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

use sekisho_protocol::gateway::{HOLD_DIVISOR, HOLD_MAX_SECONDS};

use super::Stop;
use super::threads::spawn;
use crate::controller::Controller;
use crate::error::GatewayError;

/// First pause after a failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// Longest pause: a server that is back is found well within a lease.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long an answer is waited for beside the hold. The line to the server gives up long before.
const NO_ANSWER: Duration = Duration::from_mins(1);

/// What threads tell the loop.
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
    /// The packet filter does not stand as it was left.
    FilterGone,
}

/// What became of a table.
pub(super) struct Taken {
    /// Whether it is carried out.
    pub carried: bool,
    /// The table in force, this one or one before: its sequence, and the length of its lease; none while closed.
    pub in_force: Option<(u64, Duration)>,
}

enum Heard {
    /// The answer to the request of this number.
    Answer(u64, Result<Vec<u8>, GatewayError>),
    /// What is in force is so no longer.
    Anew,
}

/// Has the next table asked for as a closed gateway asks, which is answered at once, whatever is waited for.
pub(super) struct Anew(Sender<Heard>);

impl Anew {
    /// Asks for it.
    pub fn ask(&self) {
        // The thread is gone where the gateway stops.
        let _ = self.0.send(Heard::Anew);
    }
}

/// For how long a server holds a request under a lease, at most.
fn hold(lease: Duration) -> Duration {
    (lease / HOLD_DIVISOR).min(Duration::from_secs(u64::from(HOLD_MAX_SECONDS)))
}

/// Begins to ask. The thread ends with the last receiver or when asked to stop, at the latest
/// when the request that is under way is answered; nobody waits for it. `lease` counts until a table says how long
/// its own is.
pub(super) fn begin(
    controller: Arc<dyn Controller>,
    lease: Duration,
    stop: Stop,
    send: SyncSender<Message>,
) -> Result<Anew, GatewayError> {
    let (tell, heard) = channel();
    let anew = Anew(tell.clone());
    let asker = Asker {
        controller,
        tell,
        heard,
        asked: 0,
    };
    spawn("tables", move || asker.follow(hold(lease), &stop, &send))?;
    Ok(anew)
}

/// Asks on threads of their own, one for each request, so that one that is held can be given up.
struct Asker {
    controller: Arc<dyn Controller>,
    tell: Sender<Heard>,
    heard: Receiver<Heard>,
    /// The number of the newest request.
    asked: u64,
}

impl Asker {
    fn follow(mut self, mut hold_now: Duration, stop: &Stop, send: &SyncSender<Message>) {
        let mut failures = 0_u32;
        // Closed, so that the first answer comes at once.
        let mut after = 0;
        while !stop.is_asked() {
            let carried = match self.table(&mut after, hold_now) {
                Ok(signed) => {
                    let (taken, answer) = sync_channel(1);
                    let sent = send.send(Message::Table { signed, taken });
                    let (Ok(()), Ok(taken)) = (sent, answer.recv()) else {
                        return;
                    };
                    after = taken.in_force.map_or(0, |(sequence, _)| sequence);
                    if let Some((_, lease)) = taken.in_force {
                        hold_now = hold(lease);
                    }
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
    }

    /// The table after that one; where it is told meanwhile that nothing is in force any more, the table after none.
    /// `after` is none then until a table has come, however often asking for it fails.
    fn table(&mut self, after: &mut u64, hold: Duration) -> Result<Vec<u8>, GatewayError> {
        // What was told while nobody asked.
        while let Ok(heard) = self.heard.try_recv() {
            if matches!(heard, Heard::Anew) {
                *after = 0;
            }
        }
        self.ask(*after, hold)?;
        loop {
            match self.heard.recv_timeout(hold + NO_ANSWER) {
                Ok(Heard::Answer(number, answer)) if number == self.asked => return answer,
                // One that was given up.
                Ok(Heard::Answer(..)) => {}
                Ok(Heard::Anew) => {
                    *after = 0;
                    self.ask(0, hold)?;
                }
                Err(error) => {
                    return Err(GatewayError::System {
                        detail: error.to_string(),
                    });
                }
            }
        }
    }

    fn ask(&mut self, after: u64, hold: Duration) -> Result<(), GatewayError> {
        self.asked += 1;
        let (controller, tell, number) = (self.controller.clone(), self.tell.clone(), self.asked);
        let work = move || {
            // Nobody listens any more where the gateway stops.
            let _ = tell.send(Heard::Answer(number, controller.table(after, hold)));
        };
        spawn("table", work).map(|_| ())
    }
}

fn pause(failures: u32) -> Duration {
    FIRST_PAUSE
        .saturating_mul(1 << (failures - 1).min(16))
        .min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests;
