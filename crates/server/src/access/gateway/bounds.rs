//! An access table within its bounds: what is too much is left out and told, and closes nobody else's road.

use std::collections::{HashMap, HashSet};

use sekisho_domain::id::TunnelSessionId;
use sekisho_protocol::access_table::{
    PEERS_MAX, REACH_MAX, SEQUENCE_LIMIT, SIGNATURE_BYTES, TABLE_MAX, TableContent, TableError,
    TablePeer,
};

use super::tunnels::Tunnelled;

/// The code of a table that is full.
const FULL: &str = "tunnel.table-full";
/// The code of a network of tunnels that is full.
const NETWORK_FULL: &str = "tunnel.network-full";
/// The code of one that may reach more than a table takes for one tunnel.
const TOO_MUCH: &str = "tunnel.too-much-reach";
/// No peer without reach and no entry of reach is longer as JSON, in bytes (IPv4, a time of 20 characters).
const LONGEST: (usize, usize) = (288, 192);

/// A tunnel that a table leaves out, or cuts short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LeftOut {
    /// The session.
    pub session: TunnelSessionId,
    /// Why: a stable code.
    pub code: &'static str,
    /// Whether it is left out wholly; else only some of what it may reach.
    pub wholly: bool,
}

/// Brings a table within its bounds: of what a tunnel reaches what goes beyond the bound of one tunnel is cut, and
/// of the tunnels, in the order in which they came, the last are left out. What comes back is whom that concerns.
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
    let mut left_out = Vec::new();
    let there: HashSet<TunnelSessionId> = content.peers.iter().map(|it| it.session).collect();
    let without_address = tunnels.iter().filter(|it| !there.contains(&it.session));
    left_out.extend(without_address.map(|it| LeftOut {
        session: it.session,
        code: NETWORK_FULL,
        wholly: true,
    }));
    for peer in &mut content.peers {
        if peer.reach.len() > REACH_MAX {
            peer.reach.truncate(REACH_MAX);
            left_out.push(LeftOut {
                session: peer.session,
                code: TOO_MUCH,
                wholly: false,
            });
        }
    }
    let reach: usize = content.peers.iter().map(|it| it.reach.len()).sum();
    let longest = content.peers.len() * LONGEST.0 + reach * LONGEST.1;
    if content.peers.len() <= most && longest + SIGNATURE_BYTES + LONGEST.0 * 2 <= bytes {
        return Ok(left_out);
    }
    let room = bytes.saturating_sub(around(content)?);
    let kept = first(content, tunnels, (most, room))?;
    content.peers.retain(|peer| {
        let stays = kept.contains(&peer.session);
        if !stays {
            left_out.retain(|it| it.session != peer.session);
            left_out.push(LeftOut {
                session: peer.session,
                code: FULL,
                wholly: true,
            });
        }
        stays
    });
    Ok(left_out)
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

    use sekisho_domain::id::{DeviceId, Fresh, GatewayId, PersonId, SystemId};
    use sekisho_domain::time::{Span, Timestamp};
    use sekisho_protocol::access_table::{AccessTable, Expectation, Protocol, Reach, TableSigner};
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

    fn reach(number: usize) -> Reach {
        let [.., high, low] = u32::try_from(number).unwrap().to_be_bytes();
        Reach {
            address: IpAddr::from([198, 18, high, low])
                .to_string()
                .parse()
                .unwrap(),
            ends_at: Some(NOW.after(Span::seconds(30))),
            port: Some(65_535),
            protocol: Protocol::Tcp,
            system: SystemId::new(fresh(1)),
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
        let last = tunnels[kept..].iter().map(|it| LeftOut {
            session: it.session,
            code: "tunnel.table-full",
            wholly: true,
        });
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
