//! Where systems stand for gateways: at which addresses and ports, which of them none can open, and where
//! several stand at one place, so that nobody can tell which of them is reached there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::{AddressFault, EntryId, Gateway, System};
use crate::id::{Fresh, GatewayId, SystemId};
use crate::net::{Network, Port};
use crate::world::{Registers, World};

/// Into so many networks at most others that stand within a system's own may part what is left of it at a port. Each of
/// them is an entry of a table for each tunnel: beyond that one wide system would take the room of all others.
pub const PARTS_MAX: usize = 64;

/// Why no gateway opens a system although the register names an address for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unopened {
    /// The address is none of a system.
    Address(AddressFault),
    /// It lies where the tunnels of a gateway have their own addresses.
    Tunnels(GatewayId),
    /// So many others stand within it that at a port of it more than [`PARTS_MAX`] networks would be left. What
    /// stands within it opens as before, to those who may reach both.
    Parted,
}

impl Unopened {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Address(fault) => fault.code(),
            Self::Tunnels(_) => "system.address-in-tunnels",
            Self::Parted => "system.address-parted",
        }
    }
}

/// A system where it stands.
#[derive(Clone, Debug)]
struct Stand {
    system: SystemId,
    network: Network,
    ports: Vec<Port>,
}

/// A place that several systems share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SharedPlace {
    /// The other system.
    pub other: SystemId,
    /// The addresses that both have.
    pub network: Network,
    /// The port at which both are reached.
    pub port: Port,
}

/// A way to all systems that stand at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Road {
    /// Their addresses.
    pub network: Network,
    /// Their port.
    pub port: Port,
    /// The systems, in the order of their ids; more than one where they share the place.
    pub systems: Vec<SystemId>,
}

/// What is left of a network at a port without what is narrower and also another's, and whose that is.
#[derive(Clone, Debug)]
struct Way {
    systems: Vec<SystemId>,
    networks: Vec<Network>,
}

/// Where the systems of a register stand.
#[derive(Clone, Debug, Default)]
pub struct Places {
    stands: BTreeMap<SystemId, Stand>,
    /// Of each system the others whose networks overlap its own and that have a port in common with it.
    beside: BTreeMap<SystemId, Vec<SystemId>>,
    /// Of the network of each system and each of its ports; none where too many others part it.
    ways: BTreeMap<(Network, Port), Option<Way>>,
    unopened: BTreeMap<SystemId, Unopened>,
}

/// Places once somebody has asked for them. They are no part of what registers say: two that say the same are equal,
/// whoever has asked one of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept(OnceLock<Arc<Places>>);

impl PartialEq for Kept {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Kept {
    /// Those of registers: worked out by whoever asks first.
    pub(crate) fn of(&self, registers: &Registers) -> Arc<Places> {
        Arc::clone(self.0.get_or_init(|| Arc::new(Places::found(registers))))
    }
}

impl Places {
    /// Those of the systems in use, beside the gateways in use. The registers keep them until such an entry moves.
    #[must_use]
    pub fn of(world: &World) -> Arc<Self> {
        world.registers.places()
    }

    fn found(registers: &Registers) -> Self {
        let tunnels: Vec<(GatewayId, Network)> = registers
            .nouns::<Gateway>()
            .filter_map(|(entry, it)| match entry.id {
                EntryId::Gateway(id) => Some((id, it.network)),
                _ => None,
            })
            .collect();
        let systems = registers.nouns::<System>();
        let systems = systems.filter_map(|(entry, it)| match entry.id {
            EntryId::System(id) => Some((id, it)),
            _ => None,
        });
        Self::among(systems, &tunnels)
    }

    /// Those of systems, beside the networks of tunnels.
    #[must_use]
    pub fn among<'a>(
        systems: impl Iterator<Item = (SystemId, &'a System)>,
        tunnels: &[(GatewayId, Network)],
    ) -> Self {
        let mut places = Self::default();
        for (system, noun) in systems {
            if let Err(fault) = noun.place() {
                places.unopened.insert(system, Unopened::Address(fault));
            }
            let Some(network) = noun.network() else {
                continue;
            };
            if let Some((gateway, _)) = tunnels.iter().find(|(_, it)| it.overlaps(network)) {
                places.unopened.insert(system, Unopened::Tunnels(*gateway));
                continue;
            }
            let stand = Stand {
                system,
                network,
                ports: noun.ports.clone(),
            };
            places.stands.insert(system, stand);
        }
        places.beside = beside(places.stands.values());
        places.find_ways();
        places
    }

    /// Works out what is left of each network at each port, once for all who ask.
    fn find_ways(&mut self) {
        let mut ways = BTreeMap::new();
        let mut parted = Vec::new();
        for own in self.stands.values() {
            for port in &own.ports {
                // Several that stand at the same network name the same place.
                let way = ways
                    .entry((own.network, *port))
                    .or_insert_with(|| self.way(own, *port));
                if way.is_none() {
                    parted.push((own.system, Unopened::Parted));
                }
            }
        }
        self.unopened.extend(parted);
        self.ways = ways;
    }

    fn way(&self, own: &Stand, port: Port) -> Option<Way> {
        let others = self.beside_of(own).filter(|it| it.ports.contains(&port));
        let (all_of_it, part_of_it): (Vec<_>, Vec<_>) =
            others.partition(|it| it.network.covers(own.network));
        let mut systems: Vec<SystemId> = all_of_it.iter().map(|it| it.system).collect();
        systems.push(own.system);
        systems.sort_unstable();
        let part_of_it: Vec<Network> = part_of_it.iter().map(|it| it.network).collect();
        let networks = own.network.without(&part_of_it);
        (networks.len() <= PARTS_MAX).then_some(Way { systems, networks })
    }

    /// The network of a system; none where no gateway can open what is there.
    #[must_use]
    pub fn network(&self, system: SystemId) -> Option<Network> {
        self.stands.get(&system).map(|it| it.network)
    }

    /// The networks of systems, without those that another of them covers, by their addresses.
    #[must_use]
    pub fn networks(&self, systems: impl Iterator<Item = SystemId>) -> Vec<Network> {
        let mut networks: Vec<Network> = systems.filter_map(|it| self.network(it)).collect();
        // Networks are nested or apart, so that a wider one comes before all that it covers.
        networks.sort_unstable();
        let mut widest: Vec<Network> = Vec::new();
        for network in networks {
            if !widest.last().is_some_and(|it| it.covers(network)) {
                widest.push(network);
            }
        }
        widest
    }

    /// The places that a system would share as an entry has it and does not share yet; `known` is its id where it
    /// is entered already.
    #[must_use]
    pub fn newly_shared(
        world: &World,
        known: Option<SystemId>,
        system: &System,
    ) -> Vec<SharedPlace> {
        // An id that no system has.
        let own = known.unwrap_or(SystemId::new(Fresh([0; 16])));
        let others = world.registers.nouns::<System>();
        let others = others.filter_map(|(entry, it)| match entry.id {
            EntryId::System(id) if id != own => Some((id, it)),
            _ => None,
        });
        let mut shared = Places::among(others.chain([(own, system)]), &[]).shared(own);
        let before = Places::of(world).shared(own);
        shared.retain(|it| !before.contains(it));
        shared
    }

    /// Where a system stands; none where packets cannot be held against it. One that too many others part stands
    /// there as well: what it shares with them opens to those alone who may reach it, too.
    #[must_use]
    pub fn stand(&self, system: SystemId) -> Option<(Network, &[Port])> {
        let stand = self.stands.get(&system)?;
        (!stand.ports.is_empty()).then_some((stand.network, stand.ports.as_slice()))
    }

    /// The systems that no gateway opens although the register names an address, and why.
    pub fn unopened(&self) -> impl Iterator<Item = (SystemId, Unopened)> + '_ {
        self.unopened.iter().map(|(id, why)| (*id, *why))
    }

    /// Why no gateway opens a system although the register names an address.
    #[must_use]
    pub fn why_unopened(&self, system: SystemId) -> Option<Unopened> {
        self.unopened.get(&system).copied()
    }

    /// The systems that share a place with another.
    pub fn sharing(&self) -> impl Iterator<Item = SystemId> + '_ {
        self.beside.keys().copied()
    }

    /// The places that a system shares, and with which others.
    #[must_use]
    pub fn shared(&self, system: SystemId) -> Vec<SharedPlace> {
        let Some(own) = self.stands.get(&system) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for other in self.beside_of(own) {
            let narrower = if own.network.covers(other.network) {
                other.network
            } else {
                own.network
            };
            let common = own.ports.iter().filter(|it| other.ports.contains(it));
            all.extend(common.map(|port| SharedPlace {
                other: other.system,
                network: narrower,
                port: *port,
            }));
        }
        all.sort_unstable();
        all
    }

    fn beside_of(&self, own: &Stand) -> impl Iterator<Item = &Stand> {
        let others = self.beside.get(&own.system).into_iter().flatten();
        others.filter_map(|it| self.stands.get(it))
    }

    /// The roads to systems that somebody may reach. A road opens only where all systems that stand there may
    /// be reached: packets do not tell which of them they are for.
    #[must_use]
    pub fn roads(&self, open: &BTreeSet<SystemId>) -> Vec<Road> {
        let stands = open.iter().filter_map(|it| self.stands.get(it));
        let opened = stands.filter(|it| !self.unopened.contains_key(&it.system));
        let at: BTreeSet<(Network, Port)> = opened
            .flat_map(|own| own.ports.iter().map(move |port| (own.network, *port)))
            .collect();
        let mut roads = Vec::new();
        for place in at {
            let Some(Some(way)) = self.ways.get(&place) else {
                continue;
            };
            if way.systems.iter().all(|it| open.contains(it)) {
                roads.extend(way.networks.iter().map(|network| Road {
                    network: *network,
                    port: place.1,
                    systems: way.systems.clone(),
                }));
            }
        }
        roads
    }
}

/// Of each system the others with which it shares a place.
fn beside<'s>(stands: impl Iterator<Item = &'s Stand>) -> BTreeMap<SystemId, Vec<SystemId>> {
    let mut sorted: Vec<&Stand> = stands.collect();
    // Networks are nested or apart, so that a wider one comes before all that it covers.
    sorted.sort_unstable_by_key(|it| (it.network.first(), it.network.prefix(), it.system));
    let mut around: Vec<&Stand> = Vec::new();
    let mut beside: BTreeMap<SystemId, Vec<SystemId>> = BTreeMap::new();
    for stand in sorted {
        around.retain(|it| it.network.covers(stand.network));
        let common = |it: &&&Stand| it.ports.iter().any(|port| stand.ports.contains(port));
        for other in around.iter().filter(common) {
            beside.entry(stand.system).or_default().push(other.system);
            beside.entry(other.system).or_default().push(stand.system);
        }
        around.push(stand);
    }
    beside
}

#[cfg(test)]
mod tests;
