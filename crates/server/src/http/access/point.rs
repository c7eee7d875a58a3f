//! Where the decision point is asked from here.

use std::net::IpAddr;

use sekisho_domain::access::Asker;
use sekisho_rules::decide::{Decision, Origin, Question};

use crate::access::{self, origin_of, outside};
use crate::http::site::Site;

/// Asks on somebody's behalf. The answer counts and is recorded, with who asked.
pub(super) fn ask(site: &Site, asker: Option<Asker>, question: &Question) -> Decision {
    site.app.decide_for(asker, question)
}

/// Looks what the answer would be, for searches: nobody is let through by it.
pub(super) fn look(site: &Site, question: &Question) -> Decision {
    site.app.preview(question)
}

/// Whether whoever has an address has come through a gateway.
pub(super) fn is_through_a_gateway(site: &Site, address: Option<IpAddr>) -> bool {
    address.is_some_and(|address| access::is_through_a_gateway(&site.app.world(), address))
}

/// From where somebody comes who has this address; outside the organisation where nobody knows.
pub(super) fn origin(site: &Site, address: Option<IpAddr>) -> Origin {
    address.map_or_else(outside, |address| origin_of(&site.app.world(), address))
}
