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

fn among(systems: &[System]) -> Places {
    let tunnels = [(
        GatewayId::new(Fresh([1; 16])),
        "10.90.0.0/16".parse().unwrap(),
    )];
    Places::among((1..).map(id).zip(systems), &tunnels)
}

fn roads(places: &Places, open: &[u8]) -> Vec<String> {
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

/// Hosts at 443 spread over ten-dot: 500 networks are left of it without the first 26, 512 without one more, which is
/// the bound, and 513 without all.
fn hosts() -> Vec<System> {
    let spread = (0..16)
        .map(|it| 16 * it)
        .chain((0..10).map(|it| 16 * it + 8));
    let spread = spread.map(|it: u32| format!("10.{it}.0.5"));
    let last = ["10.0.32.5", "10.0.0.1"].map(str::to_owned);
    let all = spread.chain(last);
    all.map(|it| system(&it, &["443/tcp"])).collect()
}

/// Beside no tunnels, since ten-dot holds those of the others.
fn beside_none(systems: &[System]) -> Places {
    Places::among((1..).map(id).zip(systems), &[])
}

#[test]
fn three_hosts_within_the_widest_network_close_none_of_its_ports() {
    let mut all = vec![system("10.0.0.0/8", &["443/tcp", "22/tcp"])];
    all.extend(["10.1.0.5", "10.20.0.5", "10.200.3.7"].map(|it| system(it, &["443/tcp"])));
    let places = beside_none(&all);
    assert_eq!(places.all_parted().count(), 0);
    assert!(places.opens(id(1)));
    let roads = roads(&places, &[1]);
    let at = |port: &str| roads.iter().filter(|it| it.contains(port)).count();
    assert_eq!((at("443/tcp"), at("22/tcp")), (65, 1));
}

#[test]
fn a_system_that_too_many_others_part_is_closed_at_that_port_alone_and_closes_no_other() {
    let mut all = vec![
        system("10.0.0.0/8", &["443/tcp", "22/tcp"]),
        system("198.51.100.7", &["443/tcp"]),
    ];
    all.extend(hosts());
    let apart = "198.51.100.7/32 443/tcp 2";
    let rest = "10.0.0.0/8 22/tcp 1";
    let https: Port = "443/tcp".parse().unwrap();
    for (hosts, left) in [(26, 500), (27, PARTS_MAX), (28, 0)] {
        let places = beside_none(&all[..2 + hosts]);
        let parted: Vec<Port> = (left == 0).then_some(https).into_iter().collect();
        assert_eq!(places.parted(id(1)), parted, "{hosts}");
        assert_eq!(places.all_parted().count(), parted.len());
        // Its other port is open, and so it is none that no gateway opens.
        assert!(places.opens(id(1)) && places.why_unopened(id(1)).is_none());
        assert_eq!(roads(&places, &[1]).len(), left + 1, "{hosts}");
    }
    let places = beside_none(&all);
    // Others open: within it to those who may reach both, as ever.
    assert_eq!(roads(&places, &[1, 2]), [rest, apart]);
    assert!(roads(&places, &[3]).is_empty());
    let both = ["10.0.0.0/8 22/tcp 1", "10.0.0.5/32 443/tcp 1+3", apart];
    assert_eq!(roads(&places, &[1, 2, 3]), both);
    // With that port alone nothing of it opens.
    all[0] = system("10.0.0.0/8", &["443/tcp"]);
    assert!(!beside_none(&all).opens(id(1)));
}

#[test]
fn a_wider_system_over_a_parted_one_is_open_at_its_other_ports() {
    // 32 hosts spread over the upper half of ten-dot leave 32 · 18 networks of it.
    let https: Port = "443/tcp".parse().unwrap();
    let ports = ["443/tcp", "22/tcp"];
    let mut all = vec![
        system("10.0.0.0/8", &["22/tcp", "443/tcp"]),
        system("10.128.0.0/9", &ports),
    ];
    let hosts = (0..32).map(|it: u32| format!("10.{}.0.5", 128 + 4 * it));
    all.extend(hosts.map(|it| system(&it, &["443/tcp"])));
    let places = beside_none(&all);
    assert_eq!(places.parted(id(2)), [https]);
    // The wider one has only one network within it that holds all the hosts.
    assert!(places.parted(id(1)).is_empty());
    let open = [
        "10.0.0.0/9 22/tcp 1",
        "10.0.0.0/9 443/tcp 1",
        "10.128.0.0/9 22/tcp 1+2",
    ];
    let mut both = roads(&places, &[1, 2]);
    both.sort_unstable();
    assert_eq!(both, open);
}

#[test]
fn an_entry_that_closes_a_port_of_another_system_tells_which() {
    let mut systems = vec![system("10.0.0.0/8", &["443/tcp", "22/tcp"])];
    systems.extend(hosts());
    let all: Vec<(SystemId, &System)> = (1..).map(id).zip(&systems).collect();
    let (last, before) = all.split_last().unwrap();
    let https: Port = "443/tcp".parse().unwrap();
    let newly = Places::newly_among(before, None, last.1);
    assert_eq!(newly.parted, [(id(1), https)]);
    assert_eq!(newly.shared.len(), 1);
    // Once it is so, nobody is asked again; nor where one host less is there.
    assert!(Places::newly_among(&all, Some(last.0), last.1).is_empty());
    let (late, fewer) = before.split_last().unwrap();
    let newly = Places::newly_among(fewer, None, late.1);
    assert_eq!((newly.parted.len(), newly.shared.len()), (0, 1));
    // A network that held the hosts and goes elsewhere shares nothing new there, and leaves them to part the wide one.
    let middle = system("10.0.0.0/9", &["443/tcp"]);
    let mut held = all.clone();
    held.push((id(200), &middle));
    let gone = system("198.51.100.7", &["443/tcp"]);
    let newly = Places::newly_among(&held, Some(id(200)), &gone);
    assert_eq!((newly.shared.len(), newly.parted.len()), (0, 1));
    assert!(!newly.is_empty());
}

#[test]
fn networks_are_named_once_and_by_the_widest() {
    let all = [
        system("192.0.2.9", &["443/tcp"]),
        system("192.0.2.0/24", &["443/tcp"]),
        system("192.0.2.0", &["22/tcp"]),
        system("198.51.100.7", &["443/tcp"]),
        system("198.51.100.7", &["8443/tcp"]),
        system("0.0.0.0/0", &["443/tcp"]),
        system("docs.example.jp", &["443/tcp"]),
    ];
    let places = among(&all);
    let named = |of: &[u8]| {
        let named = places.networks(of.iter().map(|it| id(*it)));
        let named: Vec<String> = named.iter().map(ToString::to_string).collect();
        named.join(" ")
    };
    let widest = "192.0.2.0/24 198.51.100.7/32";
    assert_eq!(named(&[1, 2, 3, 4, 5, 6, 7]), widest);
    assert_eq!(named(&[1, 3, 6]), "192.0.2.0/32 192.0.2.9/32");
    assert_eq!(named(&[]), "");
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
