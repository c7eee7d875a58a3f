use sekisho_protocol::access_table::Protocol;

use super::*;
use crate::plan::plan;
use crate::plan::tests::{NOW, peer, reach, table};

fn place(network: &str) -> Place {
    let interface = InterfaceName::parse("sekisho-0").unwrap();
    Place::new(&interface, network.parse().unwrap())
}

#[test]
fn the_closed_table_lets_nothing_pass_by_state() {
    for network in ["10.9.0.0/16", "fd00:9::/64"] {
        let place = place(network);
        let text = nft::text(base::closed(&place)).unwrap();
        assert_eq!(place.table(), "sekisho_sekisho_0");
        assert!(!text.contains("\"ct\""), "{text}");
        assert!(!text.contains("established"), "{text}");
        // Both chains end with dropping, and three sets count.
        assert_eq!(text.matches(r#""stmt":[{"counter":null}]"#).count(), 3);
        let rules = text.matches(r#"{"drop":null}"#).count();
        assert_eq!(rules, 5, "past, spoofed, from, opening, to");
    }
}

/// The rules of a chain, as written, in their order.
fn rules_of(place: &Place, chain: &str) -> Vec<String> {
    let text = nft::text(base::closed(place)).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let commands = value["nftables"].as_array().unwrap().iter();
    let rules = commands.filter_map(|it| it.pointer("/add/rule"));
    rules
        .filter(|it| it["chain"] == chain)
        .map(|it| it["expr"].to_string())
        .collect()
}

#[test]
fn nothing_is_forwarded_past_the_tunnel_and_no_peer_comes_from_elsewhere() {
    let place = place("10.9.0.0/16");
    let last = |place: &Place, chain| rules_of(place, chain).pop().unwrap();
    let drops = r#"[{"counter":"dropped"},{"drop":null}]"#;
    assert_eq!(last(&place, "forward"), drops);
    assert_eq!(rules_of(&place, "forward").len(), 3);
    let input = last(&place, "input");
    for part in [r#""op":"!=""#, r#""lo""#, "10.9.0.0", r#"{"drop":null}"#] {
        assert!(input.contains(part), "{part}\n{input}");
    }
    // Where others are forwarded for, none of them is a peer.
    let last = last(&place.forwarding_others(true), "forward");
    assert!(
        last.contains("10.9.0.0") && last.contains(r#"{"drop":null}"#),
        "{last}"
    );
}

#[test]
fn the_seal_needs_no_enrolment_and_drops_all_that_is_not_the_machines_own() {
    for (others, drops) in [(false, 5), (true, 4)] {
        let text = nft::text(base::sealed("sekisho_wg0", "wg0", others)).unwrap();
        assert_eq!(text.matches(r#"{"drop":null}"#).count(), drops, "{text}");
        assert!(!text.contains("accept\":"), "{text}");
        // Whatever was there goes in the same transaction.
        let added = text.find(r#"{"add":{"table""#).unwrap();
        let deleted = text.find(r#"{"delete":{"table""#).unwrap();
        assert!(added < deleted && deleted < text.find(r#""chain""#).unwrap());
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let rules = value["nftables"].as_array().unwrap().iter();
        let rules: Vec<_> = rules.filter_map(|it| it.pointer("/add/rule")).collect();
        let last = rules.last().unwrap();
        let whole = last["expr"].as_array().unwrap().len() == 1;
        assert_eq!(whole && last["chain"] == "forward", !others, "{last}");
    }
}

#[test]
fn of_what_stands_the_own_table_is_read_and_no_other() {
    let own = "table inet sekisho_wg0 { # handle 7\n\tchain forward { # handle 3\n\t\tdrop # handle 9\n\t}\n}\n";
    let other = |name: &str| format!("table inet {name} {{ # handle 2\n}}\n");
    let listed = format!("{}{own}{}", other("sekisho_wg01"), other("filter"));
    assert_eq!(nft::block(&listed, "sekisho_wg0").as_deref(), Some(own));
    // Made anew, or changed, it is another one; cut short it is none.
    for (said, expected) in [
        (own.replace("handle 7", "handle 8"), true),
        (own.replace("drop", "accept"), true),
        (own.trim_end().trim_end_matches('}').to_owned(), false),
        (other("sekisho_wg01"), false),
        (String::new(), false),
    ] {
        let read = nft::block(&said, "sekisho_wg0");
        assert_eq!(read.is_some(), expected, "{said}");
        assert_ne!(read.as_deref(), Some(own));
    }
}

#[test]
fn elements_are_written_with_whole_seconds() {
    let given = vec![
        reach("10.1.0.5", Protocol::Tcp, Some(443), None),
        reach("10.1.1.0/24", Protocol::Udp, None, None),
        reach("10.1.0.7", Protocol::Icmp, None, None),
    ];
    let plan = plan(&table(vec![peer(2, given)]), NOW);
    let place = place("10.9.0.0/16");
    let timeouts = |duration| plan.elements.keys().map(|it| (*it, duration)).collect();
    let peers = Timeouts::from([(IpAddr::from([10, 9, 0, 2]), Duration::from_millis(1_999))]);
    let text = |elements| nft::text(elements::add(&place, &elements, &peers)).unwrap();
    let written = text(timeouts(Duration::from_millis(59_999)));
    for part in [
        r#"{"concat":["10.9.0.2","10.1.0.5","tcp",443]}"#,
        r#""timeout":59"#,
        r#""expires":59"#,
        r#"{"concat":["10.9.0.2",{"range":["10.1.1.0","10.1.1.255"]},"udp",{"range":[0,65535]}]}"#,
        r#"{"concat":["10.9.0.2","10.1.0.7"]}"#,
        r#""val":"10.9.0.2""#,
        r#""timeout":1"#,
    ] {
        assert!(written.contains(part), "{part}\n{written}");
    }
    // A timeout of nothing would be one without end.
    let none = text(timeouts(Duration::from_millis(999)));
    assert!(
        !none.contains("10.1.0.5") && none.contains("10.9.0.2"),
        "{none}"
    );
    let keys: Vec<_> = plan.elements.keys().copied().collect();
    let cut = nft::text(elements::cut(&place, &keys, &[])).unwrap();
    let positions: Vec<_> = ["add", "delete"]
        .map(|verb| cut.find(&format!(r#"{{"{verb}":{{"element""#)).unwrap())
        .to_vec();
    assert!(positions[0] < positions[1], "{cut}");
}

#[test]
fn what_the_kernel_lists_is_read_back() {
    let listed = r#"{"nftables":[{"metainfo":{"version":"1.0.6"}},
      {"counter":{"family":"inet","name":"dropped","table":"x","handle":2,"packets":7,"bytes":9}},
      {"set":{"family":"inet","name":"exact","table":"x","type":["ipv4_addr","ipv4_addr",
        "inet_proto","inet_service"],"handle":1,"flags":["timeout"],"elem":[{"elem":{"val":
        {"concat":["10.9.0.2","10.1.0.5","tcp",443]},"timeout":60,"expires":59,
        "counter":{"packets":3,"bytes":120}}}],"stmt":[{"counter":null}]}},
      {"set":{"family":"inet","name":"range","table":"x","type":["ipv4_addr","ipv4_addr",
        "inet_proto","inet_service"],"handle":2,"flags":["interval","timeout"],"elem":[
        {"elem":{"val":{"concat":["10.9.0.2",{"prefix":{"addr":"10.1.1.0","len":24}},"udp",
        {"range":[0,65535]}]},"timeout":60,"expires":59,"counter":{"packets":1,"bytes":28}}}]}},
      {"set":{"family":"inet","name":"ping","table":"x","type":["ipv4_addr","ipv4_addr"],
        "handle":3,"flags":["interval","timeout"],"elem":[{"elem":{"val":{"concat":["10.9.0.2",
        "10.1.0.7"]},"timeout":60,"expires":59,"counter":{"packets":2,"bytes":168}}}]}}]}"#;
    let listed = serde_json::from_str(listed).unwrap();
    let counters = reading::counters(&listed);
    assert_eq!(counters.dropped, 7);
    assert_eq!(reading::left(&listed), [59, 59, 59]);
    let given = vec![
        reach("10.1.0.5", Protocol::Tcp, Some(443), None),
        reach("10.1.1.0/24", Protocol::Udp, None, None),
        reach("10.1.0.7", Protocol::Icmp, None, None),
    ];
    let plan = plan(&table(vec![peer(2, given)]), NOW);
    let bytes: Vec<_> = plan
        .elements
        .keys()
        .map(|it| counters.elements.get(it).map(|count| count.bytes))
        .collect();
    assert_eq!(bytes, [Some(120), Some(28), Some(168)]);
}
