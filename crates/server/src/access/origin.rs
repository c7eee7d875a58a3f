//! Where a request comes from: by its address and what the register of lines says of addresses.

use std::net::IpAddr;

use sekisho_domain::id::LineId;
use sekisho_domain::net::Network;
use sekisho_domain::permit::Place;
use sekisho_domain::register::line::LineKind;
use sekisho_domain::register::{EntryId, NetworkLine};
use sekisho_domain::world::World;
use sekisho_rules::decide::Origin;

/// Outside the organisation, at no line that is known.
#[must_use]
pub const fn outside() -> Origin {
    Origin {
        place: Place::OutsideOrganisation,
        line: None,
    }
}

/// The place and line of an address: the line in use with the narrowest network that holds it. What no
/// line speaks of is outside.
#[must_use]
pub fn origin_of(world: &World, address: IpAddr) -> Origin {
    let IpAddr::V4(address) = address.to_canonical() else {
        return outside();
    };
    let mut found: Option<(u8, LineId, LineKind)> = None;
    for (entry, line) in world.registers.nouns::<NetworkLine>() {
        let EntryId::Line(id) = entry.id else {
            continue;
        };
        let networks = line
            .seen_as
            .iter()
            .filter_map(|seen| seen.as_str().parse::<Network>().ok());
        for network in networks.filter(|network| network.contains(address)) {
            if found.is_none_or(|(prefix, _, _)| network.prefix() > prefix) {
                found = Some((network.prefix(), id, line.kind));
            }
        }
    }
    found.map_or_else(outside, |(_, id, kind)| Origin {
        place: place_of(kind),
        line: Some(id),
    })
}

/// A remote access line leads from outside, whatever its address.
const fn place_of(kind: LineKind) -> Place {
    match kind {
        LineKind::Internal => Place::ControlledArea,
        LineKind::OfficeInternet | LineKind::Dedicated => Place::OutsideArea,
        LineKind::RemoteAccess | LineKind::Home | LineKind::Mobile | LineKind::Public => {
            Place::OutsideOrganisation
        }
    }
}
