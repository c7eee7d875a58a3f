//! Where systems stand for gateways: at which addresses and ports, which of them none can open, and where
//! several stand at one place, so that nobody can tell which of them is reached there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::{AddressFault, EntryId, Gateway, System};
use crate::id::{Fresh, GatewayId, SystemId};
use crate::net::{Network, Port};
use crate::world::{Registers, World};

/// Into so many networks at most others that stand within a system's own may part what is left of it at a port. Each of
/// them is an entry of a table for each tunnel. It is half of what a table takes for one, which cuts the systems with most
/// entries first, so that nobody else pays for it; a /8 comes to it with some 26 others spread over it, not with three.
pub const PARTS_MAX: usize = 512;

/// The stable code of a port at which no gateway opens a system, since others part it into more than [`PARTS_MAX`]. What
/// stands within it opens there as before, to those who may reach both; so do its other ports.
pub const PARTED: &str = "system.address-parted";

/// Why no gateway opens a system although the register names an address for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unopened {
    /// The address is none of a system.
    Address(AddressFault),
    /// It lies where the tunnels of a gateway have their own addresses.
    Tunnels(GatewayId),
}

impl Unopened {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Address(fault) => fault.code(),
            Self::Tunnels(_) => "system.address-in-tunnels",
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

/// What an entry would bring about and is not so yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Newly {
    /// The places that it would share.
    pub shared: Vec<SharedPlace>,
    /// The ports at which other systems would not be opened any more, since too many part them.
    pub parted: Vec<(SystemId, Port)>,
}

impl Newly {
    /// Whether that is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shared.is_empty() && self.parted.is_empty()
    }
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
    /// The ports of each system at which too many others part it.
    parted: BTreeMap<SystemId, Vec<Port>>,
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
        Self::among(in_use(registers), &tunnels)
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
        let mut parted: BTreeMap<SystemId, Vec<Port>> = BTreeMap::new();
        for own in self.stands.values() {
            for port in &own.ports {
                // Several that stand at the same network name the same place.
                let way = ways
                    .entry((own.network, *port))
                    .or_insert_with(|| self.way(own, *port));
                if way.is_none() {
                    parted.entry(own.system).or_default().push(*port);
                }
            }
        }
        self.parted = parted;
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

    /// What a system would bring about as an entry has it; `known` is its id where it is entered already.
    #[must_use]
    pub fn newly(world: &World, known: Option<SystemId>, system: &System) -> Newly {
        let all: Vec<(SystemId, &System)> = in_use(&world.registers).collect();
        Self::newly_among(&all, known, system)
    }

    fn newly_among<'a>(
        all: &[(SystemId, &'a System)],
        known: Option<SystemId>,
        system: &'a System,
    ) -> Newly {
        // An id that no system has.
        let own = known.unwrap_or(SystemId::new(Fresh([0; 16])));
        let before = Self::among(all.iter().copied(), &[]);
        let others = all.iter().copied().filter(|(id, _)| *id != own);
        let after = Self::among(others.chain([(own, system)]), &[]);
        let known = before.shared(own);
        let mut shared = after.shared(own);
        shared.retain(|it| !known.contains(it));
        // What is amiss with itself its own page says.
        let others = after.all_parted().filter(|(id, _)| *id != own);
        let parted = others
            .flat_map(|(id, ports)| ports.iter().map(move |port| (id, *port)))
            .filter(|(id, port)| !before.parted(*id).contains(port))
            .collect();
        Newly { shared, parted }
    }

    /// Where a system stands; none where packets cannot be held against it. A port at which too many others part it is
    /// one of its ports as well: what it shares with them there opens to those alone who may reach it, too.
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

    /// The systems that too many others part, and the ports at which they do: there no gateway opens them.
    pub fn all_parted(&self) -> impl Iterator<Item = (SystemId, &[Port])> {
        self.parted
            .iter()
            .map(|(id, ports)| (*id, ports.as_slice()))
    }

    /// The ports at which too many others part a system.
    #[must_use]
    pub fn parted(&self, system: SystemId) -> &[Port] {
        let ports = self.parted.get(&system);
        ports.map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether gateways can open a system at any of its ports.
    #[must_use]
    pub fn opens(&self, system: SystemId) -> bool {
        let stand = self.stand(system);
        stand.is_some_and(|(_, ports)| ports.len() > self.parted(system).len())
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
        let at: BTreeSet<(Network, Port)> = stands
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

/// The systems in use.
fn in_use(registers: &Registers) -> impl Iterator<Item = (SystemId, &System)> {
    let systems = registers.nouns::<System>();
    systems.filter_map(|(entry, it)| match entry.id {
        EntryId::System(id) => Some((id, it)),
        _ => None,
    })
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
