//! Ports on which something listens: `/proc/net` (proc(5)), and by `/proc/*/fd` the processes.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sekisho_domain::fact::{FactValue, Listening, ListeningPort, Transport};

use super::processes::{PROC, pids, refused};
use super::{Found, Missed, Outcome};
use crate::host::{Host, ReadError};

const NET: &str = "/proc/net";
/// Each connection of a busy server is a line too.
const TABLE_MAX: u64 = 64 * 1024 * 1024;

/// States in include/net/tcp_states.h: a TCP socket that listens, a UDP socket without peer.
const TCP_LISTEN: &str = "0A";
const UDP_UNCONNECTED: &str = "07";

#[derive(Clone, Debug, PartialEq, Eq)]
struct Socket {
    transport: Transport,
    address: IpAddr,
    port: u16,
    inode: u64,
}

/// Addresses are written as the words of memory they are: on every supported machine the lowest
/// byte first.
fn parse_address(text: &str) -> Option<IpAddr> {
    let word = |from: usize| {
        let digits = text.get(from..from + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_le_bytes())
    };
    match text.len() {
        8 => Some(IpAddr::V4(Ipv4Addr::from(word(0)?))),
        32 => {
            let mut bytes = [0; 16];
            for (place, chunk) in bytes.chunks_exact_mut(4).enumerate() {
                chunk.copy_from_slice(&word(place * 8)?);
            }
            Some(IpAddr::V6(Ipv6Addr::from(bytes)))
        }
        _ => None,
    }
}

/// One line of a table: none when the socket does not listen.
fn parse_line(line: &str, transport: Transport) -> Result<Option<Socket>, ()> {
    let fields: Vec<&str> = line.split_whitespace().take(10).collect();
    let [_, local, _, state, .., inode] = fields[..] else {
        return Err(());
    };
    let waits = match transport {
        Transport::Tcp => TCP_LISTEN,
        Transport::Udp => UDP_UNCONNECTED,
    };
    if state != waits || fields.len() < 10 {
        return if fields.len() < 10 { Err(()) } else { Ok(None) };
    }
    let (address, port) = local.split_once(':').ok_or(())?;
    let port = u16::from_str_radix(port, 16).map_err(|_| ())?;
    Ok((port != 0).then_some(Socket {
        transport,
        address: parse_address(address).ok_or(())?,
        port,
        inode: inode.parse().map_err(|_| ())?,
    }))
}

fn table(host: &Host, name: &str, transport: Transport) -> Result<Vec<Socket>, Missed> {
    let path = format!("{NET}/{name}");
    let bytes = host
        .read_bounded(&path, TABLE_MAX)
        .map_err(|error| Missed::read(&path, &error))?;
    let text = crate::host::text_of(&bytes);
    let mut sockets = Vec::new();
    for (number, line) in text.lines().enumerate().skip(1) {
        let socket = parse_line(line, transport)
            .map_err(|()| Missed::unreadable(&path, format!("line {}", number + 1)))?;
        sockets.extend(socket);
    }
    Ok(sockets)
}

fn sockets(host: &Host) -> Result<Vec<Socket>, Missed> {
    let mut sockets = table(host, "tcp", Transport::Tcp)?;
    sockets.extend(table(host, "udp", Transport::Udp)?);
    for (name, transport) in [("tcp6", Transport::Tcp), ("udp6", Transport::Udp)] {
        // A kernel without IPv6 has no such table.
        if host.exists(format!("{NET}/{name}")) != Ok(false) {
            sockets.extend(table(host, name, transport)?);
        }
    }
    Ok(sockets)
}

/// `socket:[12345]`
fn socket_inode(target: &str) -> Option<u64> {
    target
        .strip_prefix("socket:[")?
        .strip_suffix(']')?
        .parse()
        .ok()
}

/// Names of the processes that hold the sockets, and whether some may not be looked at.
fn holders(host: &Host, sockets: &[Socket]) -> (HashMap<u64, String>, bool) {
    let mut wanted: Vec<u64> = sockets.iter().map(|socket| socket.inode).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut holders = HashMap::new();
    // Where not even the first process shows, others are hidden too (`hidepid`).
    let mut hidden = !host.has(format!("{PROC}/1"));
    for pid in pids(host) {
        if holders.len() == wanted.len() {
            break;
        }
        let folder = format!("{PROC}/{pid}/fd");
        let descriptors = host.names(&folder);
        hidden |= descriptors == Err(ReadError::Denied);
        for descriptor in descriptors.unwrap_or_default() {
            let target = match host.read_link(format!("{folder}/{descriptor}")) {
                Ok(target) => target,
                Err(error) => {
                    hidden |= error == ReadError::Denied;
                    continue;
                }
            };
            let inode = target.to_str().and_then(socket_inode);
            let inode = inode.filter(|inode| wanted.binary_search(inode).is_ok());
            let name = || host.line(format!("{PROC}/{pid}/comm"));
            if let Some(inode) = inode.filter(|inode| !holders.contains_key(inode))
                && let Some(name) = name()
            {
                holders.insert(inode, name);
            }
        }
    }
    (holders, hidden)
}

fn is_loopback(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback(),
        IpAddr::V6(v6) => {
            v6.is_loopback() || v6.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback())
        }
    }
}

pub(super) fn collect(host: &Host) -> Outcome {
    let mut sockets = sockets(host)?;
    sockets.sort_by_key(|s| (s.transport == Transport::Udp, s.port, s.address));
    let (holders, hidden) = holders(host, &sockets);
    let mut ports: Vec<ListeningPort> = sockets
        .iter()
        .map(|socket| ListeningPort {
            transport: socket.transport,
            address: socket.address.to_string(),
            port: socket.port,
            loopback: is_loopback(socket.address),
            process: holders.get(&socket.inode).cloned(),
        })
        .collect();
    // Workers of one server may share a port, each with a socket of its own.
    ports.dedup();
    let unknown = ports.iter().any(|port| port.process.is_none());
    // Sockets that the kernel itself holds (NFS, WireGuard) have no process for root either.
    let partial = (unknown && hidden).then(|| refused(host, "/proc/*/fd"));
    let source = format!("{NET}/{{tcp,tcp6,udp,udp6}}, {PROC}/*/fd");
    let value = FactValue::Listening(Listening { ports });
    Ok(Found::new(value, source).lacking(partial))
}

/// Hardware address of a neighbour on an interface, by the kernel's table of ARP.
pub(super) fn neighbour(host: &Host, address: Ipv4Addr, interface: &str) -> Option<String> {
    let text = host.read_text(format!("{NET}/arp")).ok()?;
    text.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [ip, _, flags, mac, _, device] = fields[..] else {
            return None;
        };
        let flags = u32::from_str_radix(flags.strip_prefix("0x")?, 16).ok()?;
        let complete = flags & 2 != 0 && mac != "00:00:00:00:00:00";
        let same = ip.parse() == Ok(address) && device == interface;
        (complete && same).then(|| mac.to_owned())
    })
}

/// Interfaces with an IPv4 route, in the order of preference of their default routes; the
/// gateway where the route is a default one.
pub(super) fn routes(host: &Host) -> Result<Vec<(String, Option<Ipv4Addr>)>, ReadError> {
    let text = host.read_text(format!("{NET}/route"))?;
    let mut routes: Vec<(bool, u32, String, Option<Ipv4Addr>)> = Vec::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [interface, destination, gateway, _, _, _, metric, mask, ..] = fields[..] else {
            continue;
        };
        let default = destination == "00000000" && mask == "00000000";
        let gateway = match parse_address(gateway) {
            Some(IpAddr::V4(gateway)) if default && !gateway.is_unspecified() => Some(gateway),
            _ => None,
        };
        let metric = metric.parse().unwrap_or(u32::MAX);
        routes.push((!default, metric, interface.to_owned(), gateway));
    }
    routes.sort();
    let mut by_interface: Vec<(String, Option<Ipv4Addr>)> = Vec::new();
    for (_, _, interface, gateway) in routes {
        if !by_interface.iter().any(|(known, _)| *known == interface) {
            by_interface.push((interface, gateway));
        }
    }
    Ok(by_interface)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_kernel_become_sockets() {
        let line = "   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     \
                    0        0 4711 1 0000000000000000 100 0 0 10 0";
        let socket = parse_line(line, Transport::Tcp).unwrap().unwrap();
        assert_eq!(socket.address.to_string(), "127.0.0.1");
        assert_eq!((socket.port, socket.inode), (22, 4711));
        let connected = line.replace(" 0A ", " 01 ");
        assert_eq!(parse_line(&connected, Transport::Tcp), Ok(None));
        assert!(parse_line("   0: 0100007F:0016 00000000:0000 0A", Transport::Tcp).is_err());
        assert!(parse_line(&line.replace(":0016", ":x"), Transport::Tcp).is_err());
    }

    #[test]
    fn addresses_of_both_families_are_read() {
        for (text, address, loopback) in [
            ("0100007F", "127.0.0.1", true),
            ("00000000", "0.0.0.0", false),
            ("00000000000000000000000001000000", "::1", true),
            ("0000000000000000FFFF00000100007F", "::ffff:127.0.0.1", true),
            (
                "B80D01200000000000000000010000AB",
                "2001:db8::ab00:1",
                false,
            ),
        ] {
            let parsed = parse_address(text).unwrap();
            assert_eq!(parsed.to_string(), address);
            assert_eq!(is_loopback(parsed), loopback, "{text}");
        }
        assert_eq!(parse_address("01000"), None);
        assert_eq!(socket_inode("socket:[12]"), Some(12));
        assert_eq!(socket_inode("pipe:[12]"), None);
    }
}
