//! What may have changed an answer, and whose: so that not everybody is asked about again whenever
//! anything moves.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use sekisho_domain::event::Event;
use sekisho_domain::id::{DeviceId, PermitId};
use tokio::sync::watch;

/// Most moves that are kept; whoever has missed more asks about everybody.
const KEPT_MAX: usize = 8_192;

/// Whom an answer may be another one for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// Anybody.
    Anybody,
    /// Those whom a permit concerns: its applicant, and whoever uses a device that it names; of an exception those
    /// whom it names as well, and anybody where it names neither people nor devices.
    Permit(PermitId),
    /// Whoever uses these devices.
    Devices(Vec<DeviceId>),
}

impl Move {
    /// What an event of the ledger moves; none where no answer rests on it.
    #[must_use]
    pub fn of_event(event: &Event) -> Option<Self> {
        let permit = match event {
            Event::PermitApplied { applied } => applied.permit,
            Event::PermitWithdrawn { permit }
            | Event::PermitActivated { permit }
            | Event::PermitClosed { permit } => *permit,
            Event::PermitSentBack { step } | Event::PermitRefused { step } => step.permit,
            Event::PermitApproved { step } => step.permit,
            Event::PermitSuspended { step } => step.permit,
            Event::PermitResumed { step } => step.permit,
            Event::PermitExtended { step } => step.permit,
            Event::PermitEnded { step } => step.permit,
            // From now on it counts for others than its applicant.
            Event::ExceptionDecidedAgain { step } if step.for_everybody => step.permit,
            Event::DeviceEnrolled { device, .. }
            | Event::DeviceDeclares { device }
            | Event::DeviceStateChanged { device, .. } => {
                return Some(Self::Devices(vec![*device]));
            }
            // What was observed of devices comes by the posture, and not by what the ledger says of it.
            Event::AccessRecorded { .. }
            | Event::AssessmentHeld { .. }
            | Event::AttestationMade { .. }
            | Event::CheckChanged { .. }
            | Event::ChecklistAnswered { .. }
            | Event::CheckpointTargetsSet { .. }
            // What they bring about stands in records of their own: an end, a later end.
            | Event::ExceptionReviewed { .. }
            | Event::ExceptionRegularised { .. }
            | Event::ExceptionStopped { .. }
            | Event::ExceptionDecidedAgain { .. }
            | Event::ConcernAnswered { .. }
            | Event::ConcernErased { .. }
            | Event::ConcernRulesSet { .. }
            | Event::ConcernSaid { .. }
            | Event::ConcernTold { .. }
            | Event::ConcernTurned { .. }
            | Event::FeedImported { .. }
            | Event::PermitExtensionAsked { .. }
            | Event::PermitObligationMet { .. }
            | Event::PersonalRead { .. }
            | Event::TokenIssued { .. }
            | Event::TokenRevoked { .. }
            | Event::VerdictChanged { .. } => return None,
            // Whatever else there is or comes to be.
            _ => return Some(Self::Anybody),
        };
        Some(Self::Permit(permit))
    }
}

/// The newest moves, for those who follow them.
#[derive(Debug)]
pub struct Moves {
    kept: Mutex<Kept>,
    count: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Kept {
    /// How many came before those that are kept.
    gone: u64,
    moves: VecDeque<Move>,
}

impl Default for Moves {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
            count: watch::Sender::new(0),
        }
    }
}

impl Moves {
    /// Adds moves and wakes whoever follows. Call it when answers are given by what has moved already.
    pub fn add(&self, moves: impl IntoIterator<Item = Move>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let before = kept.count();
        for one in moves {
            if one == Move::Anybody {
                // What came before says no more than that.
                kept.gone = kept.count();
                kept.moves.clear();
            } else if kept.moves.len() >= KEPT_MAX {
                kept.moves.pop_front();
                kept.gone += 1;
            }
            kept.moves.push_back(one);
        }
        let count = kept.count();
        drop(kept);
        if count != before {
            self.count.send_replace(count);
        }
    }

    /// Wakes whoever follows by what has moved.
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.count.subscribe()
    }

    /// What has moved since there were so many, and how many there are. What is answered after this was
    /// called takes account of all of them.
    #[must_use]
    pub fn since(&self, seen: u64) -> (Vec<Move>, u64) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let count = kept.count();
        let moves = match seen.checked_sub(kept.gone) {
            Some(skipped) => {
                let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
                kept.moves.iter().skip(skipped).cloned().collect()
            }
            None => vec![Move::Anybody],
        };
        (moves, count)
    }
}

impl Kept {
    fn count(&self) -> u64 {
        self.gone + self.moves.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use sekisho_domain::id::Fresh;

    use super::*;

    fn device(n: u8) -> Move {
        Move::Devices(vec![DeviceId::new(Fresh([n; 16]))])
    }

    #[test]
    fn each_follower_learns_what_it_has_not_seen() {
        let moves = Moves::default();
        assert_eq!(moves.since(0), (Vec::new(), 0));
        moves.add([device(1), device(2)]);
        moves.add([]);
        assert_eq!(*moves.follow().borrow(), 2);
        assert_eq!(moves.since(0), (vec![device(1), device(2)], 2));
        assert_eq!(moves.since(1), (vec![device(2)], 2));
        assert_eq!(moves.since(2), (Vec::new(), 2));
        moves.add([Move::Anybody, device(3)]);
        // Whoever saw less learns that it may be anybody.
        assert_eq!(moves.since(0), (vec![Move::Anybody], 4));
        assert_eq!(moves.since(2), (vec![Move::Anybody, device(3)], 4));
        assert_eq!(moves.since(3), (vec![device(3)], 4));
    }

    #[test]
    fn whoever_is_far_behind_asks_about_everybody() {
        let moves = Moves::default();
        moves.add((0..KEPT_MAX + 1).map(|_| device(1)));
        assert_eq!(moves.since(0).0, [Move::Anybody]);
        assert_eq!(moves.since(1).0.len(), KEPT_MAX);
        assert_eq!(moves.since(0).1, KEPT_MAX as u64 + 1);
    }
}
