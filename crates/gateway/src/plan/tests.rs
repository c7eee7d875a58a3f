use proptest::prelude::*;
use sekisho_domain::id::{Fresh, GatewayId};
use sekisho_domain::time::Span;
use sekisho_protocol::access_table::{Expectation, TableContent, TableSigner};

use super::*;

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

pub(crate) fn system(number: u8) -> SystemId {
    SystemId::new(Fresh([number; 16]))
}

pub(crate) fn reach(
    address: &str,
    protocol: Protocol,
    port: Option<u16>,
    seconds: Option<u32>,
) -> Reach {
    Reach {
        address: address.parse().unwrap(),
        ends_at: seconds.map(|seconds| NOW.after(Span::seconds(seconds))),
        port,
        protocol,
        system: system(1),
    }
}

pub(crate) fn peer(number: u8, reach: Vec<Reach>) -> TablePeer {
    TablePeer {
        address: IpAddr::from([10, 9, 0, number]),
        key: WireGuardKey::new([number; 32]).unwrap(),
        reach,
        session: TunnelSessionId::new(Fresh([number; 16])),
    }
}

pub(crate) fn content(sequence: u64, peers: Vec<TablePeer>) -> TableContent {
    TableContent {
        expires_at: NOW.after(Span::seconds(60)),
        gateway: GatewayId::new(Fresh([2; 16])),
        gateway_address: IpAddr::from([10, 9, 0, 1]),
        issued_at: NOW,
        lease_seconds: 60,
        network: "10.9.0.0/16".parse().unwrap(),
        peers,
        sequence,
    }
}

pub(crate) fn signer() -> TableSigner {
    TableSigner::new(&[1; 32])
}

pub(crate) fn expected() -> Expectation {
    let content = content(1, vec![]);
    Expectation {
        gateway: content.gateway,
        network: content.network,
        address: content.gateway_address,
        after: 0,
    }
}

pub(crate) fn table(peers: Vec<TablePeer>) -> AccessTable {
    let signed = signer().sign(&content(1, peers)).unwrap();
    AccessTable::accept(&signed, &signer().verifier(), &expected(), NOW).unwrap()
}

fn shown(plan: &Plan) -> Vec<String> {
    plan.elements
        .iter()
        .map(|(element, entry)| {
            let seconds = entry.ends_at.map(|end| end.since(NOW).as_millis() / 1000);
            format!(
                "{:?} {}-{} {}-{} {seconds:?}",
                element.protocol,
                element.addresses.first,
                element.addresses.last,
                element.ports.first,
                element.ports.last,
            )
        })
        .collect()
}

#[test]
fn a_table_becomes_peers_and_elements() {
    let given = vec![
        reach("10.1.0.5", Protocol::Tcp, Some(443), None),
        // The same again, until earlier and until never: the longest counts.
        reach("10.1.0.5", Protocol::Tcp, Some(443), Some(9)),
        reach("10.1.0.5", Protocol::Udp, Some(53), Some(9)),
        reach("10.1.0.5", Protocol::Udp, Some(53), Some(12)),
        // Over, to the instant.
        reach("10.1.0.6", Protocol::Tcp, Some(22), Some(0)),
        reach("10.1.0.7", Protocol::Icmp, None, None),
    ];
    let plan = plan(&table(vec![peer(2, given), peer(3, vec![])]), NOW);
    assert_eq!(plan.peers.len(), 2);
    assert_eq!(
        shown(&plan),
        [
            "Tcp 10.1.0.5-10.1.0.5 443-443 None",
            "Udp 10.1.0.5-10.1.0.5 53-53 Some(12)",
            "Icmp 10.1.0.7-10.1.0.7 0-0 None",
        ]
    );
}

#[test]
fn wide_reach_that_overlaps_is_cut() {
    let given = vec![
        reach("10.1.0.0/24", Protocol::Tcp, None, Some(10)),
        reach("10.1.0.128/25", Protocol::Tcp, Some(443), Some(20)),
        // Covered for longer already.
        reach("10.1.0.0/26", Protocol::Tcp, Some(22), Some(5)),
    ];
    let plan = plan(&table(vec![peer(2, given)]), NOW);
    assert_eq!(
        shown(&plan),
        [
            "Tcp 10.1.0.0-10.1.0.127 0-65535 Some(10)",
            "Tcp 10.1.0.128-10.1.0.255 0-442 Some(10)",
            "Tcp 10.1.0.128-10.1.0.255 443-443 Some(20)",
            "Tcp 10.1.0.128-10.1.0.255 444-65535 Some(10)",
        ]
    );
}

fn any_reach() -> impl Strategy<Value = Reach> {
    let network = prop::sample::select(vec![
        "10.1.0.0/30",
        "10.1.0.0/31",
        "10.1.0.2/31",
        "10.1.0.0",
        "10.1.0.1",
        "10.1.0.3",
    ]);
    let protocol = prop::sample::select(vec![Protocol::Tcp, Protocol::Udp, Protocol::Icmp]);
    let port = prop::option::of(1_u16..4);
    let seconds = prop::option::of(0_u32..4);
    (network, protocol, port, seconds).prop_map(|(network, protocol, port, seconds)| {
        let port = port.filter(|_| protocol != Protocol::Icmp);
        reach(network, protocol, port, seconds)
    })
}

fn covers(element: &Element, protocol: Protocol, address: IpAddr, port: u16) -> bool {
    element.protocol == protocol
        && (element.addresses.first..=element.addresses.last).contains(&address)
        && (element.ports.first..=element.ports.last).contains(&port)
}

proptest! {
    /// Whatever was given: at every later instant exactly what the table names passes, and no two
    /// wide elements cover the same packet.
    #[test]
    fn what_passes_is_what_the_table_names(
        given in prop::collection::vec(any_reach(), 0..8),
        host in 0_u8..5,
        port in 0_u16..5,
        protocol in prop::sample::select(vec![Protocol::Tcp, Protocol::Udp, Protocol::Icmp]),
        later in 0_u32..5,
    ) {
        let address = IpAddr::from([10, 1, 0, host]);
        let port = if protocol == Protocol::Icmp { 0 } else { port };
        let at = NOW.after(Span::seconds(later));
        let lasts = |end: Option<Timestamp>| end.is_none_or(|end| end > at);
        let named = given.iter().any(|reach| {
            reach.protocol == protocol
                && reach.address.contains(address)
                && (reach.port.is_none() || reach.port == Some(port))
                && lasts(reach.ends_at)
        });
        let plan = plan(&table(vec![peer(2, given)]), NOW);
        let hits: Vec<_> = plan
            .elements
            .iter()
            .filter(|(element, _)| covers(element, protocol, address, port))
            .collect();
        let passes = hits.iter().any(|(_, entry)| lasts(entry.ends_at));
        prop_assert_eq!(passes, named);
        prop_assert!(hits.iter().filter(|(element, _)| !element.is_exact()).count() <= 1);
    }
}
