//! Systems stand outside the networks of tunnels: packets to such a one would be led astray, and no table of
//! that gateway would be sound.

use crate::command::Refusal;
use crate::net::Network;
use crate::register::{EntryId, Gateway, Particulars, System};
use crate::world::World;

/// Whether a system or a gateway, as it would stand, is apart from what stands already. Two entries at a time
/// come of one register, so that rows of one import need no look at each other. A change that leaves the address or
/// the network as it was is not held against what stood there before: a lost key is replaced all the same.
///
/// # Errors
/// [`Refusal`] at the field, naming the other entry.
pub(super) fn apart(
    world: &World,
    particulars: &Particulars,
    before: Option<&Particulars>,
) -> Result<(), Refusal> {
    match (particulars, before) {
        (Particulars::System(now), Some(Particulars::System(before)))
            if now.address == before.address =>
        {
            Ok(())
        }
        (Particulars::Gateway(now), Some(Particulars::Gateway(before)))
            if now.network == before.network =>
        {
            Ok(())
        }
        (Particulars::System(system), _) => {
            let Some(own) = system.network() else {
                return Ok(());
            };
            let gateways = world.registers.nouns::<Gateway>();
            let all = gateways.map(|(entry, it)| (entry.id, it.network));
            refuse(own, all, ("system.address-in-tunnels", "address"))
        }
        (Particulars::Gateway(gateway), _) => {
            let systems = world.registers.nouns::<System>();
            let all = systems.filter_map(|(entry, it)| Some((entry.id, it.network()?)));
            let refusal = ("gateway.network-has-system", "network");
            refuse(gateway.network, all, refusal)
        }
        _ => Ok(()),
    }
}

fn refuse(
    own: Network,
    mut others: impl Iterator<Item = (EntryId, Network)>,
    (code, field): (&'static str, &'static str),
) -> Result<(), Refusal> {
    match others.find(|(_, network)| network.overlaps(own)) {
        None => Ok(()),
        Some((other, network)) => {
            let mut refusal = Refusal::new(code).at(field);
            let reason = refusal.reason.with("other", other.to_string());
            refusal.reason = reason.with("network", network.to_string());
            Err(refusal)
        }
    }
}
