//! An access table within its bounds: what is too much is left out and told, and closes nobody else's road.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sekisho_domain::id::{SystemId, TunnelSessionId};
use sekisho_protocol::access_table::{
    PEERS_MAX, REACH_MAX, Reach, SEQUENCE_LIMIT, SHARED_PLACE, SIGNATURE_BYTES, TABLE_MAX,
    TableContent, TableError, TablePeer,
};
use sekisho_protocol::network::IpNetwork;

use super::tunnels::Tunnelled;

/// The code of a table that is full.
const FULL: &str = "tunnel.table-full";
/// The code of a network of tunnels that is full.
const NETWORK_FULL: &str = "tunnel.network-full";
/// The code of one that may reach more than a table takes for one tunnel.
const TOO_MUCH: &str = "tunnel.too-much-reach";
/// No peer without reach and no entry of reach is longer as JSON, in bytes (IPv4, a time of 20 characters).
const LONGEST: (usize, usize) = (288, 192);

/// Where a table is too large, systems with more entries than this for a tunnel are cut, the greediest first, before
/// anybody is left out.
const SHARES: [usize; 5] = [256, 128, 64, 32, 16];

/// What is cut of the reach of a tunnel as one, so that nothing is left of it in crumbs: what a system has to itself,
/// or a network that several share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share {
    system: SystemId,
    shared: Option<IpNetwork>,
}

impl Share {
    /// That to which an entry belongs.
    #[must_use]
    pub fn of(entry: &Reach) -> Self {
        Self {
            system: entry.system,
            shared: (entry.system == SHARED_PLACE).then_some(entry.address),
        }
    }
}

/// A tunnel that a table leaves out, or cuts short.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LeftOut {
    /// The session.
    pub session: TunnelSessionId,
    /// Why: a stable code.
    pub code: &'static str,
    /// Whether it is left out wholly; else only some of what it may reach.
    pub wholly: bool,
    /// What of its reach is cut, where it is not left out wholly.
    pub cut: Vec<Share>,
}

impl LeftOut {
    fn wholly(session: TunnelSessionId, code: &'static str) -> Self {
        Self {
            session,
            code,
            wholly: true,
            cut: Vec::new(),
        }
    }

    /// Whether a table says nothing of an entry for this tunnel.
    #[must_use]
    pub fn closes(&self, entry: &Reach) -> bool {
        self.wholly || self.cut.contains(&Share::of(entry))
    }
}

/// Brings a table within its bounds: where a tunnel reaches more than the bound of one tunnel, the systems with most
/// entries are cut, and others stay. So are they where all together are too much; and if they still are, the last of
/// the tunnels, in the order in which they came, are left out. What comes back is whom that concerns.
///
/// # Errors
/// [`TableError::Json`].
pub(super) fn fit(
    content: &mut TableContent,
    tunnels: &[Tunnelled],
) -> Result<Vec<LeftOut>, TableError> {
    fit_within(content, tunnels, (PEERS_MAX, TABLE_MAX))
}

fn fit_within(
    content: &mut TableContent,
    tunnels: &[Tunnelled],
    (most, bytes): (usize, usize),
) -> Result<Vec<LeftOut>, TableError> {
    let there: HashSet<TunnelSessionId> = content.peers.iter().map(|it| it.session).collect();
    let without_address = tunnels.iter().filter(|it| !there.contains(&it.session));
    let mut left_out: Vec<LeftOut> = without_address
        .map(|it| LeftOut::wholly(it.session, NETWORK_FULL))
        .collect();
    let mut cuts = Cuts::default();
    for peer in &mut content.peers {
        if peer.reach.len() > REACH_MAX {
            let gone = greediest(&peer.reach, REACH_MAX);
            cuts.cut(peer, gone);
        }
    }
    if !surely_fits(content, (most, bytes)) {
        let room = bytes.saturating_sub(around(content)?);
        let mut fits = takes(content)? <= room;
        for share in SHARES {
            if fits {
                break;
            }
            let mut any = false;
            for peer in &mut content.peers {
                let gone = beyond(&peer.reach, share);
                any |= cuts.cut(peer, gone);
            }
            fits = any && takes(content)? <= room;
        }
        let kept = first(content, tunnels, (most, room))?;
        content.peers.retain(|peer| {
            let stays = kept.contains(&peer.session);
            if !stays {
                cuts.0.remove(&peer.session);
                left_out.push(LeftOut::wholly(peer.session, FULL));
            }
            stays
        });
    }
    let short = content.peers.iter().filter_map(|peer| {
        Some(LeftOut {
            session: peer.session,
            code: TOO_MUCH,
            wholly: false,
            cut: cuts.0.remove(&peer.session)?,
        })
    });
    left_out.extend(short);
    Ok(left_out)
}

/// What is cut of the tunnels.
#[derive(Default)]
struct Cuts(HashMap<TunnelSessionId, Vec<Share>>);

impl Cuts {
    /// Cuts what is to go. Whether that is anything.
    fn cut(&mut self, peer: &mut TablePeer, gone: BTreeSet<Share>) -> bool {
        if gone.is_empty() {
            return false;
        }
        peer.reach.retain(|it| !gone.contains(&Share::of(it)));
        self.0.entry(peer.session).or_default().extend(gone);
        true
    }
}

/// How many entries each system has, or each network that several share.
fn shares(reach: &[Reach]) -> BTreeMap<Share, usize> {
    let mut shares = BTreeMap::new();
    for entry in reach {
        *shares.entry(Share::of(entry)).or_default() += 1;
    }
    shares
}

/// How many entries are of places that several share.
fn together(shares: &BTreeMap<Share, usize>) -> usize {
    let shared = shares.iter().filter(|(share, _)| share.shared.is_some());
    shared.map(|(_, count)| *count).sum()
}

/// Those with most entries, without which no more than so many are left. Shared places count by all of them: in
/// crumbs they are no less greedy, and go one by one.
fn greediest(reach: &[Reach], most: usize) -> BTreeSet<Share> {
    let shares = shares(reach);
    let together = together(&shares);
    let mut all: Vec<(usize, Share, usize)> = shares
        .into_iter()
        .map(|(share, count)| match share.shared {
            Some(_) => (together, share, count),
            None => (count, share, count),
        })
        .collect();
    all.sort_unstable();
    let mut left = reach.len();
    let mut gone = BTreeSet::new();
    while left > most {
        let Some((_, share, count)) = all.pop() else {
            break;
        };
        left -= count;
        gone.insert(share);
    }
    gone
}

/// Systems with more than so many entries, and shared places where all of them have more.
fn beyond(reach: &[Reach], most: usize) -> BTreeSet<Share> {
    if reach.len() <= most {
        return BTreeSet::new();
    }
    let shares = shares(reach);
    let together = together(&shares);
    let too_many = |share: &Share, count: usize| match share.shared {
        Some(_) => together > most,
        None => count > most,
    };
    let all = shares.into_iter();
    all.filter(|(share, count)| too_many(share, *count))
        .map(|(share, _)| share)
        .collect()
}

/// Whether a table is within its bounds by what its parts take at most: mostly it is, and nothing has to be measured.
fn surely_fits(content: &TableContent, (most, bytes): (usize, usize)) -> bool {
    let reach: usize = content.peers.iter().map(|it| it.reach.len()).sum();
    let longest = content.peers.len() * LONGEST.0 + reach * LONGEST.1;
    content.peers.len() <= most && longest + SIGNATURE_BYTES + LONGEST.0 * 2 <= bytes
}

/// The bytes of all peers, each with the comma before the next.
fn takes(content: &TableContent) -> Result<usize, TableError> {
    let mut bytes = 0;
    for peer in &content.peers {
        bytes += length(peer)? + 1;
    }
    Ok(bytes)
}

/// The tunnels that came first, as many as there is room for.
fn first(
    content: &TableContent,
    tunnels: &[Tunnelled],
    (most, mut room): (usize, usize),
) -> Result<HashSet<TunnelSessionId>, TableError> {
    let peers: HashMap<TunnelSessionId, &TablePeer> =
        content.peers.iter().map(|it| (it.session, it)).collect();
    let mut kept = HashSet::new();
    for tunnel in tunnels {
        let Some(peer) = peers.get(&tunnel.session) else {
            continue;
        };
        // With the comma before the next.
        let takes = length(peer)? + 1;
        if takes > room || kept.len() == most {
            break;
        }
        room -= takes;
        kept.insert(tunnel.session);
    }
    Ok(kept)
}

/// The bytes of a signed table around its peers.
fn around(content: &TableContent) -> Result<usize, TableError> {
    let empty = TableContent {
        peers: Vec::new(),
        // As long as any.
        sequence: SEQUENCE_LIMIT - 1,
        ..*content
    };
    Ok(length(&empty)? + SIGNATURE_BYTES)
}

fn length(of: &impl serde::Serialize) -> Result<usize, TableError> {
    let json = serde_json::to_vec(of).map_err(|_| TableError::Json)?;
    Ok(json.len())
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use sekisho_domain::id::{DeviceId, Fresh, GatewayId, PersonId};
    use sekisho_domain::time::{Span, Timestamp};
    use sekisho_protocol::access_table::{AccessTable, Expectation, Protocol, TableSigner};
    use sekisho_protocol::wireguard_key::WireGuardKey;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn fresh(number: u32) -> Fresh {
        let mut bytes = [7; 16];
        // The first that came has not the least id.
        bytes[..4].copy_from_slice(&(u32::MAX - number).to_be_bytes());
        Fresh(bytes)
    }

    fn tunnel(number: u32) -> Tunnelled {
        let mut key = [9; 32];
        key[..4].copy_from_slice(&number.to_be_bytes());
        Tunnelled {
            session: TunnelSessionId::new(fresh(number)),
            device: DeviceId::new(fresh(number)),
            person: PersonId::new(fresh(number)),
            key: WireGuardKey::new(key).unwrap(),
        }
    }

    /// A place of a system, none of which has two.
    fn reach(number: usize) -> Reach {
        reach_of(number, u32::try_from(number).unwrap())
    }

    fn reach_of(number: usize, system: u32) -> Reach {
        let [.., high, low] = u32::try_from(number).unwrap().to_be_bytes();
        Reach {
            address: IpAddr::from([198, 18, high, low])
                .to_string()
                .parse()
                .unwrap(),
            ends_at: Some(NOW.after(Span::seconds(30))),
            port: Some(65_535),
            protocol: Protocol::Tcp,
            system: SystemId::new(fresh(system)),
        }
    }

    /// A table of so many tunnels, each of which reaches so much.
    fn table(count: u32, reached: usize) -> (TableContent, Vec<Tunnelled>) {
        let tunnels: Vec<Tunnelled> = (0..count).map(tunnel).collect();
        let reach: Vec<Reach> = (0..reached).map(reach).collect();
        let peers = (0..).zip(&tunnels).map(|(number, it)| TablePeer {
            address: IpAddr::V4(Ipv4Addr::from_bits(0x0a5a_0002 + number)),
            key: it.key,
            reach: reach.clone(),
            session: it.session,
        });
        let content = TableContent {
            expires_at: NOW.after(Span::seconds(60)),
            gateway: GatewayId::new(fresh(2)),
            gateway_address: "10.90.0.1".parse().unwrap(),
            issued_at: NOW,
            lease_seconds: 60,
            network: "10.88.0.0/13".parse().unwrap(),
            peers: peers.collect(),
            sequence: 0,
        };
        (content, tunnels)
    }

    fn signed(content: &TableContent) -> Result<Vec<u8>, TableError> {
        let content = TableContent {
            sequence: SEQUENCE_LIMIT - 1,
            ..content.clone()
        };
        let signer = TableSigner::new(&[1; 32]);
        let signed = signer.sign(&content)?;
        let expected = Expectation {
            gateway: content.gateway,
            network: content.network,
            address: content.gateway_address,
            after: 1,
        };
        AccessTable::accept(&signed, &signer.verifier(), &expected, NOW).map(|_| signed)
    }

    #[test]
    fn a_table_beyond_its_bound_leaves_out_those_who_came_last_and_nobody_else() {
        // 70,000 entries of reach: more than 8 MiB.
        let (mut content, tunnels) = table(70, 1_000);
        assert!(matches!(signed(&content), Err(TableError::TooLarge { .. })));
        let left_out = fit(&mut content, &tunnels).unwrap();
        let bytes = signed(&content).unwrap().len();
        // As much as there is room for: one more would have been too much.
        let one = length(&content.peers[0]).unwrap();
        assert!(bytes <= TABLE_MAX && bytes + one + 8 > TABLE_MAX, "{bytes}");
        let kept = content.peers.len();
        let of_peers = content.peers.iter().map(|it| it.session);
        assert_eq!(
            of_peers.collect::<Vec<_>>(),
            tunnels[..kept]
                .iter()
                .map(|it| it.session)
                .collect::<Vec<_>>()
        );
        let last = tunnels[kept..].iter();
        let last = last.map(|it| LeftOut::wholly(it.session, "tunnel.table-full"));
        assert_eq!(left_out, last.collect::<Vec<_>>());
        assert!(!left_out.is_empty() && kept > 50, "{kept}");
    }

    #[test]
    fn a_table_of_many_tunnels_that_reach_nothing_is_within_its_bounds() {
        let (mut content, tunnels) = table(65_600, 0);
        let left_out = fit(&mut content, &tunnels).unwrap();
        signed(&content).unwrap();
        assert_eq!(left_out.len() + content.peers.len(), tunnels.len());
        assert!(!left_out.is_empty() && content.peers.len() <= PEERS_MAX);
    }

    #[test]
    fn a_table_that_fits_is_left_as_it_is() {
        let (mut content, tunnels) = table(20, 30);
        let before = content.clone();
        assert!(fit(&mut content, &tunnels).unwrap().is_empty());
        assert_eq!(content, before);
        // No room to spare, and one byte less than is needed: the last goes.
        let exact = signed(&content).unwrap().len() + 1;
        for (bytes, gone) in [(exact, 0), (exact - 1, 1)] {
            let (mut content, tunnels) = table(20, 30);
            let left_out = fit_within(&mut content, &tunnels, (20, bytes)).unwrap();
            assert_eq!(left_out.len(), gone);
        }
        let left_out = fit_within(&mut content, &tunnels, (7, TABLE_MAX)).unwrap();
        assert_eq!((left_out.len(), content.peers.len()), (13, 7));
    }

    #[test]
    fn what_one_tunnel_may_not_have_in_a_table_is_told() {
        let (mut content, mut tunnels) = table(2, REACH_MAX + 1);
        // One more tunnel, for which the network had no address.
        tunnels.push(tunnel(2));
        let left_out = fit(&mut content, &tunnels).unwrap();
        let told: Vec<_> = left_out.iter().map(|it| (it.code, it.wholly)).collect();
        let (full, cut) = (
            ("tunnel.network-full", true),
            ("tunnel.too-much-reach", false),
        );
        assert_eq!(told, [full, cut, cut]);
        signed(&content).unwrap();
    }

    #[test]
    fn the_greediest_system_is_cut_and_no_other_whatever_their_addresses() {
        // A wide one below the others and in crumbs: 500, then 900 places of 900 systems.
        let (mut content, tunnels) = table(1, 0);
        let wide = (0..500).map(|number| reach_of(number, 5_000));
        let others: Vec<Reach> = (500..1_400).map(reach).collect();
        content.peers[0].reach = wide.chain(others.clone()).collect();
        let before = content.peers[0].reach.clone();
        let left_out = fit(&mut content, &tunnels).unwrap();
        assert_eq!(content.peers[0].reach, others);
        let [short] = &left_out[..] else {
            panic!("{left_out:?}");
        };
        assert_eq!((short.code, short.wholly), ("tunnel.too-much-reach", false));
        for entry in &before {
            assert_eq!(short.closes(entry), !others.contains(entry), "{entry:?}");
        }
        signed(&content).unwrap();
    }

    #[test]
    fn places_that_systems_share_are_cut_one_by_one_and_before_what_is_less() {
        let (mut content, tunnels) = table(1, 0);
        let shared = (0..1_000).map(|number| Reach {
            system: SHARED_PLACE,
            ..reach(number)
        });
        // A system with 50 places, which is more than each of the shared has and less than all of them.
        let own: Vec<Reach> = (1_000..1_050).map(|it| reach_of(it, 5_000)).collect();
        content.peers[0].reach = shared.chain(own.clone()).collect();
        let left_out = fit(&mut content, &tunnels).unwrap();
        assert_eq!(content.peers[0].reach.len(), REACH_MAX);
        assert!(content.peers[0].reach.ends_with(&own));
        assert_eq!(left_out[0].cut.len(), 1_050 - REACH_MAX);
    }

    #[test]
    fn a_wide_system_of_everybody_leaves_nobody_out() {
        // 100 tunnels, each with a place of its own and a wide system in 900 pieces: 90,100 entries.
        let (mut content, tunnels) = table(100, 1);
        let wide: Vec<Reach> = (1..901).map(|number| reach_of(number, 5_000)).collect();
        for peer in &mut content.peers {
            peer.reach.extend(wide.clone());
        }
        let left_out = fit(&mut content, &tunnels).unwrap();
        assert_eq!(content.peers.len(), tunnels.len());
        assert!(content.peers.iter().all(|it| it.reach == [reach(0)]));
        assert!(left_out.iter().all(|it| !it.wholly && it.closes(&wide[0])));
        assert_eq!(left_out.len(), tunnels.len());
        signed(&content).unwrap();
    }

    #[test]
    fn nothing_of_a_table_is_longer_than_is_reckoned() {
        let (mut content, _) = table(1, 1);
        let least = Timestamp::from_millis(i64::MIN);
        let peer = &mut content.peers[0];
        peer.reach[0].ends_at = Some(least);
        peer.reach[0].address = "198.188.188.188/31".parse().unwrap();
        assert!(length(&peer.reach[0]).unwrap() < LONGEST.1);
        peer.reach.clear();
        assert!(length(peer).unwrap() < LONGEST.0);
        assert!(around(&content).unwrap() < SIGNATURE_BYTES + LONGEST.0 * 2);
    }
}
