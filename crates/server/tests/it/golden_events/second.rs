//! Break-glass: opened and closed in the organisation of the first golden ledger.

use sekisho_domain::actor::Actor;
use sekisho_domain::break_glass::LASTS;
use sekisho_domain::event::{Event, StoredEvent};

use super::first::{at, founding, officer, people, sealed, second_officer};

/// The golden events, in order.
pub fn events() -> Vec<StoredEvent> {
    let opened = Event::BreakGlassOpened {
        first: officer(),
        second: second_officer(),
        until: at(20).after(LASTS),
        reason: sealed(officer()),
    };
    let closed = Event::BreakGlassClosed { opened_at: at(20) };
    let beginning = [founding(), people()].concat().into_iter();
    let mut events: Vec<_> = beginning.map(|event| (0, Actor::Setup, event)).collect();
    events.push((20, Actor::person(officer()), opened));
    events.push((50, Actor::Operator, closed));
    let stored = events
        .into_iter()
        .map(|(minute, actor, event)| StoredEvent {
            actor,
            recorded_at: at(minute),
            effective_from: None,
            event,
        });
    stored.collect()
}
