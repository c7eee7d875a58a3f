//! What the kernel lists, read back.

use std::collections::BTreeMap;
use std::net::IpAddr;

use nftables::expr::{Elem, Expression, NamedExpression};
use nftables::schema::{NfListObject, NfObject, Nftables};
use nftables::stmt::Counter;
use sekisho_protocol::access_table::Protocol;
use sekisho_protocol::network::IpNetwork;

use super::base::DROPPED;
use super::elements::protocol_word;
use super::{Count, SetName};
use crate::plan::{Addresses, Element, Ports};

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// What passed by each element, in both directions.
    pub elements: BTreeMap<Element, Count>,
    /// Packets that were dropped.
    pub dropped: u64,
}

fn elems<'a>(listed: &'a Nftables<'_>) -> impl Iterator<Item = (&'a str, &'a Elem<'a>)> {
    listed.objects.iter().flat_map(|object| {
        let NfObject::ListObject(NfListObject::Set(set)) = object else {
            return Vec::new();
        };
        let elems = set.elem.iter().flat_map(|elems| elems.iter());
        elems
            .filter_map(|it| match it {
                Expression::Named(NamedExpression::Elem(elem)) => Some((set.name.as_ref(), elem)),
                _ => None,
            })
            .collect()
    })
}

/// How much of their timeouts is left to all elements listed, in seconds.
pub(super) fn left(listed: &Nftables<'_>) -> Vec<u32> {
    elems(listed).filter_map(|(_, elem)| elem.expires).collect()
}

/// The counters listed. What is not understood was not made by us and counts for nothing.
pub(super) fn counters(listed: &Nftables<'_>) -> Counters {
    let mut counters = Counters::default();
    for object in listed.objects.iter() {
        if let NfObject::ListObject(NfListObject::Counter(counter)) = object
            && counter.name == DROPPED
        {
            counters.dropped = counter.packets.map_or(0, |packets| packets as u64);
        }
    }
    for (set, elem) in elems(listed) {
        let Some(Counter::Anonymous(Some(count))) = &elem.counter else {
            continue;
        };
        if let Some(element) = element(set, &elem.val) {
            let count = Count {
                bytes: count.bytes.map_or(0, |bytes| bytes as u64),
                packets: count.packets.map_or(0, |packets| packets as u64),
            };
            counters.elements.insert(element, count);
        }
    }
    counters
}

fn element(set: &str, key: &Expression<'_>) -> Option<Element> {
    let Expression::Named(NamedExpression::Concat(parts)) = key else {
        return None;
    };
    let peer = string(parts.first()?)?.parse().ok()?;
    let addresses = addresses(parts.get(1)?)?;
    if set == SetName::Ping.as_str() {
        return Some(Element {
            peer,
            protocol: Protocol::Icmp,
            addresses,
            ports: Ports::NONE,
        });
    }
    let word = string(parts.get(2)?)?;
    let protocol = [Protocol::Tcp, Protocol::Udp]
        .into_iter()
        .find(|it| protocol_word(*it) == word)?;
    Some(Element {
        peer,
        protocol,
        addresses,
        ports: ports(parts.get(3)?)?,
    })
}

fn string<'a>(expression: &'a Expression<'_>) -> Option<&'a str> {
    match expression {
        Expression::String(text) => Some(text),
        _ => None,
    }
}

fn addresses(expression: &Expression<'_>) -> Option<Addresses> {
    let address = |it: &Expression<'_>| string(it)?.parse::<IpAddr>().ok();
    match expression {
        Expression::Range(range) => Some(Addresses {
            first: address(&range.range[0])?,
            last: address(&range.range[1])?,
        }),
        // Stretches that are networks are listed as such.
        Expression::Named(NamedExpression::Prefix(prefix)) => {
            let length = u8::try_from(prefix.len).ok()?;
            let network = IpNetwork::new(address(&prefix.addr)?, length).ok()?;
            Some(Addresses {
                first: network.address(),
                last: network.last(),
            })
        }
        one => address(one).map(|it| Addresses {
            first: it,
            last: it,
        }),
    }
}

fn ports(expression: &Expression<'_>) -> Option<Ports> {
    let port = |it: &Expression<'_>| match it {
        Expression::Number(number) => u16::try_from(*number).ok(),
        _ => None,
    };
    match expression {
        Expression::Range(range) => Some(Ports {
            first: port(&range.range[0])?,
            last: port(&range.range[1])?,
        }),
        one => port(one).map(|it| Ports {
            first: it,
            last: it,
        }),
    }
}
