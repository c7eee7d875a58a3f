//! Where a request comes from: by its address and what the register of lines says of addresses.

use std::net::{IpAddr, Ipv4Addr};

use sekisho_domain::id::LineId;
use sekisho_domain::net::Network;
use sekisho_domain::permit::Place;
use sekisho_domain::register::inside::brings;
use sekisho_domain::register::line::LineKind;
use sekisho_domain::register::{EntryId, Gateway, NetworkLine};
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
/// line speaks of is outside. So is whatever comes through a gateway, whichever line its address is of: who is behind
/// it is not at that line. Where the session of a tunnel says who that is, it leads from outside as well.
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
    let origin = found.map_or_else(outside, |(_, id, kind)| Origin {
        place: place_of(kind),
        line: Some(id),
    });
    // A remote access line may well be known by the network of tunnels.
    if origin.place != Place::OutsideOrganisation && through_a_gateway(world, address) {
        return outside();
    }
    origin
}

/// Whether whoever has an address has come through a gateway.
#[must_use]
pub fn is_through_a_gateway(world: &World, address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => through_a_gateway(world, address),
        IpAddr::V6(_) => false,
    }
}

fn through_a_gateway(world: &World, address: Ipv4Addr) -> bool {
    let mut gateways = world.registers.nouns::<Gateway>();
    gateways.any(|(_, gateway)| brings(world, gateway, address))
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
