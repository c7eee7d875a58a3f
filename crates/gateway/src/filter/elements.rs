//! Elements of the sets, as commands.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use nftables::expr::{Elem, Expression, NamedExpression, Range};
use nftables::schema::{Element as NftElement, FlushObject, NfCmd, NfListObject, Set};
use nftables::types::NfFamily;
use sekisho_protocol::access_table::Protocol;

use super::base::{empty_set, set_type};
use super::{Place, SetName, Timeouts, seconds};
use crate::plan::Element;

pub(super) fn text<'a>(text: impl Into<Cow<'a, str>>) -> Expression<'a> {
    Expression::String(text.into())
}

/// An element with its timeout, or as it is named for being taken away. How much of the timeout is left is
/// said too: the kernel takes an element that is added again with the same timeout for one that needs no
/// change, and lets it expire as if nothing had been said.
pub(super) fn elem(val: Expression<'_>, timeout: Option<u32>) -> Expression<'_> {
    match timeout {
        None => val,
        Some(seconds) => elem_left(val, (seconds, seconds)),
    }
}

/// An element of whose timeout so much is left.
pub(super) fn elem_left(val: Expression<'_>, (timeout, left): (u32, u32)) -> Expression<'_> {
    Expression::Named(NamedExpression::Elem(Elem {
        val: Box::new(val),
        timeout: Some(timeout),
        expires: Some(left),
        comment: None,
        counter: None,
    }))
}

/// The word that nftables has for a protocol with ports.
pub(super) const fn protocol_word(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::Icmp => "icmp",
    }
}

fn set_of(element: &Element) -> SetName {
    if element.protocol == Protocol::Icmp {
        SetName::Ping
    } else if element.is_exact() {
        SetName::Exact
    } else {
        SetName::Range
    }
}

fn key(element: &Element) -> Expression<'static> {
    let (first, last) = (element.addresses.first, element.addresses.last);
    let addresses = stretch(
        first == last,
        text(first.to_string()),
        text(last.to_string()),
    );
    let mut parts = vec![text(element.peer.to_string()), addresses];
    if element.protocol != Protocol::Icmp {
        let (first, last) = (element.ports.first, element.ports.last);
        let number = |port: u16| Expression::Number(u32::from(port));
        parts.push(text(protocol_word(element.protocol)));
        parts.push(stretch(first == last, number(first), number(last)));
    }
    Expression::Named(NamedExpression::Concat(parts))
}

fn stretch<'a>(one: bool, first: Expression<'a>, last: Expression<'a>) -> Expression<'a> {
    if one {
        first
    } else {
        Expression::Range(Box::new(Range {
            range: [first, last],
        }))
    }
}

type BySet = BTreeMap<SetName, Vec<Expression<'static>>>;

fn command<'a>(place: &'a Place, set: SetName, elem: Vec<Expression<'static>>) -> NfListObject<'a> {
    NfListObject::Element(NftElement {
        family: NfFamily::INet,
        table: Cow::Borrowed(&place.table),
        name: set.as_str().into(),
        elem: elem.into(),
    })
}

/// Adds elements, or renews those that are there.
pub(super) fn add<'a>(
    place: &'a Place,
    elements: &Timeouts<Element>,
    peers: &Timeouts<IpAddr>,
) -> Vec<NfCmd<'a>> {
    let mut sets = BySet::new();
    for (element, timeout) in elements {
        if let Some(seconds) = seconds(*timeout) {
            let added = elem(key(element), Some(seconds));
            sets.entry(set_of(element)).or_default().push(added);
        }
    }
    for (peer, timeout) in peers {
        if let Some(seconds) = seconds(*timeout) {
            let added = elem(text(peer.to_string()), Some(seconds));
            sets.entry(SetName::Peers).or_default().push(added);
        }
    }
    let add = |(set, elem)| NfCmd::Add(command(place, set, elem));
    sets.into_iter().map(add).collect()
}

/// Takes elements away. Deleting one that has expired would fail the whole; so each is added
/// first, for a second that never comes, since both happen in one transaction.
pub(super) fn cut<'a>(place: &'a Place, elements: &[Element], peers: &[IpAddr]) -> Vec<NfCmd<'a>> {
    let mut sets = BySet::new();
    for element in elements {
        sets.entry(set_of(element)).or_default().push(key(element));
    }
    for peer in peers {
        let named = text(peer.to_string());
        sets.entry(SetName::Peers).or_default().push(named);
    }
    let mut commands = Vec::new();
    for (set, keys) in sets {
        let added = keys.iter().cloned().map(|key| elem(key, Some(1))).collect();
        commands.push(NfCmd::Add(command(place, set, added)));
        commands.push(NfCmd::Delete(command(place, set, keys)));
    }
    commands
}

/// Empties a set.
pub(super) fn flush(place: &Place, name: SetName) -> NfCmd<'_> {
    NfCmd::Flush(FlushObject::Set(Box::new(Set {
        name: name.as_str().into(),
        set_type: set_type(place, name),
        ..empty_set(place)
    })))
}
