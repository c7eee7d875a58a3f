//! What each release adds to the golden ledgers: a folder, and in it the kinds of events that are
//! new. A folder that is there is never written again.
//!
//! To add one: write its events in a file here, put it at the end of [`ALL`], and run
//! `cargo xtask golden`.

mod eighth;
mod eleventh;
mod exceptions;
mod fifth;
mod first;
mod fourth;
mod log_sources;
mod ninth;
mod risk;
mod rules;
mod second;
mod seventh;
mod sixth;
mod telephones;
mod telework_plan;
mod tenth;
mod third;
mod twelfth;
mod unease;

use std::collections::BTreeSet;

use sekisho_domain::event::{Event, StoredEvent};

/// One golden ledger.
pub struct Golden {
    /// Its folder below `fixtures/golden`.
    pub folder: &'static str,
    /// The kinds that no earlier folder holds.
    pub adds: &'static [(&'static str, u32)],
    /// Its events, in order, with fixed ids and times.
    pub events: fn() -> Vec<StoredEvent>,
}

/// The documents that golden events refer to.
pub const DOCUMENTS: &[&str] = &[
    third::ROWS,
    fifth::LINES,
    seventh::ARRIVALS,
    tenth::TEXT,
    telework_plan::BASELINE,
    risk::FROZEN,
    rules::EFFECT,
    rules::CONFLICTS,
    rules::TECHNICAL,
    exceptions::EFFECT,
];

/// Every golden ledger, the oldest first.
pub const ALL: &[Golden] = &[
    Golden {
        folder: "ledger-1",
        adds: first::KINDS,
        events: first::events,
    },
    Golden {
        folder: "ledger-2",
        adds: &[("break_glass.opened", 1), ("break_glass.closed", 1)],
        events: second::events,
    },
    Golden {
        folder: "ledger-3",
        adds: third::KINDS,
        events: third::events,
    },
    Golden {
        folder: "ledger-4",
        adds: fourth::KINDS,
        events: fourth::events,
    },
    Golden {
        folder: "ledger-5",
        adds: fifth::KINDS,
        events: fifth::events,
    },
    Golden {
        folder: "ledger-6",
        adds: &[],
        events: sixth::events,
    },
    Golden {
        folder: "ledger-7",
        adds: seventh::KINDS,
        events: seventh::events,
    },
    Golden {
        folder: "ledger-8",
        adds: eighth::KINDS,
        events: eighth::events,
    },
    Golden {
        folder: "ledger-9",
        adds: ninth::KINDS,
        events: ninth::events,
    },
    Golden {
        folder: "ledger-10",
        adds: tenth::KINDS,
        events: tenth::events,
    },
    Golden {
        folder: "ledger-11",
        adds: eleventh::KINDS,
        events: eleventh::events,
    },
    Golden {
        folder: "ledger-telework-plan",
        adds: telework_plan::KINDS,
        events: telework_plan::events,
    },
    Golden {
        folder: "ledger-12",
        adds: twelfth::KINDS,
        events: twelfth::events,
    },
    Golden {
        folder: "ledger-telephones",
        adds: telephones::KINDS,
        events: telephones::events,
    },
    Golden {
        folder: "ledger-risk",
        adds: risk::KINDS,
        events: risk::events,
    },
    Golden {
        folder: "ledger-rules",
        adds: rules::KINDS,
        events: rules::events,
    },
    Golden {
        folder: "ledger-exceptions",
        adds: exceptions::KINDS,
        events: exceptions::events,
    },
    Golden {
        folder: "ledger-unease",
        adds: unease::KINDS,
        events: unease::events,
    },
    Golden {
        folder: "ledger-log-sources",
        adds: log_sources::KINDS,
        events: log_sources::events,
    },
];

/// The events of the first golden ledger: a whole small organisation.
pub fn events() -> Vec<StoredEvent> {
    first::events()
}

#[test]
fn golden_ledgers_add_the_kinds_they_say_and_none_twice() {
    let mut before = BTreeSet::new();
    for golden in ALL {
        let kinds: BTreeSet<_> = (golden.events)().iter().map(|e| e.event.kind()).collect();
        let new: BTreeSet<_> = kinds.difference(&before).copied().collect();
        let said: BTreeSet<_> = golden.adds.iter().copied().collect();
        assert_eq!(new, said, "{}", golden.folder);
        before.extend(new);
    }
}

#[test]
fn golden_ledger_holds_every_kind_of_event() {
    let there: BTreeSet<_> = ALL.iter().flat_map(|golden| golden.adds).copied().collect();
    let known: BTreeSet<_> = Event::KINDS.iter().copied().collect();
    assert_eq!(there, known);
}
