//! Where systems stand for gateways: at which addresses and ports, which of them none can open, and where
//! several stand at one place, so that nobody can tell which of them is reached there.

use std::collections::{BTreeMap, BTreeSet};

use super::{AddressFault, EntryId, Gateway, System};
use crate::id::{Fresh, GatewayId, SystemId};
use crate::net::{Network, Port};
use crate::world::World;

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
struct Stand<'a> {
    system: SystemId,
    network: Network,
    ports: &'a [Port],
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

/// Where the systems of a register stand.
#[derive(Clone, Debug, Default)]
pub struct Places<'a> {
    stands: BTreeMap<SystemId, Stand<'a>>,
    /// Of each system the others whose networks overlap its own and that have a port in common with it.
    beside: BTreeMap<SystemId, Vec<SystemId>>,
    unopened: BTreeMap<SystemId, Unopened>,
}

impl<'a> Places<'a> {
    /// Those of the systems in use, beside the gateways in use.
    #[must_use]
    pub fn of(world: &'a World) -> Self {
        let tunnels: Vec<(GatewayId, Network)> = world
            .registers
            .nouns::<Gateway>()
            .filter_map(|(entry, it)| match entry.id {
                EntryId::Gateway(id) => Some((id, it.network)),
                _ => None,
            })
            .collect();
        let systems = world.registers.nouns::<System>();
        let systems = systems.filter_map(|(entry, it)| match entry.id {
            EntryId::System(id) => Some((id, it)),
            _ => None,
        });
        Self::among(systems, &tunnels)
    }

    /// Those of systems, beside the networks of tunnels.
    #[must_use]
    pub fn among(
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
                ports: &noun.ports,
            };
            places.stands.insert(system, stand);
        }
        places.beside = beside(places.stands.values());
        places
    }

    /// The network of a system; none where no gateway can open what is there.
    #[must_use]
    pub fn network(&self, system: SystemId) -> Option<Network> {
        self.stands.get(&system).map(|it| it.network)
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

    /// Where a system stands; none where no gateway can open it.
    #[must_use]
    pub fn stand(&self, system: SystemId) -> Option<(Network, &'a [Port])> {
        let stand = self.stands.get(&system)?;
        (!stand.ports.is_empty()).then_some((stand.network, stand.ports))
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

    fn beside_of(&self, own: &Stand<'_>) -> impl Iterator<Item = &Stand<'a>> {
        let others = self.beside.get(&own.system).into_iter().flatten();
        others.filter_map(|it| self.stands.get(it))
    }

    /// The roads to systems that somebody may reach. A road opens only where all systems that stand there may
    /// be reached: packets do not tell which of them they are for.
    #[must_use]
    pub fn roads(&self, open: &BTreeSet<SystemId>) -> Vec<Road> {
        let mut roads = BTreeMap::new();
        let stands = open.iter().filter_map(|it| self.stands.get(it));
        for own in stands {
            for port in own.ports {
                // Several that stand at the same network name the same place.
                roads
                    .entry((own.network, *port))
                    .or_insert_with(|| self.roads_to(own, *port, open));
            }
        }
        roads.into_values().flatten().collect()
    }

    /// The roads to the network of a system at one port, without what is narrower and also another's.
    fn roads_to(&self, own: &Stand<'_>, port: Port, open: &BTreeSet<SystemId>) -> Vec<Road> {
        let others = self.beside_of(own).filter(|it| it.ports.contains(&port));
        let (all_of_it, part_of_it): (Vec<_>, Vec<_>) =
            others.partition(|it| it.network.covers(own.network));
        let mut systems: Vec<SystemId> = all_of_it.iter().map(|it| it.system).collect();
        systems.push(own.system);
        systems.sort_unstable();
        if !systems.iter().all(|it| open.contains(it)) {
            return Vec::new();
        }
        let part_of_it: Vec<Network> = part_of_it.iter().map(|it| it.network).collect();
        let left = own.network.without(&part_of_it).into_iter();
        left.map(|network| Road {
            network,
            port,
            systems: systems.clone(),
        })
        .collect()
    }
}

/// Of each system the others with which it shares a place.
fn beside<'s, 'a: 's>(
    stands: impl Iterator<Item = &'s Stand<'a>>,
) -> BTreeMap<SystemId, Vec<SystemId>> {
    let mut sorted: Vec<&Stand<'_>> = stands.collect();
    // Networks are nested or apart, so that a wider one comes before all that it covers.
    sorted.sort_unstable_by_key(|it| (it.network.first(), it.network.prefix(), it.system));
    let mut around: Vec<&Stand<'_>> = Vec::new();
    let mut beside: BTreeMap<SystemId, Vec<SystemId>> = BTreeMap::new();
    for stand in sorted {
        around.retain(|it| it.network.covers(stand.network));
        let common = |it: &&&Stand<'_>| it.ports.iter().any(|port| stand.ports.contains(port));
        for other in around.iter().filter(common) {
            beside.entry(stand.system).or_default().push(other.system);
            beside.entry(other.system).or_default().push(stand.system);
        }
        around.push(stand);
    }
    beside
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::field::{Noun, Value, Values};
    use crate::id::PostId;

    fn id(number: u8) -> SystemId {
        SystemId::new(Fresh([number; 16]))
    }

    fn system(address: &str, ports: &[&str]) -> System {
        let text = |text: &str| Value::Text(text.to_owned());
        let ports = ports.iter().map(|it| (*it).to_owned()).collect();
        let values = [
            ("name", text("s")),
            ("officer", text(&PostId::new(Fresh([9; 16])).to_string())),
            ("highest", text("C2I2A2")),
            ("host", text("own_premises")),
            ("address", text(address)),
            ("ports", Value::Many(ports)),
        ];
        let values: Values = values.map(|(code, it)| (code.to_owned(), it)).into();
        System::read(&values).unwrap()
    }

    fn among(systems: &[System]) -> Places<'_> {
        let tunnels = [(
            GatewayId::new(Fresh([1; 16])),
            "10.90.0.0/16".parse().unwrap(),
        )];
        Places::among((1..).map(id).zip(systems), &tunnels)
    }

    fn roads(places: &Places<'_>, open: &[u8]) -> Vec<String> {
        let open = open.iter().map(|it| id(*it)).collect();
        let roads = places.roads(&open);
        let written = |road: &Road| {
            let of = |it: &SystemId| it.to_bytes()[0].to_string();
            let of: Vec<String> = road.systems.iter().map(of).collect();
            format!("{} {} {}", road.network, road.port, of.join("+"))
        };
        roads.iter().map(written).collect()
    }

    #[test]
    fn what_is_no_address_of_a_system_leaves_out_that_system_alone() {
        let all = [
            system("0.0.0.0/0", &["443/tcp"]),
            system("10.0.0.0/8", &["443/tcp"]),
            system("docs.example.jp", &["443/tcp"]),
            system("192.0.2.10", &["443/tcp"]),
            system("192.0.2.11", &[]),
        ];
        let places = among(&all);
        let why = |number| places.why_unopened(id(number)).map(Unopened::code);
        assert_eq!(why(1), Some("system.address-wide"));
        assert_eq!(why(2), Some("system.address-in-tunnels"));
        assert_eq!((why(3), why(4), why(5)), (None, None, None));
        assert_eq!(places.unopened().count(), 2);
        assert_eq!(
            roads(&places, &[1, 2, 3, 4, 5]),
            ["192.0.2.10/32 443/tcp 4"]
        );
        assert!(places.stand(id(5)).is_none() && places.sharing().next().is_none());
    }

    #[test]
    fn a_place_of_several_systems_opens_to_those_who_may_reach_all() {
        let all = [
            system("192.0.2.10", &["443/tcp", "22/tcp"]),
            system("192.0.2.10", &["443/tcp", "443/udp"]),
        ];
        let places = among(&all);
        assert_eq!(roads(&places, &[1]), ["192.0.2.10/32 22/tcp 1"]);
        assert_eq!(roads(&places, &[2]), ["192.0.2.10/32 443/udp 2"]);
        assert_eq!(
            roads(&places, &[1, 2]),
            [
                "192.0.2.10/32 22/tcp 1",
                "192.0.2.10/32 443/tcp 1+2",
                "192.0.2.10/32 443/udp 2",
            ]
        );
        let shared = places.shared(id(1));
        let shared = shared.iter().map(|it| (it.other, it.port.to_string()));
        assert_eq!(shared.collect::<Vec<_>>(), [(id(2), "443/tcp".to_owned())]);
    }

    #[test]
    fn a_wide_system_is_open_but_for_what_is_also_anothers() {
        let all = [
            system("192.0.2.8/30", &["443/tcp"]),
            system("192.0.2.9", &["443/tcp"]),
            system("192.0.2.10", &["8443/tcp"]),
        ];
        let places = among(&all);
        let rest = ["192.0.2.8/32 443/tcp 1", "192.0.2.10/31 443/tcp 1"];
        assert_eq!(roads(&places, &[1]), rest);
        assert!(roads(&places, &[2]).is_empty());
        let both = roads(&places, &[1, 2]);
        assert_eq!(both[..2], rest);
        assert_eq!(both[2..], ["192.0.2.9/32 443/tcp 1+2"]);
        assert!(places.shared(id(3)).is_empty());
    }

    proptest! {
        /// Whatever stands where: an address and port is open exactly where something stands there, and
        /// everything that does may be reached; and no two roads lead there.
        #[test]
        fn a_packet_passes_where_all_that_it_may_be_for_are_open(
            systems in proptest::collection::vec((0_u32..16, 28_u8..=32, 1_u16..4), 1..7),
            open in proptest::collection::btree_set(1_u8..8, 0..7),
        ) {
            let all: Vec<System> = systems
                .iter()
                .map(|(address, prefix, port)| {
                    let bits = 0xc000_0200 | (address & (u32::MAX << (32 - prefix)));
                    let first = core::net::Ipv4Addr::from_bits(bits);
                    system(&format!("{first}/{prefix}"), &[&format!("{port}/tcp")])
                })
                .collect();
            let places = among(&all);
            let open: BTreeSet<SystemId> = open.into_iter().map(id).collect();
            let roads = places.roads(&open);
            for last in 0_u8..16 {
                let address = core::net::Ipv4Addr::new(192, 0, 2, last);
                for number in 1_u16..4 {
                    let port: Port = format!("{number}/tcp").parse().unwrap();
                    let there: Vec<SystemId> = (1..)
                        .map(id)
                        .zip(&all)
                        .filter(|(_, it)| {
                            it.network().unwrap().contains(address) && it.ports.contains(&port)
                        })
                        .map(|(id, _)| id)
                        .collect();
                    let passes = !there.is_empty() && there.iter().all(|it| open.contains(it));
                    let leading: Vec<&Road> = roads
                        .iter()
                        .filter(|it| it.port == port && it.network.contains(address))
                        .collect();
                    prop_assert_eq!(leading.len(), usize::from(passes));
                    for road in leading {
                        prop_assert_eq!(&road.systems, &there);
                    }
                }
            }
        }
    }
}
