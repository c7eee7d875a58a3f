//! A permit as it would be, for whoever weighs a decision.

use super::{
    Capacity, Deadlines, Decision, Grant, Life, NumberSeries, Obligations, Permit, PermitNumber,
    Stage, Term,
};
use crate::time::Timestamp;

impl Permit {
    /// This permit as it would be once it is approved as it was asked for, or given as it was, and
    /// taken up: as if its term had begun. It has no number: it is for looking at and for nothing else.
    #[must_use]
    pub fn supposed_in_force(&self, now: Timestamp) -> Self {
        let asked = self.grant().map_or(self.wanted, |grant| grant.term);
        let term = Term {
            from: asked.from.min(now),
            until: asked.until,
        };
        let stage = Stage::Live {
            taken_up: true,
            held: None,
            asked: None,
        };
        let grant = match self.grant() {
            Some(grant) => Grant {
                term,
                stage,
                ..grant.clone()
            },
            None => Grant {
                number: PermitNumber {
                    series: NumberSeries::at(self.kind(), now, false),
                    serial: 0,
                },
                decision: Decision {
                    by: self.applicant,
                    capacity: Capacity::Holder,
                    route: self.route,
                },
                term,
                conditions: None,
                owed: Obligations::default(),
                returned_at: None,
                deadlines: Deadlines::default(),
                stage,
                for_everybody: self.is_for_everybody(),
            },
        };
        Self {
            life: Life::Granted(Box::new(grant)),
            ..self.clone()
        }
    }
}
