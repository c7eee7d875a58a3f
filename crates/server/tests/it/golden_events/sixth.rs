//! The permits of the fourth ledger with the deadlines of what they leave to be done, in working days.

use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::permit::{Deadlines, Obligation, Obligations};
use sekisho_domain::time::Timestamp;
use sekisho_domain::working_day::Calendar;

fn from(end: Timestamp) -> Deadlines {
    let owed = Obligations::from(Obligation::ALL.to_vec());
    Deadlines::from_end(owed, end, &Calendar::new(None))
}

fn with_deadlines(mut stored: StoredEvent) -> StoredEvent {
    match &mut stored.event {
        Event::PermitApproved { step } => step.deadlines = from(step.term.until),
        Event::PermitExtended { step } => step.deadlines = from(step.until),
        Event::PermitEnded { step } => step.deadlines = from(step.at),
        _ => {}
    }
    stored
}

pub fn events() -> Vec<StoredEvent> {
    let fourth = super::fourth::events().into_iter();
    fourth.map(with_deadlines).collect()
}
