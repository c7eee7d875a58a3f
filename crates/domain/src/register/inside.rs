//! What a gateway's own addresses at the inside say of those who come from them. Entries of older ledgers may name
//! as many as take a whole line for outside: what they say of such a line is left out until the entry is put right.

use core::net::Ipv4Addr;

use super::line::LineKind;
use super::{EntryId, Gateway, NetworkLine};
use crate::id::LineId;
use crate::net::Network;
use crate::world::World;

/// Why a gateway's own addresses at the inside have to be put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsideFault {
    /// They are more than those of one machine.
    Wide,
    /// They leave nothing of a network by which a line is known.
    HasLine(LineId, Network),
}

/// Why the own addresses of a gateway at the inside have to be put right, beside the lines in use; none where they
/// are sound.
#[must_use]
pub fn inside_fault(world: &World, gateway: &Gateway) -> Option<InsideFault> {
    if gateway.is_wide_inside() {
        return Some(InsideFault::Wide);
    }
    let mut lines = world.registers.nouns::<NetworkLine>();
    lines.find_map(|(entry, line)| match entry.id {
        EntryId::Line(id) => Some(InsideFault::HasLine(id, hidden(line, gateway).next()?)),
        _ => None,
    })
}

/// Whether what comes from an address has come through a gateway, as [`Gateway::brings`]; of its own addresses those
/// are left out that would take a whole network of a line for outside. Others of the same entry count.
#[must_use]
pub fn brings(world: &World, gateway: &Gateway, address: Ipv4Addr) -> bool {
    let left_out = || {
        let mut lines = world.registers.nouns::<NetworkLine>();
        lines.any(|(_, line)| hidden(line, gateway).any(|network| network.contains(address)))
    };
    gateway.network.contains(address) || (gateway.is_own(address) && !left_out())
}

/// The networks of a line of which a gateway's own addresses leave nothing. A remote access line may well be known
/// by them: it leads from outside in any case.
pub(crate) fn hidden<'a>(
    line: &'a NetworkLine,
    gateway: &'a Gateway,
) -> impl Iterator<Item = Network> + 'a {
    let inside = line.kind != LineKind::RemoteAccess;
    let seen_as = line.seen_as.iter().filter(move |_| inside);
    seen_as
        .filter_map(|seen| seen.as_str().parse::<Network>().ok())
        .filter(|network| network.without(&gateway.inside).is_empty())
}
