//! What the server knows of each gateway while it runs: the key of its tunnels, the addresses it gave,
//! the table it was sent last and what it reported.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sekisho_domain::id::{GatewayId, TunnelSessionId};
use sekisho_domain::register::Gateway;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_protocol::access_table::{TableContent, TableError, TablePeer, TableSigner};
use sekisho_protocol::gateway::{
    GatewayReport, HOLD_DIVISOR, HOLD_MAX_SECONDS, PATH_REPORT, PATH_TABLE,
};
use sekisho_protocol::wireguard_key::WireGuardKey;
use sekisho_rules::access::GatewaySeen;
use sekisho_store::StoreError;

use super::answers::Answers;
use super::bounds::{LeftOut, fit};
use super::carrier::Carrier;
use super::heard::Heard;
use super::path::{PathSeen, paths};
use super::standing::{Pulse, hold, is_heard};
use super::table::{Unlisted, table_with};
use super::tunnels::{Addresses, Tunnelled};
use crate::app::App;
use crate::identity::tunnel_session::{OpenTunnel, open_sessions};

/// How long a request for a table is held at most: within what any request may take.
pub const HOLD_MAX: Span = Span::seconds(HOLD_MAX_SECONDS);

/// What a gateway is told when it says hello.
#[derive(Clone, Debug)]
pub struct Hello {
    /// The gateway.
    pub gateway: GatewayId,
    /// What the register says of it.
    pub entry: Gateway,
    /// The key that signs its tables, as gateways read it.
    pub table_key: String,
}

/// What is seen of a gateway.
#[derive(Clone, Debug, Default)]
pub struct GatewaySight {
    /// The key of its tunnels; none before it has said hello since the start.
    pub tunnel_key: Option<WireGuardKey>,
    /// When it was last heard.
    pub heard_at: Option<Timestamp>,
    /// Since when it is heard without having been silent.
    pub heard_since: Option<Timestamp>,
    /// When it last told what it counted.
    pub reported_at: Option<Timestamp>,
    /// Its newest report.
    pub report: Option<GatewayReport>,
    /// How many tunnels the newest table names.
    pub tunnels: usize,
    /// The end of the longest lease of the tables that may be in force there: the newest that it is known to have, and
    /// what was sent after that.
    pub lease_until: Option<Timestamp>,
    /// Why it gets no table, where it does not.
    pub unlisted: Option<&'static str>,
    /// The tunnels that the newest table leaves out, or cuts short.
    pub left_out: Vec<LeftOut>,
}

#[derive(Default)]
struct Kept {
    sight: GatewaySight,
    addresses: Addresses,
    /// Under a lock of their own, which is held while they are found: nobody waits at the desk for that.
    answers: Arc<Mutex<Answers>>,
    /// The ways of the tunnels, by the newest reports.
    paths: HashMap<TunnelSessionId, PathSeen>,
    sequence: u64,
    sent: Option<Sent>,
    /// The newest number of a request, by its path: what came before is a replay.
    numbers: HashMap<&'static str, u64>,
}

/// What was sent last, and when.
struct Sent {
    peers: Vec<TablePeer>,
    lease_seconds: u32,
    at: Timestamp,
}

/// The desk.
#[derive(Default)]
pub struct GatewayDesk {
    kept: Mutex<HashMap<GatewayId, Kept>>,
    heard: Heard,
    pub(super) carrier: Carrier,
}

/// Why no table can be given.
#[derive(Debug, thiserror::Error)]
pub enum TableFault {
    /// The register.
    #[error(transparent)]
    Unlisted(#[from] Unlisted),
    /// The sessions or keys.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was made is no table that a gateway would take.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl TableFault {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unlisted(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Table(error) => error.code(),
        }
    }
}

impl GatewayDesk {
    fn kept(&self) -> MutexGuard<'_, HashMap<GatewayId, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is seen of a gateway.
    #[must_use]
    pub fn sight(&self, gateway: GatewayId) -> GatewaySight {
        let kept = self.kept();
        kept.get(&gateway)
            .map(|it| it.sight.clone())
            .unwrap_or_default()
    }

    /// The key of a gateway's tunnels; none before it has said hello since the start.
    #[must_use]
    pub fn tunnel_key(&self, gateway: GatewayId) -> Option<WireGuardKey> {
        self.kept().get(&gateway)?.sight.tunnel_key
    }

    /// Notes the key of a gateway's tunnels. That is no sign of its being at work: it is heard where it
    /// asks for its table and where it reports. Numbers of requests and hellos are of one row: what it sent
    /// before this one, in whatever run of the server, is taken no more.
    pub fn greet(&self, gateway: GatewayId, key: WireGuardKey, number: u64) {
        let mut kept = self.kept();
        let known = kept.entry(gateway).or_default();
        for path in [PATH_TABLE, PATH_REPORT] {
            let newest = known.numbers.entry(path).or_default();
            *newest = (*newest).max(number);
        }
        let sight = &mut known.sight;
        sight.tunnel_key = Some(key);
        // Whatever else keeps it from a table is found again with the next.
        sight.unlisted = None;
    }

    /// Notes that a gateway asks for its table. Whether it had been silent before.
    fn hear(&self, gateway: GatewayId, entry: &Gateway, now: Timestamp) -> bool {
        let mut kept = self.kept();
        let sight = &mut kept.entry(gateway).or_default().sight;
        let silent = !sight.heard_at.is_some_and(|at| is_heard(entry, at, now));
        sight.heard_at = Some(now);
        if silent {
            sight.heard_since = Some(now);
        }
        self.heard.note(gateway, now);
        silent
    }

    /// The answers for a gateway that has said hello.
    fn answers_for(&self, gateway: GatewayId) -> Result<Arc<Mutex<Answers>>, Unlisted> {
        let mut kept = self.kept();
        let known = kept.entry(gateway).or_default();
        if known.sight.tunnel_key.is_none() {
            return Err(Unlisted::NotGreeted);
        }
        Ok(Arc::clone(&known.answers))
    }

    /// Notes what became of a table: a gateway that is given none, for whatever reason, may do what it likes with
    /// what it had, and is told so with the reason.
    fn settle<T>(&self, gateway: GatewayId, made: &Result<T, TableFault>) {
        self.heard.listed(gateway, made.is_ok());
        let unlisted = made.as_ref().err().map(TableFault::code);
        let mut kept = self.kept();
        let sight = &mut kept.entry(gateway).or_default().sight;
        if let (Err(error), true) = (made, sight.unlisted != unlisted) {
            tracing::warn!(code = error.code(), %gateway, %error, "a gateway gets no table");
        }
        sight.unlisted = unlisted;
    }

    /// That the newest table of a gateway leaves a tunnel out, or cuts short what it reaches.
    #[must_use]
    pub fn left_out(&self, gateway: GatewayId, session: TunnelSessionId) -> Option<LeftOut> {
        let kept = self.kept();
        let mut left_out = kept.get(&gateway)?.sight.left_out.iter();
        left_out.find(|it| it.session == session).cloned()
    }

    /// Takes a report.
    pub fn take_report(&self, gateway: GatewayId, report: GatewayReport, now: Timestamp) {
        let mut kept = self.kept();
        let known = kept.entry(gateway).or_default();
        self.heard.said(gateway, &report, now);
        known.paths = paths(&report, known.sight.report.as_ref(), now);
        if let Some(at) = report.filter_gone_at {
            let told = known.sight.report.as_ref();
            if told.and_then(|it| it.filter_gone_at) != Some(at) {
                tracing::warn!(%gateway, "the packet filter of a gateway was taken away or changed by something else");
            }
        }
        known.sight.report = Some(report);
        known.sight.heard_at = Some(now);
        known.sight.reported_at = Some(now);
    }

    /// The way of a tunnel, by what its gateway told last.
    #[must_use]
    pub fn path(&self, gateway: GatewayId, session: TunnelSessionId) -> PathSeen {
        let kept = self.kept();
        let known = kept.get(&gateway).and_then(|it| it.paths.get(&session));
        known.copied().unwrap_or_default()
    }

    /// The gateway that had the tunnels last: where none is heard, the road may still be open there.
    #[must_use]
    pub fn carried_last(&self) -> Option<GatewayId> {
        self.carrier.last()
    }

    /// When a gateway was last heard, and whether it fails, for whoever holds the World.
    #[must_use]
    pub fn heard(&self, gateway: GatewayId) -> GatewaySeen {
        self.heard.of(gateway)
    }

    /// The gateways that have said hello since the start, and whether they are at work.
    pub(super) fn greeted(&self) -> HashMap<GatewayId, Pulse> {
        let kept = self.kept();
        let all = kept.iter().filter(|(_, it)| it.sight.tunnel_key.is_some());
        all.map(|(id, it)| (*id, Pulse::of(&it.sight))).collect()
    }

    /// Takes the number of a request to a path. `false` where this or a higher one came before.
    #[must_use]
    pub fn count(&self, gateway: GatewayId, path: &'static str, number: u64) -> bool {
        let mut kept = self.kept();
        let newest = kept
            .entry(gateway)
            .or_default()
            .numbers
            .entry(path)
            .or_default();
        let grows = number > *newest;
        *newest = (*newest).max(number);
        grows
    }

    /// The address that a tunnel has at a gateway.
    #[must_use]
    pub fn address_of(
        &self,
        gateway: GatewayId,
        entry: &Gateway,
        tunnel: &OpenTunnel,
    ) -> Option<std::net::Ipv4Addr> {
        let mut kept = self.kept();
        let known = kept.entry(gateway).or_default();
        known.addresses.of(entry.network, tunnel.session).ok()
    }
}

impl App {
    /// What a gateway is told at its hello.
    ///
    /// # Errors
    /// [`TableFault`].
    pub fn greet_gateway(
        &self,
        gateway: GatewayId,
        key: WireGuardKey,
        number: u64,
    ) -> Result<Hello, TableFault> {
        let entry = self.gateway_entry(gateway)?;
        let table_key = self.access().signer.verifier().to_string();
        self.access().gateways().greet(gateway, key, number);
        // Devices that wait for a place learn of it.
        self.access().touch();
        Ok(Hello {
            gateway,
            entry,
            table_key,
        })
    }

    /// How long a request of a gateway for a table is held at most.
    ///
    /// # Errors
    /// [`Unlisted::Unknown`].
    pub fn table_hold(&self, gateway: GatewayId) -> Result<Span, Unlisted> {
        Ok(hold(&self.gateway_entry(gateway)?))
    }

    fn gateway_entry(&self, gateway: GatewayId) -> Result<Gateway, Unlisted> {
        let world = self.world();
        let known = world.registers.get::<Gateway>(gateway);
        let known = known.filter(|(entry, _)| entry.is_active());
        known.map(|(_, it)| it.clone()).ok_or(Unlisted::Unknown)
    }

    /// The next table for a gateway that has the one with the sequence `after` (0 where it has none):
    /// signed, where anything has changed or a third of the lease is over; none where it need not be
    /// told anything yet.
    ///
    /// # Errors
    /// [`TableFault`].
    pub fn next_table(
        &self,
        gateway: GatewayId,
        after: u64,
    ) -> Result<Option<Vec<u8>>, TableFault> {
        let made = self.make_table(gateway, after);
        self.access().gateways().settle(gateway, &made);
        made
    }

    fn make_table(&self, gateway: GatewayId, after: u64) -> Result<Option<Vec<u8>>, TableFault> {
        let entry = self.gateway_entry(gateway)?;
        let desk = self.access().gateways();
        // First of all: tunnels lead only to gateways that are heard.
        if desk.hear(gateway, &entry, self.now()) {
            // Devices that wait for a place learn of it.
            self.access().touch();
        }
        let tunnels = self.tunnels_of(gateway)?;
        let answers = desk.answers_for(gateway)?;
        let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
        let given = answers.follow(self, &tunnels);
        let table = self.sign_table(gateway, after, &tunnels, &answers);
        // The log comes after the table: nobody waits for it, neither at the desk nor at the gateway.
        answers.tell(self.access().log(), gateway, given);
        table
    }

    /// The table by what was answered, where there is news in it.
    fn sign_table(
        &self,
        gateway: GatewayId,
        after: u64,
        tunnels: &[Tunnelled],
        answers: &Answers,
    ) -> Result<Option<Vec<u8>>, TableFault> {
        let mut kept = self.access().gateways().kept();
        let known = kept.entry(gateway).or_default();
        known.has(after);
        let addresses = &mut known.addresses;
        let made = self.with_ground(|ground| {
            table_with(ground, gateway, tunnels, addresses, |it| answers.reach(it))
        });
        let mut content = made?;
        let left_out = fit(&mut content, tunnels)?;
        known.tell_left_out(gateway, left_out);
        if !known.has_news(&content, after) {
            return Ok(None);
        }
        Ok(Some(known.send(content, &self.access().signer)?))
    }

    /// The tunnels that lead to a gateway, in the order in which they came.
    fn tunnels_of(&self, gateway: GatewayId) -> Result<Vec<Tunnelled>, StoreError> {
        if self
            .gateway_for_tunnels()
            .is_none_or(|(id, _)| id != gateway)
        {
            return Ok(Vec::new());
        }
        let mut open = open_sessions(self)?;
        open.sort_by_key(|it| (it.confirmed_at, it.session));
        Ok(open
            .into_iter()
            .filter_map(|it| {
                Some(Tunnelled {
                    session: it.session,
                    device: it.device,
                    person: it.person,
                    key: it.wireguard_key.as_str().parse().ok()?,
                })
            })
            .collect())
    }
}

impl Kept {
    /// Notes that a gateway asks for the table after that one. Where it has the newest, what was sent before is in
    /// force there no longer, however long its lease was.
    fn has(&mut self, after: u64) {
        let newest = after == self.sequence && after > 0;
        if let Some(sent) = self.sent.as_ref().filter(|_| newest) {
            let lease = Span::seconds(sent.lease_seconds);
            self.sight.lease_until = Some(sent.at.after(lease));
        }
    }

    /// Whether a gateway has to be told: it has another table or none, the tunnels or what they reach
    /// have changed, or its lease has to be renewed.
    fn has_news(&self, content: &TableContent, after: u64) -> bool {
        let Some(sent) = self
            .sent
            .as_ref()
            .filter(|_| after == self.sequence && after > 0)
        else {
            return true;
        };
        let third = Span::seconds(sent.lease_seconds / HOLD_DIVISOR);
        let renewal = sent.at.after(third.min(HOLD_MAX));
        sent.peers != content.peers
            || sent.lease_seconds != content.lease_seconds
            || renewal <= content.issued_at
    }

    /// Notes whom a table leaves out; the log is told of whoever was not left out before.
    fn tell_left_out(&mut self, gateway: GatewayId, left_out: Vec<LeftOut>) {
        let before: HashSet<&LeftOut> = self.sight.left_out.iter().collect();
        for it in left_out.iter().filter(|it| !before.contains(it)) {
            let LeftOut { session, code, .. } = it;
            tracing::warn!(code, %session, %gateway, "a table leaves out a tunnel, or part of its reach");
        }
        self.sight.left_out = left_out;
    }

    fn send(
        &mut self,
        mut content: TableContent,
        signer: &TableSigner,
    ) -> Result<Vec<u8>, TableError> {
        // Grows over restarts too: by the time, and by one within a millisecond.
        let by_time = u64::try_from(content.issued_at.as_millis()).unwrap_or_default();
        content.sequence = by_time.max(self.sequence + 1);
        let signed = signer.sign(&content)?;
        self.sequence = content.sequence;
        self.sight.tunnels = content.peers.len();
        // It may never arrive: then the one before is in force for its own lease.
        self.sight.lease_until = self.sight.lease_until.max(Some(content.expires_at));
        self.sent = Some(Sent {
            peers: content.peers,
            lease_seconds: content.lease_seconds,
            at: content.issued_at,
        });
        Ok(signed)
    }
}

#[cfg(test)]
mod tests {
    use sekisho_domain::id::Fresh;

    use super::*;

    /// The end that was told was that of the newest table, also where that one may not have arrived.
    #[test]
    fn a_shorter_lease_ends_the_longer_one_only_where_its_table_is_known_to_have_arrived() {
        let now = Timestamp::from_millis(1_800_000_000_000);
        let table = |lease, at: Timestamp| TableContent {
            expires_at: at.after(Span::seconds(lease)),
            gateway: GatewayId::new(Fresh([1; 16])),
            gateway_address: "10.90.0.1".parse().unwrap(),
            issued_at: at,
            lease_seconds: lease,
            network: "10.90.0.0/24".parse().unwrap(),
            peers: Vec::new(),
            sequence: 0,
        };
        let signer = TableSigner::new(&[7; 32]);
        let mut known = Kept::default();
        known.send(table(900, now), &signer).unwrap();
        let long = known.sequence;
        let later = now.after(Span::seconds(1));
        known.send(table(10, later), &signer).unwrap();
        // It has none, another one, and the one before the newest.
        for after in [0, 1, long] {
            known.has(after);
            let until = known.sight.lease_until;
            assert_eq!(until, Some(now.after(Span::seconds(900))), "{after}");
        }
        known.has(known.sequence);
        let until = known.sight.lease_until;
        assert_eq!(until, Some(later.after(Span::seconds(10))));
    }

    #[test]
    fn whatever_keeps_a_gateway_from_its_table_is_seen_with_its_reason() {
        let (desk, gateway) = (GatewayDesk::default(), GatewayId::new(Fresh([1; 16])));
        for (fault, code) in [
            (
                TableFault::from(TableError::TooLarge { bytes: 1 }),
                "access_table.too_large",
            ),
            (
                TableFault::from(Unlisted::NotGreeted),
                "gateway.hello-wanted",
            ),
        ] {
            let made: Result<(), TableFault> = Err(fault);
            desk.settle(gateway, &made);
            assert_eq!(desk.sight(gateway).unlisted, Some(code));
            assert!(!desk.heard(gateway).listed, "{code}");
            desk.settle(gateway, &Ok(()));
            assert_eq!(desk.sight(gateway).unlisted, None);
            assert!(desk.heard(gateway).listed);
        }
    }
}
