//! The places: the server with FreeRADIUS beside it, the switch, the hosts of the internal line and of the
//! quarantine, and the device, which has a way home besides.
//!
//! The hosts pass packets on to the server, so that the device reports from wherever it is. It has an
//! address on each line; its way to the server follows the line, as DHCP would have it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use sekisho_tests::{Namespace, Running, Sekisho, binary, mark};
use tempfile::TempDir;

use super::super::office::device::Device;
use super::super::office::run::run;
use super::super::office::serve::{serve, serve_again};
use super::port::Port;

/// Where the server is.
pub const SERVER: &str = "203.0.113.10:8443";
/// Where FreeRADIUS is, as the page has it; from there the server reaches the switch.
pub const RADIUS: &str = "10.20.0.10";
/// The switch's own address.
pub const MANAGEMENT: &str = "10.20.0.2";
/// The VLANs.
pub const INTERNAL: &str = "120";
pub const QUARANTINE: &str = "900";
/// What the register says of the line.
pub const LINE: [(&str, &str); 5] = [
    ("f-switches", "10.20.0.0/24"),
    ("f-vlan", INTERNAL),
    ("f-quarantine_vlan", QUARANTINE),
    ("f-quarantine_network", "10.20.99.0/24"),
    ("f-seen_as", "10.20.1.0/24"),
];
/// The secret between switches and FreeRADIUS.
pub const SECRET: &str = "between-switch-and-radius";
/// The secret by which switches know Sekisho.
const DISCONNECTS: &str = "between-switch-and-sekisho";

/// Where the device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Home,
    Internal,
    Quarantine,
}

impl Line {
    /// Who passes packets on to the server there.
    const fn router(self) -> &'static str {
        match self {
            Self::Home => "192.0.2.1",
            Self::Internal => "10.20.1.1",
            Self::Quarantine => "10.20.99.1",
        }
    }
}

/// The places and what runs in them. Fields are dropped in this order.
pub struct Stage {
    port: Option<Port>,
    server: Option<Sekisho>,
    pub authority: String,
    fingerprint: String,
    folder: TempDir,
    switch: Namespace,
    _line: Namespace,
    _quarantine: Namespace,
    device: Namespace,
    at_server: Namespace,
}

impl Stage {
    /// Makes the places and starts the server. This thread moves to the server's place.
    pub fn set() -> Self {
        let mark = mark();
        let space = |role| Namespace::new(role, &mark);
        let (server, switch, device) = (space("srv"), space("sw"), space("dev"));
        let (line, quarantine) = (space("line"), space("quar"));
        server.ip("addr add 203.0.113.10/32 dev lo");
        server.link(("mg0", "10.20.0.10/24"), &switch, ("mg1", "10.20.0.2/24"));
        server.link(
            ("home1", "192.0.2.1/24"),
            &device,
            ("home0", "192.0.2.2/24"),
        );
        routers(&server, &switch, &line, &quarantine);
        device.bare_link("dev0", &switch, "port1");
        for net in ["10.20.1", "10.20.99"] {
            device.ip(&format!("addr add {net}.30/24 dev dev0"));
        }
        line.answer("10.20.1.1:8080".parse().expect("an address"), "inside");
        quarantine.answer("10.20.99.1:8080".parse().expect("an address"), "quarantine");
        let folder = TempDir::new().expect("a temporary folder");
        server.enter();
        let secrets = folder.path().join("switches");
        let text = format!("10.20.0.0/24 {DISCONNECTS}\n");
        std::fs::write(&secrets, text).expect("written");
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&secrets, private).expect("the mode is set");
        let config = format!("switch_secrets = {:?}\n", secrets.display().to_string());
        let served = serve(folder.path(), SERVER, &config);
        Self {
            port: None,
            server: Some(served.server),
            authority: served.authority,
            fingerprint: served.fingerprint,
            folder,
            switch,
            _line: line,
            _quarantine: quarantine,
            device,
            at_server: server,
        }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of the device's agent.
    pub fn state(&self) -> PathBuf {
        self.folder().join("device")
    }

    pub fn server(&self) -> &Sekisho {
        self.server.as_ref().expect("the server runs")
    }

    pub fn kill_server(&mut self) {
        self.server.take().expect("the server runs").kill();
    }

    pub fn start_server_again(&mut self) {
        self.server = Some(serve_again(self.folder(), SERVER, &self.authority));
    }

    pub fn port(&self) -> &Port {
        self.port.as_ref().expect("the port is there")
    }

    pub fn start_port(&mut self) {
        let port = Port::start(&self.switch, self.folder(), SECRET, DISCONNECTS);
        self.port = Some(port);
    }

    /// A program beside the server.
    pub fn beside_server(&self, program: &str) -> Command {
        self.at_server.command(program)
    }

    /// A program at the device.
    pub fn device_command(&self, program: &str) -> Command {
        self.device.command(program)
    }

    /// Does something at the device.
    pub fn at_device<T: Send>(&self, act: impl FnOnce() -> T + Send) -> T {
        self.device.within(act)
    }

    /// The device is at a line: from there it reaches the server.
    pub fn go(&self, line: Line) {
        let router = line.router();
        self.device
            .ip(&format!("route replace 203.0.113.10 via {router}"));
    }

    fn agent(&self, words: &[&str]) -> Command {
        let mut command = self.device.command(binary());
        command.env("SEKISHO_LANG", "en").arg("agent").args(words);
        command.arg("--state").arg(self.state());
        command
    }

    /// Enrols the device by a one-time secret and runs its agent until it has a certificate.
    pub fn enrolled(&self, secret: &str) -> Device {
        let server = format!("https://{SERVER}");
        let words = [
            "enrol",
            "--server",
            &server,
            "--ca-sha256",
            &self.fingerprint,
        ];
        let mut enrol = self.agent(&words);
        enrol.args(["--format", "json"]);
        let enrolled = run(enrol, secret).with_code(0).json();
        let id = enrolled["device"].as_str().expect("an id");
        let agent = Running::start(self.agent(&["run"]));
        agent.wait_for_note("a certificate", |said| {
            said.contains("certificate was renewed").then_some(())
        });
        Device::of(id, &self.state())
    }

    /// Whether the device reaches the host of a line now.
    pub fn reaches(&self, line: Line) -> bool {
        let word = if line == Line::Internal {
            "inside"
        } else {
            "quarantine"
        };
        let url = format!("http://{}:8080/", line.router());
        let mut curl = self.device.command("curl");
        let asked = curl.args(["-s", "-m", "2", &url]).output();
        asked.is_ok_and(|it| it.stdout == word.as_bytes())
    }
}

/// The hosts of the two lines, each with a port of the switch and a way to the server.
fn routers(server: &Namespace, switch: &Namespace, line: &Namespace, quarantine: &Namespace) {
    for (host, near, own, there) in [
        (
            line,
            "10.255.1.2/30",
            "10.255.1.1/30",
            ("srv0", "line1", "10.20.1"),
        ),
        (
            quarantine,
            "10.255.2.2/30",
            "10.255.2.1/30",
            ("srv1", "quar1", "10.20.99"),
        ),
    ] {
        let (up, port, net) = there;
        server.link((up, near), host, ("up0", own));
        let gateway = own.trim_end_matches("/30");
        server.ip(&format!("route add {net}.0/24 via {gateway}"));
        let back = near.trim_end_matches("/30");
        host.ip(&format!("route add 203.0.113.10 via {back}"));
        host.bare_link("lan0", switch, port);
        host.ip(&format!("addr add {net}.1/24 dev lan0"));
        let forward = ["-qw", "net.ipv4.ip_forward=1"];
        let set = host.command("sysctl").args(forward).status();
        assert!(set.is_ok_and(|it| it.success()));
    }
}
