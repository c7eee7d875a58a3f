//! The table as it stands without any element: closed.

use std::borrow::Cow;
use std::collections::HashSet;

use nftables::expr::{
    BinaryOperation, Expression, Meta, MetaKey, NamedExpression, Payload, PayloadField,
};
use nftables::schema::{
    Chain, Counter, Element as NftElement, NfCmd, NfListObject, Rule, Set, SetFlag, SetType,
    SetTypeValue, Table,
};
use nftables::stmt::{Counter as CounterStatement, JumpTarget, Match, Operator, Statement};
use nftables::types::{NfChainPolicy, NfChainType, NfFamily, NfHook};

use super::elements::{elem_left, text};
use super::{Place, SetName};

/// A set that no rule looks at.
pub(super) const PROBE: &str = "probe";
/// The counter of what is dropped.
pub(super) const DROPPED: &str = "dropped";
const FROM: &str = "from_tunnel";
const TO: &str = "to_tunnel";
/// The chains at which packets come by, and where the kernel has them come.
const HOOKS: [(&str, NfHook); 3] = [
    ("forward", NfHook::Forward),
    ("input", NfHook::Input),
    ("output", NfHook::Output),
];

fn table(name: &str) -> Table<'_> {
    Table {
        family: NfFamily::INet,
        name: Cow::Borrowed(name),
        handle: None,
    }
}

/// Puts an empty table where whatever was there is.
fn emptied(name: &str) -> Vec<NfCmd<'_>> {
    vec![
        // Deleting what is not there would fail; adding what is there does nothing.
        NfCmd::Add(NfListObject::Table(table(name))),
        NfCmd::Delete(NfListObject::Table(table(name))),
        NfCmd::Add(NfListObject::Table(table(name))),
    ]
}

/// Replaces whatever is there by a table that drops everything from and to the interface and, unless the machine may
/// forward for others, everything that is forwarded. It asks for nothing but the interface's name.
pub(super) fn sealed<'a>(
    name: &'a str,
    interface: &'a str,
    forwards_others: bool,
) -> Vec<NfCmd<'a>> {
    let arrives = || equal(meta(MetaKey::Iifname), text(interface));
    let leaves = || equal(meta(MetaKey::Oifname), text(interface));
    let drop = || Statement::Drop(None);
    let mut commands = emptied(name);
    for (chain_name, hook) in HOOKS {
        commands.push(NfCmd::Add(chain(name, chain_name, Some(hook))));
    }
    let mut rules = vec![
        ("forward", vec![arrives(), drop()]),
        ("forward", vec![leaves(), drop()]),
        ("input", vec![arrives(), drop()]),
        ("output", vec![leaves(), drop()]),
    ];
    if !forwards_others {
        rules.push(("forward", vec![drop()]));
    }
    commands.extend(
        rules
            .into_iter()
            .map(|(chain, body)| rule(name, chain, body)),
    );
    commands
}

/// Replaces whatever is there by the closed table.
pub(super) fn closed(place: &Place) -> Vec<NfCmd<'_>> {
    let mut commands = emptied(&place.table);
    commands.push(NfCmd::Add(NfListObject::Counter(Counter {
        family: NfFamily::INet,
        table: Cow::Borrowed(&place.table),
        name: DROPPED.into(),
        handle: None,
        packets: None,
        bytes: None,
    })));
    for name in SetName::ALL {
        commands.push(NfCmd::Add(set(place, name)));
    }
    for name in [FROM, TO] {
        commands.push(NfCmd::Add(chain(&place.table, name, None)));
    }
    for (name, hook) in HOOKS {
        commands.push(NfCmd::Add(chain(&place.table, name, Some(hook))));
    }
    commands.extend(rules(place));
    commands
}

/// Adds an element to a set that nothing looks at, or renews it.
pub(super) fn probe(place: &Place, (timeout, left): (u32, u32)) -> Vec<NfCmd<'_>> {
    let set = Set {
        name: PROBE.into(),
        set_type: SetTypeValue::Single(SetType::InetService),
        flags: Some(HashSet::from([SetFlag::Timeout])),
        ..empty_set(place)
    };
    let element = NftElement {
        family: NfFamily::INet,
        table: Cow::Borrowed(&place.table),
        name: PROBE.into(),
        elem: vec![elem_left(Expression::Number(1), (timeout, left))].into(),
    };
    vec![
        NfCmd::Add(NfListObject::Set(Box::new(set))),
        NfCmd::Add(NfListObject::Element(element)),
    ]
}

/// A set as commands name it.
pub(super) fn empty_set(place: &Place) -> Set<'_> {
    Set {
        family: NfFamily::INet,
        table: Cow::Borrowed(&place.table),
        ..Set::default()
    }
}

/// The type of a set for the family of the tunnel's addresses.
pub(super) fn set_type(place: &Place, name: SetName) -> SetTypeValue<'static> {
    let address = if place.network.is_ipv4() {
        SetType::Ipv4Addr
    } else {
        SetType::Ipv6Addr
    };
    let all = [address, address, SetType::InetProto, SetType::InetService];
    match name {
        SetName::Exact | SetName::Range => SetTypeValue::Concatenated(all.to_vec().into()),
        SetName::Ping => SetTypeValue::Concatenated(all[..2].to_vec().into()),
        SetName::Peers => SetTypeValue::Single(address),
    }
}

fn set(place: &Place, name: SetName) -> NfListObject<'_> {
    let mut flags = HashSet::from([SetFlag::Timeout]);
    if matches!(name, SetName::Range | SetName::Ping) {
        flags.insert(SetFlag::Interval);
    }
    NfListObject::Set(Box::new(Set {
        name: name.as_str().into(),
        set_type: set_type(place, name),
        flags: Some(flags),
        ..empty_set(place)
    }))
}

fn chain<'a>(table: &'a str, name: &'static str, hook: Option<NfHook>) -> NfListObject<'a> {
    NfListObject::Chain(Chain {
        family: NfFamily::INet,
        table: Cow::Borrowed(table),
        name: name.into(),
        _type: hook.map(|_| NfChainType::Filter),
        hook,
        prio: hook.map(|_| 0),
        // What rules drop is dropped; the machine's own rules may drop more.
        policy: hook.map(|_| NfChainPolicy::Accept),
        ..Chain::default()
    })
}

fn rules(place: &Place) -> Vec<NfCmd<'_>> {
    let arrives = || equal(meta(MetaKey::Iifname), text(&place.interface));
    let leaves = || equal(meta(MetaKey::Oifname), text(&place.interface));
    let jump = |target: &'static str| {
        Statement::Jump(JumpTarget {
            target: target.into(),
        })
    };
    let mut rules = vec![
        ("forward", vec![arrives(), jump(FROM)]),
        ("forward", vec![leaves(), jump(TO)]),
        // Past the tunnel nothing is forwarded: else whoever is next to this machine outside could
        // send to the line inside by way of it. Where the machine is to forward for others as well,
        // nobody of them may claim to come out of a tunnel.
        (
            "forward",
            dropping(if place.forwards_others {
                vec![claims_to_be_a_peer(place)]
            } else {
                vec![]
            }),
        ),
        ("input", vec![arrives(), jump(FROM)]),
        // This machine itself uses its address inside the tunnels as a peer would see it.
        (
            "input",
            dropping(vec![from_elsewhere(), claims_to_be_a_peer(place)]),
        ),
        ("output", vec![leaves(), jump(TO)]),
    ];
    rules.extend(from_tunnel(place).into_iter().map(|rule| (FROM, rule)));
    rules.extend(to_tunnel(place).into_iter().map(|rule| (TO, rule)));
    rules
        .into_iter()
        .map(|(chain, body)| rule(&place.table, chain, body))
        .collect()
}

type RuleBody<'a> = Vec<Statement<'a>>;

fn rule<'a>(table: &'a str, chain: &'static str, body: RuleBody<'a>) -> NfCmd<'a> {
    NfCmd::Add(NfListObject::Rule(Rule {
        family: NfFamily::INet,
        table: Cow::Borrowed(table),
        chain: chain.into(),
        expr: body.into(),
        ..Rule::default()
    }))
}

fn from_tunnel(place: &Place) -> Vec<RuleBody<'_>> {
    let key = || four(place, ("saddr", "daddr"), "dport");
    vec![
        vec![within(key(), SetName::Exact), ACCEPT],
        vec![within(key(), SetName::Range), ACCEPT],
        vec![
            echo(place, "echo-request"),
            within(two(place, ("saddr", "daddr")), SetName::Ping),
            ACCEPT,
        ],
        dropping(vec![]),
    ]
}

fn to_tunnel(place: &Place) -> Vec<RuleBody<'_>> {
    let key = || four(place, ("daddr", "saddr"), "sport");
    let mut rules = vec![
        // A system answers; it never opens a connection to a device.
        dropping(vec![opens_a_connection()]),
        vec![within(key(), SetName::Exact), ACCEPT],
        vec![within(key(), SetName::Range), ACCEPT],
        vec![
            echo(place, "echo-reply"),
            within(two(place, ("daddr", "saddr")), SetName::Ping),
            ACCEPT,
        ],
    ];
    // What path MTU discovery needs (RFC 1191, RFC 8201) comes from any router on the way.
    let mut too_big = packet_too_big(place);
    too_big.push(within(ip(place, "daddr"), SetName::Peers));
    too_big.push(ACCEPT);
    rules.push(too_big);
    rules.push(dropping(vec![]));
    rules
}

const ACCEPT: Statement<'static> = Statement::Accept(None);

/// Counts and drops.
fn dropping(mut conditions: RuleBody<'_>) -> RuleBody<'_> {
    conditions.push(Statement::Counter(CounterStatement::Named(DROPPED.into())));
    conditions.push(Statement::Drop(None));
    conditions
}

fn equal<'a>(left: Expression<'a>, right: Expression<'a>) -> Statement<'a> {
    Statement::Match(Match {
        left,
        right,
        op: Operator::EQ,
    })
}

fn within(key: Expression<'_>, set: SetName) -> Statement<'_> {
    equal(key, text(format!("@{}", set.as_str())))
}

fn meta(key: MetaKey) -> Expression<'static> {
    Expression::Named(NamedExpression::Meta(Meta { key }))
}

fn field(protocol: &'static str, field: &'static str) -> Expression<'static> {
    Expression::Named(NamedExpression::Payload(Payload::PayloadField(
        PayloadField {
            protocol: protocol.into(),
            field: field.into(),
        },
    )))
}

fn ip(place: &Place, name: &'static str) -> Expression<'static> {
    field(if place.network.is_ipv4() { "ip" } else { "ip6" }, name)
}

fn two(place: &Place, (one, other): (&'static str, &'static str)) -> Expression<'static> {
    let parts = vec![ip(place, one), ip(place, other)];
    Expression::Named(NamedExpression::Concat(parts))
}

fn four(
    place: &Place,
    (one, other): (&'static str, &'static str),
    port: &'static str,
) -> Expression<'static> {
    let parts = vec![
        ip(place, one),
        ip(place, other),
        meta(MetaKey::L4proto),
        field("th", port),
    ];
    Expression::Named(NamedExpression::Concat(parts))
}

fn echo(place: &Place, kind: &'static str) -> Statement<'static> {
    let protocol = if place.network.is_ipv4() {
        "icmp"
    } else {
        "icmpv6"
    };
    equal(field(protocol, "type"), text(kind))
}

fn packet_too_big(place: &Place) -> RuleBody<'static> {
    if place.network.is_ipv4() {
        vec![
            equal(field("icmp", "type"), text("destination-unreachable")),
            // Fragmentation needed and "do not fragment" set.
            equal(field("icmp", "code"), Expression::Number(4)),
        ]
    } else {
        vec![equal(field("icmpv6", "type"), text("packet-too-big"))]
    }
}

fn opens_a_connection() -> Statement<'static> {
    let both = BinaryOperation::OR(vec![text("syn"), text("ack")]);
    let flags = BinaryOperation::AND(
        field("tcp", "flags"),
        Expression::BinaryOperation(Box::new(both)),
    );
    equal(Expression::BinaryOperation(Box::new(flags)), text("syn"))
}

fn from_elsewhere() -> Statement<'static> {
    Statement::Match(Match {
        left: meta(MetaKey::Iifname),
        right: text("lo"),
        op: Operator::NEQ,
    })
}

fn claims_to_be_a_peer(place: &Place) -> Statement<'static> {
    use nftables::expr::Prefix;
    let network = Expression::Named(NamedExpression::Prefix(Prefix {
        addr: Box::new(text(place.network.address().to_string())),
        len: u32::from(place.network.prefix()),
    }));
    equal(ip(place, "saddr"), network)
}
