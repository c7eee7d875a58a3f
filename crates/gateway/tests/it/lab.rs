//! Three namespaces: client and system, and the gateway between them. They go when the lab is
//! dropped, also when a test panics.

use std::fs::File;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use sekisho_domain::id::{Fresh, SystemId, TunnelSessionId};
use sekisho_domain::time::Timestamp;
use sekisho_gateway::{FirstTrust, Gateway};
use sekisho_protocol::access_table::{Protocol, Reach, TablePeer};
use sekisho_protocol::wireguard_key::WireGuardKey;
use sekisho_tunnel::{Config, InterfaceName, Peer, PrivateKey, PublicKey, Tunnel};

use crate::controller::Controller;
use crate::process::Process;

pub const NETWORK: &str = "10.9.0.0/16";
pub const GATEWAY_ADDRESS: &str = "10.9.0.1";
pub const CLIENT_ADDRESS: &str = "10.9.0.2";
pub const SYSTEM: &str = "198.51.100.5";
pub const OTHER_SYSTEM: &str = "198.51.100.6";
pub const LISTEN_PORT: u16 = 51_820;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// The namespaces and what runs in them. Fields are dropped in this order.
pub struct Lab {
    pub process: Option<Process>,
    pub tunnel: Option<Tunnel>,
    pub controller: Controller,
    data: tempfile::TempDir,
    interface: String,
    client_interface: String,
    key: PrivateKey,
    pub namespaces: Namespaces,
}

pub struct Namespaces {
    pub client: String,
    pub gateway: String,
    pub system: String,
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        for name in [&self.client, &self.gateway, &self.system] {
            let _ = Command::new("ip").args(["netns", "del", name]).output();
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // First the gateway, so that its connections end.
        self.process = None;
        within(&self.namespaces.gateway, || self.controller.end());
        // A gateway that was killed leaves the socket of its userspace tunnel.
        let socket = format!("/var/run/wireguard/{}.sock", self.interface);
        let _ = std::fs::remove_file(socket);
    }
}

fn run(program: &str, line: &str) {
    let output = Command::new(program)
        .args(line.split(' '))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {line}: {said}");
}

/// Runs something on a thread of its own inside a namespace.
pub fn within<T: Send>(namespace: &str, act: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(|| enter(namespace, act)).join().unwrap())
}

/// Moves this thread into a namespace for good, then acts.
pub fn enter<T>(namespace: &str, act: impl FnOnce() -> T) -> T {
    let file = File::open(Path::new("/run/netns").join(namespace)).unwrap();
    move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
    act()
}

/// Waits until something holds.
pub fn until(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + limit;
    while !holds() {
        assert!(Instant::now() < end, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn missing() -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("needs root for namespaces".to_owned());
    }
    if !Path::new("/dev/net/tun").exists() {
        return Some("/dev/net/tun is missing".to_owned());
    }
    let absent = |tool: &&str| Command::new(tool).arg("-V").output().is_err();
    let tool = ["ip", "nft", "conntrack"].into_iter().find(absent);
    tool.map(|tool| format!("{tool} is not installed"))
}

impl Lab {
    /// Builds it, with the gateway enrolled and running; `None` where that is not possible.
    pub fn new(test: &str, lease: u32) -> Option<Self> {
        if let Some(reason) = missing() {
            use std::io::Write;
            // Around libtest's capture, so that `cargo xtask test` can count it.
            let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {reason}");
            return None;
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let tag = format!("{}x{number}", std::process::id());
        let namespaces = Namespaces::new(&tag);
        let controller = within(&namespaces.gateway, || Controller::serve(lease));
        let data = tempfile::tempdir().unwrap();
        let url = format!("http://127.0.0.1:{}", controller.port);
        within(&namespaces.gateway, || {
            Gateway::enrol(&url, &FirstTrust::Machine, data.path()).unwrap();
        });
        let mut lab = Self {
            process: None,
            tunnel: None,
            controller,
            data,
            interface: format!("g{tag}"),
            client_interface: format!("c{tag}"),
            key: PrivateKey::generate().unwrap(),
            namespaces,
        };
        lab.start_gateway();
        lab.start_client();
        Some(lab)
    }

    pub fn start_gateway(&mut self) {
        self.start_gateway_prepared(|_| {});
    }

    /// The same, with what its process is to have besides.
    pub fn start_gateway_prepared(&mut self, prepare: impl FnOnce(&mut Command)) {
        let (data, namespace) = (self.data.path(), &self.namespaces.gateway);
        self.process = Some(Process::start(namespace, data, &self.interface, prepare));
    }

    /// Spoils what enrolment granted, so that the gateway cannot be started.
    pub fn spoil_enrolment(&self) {
        std::fs::write(self.data.path().join("enrolment.json"), "{").unwrap();
    }

    fn gateway_peer(&self) -> Peer {
        Peer {
            key: PublicKey::new(self.controller.wireguard_key().to_bytes()),
            networks: vec![
                ("198.51.100.0".parse().unwrap(), 24),
                ("10.9.0.0".parse().unwrap(), 16),
            ],
            endpoint: format!("192.0.2.1:{LISTEN_PORT}").parse().ok(),
            keepalive_seconds: Some(1),
        }
    }

    /// Runs a program inside one of the namespaces.
    pub fn command(&self, namespace: &str, line: &str) -> Command {
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", namespace])
            .args(line.split(' '));
        command
    }

    /// The name of the gateway's table of rules.
    pub fn table(&self) -> String {
        format!("sekisho_{}", self.interface)
    }

    fn start_client(&mut self) {
        let config = Config {
            name: InterfaceName::parse(&self.client_interface).unwrap(),
            address: CLIENT_ADDRESS.parse().unwrap(),
            prefix: 16,
            listen_port: None,
            mtu: Config::MTU,
        };
        let peer = self.gateway_peer();
        let key = &self.key;
        self.tunnel = Some(within(&self.namespaces.client, || {
            let tunnel = Tunnel::open(&config, key).unwrap();
            tunnel.sync(std::slice::from_ref(&peer)).unwrap();
            tunnel.route(std::slice::from_ref(&peer)).unwrap();
            tunnel
        }));
    }

    /// The client as a peer of the table, with this reach.
    pub fn peer(&self, reach: Vec<Reach>) -> TablePeer {
        TablePeer {
            address: CLIENT_ADDRESS.parse().unwrap(),
            key: WireGuardKey::new(self.key.public().to_bytes()).unwrap(),
            reach,
            session: TunnelSessionId::new(Fresh([4; 16])),
        }
    }

    /// Writes a table with the client and this reach, and waits until it is in force.
    pub fn grant(&self, reach: Vec<Reach>) {
        self.controller.publish(vec![self.peer(reach)]);
        self.controller.wait_in_force();
    }

    /// The rules and elements of the gateway's table.
    pub fn rules(&self) -> String {
        let table = format!("sekisho_{}", self.interface);
        let output = Command::new("ip")
            .args(["netns", "exec", &self.namespaces.gateway])
            .args(["nft", "list", "table", "inet", &table])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// Gives the client's interface one more address.
    pub fn add_client_address(&self, address: &str) {
        let (namespace, interface) = (&self.namespaces.client, &self.client_interface);
        let line = format!("-n {namespace} addr add {address}/32 dev {interface}");
        run("ip", &line);
    }
}

impl Namespaces {
    fn new(tag: &str) -> Self {
        let name = |role| format!("sekisho-{role}-{tag}");
        let all = Self {
            client: name("c"),
            gateway: name("g"),
            system: name("s"),
        };
        let (c, g, s) = (&all.client, &all.gateway, &all.system);
        for name in [c, g, s] {
            run("ip", &format!("netns add {name}"));
            run("ip", &format!("-n {name} link set lo up"));
        }
        run(
            "ip",
            &format!("link add c0 netns {c} type veth peer name g0 netns {g}"),
        );
        run(
            "ip",
            &format!("link add s0 netns {s} type veth peer name g1 netns {g}"),
        );
        for (name, link, address) in [
            (c, "c0", "192.0.2.2/24"),
            (g, "g0", "192.0.2.1/24"),
            (g, "g1", "198.51.100.1/24"),
            (s, "s0", "198.51.100.5/24"),
            (s, "s0", "198.51.100.6/24"),
        ] {
            run("ip", &format!("-n {name} addr add {address} dev {link}"));
            run("ip", &format!("-n {name} link set {link} up"));
        }
        run("ip", &format!("-n {s} route add default via 198.51.100.1"));
        run(
            "ip",
            &format!("netns exec {g} sysctl -qw net.ipv4.ip_forward=1"),
        );
        all
    }
}

/// Reach of the lab's system.
pub fn reach(address: &str, protocol: Protocol, port: Option<u16>) -> Reach {
    Reach {
        address: address.parse().unwrap(),
        ends_at: None,
        port,
        protocol,
        system: SystemId::new(Fresh([3; 16])),
    }
}

/// The same, until an instant.
pub fn reach_until(ends_at: Timestamp, port: u16) -> Reach {
    Reach {
        ends_at: Some(ends_at),
        ..reach(SYSTEM, Protocol::Tcp, Some(port))
    }
}
