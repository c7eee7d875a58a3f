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

#[test]
fn a_system_that_too_many_others_part_is_not_opened_and_closes_no_other() {
    // Every second address of a /24 is another's: 128 networks are left of it at that port.
    let holes = (0..128_u32).map(|it| (format!("192.0.2.{}", it * 2), "443/tcp"));
    let wide = ("192.0.2.0/24".to_owned(), "443/tcp");
    let apart = ("198.51.100.7".to_owned(), "443/tcp");
    let all = [wide, apart].into_iter().chain(holes);
    let all: Vec<System> = all
        .map(|(address, port)| system(&address, &[port]))
        .collect();
    let places = among(&all);
    let wide_unopened = places.why_unopened(id(1)).map(Unopened::code);
    assert_eq!(wide_unopened, Some("system.address-parted"));
    assert_eq!(places.unopened().count(), 1);
    // Nothing of its own opens, and others do: within it to those who may reach both, as ever.
    assert_eq!(roads(&places, &[1, 2]), ["198.51.100.7/32 443/tcp 2"]);
    assert!(roads(&places, &[3]).is_empty());
    assert_eq!(
        roads(&places, &[1, 2, 3]),
        ["192.0.2.0/32 443/tcp 1+3", "198.51.100.7/32 443/tcp 2"]
    );
    // At 62 holes 64 networks are left of it, which is the bound; at 63 there are 65.
    for (holes, opened) in [(62, true), (63, false)] {
        let places = among(&all[..2 + holes]);
        assert_eq!(places.why_unopened(id(1)).is_none(), opened, "{holes}");
        let left = roads(&places, &[1]).len();
        assert_eq!(left, if opened { PARTS_MAX } else { 0 });
    }
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
