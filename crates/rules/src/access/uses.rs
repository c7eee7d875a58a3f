//! One use of a system, and what came of the uses of one system with one device.

use sekisho_domain::id::{GatewayId, LineId, PersonId, SystemId};
use sekisho_domain::time::Timestamp;

use super::cover::Cover;
use crate::decide::{Act, Question};

/// By what a use is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The decision point was asked and allowed it.
    Asked,
    /// A gateway counted traffic.
    Gateway(GatewayId),
    /// It was let onto an internal line.
    Line(LineId),
}

/// A use of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// What was asked, or would have been: who, with which device, which system, from where.
    pub question: Question,
    /// The stretch in which it happened: from the first of these instants to the last. Of an answer
    /// both are the same; traffic is told later than it passed.
    pub within: (Timestamp, Timestamp),
    /// By what it is known.
    pub door: Door,
}

impl Use {
    /// The system; none where a line was joined.
    #[must_use]
    pub const fn system(&self) -> Option<SystemId> {
        match self.question.act {
            Act::Reach { system, .. } => Some(system),
            Act::Join { .. } => None,
        }
    }
}

/// The newest use of each outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    held: Option<Timestamp>,
    excepted: Option<Timestamp>,
    unsure: Option<Timestamp>,
    without: Option<(Timestamp, PersonId)>,
}

impl Uses {
    pub(super) fn note(&mut self, cover: Cover, person: PersonId, at: Timestamp) {
        let newest = |known: Option<Timestamp>| known.max(Some(at));
        match cover {
            Cover::Held => self.held = newest(self.held),
            Cover::Excepted => self.excepted = newest(self.excepted),
            Cover::Unsure => self.unsure = newest(self.unsure),
            Cover::Without => self.without = self.without.max(Some((at, person))),
        }
    }

    /// Whether any of them is from an instant on.
    pub(super) fn counts(&self, from: Timestamp) -> bool {
        let without = self.without.map(|(at, _)| at);
        let all = [self.held, self.excepted, self.unsure, without];
        all.into_iter().flatten().any(|at| from <= at)
    }

    /// The newest use without a permit from an instant on, and whose it was.
    #[must_use]
    pub fn without(&self, from: Timestamp) -> Option<(Timestamp, PersonId)> {
        self.without.filter(|(at, _)| from <= *at)
    }

    /// The newest use from an instant on of which it cannot be told whether a permit stood.
    #[must_use]
    pub fn unsure(&self, from: Timestamp) -> Option<Timestamp> {
        self.unsure.filter(|at| from <= *at)
    }

    /// The newest use under an exception from an instant on.
    #[must_use]
    pub fn excepted(&self, from: Timestamp) -> Option<Timestamp> {
        self.excepted.filter(|at| from <= *at)
    }
}
