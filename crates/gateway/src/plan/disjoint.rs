//! Wide elements that overlap are cut so that none does: the kernel's interval sets refuse
//! elements that overlap, and each part has to last as long as the longest that covers it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Addresses, Element, Entry, Ports};

/// The same packets as `wide` at every instant, in elements of which no two overlap.
pub(super) fn disjoint(wide: BTreeMap<Element, Entry>) -> BTreeMap<Element, Entry> {
    let mut sorted: Vec<_> = wide.into_iter().collect();
    // The longest first: what they cover already need not be covered for a shorter time.
    sorted.sort_by(|(_, one), (_, other)| match (one.ends_at, other.ends_at) {
        (None, None) => std::cmp::Ordering::Equal,
        (None, Some(_)) => std::cmp::Ordering::Less,
        (Some(_), None) => std::cmp::Ordering::Greater,
        (Some(one), Some(other)) => other.cmp(&one),
    });
    let mut done: Vec<(Element, Entry)> = Vec::new();
    for (element, entry) in sorted {
        let mut parts = vec![element];
        for (before, _) in &done {
            parts = parts
                .into_iter()
                .flat_map(|part| without(part, *before))
                .collect();
        }
        done.extend(parts.into_iter().map(|part| (part, entry)));
    }
    done.into_iter().collect()
}

/// What is left of an element without another: at most four parts.
fn without(element: Element, other: Element) -> Vec<Element> {
    let apart = element.peer != other.peer
        || element.protocol != other.protocol
        || element.addresses.last < other.addresses.first
        || other.addresses.last < element.addresses.first
        || element.ports.last < other.ports.first
        || other.ports.last < element.ports.first;
    if apart {
        return vec![element];
    }
    let mut parts = Vec::new();
    let (had, cut) = (element.addresses, other.addresses);
    let mut addresses = |first, last| {
        parts.push(Element {
            addresses: Addresses { first, last },
            ..element
        });
    };
    if had.first < cut.first {
        addresses(had.first, before(cut.first));
    }
    if cut.last < had.last {
        addresses(after(cut.last), had.last);
    }
    // Where the addresses are those of both, the ports that are only its own.
    let both = Addresses {
        first: had.first.max(cut.first),
        last: had.last.min(cut.last),
    };
    let mut ports = |first, last| {
        parts.push(Element {
            addresses: both,
            ports: Ports { first, last },
            ..element
        });
    };
    let (had, cut) = (element.ports, other.ports);
    if had.first < cut.first {
        ports(had.first, cut.first - 1);
    }
    if cut.last < had.last {
        ports(cut.last + 1, had.last);
    }
    parts
}

/// The address before one that is not the first of all.
fn before(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(it) => Ipv4Addr::from(u32::from(it).saturating_sub(1)).into(),
        IpAddr::V6(it) => Ipv6Addr::from(u128::from(it).saturating_sub(1)).into(),
    }
}

/// The address after one that is not the last of all.
fn after(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(it) => Ipv4Addr::from(u32::from(it).saturating_add(1)).into(),
        IpAddr::V6(it) => Ipv6Addr::from(u128::from(it).saturating_add(1)).into(),
    }
}
