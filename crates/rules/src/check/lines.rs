//! Whether a device joined only lines that were permitted (8.1.1(3)(b)).
//!
//! Compared are the networks it is joined to and, of those that others name (wireless, mobile), the ones it
//! joined within the period. A network that no line of the register is seen as may be the home or mobile
//! line that a permit is for: which one that is only its user knows, so that as many are taken for it as
//! there are such permissions. Names of networks tell where people are and stand in no reason.

use std::collections::BTreeSet;

use sekisho_domain::code::Reason;
use sekisho_domain::fact::{FactKind, JoinedNetwork, NetworkMedium};
use sekisho_domain::time::Span;

use super::facts::sight;
use super::lists::{KnownLine, SIGHTINGS_DAYS};
use super::{Found, Given, Judged};

pub(super) const NEEDS: &[FactKind] = &[FactKind::Networks];

pub(super) fn judge(given: Given<'_, '_>) -> Judged {
    let networks = sight!(given, Networks)?;
    let device = given.facts.subject();
    let lines = given.knowledge.lists.map(super::lists::Lists::lines);
    if device.is_some_and(|device| lines.is_some_and(|lines| lines.is_own(device))) {
        return Ok(Found::pass(Reason::new("line.own-device")));
    }
    let counted = networks
        .value
        .networks
        .iter()
        .filter(|it| counts(&given, it));
    let (mut known, mut until) = (0_u32, None);
    let mut others = BTreeSet::new();
    let mut unidentified = true;
    for network in counted {
        match lines.and_then(|lines| lines.known(device, network, given.now)) {
            Some(KnownLine::Listed) => known += 1,
            Some(KnownLine::Permitted(end)) => {
                known += 1;
                until = until.into_iter().chain([end]).min();
            }
            None => {
                others.insert(network.gateway_mac.as_ref().unwrap_or(&network.name));
                unidentified &= cannot_be_told(network);
            }
        }
    }
    let n = u32::try_from(others.len()).unwrap_or(u32::MAX);
    if n == 0 && known == 0 {
        return Err(Reason::new("line.none-seen"));
    }
    let found = if n == 0 {
        Found::pass(Reason::new("line.permitted").with("n", known))
    } else {
        let lines = lines.filter(|lines| lines.say_anything(device));
        let lines = lines.ok_or_else(|| Reason::new("line.none-registered"))?;
        let (by_word, end) = lines.by_word(device, given.now);
        until = until.into_iter().chain(end).min();
        if n <= by_word {
            Found::pass(Reason::new("line.by-word").with("n", n))
        } else if by_word > 0 {
            let reason = Reason::new("line.more-than-permits").with("n", n);
            return Err(reason.with("permits", by_word));
        } else if unidentified {
            return Err(Reason::new("line.unidentified").with("n", n));
        } else {
            return Ok(Found::fail(Reason::new("line.unpermitted").with("n", n)));
        }
    };
    let found = until.map_or(found.clone(), |until| found.until(until));
    Ok(found.unless_hidden(networks.partial))
}

/// Whether a network is looked at. A tunnel is no line of its own: it rides on another one.
fn counts(given: &Given<'_, '_>, network: &JoinedNetwork) -> bool {
    let from = given.now.before(Span::days(SIGHTINGS_DAYS));
    match network.medium {
        NetworkMedium::Vpn => false,
        _ if network.joined => true,
        NetworkMedium::Wired => false,
        _ => network.last_joined.is_some_and(|at| from <= at),
    }
}

/// Whether nothing tells which network it is.
fn cannot_be_told(network: &JoinedNetwork) -> bool {
    network.medium == NetworkMedium::Wired && network.gateway_mac.is_none()
}
