//! Entries of connection tracking, which other tables of the machine may keep (address
//! translation does). Our own filter asks none of them, so forgetting them only makes sure that
//! nothing else still takes a flow that has ended for one that goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use sekisho_protocol::access_table::Protocol;
use sekisho_protocol::network::IpNetwork;

use crate::error::GatewayError;
use crate::plan::{Addresses, Element};

/// Each call reads all entries of the machine: where more than so many parts of one peer go, all its flows are forgotten instead. Those that go on are entered anew by their next packet.
const MOST_OF_PEER: usize = 32;
/// Where more than so many go of all peers together, all flows of the tunnels are.
const MOST: usize = 64;

/// Calls that wait at most; where there are more, all flows of the tunnels are forgotten instead.
const WAITING: usize = 512;

/// The arguments of one call.
type Call = Vec<String>;

/// Forgets entries through the program `conntrack`, where it is installed: on a thread of its own, since each call reads
/// all entries of the machine, and renewing what goes on must not wait for that.
#[derive(Debug)]
pub(crate) struct Conntrack {
    /// The network inside the tunnels.
    tunnels: IpNetwork,
    present: bool,
    /// Whether calls were left out because too many waited.
    behind: Arc<AtomicBool>,
    /// None once it ends.
    calls: Option<SyncSender<Call>>,
    caller: Option<JoinHandle<()>>,
}

impl Conntrack {
    /// Looks for the program.
    pub fn find(tunnels: IpNetwork) -> Self {
        let (calls, waiting) = sync_channel(WAITING);
        let behind = Arc::new(AtomicBool::new(false));
        let caller = {
            let behind = Arc::clone(&behind);
            let thread = std::thread::Builder::new().name("conntrack".to_owned());
            thread.spawn(move || call(&waiting, &behind, tunnels))
        };
        Self {
            tunnels,
            present: run(["--version"]),
            behind,
            calls: caller.is_ok().then_some(calls),
            caller: caller.ok(),
        }
    }

    /// What is to be said where there is no such program.
    pub fn trouble(&self) -> Option<GatewayError> {
        (!self.present).then_some(GatewayError::ConntrackMissing)
    }

    /// Forgets all flows of some peers, and those of some elements.
    pub fn forget(&self, peers: &BTreeSet<IpAddr>, elements: &[Element]) {
        for flows in ended(peers, elements, self.tunnels) {
            self.carry_out(flows);
        }
    }

    /// Forgets all flows of the tunnels.
    pub fn forget_all(&self) {
        self.carry_out(Flows::all(self.tunnels));
    }

    fn carry_out(&self, flows: Flows) {
        let Some(calls) = self.calls.as_ref().filter(|_| self.present) else {
            return;
        };
        for call in flows.calls() {
            if calls.try_send(call).is_err() {
                self.behind.store(true, Ordering::Release);
            }
        }
    }
}

impl Drop for Conntrack {
    /// What waits is carried out still.
    fn drop(&mut self) {
        self.calls = None;
        if let Some(caller) = self.caller.take() {
            // It has no result.
            let _ = caller.join();
        }
    }
}

/// Makes the calls one after the other, until there can be no more.
fn call(waiting: &Receiver<Call>, behind: &AtomicBool, tunnels: IpNetwork) {
    for call in waiting {
        // It also fails where there was nothing to forget.
        run(&call);
        if behind.swap(false, Ordering::AcqRel) {
            for call in Flows::all(tunnels).calls() {
                run(&call);
            }
        }
    }
}

/// Flows that are forgotten by the same calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Flows {
    /// A peer, or the network of all.
    of: IpNetwork,
    /// What they lead to; none for all that they have.
    to: Option<Part>,
}

/// A part of what an element reaches that one call can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    network: IpNetwork,
    protocol: Protocol,
    /// The port, where it is one.
    port: Option<u16>,
}

impl Flows {
    const fn all(of: IpNetwork) -> Self {
        Self { of, to: None }
    }

    /// The arguments of the calls: for flows that came out of the tunnels, and for the same the other way round. Of
    /// those is an entry that was made when a flow had begun already and the system spoke next.
    fn calls(self) -> [Call; 2] {
        let sides = [("-s", "-d", "--dport"), ("-d", "-s", "--sport")];
        sides.map(|(own, other, port)| {
            let mut call = vec!["-D".to_owned(), own.to_owned(), self.of.to_string()];
            if let Some(to) = self.to {
                call.extend([other.to_owned(), to.network.to_string()]);
                call.extend(["-p".to_owned(), to.protocol_name().to_owned()]);
                let number = to.port.map(|number| [port.to_owned(), number.to_string()]);
                call.extend(number.into_iter().flatten());
            }
            call
        })
    }
}

impl Part {
    const fn protocol_name(self) -> &'static str {
        match self.protocol {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
            Protocol::Icmp if self.network.is_ipv4() => "icmp",
            Protocol::Icmp => "icmpv6",
        }
    }
}

/// What is to be forgotten, in few parts.
fn ended(peers: &BTreeSet<IpAddr>, elements: &[Element], tunnels: IpNetwork) -> BTreeSet<Flows> {
    let mut parted: BTreeMap<IpAddr, BTreeSet<Flows>> = BTreeMap::new();
    for element in elements.iter().filter(|it| !peers.contains(&it.peer)) {
        let of_peer = parted.entry(element.peer).or_default();
        // Where there are too many, it does not matter how many.
        if of_peer.len() <= MOST_OF_PEER {
            of_peer.extend(parts(*element));
        }
    }
    let whole = |peer: &IpAddr| Flows::all(IpNetwork::host(*peer));
    let mut flows: BTreeSet<Flows> = peers.iter().map(whole).collect();
    for (peer, of_peer) in parted {
        if of_peer.len() > MOST_OF_PEER {
            flows.insert(whole(&peer));
        } else {
            flows.extend(of_peer);
        }
    }
    if flows.len() > MOST {
        return BTreeSet::from([Flows::all(tunnels)]);
    }
    flows
}

/// An element in parts. Of several ports that are not all, which happens where wide elements overlap, the others of
/// these addresses are forgotten as well.
fn parts(element: Element) -> impl Iterator<Item = Flows> {
    let one = element.protocol != Protocol::Icmp && element.ports.first == element.ports.last;
    let port = one.then_some(element.ports.first);
    let flows = move |network| Flows {
        of: IpNetwork::host(element.peer),
        to: Some(Part {
            network,
            protocol: element.protocol,
            port,
        }),
    };
    networks(element.addresses).into_iter().map(flows)
}

/// A stretch of addresses as networks.
fn networks(addresses: Addresses) -> Vec<IpNetwork> {
    let mut found = Vec::new();
    let mut next = Some(addresses.first);
    while let Some(first) = next.filter(|it| *it <= addresses.last) {
        let widest = widest(first, addresses.last);
        next = after(widest.last());
        found.push(widest);
    }
    found
}

/// The widest network that begins at one address and does not go past another.
fn widest(first: IpAddr, last: IpAddr) -> IpNetwork {
    let mut widest = IpNetwork::host(first);
    while let Some(wider) = wider(widest).filter(|it| it.last() <= last) {
        widest = wider;
    }
    widest
}

/// The network of twice the size that begins at the same address, where there is one.
fn wider(network: IpNetwork) -> Option<IpNetwork> {
    let prefix = network.prefix().checked_sub(1)?;
    IpNetwork::new(network.address(), prefix).ok()
}

/// The address after one; none after the last of all.
fn after(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(it) => u32::from(it)
            .checked_add(1)
            .map(|it| Ipv4Addr::from(it).into()),
        IpAddr::V6(it) => u128::from(it)
            .checked_add(1)
            .map(|it| Ipv6Addr::from(it).into()),
    }
}

fn run(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> bool {
    Command::new("conntrack")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Ports;

    const TUNNELS: &str = "10.9.0.0/16";

    fn at(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    fn element(peer: &str, first: &str, last: &str, protocol: Protocol, ports: Ports) -> Element {
        Element {
            peer: at(peer),
            protocol,
            addresses: Addresses {
                first: at(first),
                last: at(last),
            },
            ports,
        }
    }

    fn port(number: u16) -> Ports {
        Ports {
            first: number,
            last: number,
        }
    }

    /// The calls as lines.
    fn lines(peers: &[&str], elements: &[Element]) -> Vec<String> {
        let peers = peers.iter().map(|it| at(it)).collect();
        let flows = ended(&peers, elements, TUNNELS.parse().unwrap());
        let calls = flows.into_iter().flat_map(Flows::calls);
        calls.map(|call| call.join(" ")).collect()
    }

    #[test]
    fn a_network_is_forgotten_by_its_addresses_in_both_directions() {
        let (v4, v6) = ("10.9.0.2", "fd00:9::2");
        for (element, forgotten) in [
            (
                element(v4, "10.1.0.5", "10.1.0.5", Protocol::Tcp, port(443)),
                [
                    "-D -s 10.9.0.2 -d 10.1.0.5 -p tcp --dport 443",
                    "-D -d 10.9.0.2 -s 10.1.0.5 -p tcp --sport 443",
                ],
            ),
            (
                element(v4, "10.1.0.0", "10.1.0.255", Protocol::Udp, port(53)),
                [
                    "-D -s 10.9.0.2 -d 10.1.0.0/24 -p udp --dport 53",
                    "-D -d 10.9.0.2 -s 10.1.0.0/24 -p udp --sport 53",
                ],
            ),
            (
                element(v4, "10.0.0.0", "10.255.255.255", Protocol::Tcp, Ports::ANY),
                [
                    "-D -s 10.9.0.2 -d 10.0.0.0/8 -p tcp",
                    "-D -d 10.9.0.2 -s 10.0.0.0/8 -p tcp",
                ],
            ),
            (
                element(v4, "10.1.0.4", "10.1.0.7", Protocol::Icmp, Ports::NONE),
                [
                    "-D -s 10.9.0.2 -d 10.1.0.4/30 -p icmp",
                    "-D -d 10.9.0.2 -s 10.1.0.4/30 -p icmp",
                ],
            ),
            (
                element(v6, "fd01::", "fd01::ffff", Protocol::Icmp, Ports::NONE),
                [
                    "-D -s fd00:9::2 -d fd01::/112 -p icmpv6",
                    "-D -d fd00:9::2 -s fd01::/112 -p icmpv6",
                ],
            ),
        ] {
            assert_eq!(lines(&[], &[element]), forgotten);
        }
        // Of a peer of which everything goes nothing is forgotten twice.
        let web = element(v4, "10.1.0.5", "10.1.0.5", Protocol::Tcp, port(443));
        assert_eq!(lines(&[v4], &[web]), ["-D -s 10.9.0.2", "-D -d 10.9.0.2"]);
    }

    #[test]
    fn a_stretch_that_is_no_network_is_forgotten_in_parts() {
        for (first, last, parts) in [
            (
                "10.1.0.1",
                "10.1.0.8",
                &["10.1.0.1", "10.1.0.2/31", "10.1.0.4/30", "10.1.0.8"][..],
            ),
            (
                "255.255.255.254",
                "255.255.255.255",
                &["255.255.255.254/31"],
            ),
            ("0.0.0.0", "255.255.255.255", &["0.0.0.0/0"]),
            ("fd01::1", "fd01::3", &["fd01::1", "fd01::2/127"]),
        ] {
            let addresses = Addresses {
                first: at(first),
                last: at(last),
            };
            let found: Vec<_> = networks(addresses)
                .iter()
                .map(IpNetwork::to_string)
                .collect();
            assert_eq!(found, parts);
        }
    }

    #[test]
    fn calls_stay_few_however_much_goes() {
        let one = |peer: u32, host: u32| Element {
            peer: Ipv4Addr::from(0x0a09_0000 + peer).into(),
            ..element(
                "10.9.0.2",
                &Ipv4Addr::from(0x0a01_0000 + host).to_string(),
                &Ipv4Addr::from(0x0a01_0000 + host).to_string(),
                Protocol::Tcp,
                port(443),
            )
        };
        // Much of one peer, and little of another.
        let mut much: Vec<Element> = (0..1_024).map(|host| one(2, host)).collect();
        much.push(one(3, 5));
        assert_eq!(
            lines(&[], &much),
            [
                "-D -s 10.9.0.2",
                "-D -d 10.9.0.2",
                "-D -s 10.9.0.3 -d 10.1.0.5 -p tcp --dport 443",
                "-D -d 10.9.0.3 -s 10.1.0.5 -p tcp --sport 443",
            ]
        );
        // Little of very many.
        let many: Vec<Element> = (2..1_000).map(|peer| one(peer, 5)).collect();
        assert_eq!(
            lines(&[], &many),
            ["-D -s 10.9.0.0/16", "-D -d 10.9.0.0/16"]
        );
    }
}
