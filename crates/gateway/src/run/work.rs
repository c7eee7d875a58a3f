//! The loop of a gateway at work: takes what the threads tell, and closes when it should.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sekisho_domain::time::Span;

use super::keeper::Keeper;
use super::line::SystemLine;
use super::reporter::Reports;
use super::requests::{Anew, Message, Taken};
use super::watch::Watched;
use super::{Event, Stop, locked};
use crate::clock::{Clock, wall};
use crate::error::GatewayError;
use crate::filter::Renewal;
use crate::state::StateDir;

/// How often the wall clock is looked at for having been set, at least.
const LOOK: Duration = Duration::from_secs(1);

/// What is at work, and whom it tells.
pub(super) struct Work {
    pub keeper: Keeper<SystemLine>,
    pub watched: Arc<Mutex<Watched>>,
    pub state: Arc<StateDir>,
    pub clock: Clock,
    pub anew: Anew,
    pub reports: Reports,
}

impl Work {
    /// Works until asked to stop.
    pub fn follow(
        &mut self,
        messages: &Receiver<Message>,
        stop: &Stop,
        told: &mut impl FnMut(Event),
    ) {
        while !stop.is_asked() {
            let quiet = self.keeper.quiet(self.clock.read(), LOOK);
            // Asked to stop, the threads let go of their ends.
            match messages.recv_timeout(quiet) {
                Ok(Message::Table { signed, taken }) => {
                    let carried = self.take(&signed, told);
                    let in_force = self.keeper.in_force();
                    let in_force = in_force.map(|it| (it.sequence, length(it.granted)));
                    // It ends with the process where it is gone.
                    let _ = taken.send(Taken { carried, in_force });
                }
                Ok(Message::Trouble(error)) => told(Event::Trouble(error)),
                Ok(Message::FilterGone) => self.restore(told),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.tick(told);
        }
    }

    /// Closes, and ends the reports.
    pub fn end(mut self) -> Result<(), GatewayError> {
        let ended = self.keeper.close();
        self.reports.end();
        ended
    }

    /// Takes a table. Returns whether it is carried out.
    fn take(&mut self, signed: &[u8], told: &mut impl FnMut(Event)) -> bool {
        let replaces = self.keeper.line().filter.renewal() == Renewal::Replace;
        if replaces {
            self.count();
        }
        let (result, accepted) = {
            // Held meanwhile, so that nothing that passes from here on is counted under what was replaced.
            let mut watched = replaces.then(|| locked(&self.watched));
            let result = self.keeper.take(signed, self.clock.read());
            let accepted = !matches!(result, Err(GatewayError::Table(_)));
            if accepted && let Some(watched) = &mut watched {
                watched.elements_replaced();
            }
            (result, accepted)
        };
        self.tell_watched(result.as_ref().err());
        if accepted && let Err(error) = self.state.keep_table_sequence(self.keeper.sequence()) {
            told(Event::Trouble(error));
        }
        let carried = result.is_ok();
        told(match result {
            Ok(()) => Event::Carried {
                sequence: self.keeper.sequence(),
                peers: self.keeper.in_force().map_or(0, |it| it.plan.peers.len()),
            },
            Err(error) => Event::Trouble(error),
        });
        carried
    }

    fn tell_watched(&mut self, error: Option<&GatewayError>) {
        let mut watched = locked(&self.watched);
        if let Some(states) = self.keeper.line().last_states.take() {
            watched.states_read(states);
        }
        let peers_stay = self.keeper.line().unsettled;
        watched.in_force(self.keeper.in_force(), peers_stay, self.clock.read());
        let news = match error {
            None => watched.taken(),
            Some(GatewayError::Table(error)) => {
                watched.refused(error.code());
                false
            }
            Some(error) => watched.failing(error.code()),
        };
        drop(watched);
        if news {
            self.reports.now();
        }
    }

    /// Counters begin anew when elements are replaced: what they say is taken in before.
    fn count(&mut self) {
        let begun = locked(&self.watched).reading();
        let line = self.keeper.line();
        if let (Ok(states), Ok(counters)) = (line.tunnel.peers(), line.filter.counters()) {
            locked(&self.watched).counted(begun, states, &counters);
        }
    }

    /// The filter does not stand as it was left: puts it back, closed, and has a whole table asked for. The server is
    /// told at once.
    fn restore(&mut self, told: &mut impl FnMut(Event)) {
        // By now it may stand again: what was seen was seen before.
        let Err(gone) = self.keeper.line().filter.stands() else {
            return;
        };
        // Held meanwhile, so that nothing that stands from here on is counted under what stood before.
        let mut watched = locked(&self.watched);
        let failed = self.keeper.restore().err();
        watched.filter_gone(wall());
        let peers_stay = self.keeper.line().unsettled;
        watched.in_force(self.keeper.in_force(), peers_stay, self.clock.read());
        let code = failed.as_ref().map_or(gone.code(), GatewayError::code);
        let news = watched.failing(code);
        drop(watched);
        if failed.is_none() {
            self.anew.ask();
        }
        // While it cannot be put back that is tried again and again, and told once.
        if news {
            self.reports.now();
            told(Event::Trouble(gone));
            if let Some(error) = failed {
                told(Event::Trouble(error));
            }
        }
    }

    fn tick(&mut self, told: &mut impl FnMut(Event)) {
        if self.keeper.in_force().is_none() {
            return;
        }
        let result = self.keeper.tick(self.clock.read());
        let mut watched = locked(&self.watched);
        if let Some(states) = self.keeper.line().last_states.take() {
            watched.states_read(states);
        }
        let peers_stay = self.keeper.line().unsettled;
        watched.in_force(self.keeper.in_force(), peers_stay, self.clock.read());
        if let Err(error) = &result {
            watched.failing(error.code());
        }
        drop(watched);
        match result {
            Ok(true) => told(Event::Closed),
            Ok(false) => {}
            Err(error) => told(Event::Trouble(error)),
        }
    }
}

/// A span of time as a duration.
fn length(span: Span) -> Duration {
    Duration::from_millis(u64::try_from(span.as_millis()).unwrap_or_default())
}
