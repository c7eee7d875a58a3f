//! A source of logs that an officer gave up.

use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::name::Line;

use super::first::{founding, in_order};

pub const KINDS: &[(&str, u32)] = &[("service.log-source-retired", 1)];

pub fn events() -> Vec<StoredEvent> {
    let retired = Event::LogSourceRetired {
        source: Line::parse("dns-honsho").unwrap(),
    };
    in_order([founding(), vec![retired]].concat())
}
