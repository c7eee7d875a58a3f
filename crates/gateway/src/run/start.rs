//! The start: what the machine must have, then the closed filter, then the interface.

use std::path::Path;
use std::sync::Arc;

use sekisho_tunnel::{Config, Tunnel};

use super::Options;
use super::line::SystemLine;
use crate::conntrack::Conntrack;
use crate::error::GatewayError;
use crate::filter::{self, Filter, Place};
use crate::state::{Enrolment, StateDir};

/// The bit of `CAP_NET_ADMIN` (capabilities(7)).
const NET_ADMIN: u64 = 1 << 12;

/// Puts the closed filter in place and brings the interface up without peers.
pub(super) fn start(
    enrolment: &Enrolment,
    state: &StateDir,
    options: &Options,
    granted_port: u16,
) -> Result<SystemLine, GatewayError> {
    may_administer()?;
    forwards(enrolment)?;
    let place = Place::new(&options.interface, enrolment.network)
        .forwarding_others(options.forwards_others);
    let filter = Filter::install_closed(place)?;
    let config = Config {
        name: options.interface.clone(),
        address: enrolment.address,
        prefix: enrolment.network.prefix(),
        listen_port: Some(options.listen_port.unwrap_or(granted_port)),
        mtu: Config::MTU,
    };
    let tunnel = Tunnel::open(&config, &state.tunnel_key()?)?;
    let conntrack = Conntrack::find(enrolment.network);
    // An earlier run may have been killed: what it let through does not go on.
    conntrack.forget_all();
    Ok(SystemLine {
        filter: Arc::new(filter),
        tunnel: Arc::new(tunnel),
        conntrack,
        last_states: None,
        unsettled: false,
    })
}

/// Closes by what needs no enrolment: the name of the interface.
pub(super) fn seal(options: &Options) -> Result<(), GatewayError> {
    may_administer()?;
    filter::seal(&options.interface, options.forwards_others)
}

/// `nft` does not say in a form of its own that it was not allowed to: so this is asked before.
fn may_administer() -> Result<(), GatewayError> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let capabilities = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .and_then(|text| u64::from_str_radix(text.trim(), 16).ok());
    match capabilities {
        Some(bits) if bits & NET_ADMIN == 0 => Err(GatewayError::NotPermitted),
        // Where it cannot be told, the attempt tells.
        _ => Ok(()),
    }
}

/// A machine that forwards nothing would look like one that denies everything.
fn forwards(enrolment: &Enrolment) -> Result<(), GatewayError> {
    let (file, setting) = if enrolment.network.is_ipv4() {
        ("/proc/sys/net/ipv4/ip_forward", "net.ipv4.ip_forward")
    } else {
        (
            "/proc/sys/net/ipv6/conf/all/forwarding",
            "net.ipv6.conf.all.forwarding",
        )
    };
    let value = std::fs::read_to_string(Path::new(file)).unwrap_or_default();
    if value.trim() == "0" {
        return Err(GatewayError::ForwardingOff { setting });
    }
    Ok(())
}
