//! Networks: those that settings remember, and those joined now by the kernel's routes.

mod known;

use std::net::Ipv4Addr;

use sekisho_domain::fact::{FactValue, JoinedNetwork, NetworkMedium, Networks};

use self::known::{Known, Memory, active};
use super::listening::{neighbour, routes};
use super::{Found, Missed, Outcome};
use crate::host::{Host, ReadError};

const ROUTES: &str = "/proc/net/route";
const INTERFACES: &str = "/sys/class/net";

/// What carries an interface; none for those inside the machine (bridges of containers).
fn medium(host: &Host, interface: &str) -> Option<NetworkMedium> {
    let folder = format!("{INTERFACES}/{interface}");
    let kind = host
        .read_text(format!("{folder}/uevent"))
        .unwrap_or_default();
    let kind = kind.lines().find_map(|l| l.strip_prefix("DEVTYPE="));
    match kind {
        Some("wlan") => return Some(NetworkMedium::Wifi),
        Some("wwan") => return Some(NetworkMedium::Mobile),
        Some("wireguard") => return Some(NetworkMedium::Vpn),
        Some("bridge" | "vlan" | "dummy" | "veth") => return None,
        _ => {}
    }
    let has = |mark: &str| host.has(format!("{folder}/{mark}"));
    if has("wireless") || has("phy80211") {
        return Some(NetworkMedium::Wifi);
    }
    if has("tun_flags") || interface.starts_with("ppp") {
        return Some(NetworkMedium::Vpn);
    }
    // What has no hardware below it carries nothing to outside by itself.
    (has("device") || !has("address")).then_some(NetworkMedium::Wired)
}

/// An interface in use.
struct InUse {
    name: String,
    index: Option<String>,
    medium: Option<NetworkMedium>,
    gateway: Option<Ipv4Addr>,
    gateway_mac: Option<String>,
}

fn in_use(host: &Host) -> Result<Vec<InUse>, ReadError> {
    let interfaces = routes(host)?.into_iter().map(|(name, gateway)| InUse {
        index: host.line(format!("{INTERFACES}/{name}/ifindex")),
        medium: medium(host, &name),
        gateway,
        gateway_mac: gateway.and_then(|gateway| neighbour(host, gateway, &name)),
        name,
    });
    Ok(interfaces.collect())
}

pub(super) fn collect(host: &Host) -> Outcome {
    let interfaces = in_use(host).map_err(|error| Missed::read(ROUTES, &error))?;
    let Memory {
        mut known,
        mut sources,
        refused,
    } = Memory::read(host);
    let active = active(host);
    let index_of = |known: &Known| known.uuid.as_ref().and_then(|uuid| active.get(uuid));
    let mut named = Vec::new();
    for network in &mut known {
        let Some(index) = index_of(network) else {
            continue;
        };
        named.push(index.clone());
        network.network.joined = true;
        let interface = interfaces.iter().find(|i| i.index.as_ref() == Some(index));
        network.network.gateway_mac = interface.and_then(|i| i.gateway_mac.clone());
    }
    let mut networks: Vec<JoinedNetwork> = known.into_iter().map(|k| k.network).collect();
    // A route that no remembered connection explains is a network all the same.
    for interface in interfaces {
        let told = interface.index.is_some_and(|index| named.contains(&index));
        let Some(medium) = interface.medium.filter(|_| !told) else {
            continue;
        };
        // Interfaces without way out are of interest only when they are tunnels.
        if interface.gateway.is_none() && medium != NetworkMedium::Vpn {
            continue;
        }
        networks.push(JoinedNetwork {
            medium,
            name: interface.name,
            gateway_mac: interface.gateway_mac,
            open: None,
            last_joined: None,
            joined: true,
        });
    }
    networks.sort_by(|a, b| {
        let key = |n: &JoinedNetwork| (!n.joined, std::cmp::Reverse(n.last_joined));
        key(a).cmp(&key(b)).then_with(|| a.name.cmp(&b.name))
    });
    networks.dedup();
    sources.push(format!("{ROUTES}, /proc/net/arp"));
    let value = FactValue::Networks(Networks { networks });
    Ok(Found::new(value, sources.join(", ")).lacking(refused))
}
