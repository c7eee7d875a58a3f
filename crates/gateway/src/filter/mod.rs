//! The packet filter: one table of nftables of our own, changed in whole transactions.
//!
//! Every packet from or to the tunnel is looked up in sets, in both directions: one from a peer by
//! (source, destination, protocol, destination port), one to a peer by the same with source and
//! destination exchanged. There is no rule that lets a packet pass for belonging to something that
//! passed before. Every element of the sets carries a timeout, so that the kernel closes by itself.
//!
//! Packets past the tunnel are not forwarded unless asked for, and none from another interface may
//! bear the address of a peer.

mod base;
mod elements;
mod nft;
mod reading;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nftables::schema::NfCmd;
use sekisho_protocol::network::IpNetwork;
use sekisho_tunnel::InterfaceName;

use crate::error::GatewayError;
use crate::plan::Element;
pub use crate::usage::Count;

pub use reading::Counters;

/// The sets of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum SetName {
    /// One address and one port, looked up by hash.
    Exact,
    /// Stretches of addresses and ports.
    Range,
    /// Stretches of addresses for echo requests.
    Ping,
    /// The peers that have reach at all.
    Peers,
}

impl SetName {
    const ALL: [Self; 4] = [Self::Exact, Self::Range, Self::Ping, Self::Peers];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Range => "range",
            Self::Ping => "ping",
            Self::Peers => "peers",
        }
    }

    /// Whether its elements count what passes.
    const fn counts(self) -> bool {
        !matches!(self, Self::Peers)
    }
}

/// How the kernel lets timeouts be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// Adding an element again, with how much is left said, renews it and keeps its counter (Linux 6.12 and
    /// later).
    InPlace,
    /// Elements are taken away and added again in one transaction; counters begin anew.
    Replace,
}

/// What the filter is made for.
#[derive(Clone, Debug)]
pub struct Place {
    /// The table's name: `sekisho_` and the interface's.
    table: String,
    interface: String,
    network: IpNetwork,
    forwards_others: bool,
}

impl Place {
    /// The filter of one tunnel interface and its network.
    #[must_use]
    pub fn new(interface: &InterfaceName, network: IpNetwork) -> Self {
        Self {
            table: table_of(interface),
            interface: interface.to_string(),
            network,
            forwards_others: false,
        }
    }

    /// Whether this machine may forward packets that are neither from nor to the tunnel: then its own
    /// rules have to say which.
    #[must_use]
    pub fn forwarding_others(mut self, may: bool) -> Self {
        self.forwards_others = may;
        self
    }

    /// The table's name.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }
}

/// The name of an interface's table. Names of tables are words without hyphens.
fn table_of(interface: &InterfaceName) -> String {
    format!("sekisho_{}", interface.as_str().replace('-', "_"))
}

/// Puts in place what needs nothing but the interface's name: from here on nothing passes from or to it, and nothing
/// is forwarded past it unless the machine may forward for others. [`Filter::install_closed`] takes its place.
///
/// # Errors
/// [`GatewayError::NftMissing`], [`GatewayError::Filter`].
pub fn seal(interface: &InterfaceName, forwards_others: bool) -> Result<(), GatewayError> {
    let table = table_of(interface);
    nft::apply(base::sealed(&table, interface.as_str(), forwards_others))
}

/// The packet filter of one tunnel interface.
#[derive(Debug)]
pub struct Filter {
    place: Place,
    renewal: Renewal,
    /// The table as it was left, to hold against what stands; empty, which no table is, where that is not known.
    left: Mutex<String>,
}

/// For how long a peer or an element is let through.
pub type Timeouts<K> = BTreeMap<K, Duration>;

/// The whole seconds of a timeout: never longer than meant, none where less than one is left.
fn seconds(timeout: Duration) -> Option<u32> {
    u32::try_from(timeout.as_secs())
        .ok()
        .filter(|seconds| *seconds > 0)
}

impl Filter {
    /// Puts the filter in place, closed: whatever an earlier run left is replaced in the same
    /// transaction. From here on nothing passes from or to the interface, whether it is there yet
    /// or not, and nothing is forwarded past it (see [`Place::forwarding_others`]).
    ///
    /// # Errors
    /// [`GatewayError::NftMissing`], [`GatewayError::Filter`].
    pub fn install_closed(place: Place) -> Result<Self, GatewayError> {
        nft::apply(base::closed(&place))?;
        let mut filter = Self {
            place,
            renewal: Renewal::Replace,
            left: Mutex::default(),
        };
        filter.renewal = filter.probe_renewal()?;
        *filter.left() = filter.standing()?;
        Ok(filter)
    }

    /// Puts the filter in place again, closed, where something else took it away or changed it.
    ///
    /// # Errors
    /// As [`Filter::install_closed`]; then it is not known what stands.
    pub fn restore(&self) -> Result<(), GatewayError> {
        let mut left = self.left();
        left.clear();
        nft::apply(base::closed(&self.place))?;
        *left = self.standing()?;
        Ok(())
    }

    /// Whether table, chains, rules and sets stand as they were left. A packet filter is every administrator's and
    /// every tool's to flush.
    ///
    /// # Errors
    /// [`GatewayError::FilterGone`]; where it cannot be told, why.
    pub fn stands(&self) -> Result<(), GatewayError> {
        let left = self.left();
        if self.standing()? == *left {
            Ok(())
        } else {
            Err(self.gone())
        }
    }

    fn standing(&self) -> Result<String, GatewayError> {
        nft::standing(&self.place.table)?.ok_or_else(|| self.gone())
    }

    fn gone(&self) -> GatewayError {
        GatewayError::FilterGone {
            table: self.place.table.clone(),
        }
    }

    fn left(&self) -> MutexGuard<'_, String> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How this kernel renews.
    #[must_use]
    pub const fn renewal(&self) -> Renewal {
        self.renewal
    }

    /// Tries renewal on a set that nothing looks at: as leases are renewed, by the same timeout again.
    fn probe_renewal(&self) -> Result<Renewal, GatewayError> {
        const TIMEOUT: u32 = 2_000;
        const LEFT: u32 = 1_000;
        nft::apply(base::probe(&self.place, (TIMEOUT, LEFT)))?;
        nft::apply(base::probe(&self.place, (TIMEOUT, TIMEOUT)))?;
        let listed = nft::list(&["list", "set", "inet", &self.place.table, base::PROBE])?;
        let renewed = reading::left(&listed).iter().any(|left| LEFT < *left);
        Ok(if renewed {
            Renewal::InPlace
        } else {
            Renewal::Replace
        })
    }

    /// Takes elements and peers away, in one transaction. Those that are not there any more are
    /// no error.
    ///
    /// # Errors
    /// [`GatewayError::Filter`]; then nothing has changed.
    pub fn cut(&self, elements: &[Element], peers: &[IpAddr]) -> Result<(), GatewayError> {
        let commands = elements::cut(&self.place, elements, peers);
        if commands.is_empty() {
            return Ok(());
        }
        nft::apply(commands)
    }

    /// Lets elements and peers through for so long each, in one transaction without a gap: those
    /// that are let through already are renewed. `elements` and `peers` are all there are.
    ///
    /// # Errors
    /// [`GatewayError::Filter`], [`GatewayError::FilterGone`]; then nothing has changed.
    pub fn carry(
        &self,
        elements: &Timeouts<Element>,
        peers: &Timeouts<IpAddr>,
    ) -> Result<(), GatewayError> {
        let mut commands: Vec<NfCmd<'_>> = Vec::new();
        if self.renewal == Renewal::Replace {
            commands.extend(SetName::ALL.map(|set| elements::flush(&self.place, set)));
        }
        commands.extend(elements::add(&self.place, elements, peers));
        if commands.is_empty() {
            // Nothing to add, and so nothing that would fail where the table is gone: it is asked for, since peers
            // without reach are held off by it as well.
            return self.stands();
        }
        nft::apply(commands)
    }

    /// Closes everything in one transaction.
    ///
    /// # Errors
    /// [`GatewayError::Filter`].
    pub fn close(&self) -> Result<(), GatewayError> {
        let flushed = SetName::ALL.map(|set| elements::flush(&self.place, set));
        nft::apply(flushed.to_vec())
    }

    /// What has passed by each element since it was added, and what was dropped.
    ///
    /// # Errors
    /// [`GatewayError::Filter`].
    pub fn counters(&self) -> Result<Counters, GatewayError> {
        let listed = nft::list(&["list", "table", "inet", &self.place.table])?;
        Ok(reading::counters(&listed))
    }
}

#[cfg(test)]
mod tests;
