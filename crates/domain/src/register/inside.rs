//! What a gateway's own addresses at the inside say of those who come from them. Entries of older ledgers may name
//! as many as take a whole line for outside: those of such an entry say nothing of anybody until it is put right.

use core::net::Ipv4Addr;

use super::line::LineKind;
use super::{EntryId, Gateway, NetworkLine};
use crate::id::LineId;
use crate::net::Network;
use crate::world::World;

/// Why a gateway's own addresses at the inside are not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsideFault {
    /// They are more than those of one machine.
    Wide,
    /// They leave nothing of a network by which a line is known.
    HasLine(LineId, Network),
}

/// Why the own addresses of a gateway at the inside are not counted, beside the lines in use; none where they are.
#[must_use]
pub fn inside_fault(world: &World, gateway: &Gateway) -> Option<InsideFault> {
    if gateway.is_wide_inside() {
        return Some(InsideFault::Wide);
    }
    let mut lines = world.registers.nouns::<NetworkLine>();
    lines.find_map(|(entry, line)| match entry.id {
        EntryId::Line(id) => Some(InsideFault::HasLine(id, hidden(line, gateway)?)),
        _ => None,
    })
}

/// Whether what comes from an address has come through a gateway, as [`Gateway::brings`]; its own addresses are left
/// out where they are not counted.
#[must_use]
pub fn brings(world: &World, gateway: &Gateway, address: Ipv4Addr) -> bool {
    gateway.network.contains(address)
        || (gateway.is_own(address) && inside_fault(world, gateway).is_none())
}

/// A network of a line of which a gateway's own addresses leave nothing. A remote access line may well be known
/// by them: it leads from outside in any case.
pub(crate) fn hidden(line: &NetworkLine, gateway: &Gateway) -> Option<Network> {
    if line.kind == LineKind::RemoteAccess {
        return None;
    }
    let seen_as = line.seen_as.iter();
    let mut networks = seen_as.filter_map(|seen| seen.as_str().parse::<Network>().ok());
    networks.find(|network| network.without(&gateway.inside).is_empty())
}
