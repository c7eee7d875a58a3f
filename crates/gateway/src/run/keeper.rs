//! What is in force, and how it changes: a table comes, an entry ends, the lease is over.
//!
//! It knows clocks only as readings handed in, and the line only as what carries out; so every
//! course of events can be tried without a kernel.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use sekisho_domain::time::{Span, Timestamp};
use sekisho_protocol::access_table::{AccessTable, Expectation, TableVerifier};

use super::line::{Cut, Line};
use crate::error::GatewayError;
use crate::filter::Timeouts;
use crate::lease::{Lease, Reading, between};
use crate::plan::{Element, Entry, Plan, plan};

/// A table that is carried out.
#[derive(Debug)]
pub(crate) struct InForce {
    /// Its sequence.
    pub sequence: u64,
    /// What it means.
    pub plan: Plan,
    /// Until when.
    pub lease: Lease,
    /// For how long its lease was granted.
    pub granted: Span,
}

/// Holds the line to the newest table.
pub(crate) struct Keeper<L> {
    line: L,
    verifier: TableVerifier,
    expected: Expectation,
    in_force: Option<InForce>,
}

impl<L: Line> Keeper<L> {
    /// A keeper of a line that is closed.
    pub const fn new(line: L, verifier: TableVerifier, expected: Expectation) -> Self {
        Self {
            line,
            verifier,
            expected,
            in_force: None,
        }
    }

    /// What is in force; nothing while closed.
    pub const fn in_force(&self) -> Option<&InForce> {
        self.in_force.as_ref()
    }

    /// The sequence of the last accepted table.
    pub const fn sequence(&self) -> u64 {
        self.expected.after
    }

    /// The line itself.
    pub const fn line(&mut self) -> &mut L {
        &mut self.line
    }

    /// Takes a signed table: what it no longer names is cut first, then the rest is renewed.
    ///
    /// # Errors
    /// [`GatewayError::Table`]: refused, and nothing has changed. Anything else: it was accepted
    /// and could not be carried out, and everything is closed.
    pub fn take(&mut self, signed: &[u8], at: Reading) -> Result<(), GatewayError> {
        let table = AccessTable::accept(signed, &self.verifier, &self.expected, at.wall)?;
        let content = table.content();
        self.expected.after = content.sequence;
        let lease = Lease::begin(table.lease(), content.issued_at, content.expires_at, at);
        let next = InForce {
            sequence: content.sequence,
            plan: plan(&table, lease.time(at)),
            lease,
            granted: table.lease(),
        };
        let before = self.in_force.take().map(|it| it.plan).unwrap_or_default();
        let carried = self.carry_out(&before, &next, at);
        if carried.is_ok() {
            self.in_force = Some(next);
        } else {
            // Half of a table is no table. The first failure is the one to tell.
            let _ = self.line.close();
        }
        carried
    }

    fn carry_out(
        &mut self,
        before: &Plan,
        next: &InForce,
        at: Reading,
    ) -> Result<(), GatewayError> {
        let cut = no_longer(before, &next.plan);
        if !cut.is_empty() {
            self.line.cut(&cut)?;
        }
        let (elements, addresses) = timeouts(&next.plan, &next.lease, at);
        let peers: Vec<_> = next
            .plan
            .peers
            .iter()
            .map(|(key, it)| (*key, *it))
            .collect();
        self.line.carry(&peers, &elements, &addresses)
    }

    /// Closes what has ended by now. Returns whether the lease has just ended and with it all.
    ///
    /// # Errors
    /// Whatever could not be closed; the kernel closes it by its timeouts.
    pub fn tick(&mut self, at: Reading) -> Result<bool, GatewayError> {
        let Some(in_force) = &mut self.in_force else {
            return Ok(false);
        };
        if in_force.lease.remaining(at).is_zero() {
            self.in_force = None;
            self.line.close()?;
            return Ok(true);
        }
        let mut rest = in_force.plan.clone();
        let now = in_force.lease.time(at);
        rest.elements.retain(|_, entry| lasts(entry, now));
        let cut = no_longer(&in_force.plan, &rest);
        if !cut.is_empty() {
            in_force.plan = rest;
            self.line.cut(&cut)?;
        }
        Ok(false)
    }

    /// Closes everything now, and forgets what was in force.
    ///
    /// # Errors
    /// Whatever could not be closed.
    pub fn close(&mut self) -> Result<(), GatewayError> {
        self.in_force = None;
        self.line.close()
    }

    /// Puts the line's filter in place again where it is gone, and forgets what was in force: everything is closed
    /// until a table comes.
    ///
    /// # Errors
    /// Whatever keeps the filter from being put in place.
    pub fn restore(&mut self) -> Result<(), GatewayError> {
        self.in_force = None;
        self.line.restore()
    }

    /// How long nothing can end; at most so long.
    pub fn quiet(&self, at: Reading, most: Duration) -> Duration {
        let Some(in_force) = &self.in_force else {
            return most;
        };
        let ends = in_force.plan.elements.values().filter_map(|it| it.ends_at);
        let now = in_force.lease.time(at);
        let next = ends.map(|end| between(now, end)).min();
        in_force
            .lease
            .remaining(at)
            .min(next.unwrap_or(most))
            .min(most)
    }
}

fn lasts(entry: &Entry, now: Timestamp) -> bool {
    entry.ends_at.is_none_or(|end| end > now)
}

/// What one plan has that the next has not. An element that another session takes over goes too:
/// its counter and its connections are those of the first.
fn no_longer(before: &Plan, next: &Plan) -> Cut {
    let mut cut = Cut::default();
    for (element, entry) in &before.elements {
        let same = |it: &Entry| it.session == entry.session && it.system == entry.system;
        if !next.elements.get(element).is_some_and(same) {
            cut.elements.push(*element);
        }
    }
    let reached = reached(next);
    for address in reached_before(before) {
        if !reached.contains_key(&address) {
            cut.unreached.push(address);
        }
    }
    for (key, peer) in &before.peers {
        if next.peers.get(key) != Some(peer) {
            cut.peers.push((*key, peer.address));
        }
    }
    cut
}

fn reached_before(plan: &Plan) -> impl Iterator<Item = IpAddr> {
    reached(plan).into_keys()
}

fn reached(plan: &Plan) -> BTreeMap<IpAddr, ()> {
    plan.elements.keys().map(|it| (it.peer, ())).collect()
}

/// For how long each element and each peer that reaches anything is let through.
fn timeouts(plan: &Plan, lease: &Lease, at: Reading) -> (Timeouts<Element>, Timeouts<IpAddr>) {
    let (lease, now) = (lease.remaining(at), lease.time(at));
    let mut elements = Timeouts::new();
    let mut addresses: Timeouts<IpAddr> = Timeouts::new();
    for (element, entry) in &plan.elements {
        let own = entry.ends_at.map_or(lease, |end| between(now, end));
        let timeout = own.min(lease);
        elements.insert(*element, timeout);
        let longest = addresses.entry(element.peer).or_default();
        *longest = timeout.max(*longest);
    }
    (elements, addresses)
}

#[cfg(test)]
mod tests;
