//! Entries of connection tracking, which other tables of the machine may keep (address
//! translation does). Our own filter asks none of them, so forgetting them only makes sure that
//! nothing else still takes a flow that has ended for one that goes on.

use std::net::IpAddr;
use std::process::{Command, Stdio};

use sekisho_protocol::access_table::Protocol;

use crate::plan::Element;

/// Forgets entries through the program `conntrack`, where it is installed.
#[derive(Debug)]
pub(crate) struct Conntrack {
    present: bool,
}

impl Conntrack {
    /// Looks for the program.
    pub fn find() -> Self {
        let present = run(&["--version"]);
        if !present {
            tracing::warn!("conntrack is not installed: entries of ended flows are left to expire");
        }
        Self { present }
    }

    /// Forgets all flows that a peer began.
    pub fn forget_peer(&self, peer: IpAddr) {
        if self.present {
            let peer = peer.to_string();
            // It also fails where there was nothing to forget.
            run(&["-D", "-s", &peer]);
        }
    }

    /// Forgets the flows of one element that named one address; those of wide ones expire.
    pub fn forget(&self, element: &Element) {
        let one = element.addresses.first == element.addresses.last;
        if !self.present || !one {
            return;
        }
        let (peer, to) = (
            element.peer.to_string(),
            element.addresses.first.to_string(),
        );
        let protocol = match element.protocol {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
            Protocol::Icmp if element.peer.is_ipv4() => "icmp",
            Protocol::Icmp => "icmpv6",
        };
        let port = element.ports.first.to_string();
        let mut arguments = vec!["-D", "-s", &peer, "-d", &to, "-p", protocol];
        if element.is_exact() {
            arguments.extend(["--dport", &port]);
        }
        run(&arguments);
    }
}

fn run(arguments: &[&str]) -> bool {
    Command::new("conntrack")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
