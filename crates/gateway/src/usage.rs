//! What passed per session and system, summed over counters that may begin anew. Pure.

use std::collections::BTreeMap;

use sekisho_domain::id::{SystemId, TunnelSessionId};
use sekisho_protocol::gateway::SystemUse;

use crate::plan::{Element, Entry};

/// Bytes and packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Bytes of IP packets.
    pub bytes: u64,
    /// Packets.
    pub packets: u64,
}

/// Sums of all that was counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Usage {
    last: BTreeMap<Element, Count>,
    sums: BTreeMap<(TunnelSessionId, SystemId), Count>,
}

impl Usage {
    /// Takes a reading of the counters in, for the elements whose purpose is known.
    pub fn take(&mut self, reading: &BTreeMap<Element, Count>, known: &BTreeMap<Element, Entry>) {
        for (element, count) in reading {
            let Some(entry) = known.get(element) else {
                continue;
            };
            let before = self.last.get(element).copied().unwrap_or_default();
            let sum = self.sums.entry((entry.session, entry.system)).or_default();
            sum.bytes += grown(before.bytes, count.bytes);
            sum.packets += grown(before.packets, count.packets);
        }
        self.last.clone_from(reading);
    }

    /// What passed in one session.
    pub fn of(&self, session: TunnelSessionId) -> Vec<SystemUse> {
        let lowest = SystemId::new(sekisho_domain::id::Fresh([0; 16]));
        self.sums
            .range((session, lowest)..)
            .take_while(|((of, _), _)| *of == session)
            .map(|((_, system), count)| SystemUse {
                system: *system,
                bytes: count.bytes,
                packets: count.packets,
            })
            .collect()
    }

    /// All counters have begun anew.
    pub fn begin_anew(&mut self) {
        self.last.clear();
    }

    /// Forgets a session that has ended.
    pub fn forget(&mut self, session: TunnelSessionId) {
        self.sums.retain(|(of, _), _| *of != session);
    }
}

/// How much a counter grew; one that is lower than before began anew.
pub(crate) const fn grown(before: u64, now: u64) -> u64 {
    if now >= before { now - before } else { now }
}

#[cfg(test)]
mod tests {
    use sekisho_protocol::access_table::Protocol;

    use super::*;
    use crate::plan::plan;
    use crate::plan::tests::{NOW, peer, reach, system, table};

    #[test]
    fn counters_that_begin_anew_are_summed() {
        let both = vec![
            reach("10.1.0.5", Protocol::Tcp, Some(443), None),
            reach("10.1.0.0/24", Protocol::Udp, None, None),
        ];
        let plan = plan(&table(vec![peer(2, both)]), NOW);
        let session = plan.peers.values().next().unwrap().session;
        let mut usage = Usage::default();
        let reading = |bytes| {
            let count = Count { bytes, packets: 1 };
            plan.elements.keys().map(|it| (*it, count)).collect()
        };
        assert!(usage.of(session).is_empty());
        for bytes in [100, 150, 20] {
            usage.take(&reading(bytes), &plan.elements);
        }
        let sum = SystemUse {
            system: system(1),
            bytes: 2 * 170,
            packets: 2,
        };
        assert_eq!(usage.of(session), [sum]);
        // Where it is known that they began anew, what they say is all new, however much it is.
        usage.begin_anew();
        usage.take(&reading(30), &plan.elements);
        assert_eq!(usage.of(session)[0].bytes, 2 * 200);
        usage.forget(session);
        assert!(usage.of(session).is_empty());
    }
}
