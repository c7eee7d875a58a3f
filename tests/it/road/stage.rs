//! Four places: the server, the device outside, the gateway between the lines, and the system inside.
//! The device reaches the server and the gateway, and the system through the gateway alone.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use sekisho_tests::{Namespace, Running, Sekisho, binary, mark};
use tempfile::TempDir;

use super::super::office::serve::{serve, serve_again};

/// Where the server is.
pub const SERVER: &str = "203.0.113.10:8443";
/// The system inside.
pub const SYSTEM: &str = "198.51.100.5";
/// Its port.
pub const PORT: u16 = 8080;
/// Where devices reach the gateway.
pub const ENDPOINT: &str = "192.0.2.1:51820";
/// The network of tunnels.
pub const TUNNELS: &str = "10.90.0.0/24";
/// What the system answers.
const ANSWER: &str = "inside";

/// The places and what runs in them. Fields are dropped in this order.
pub struct Stage {
    pub agent: Option<Running>,
    pub gateway: Option<Running>,
    pub server: Option<Sekisho>,
    pub fingerprint: String,
    authority: String,
    pub folder: TempDir,
    mark: String,
    _inside: Namespace,
    outside: Namespace,
    between: Namespace,
    _at_server: Namespace,
}

impl Stage {
    /// Makes the places and starts the server. This thread moves to the server's place.
    pub fn set() -> Self {
        let mark = mark();
        let space = |role| Namespace::new(role, &mark);
        let (server, outside, between, inside) =
            (space("srv"), space("dev"), space("gate"), space("sys"));
        outside.link(
            ("dev0", "192.0.2.2/24"),
            &between,
            ("gate0", "192.0.2.1/24"),
        );
        inside.link(
            ("sys0", "198.51.100.5/24"),
            &between,
            ("gate1", "198.51.100.1/24"),
        );
        server.ip("addr add 203.0.113.10/32 dev lo");
        server.link(
            ("srv0", "10.255.1.2/30"),
            &between,
            ("gate2", "10.255.1.1/30"),
        );
        server.link(
            ("srv1", "10.255.2.2/30"),
            &outside,
            ("dev1", "10.255.2.1/30"),
        );
        between.ip("route add 203.0.113.10 via 10.255.1.2");
        outside.ip("route add 203.0.113.10 via 10.255.2.2");
        inside.ip("route add default via 198.51.100.1");
        let forward = ["-qw", "net.ipv4.ip_forward=1"];
        let set = between.command("sysctl").args(forward).status();
        assert!(set.is_ok_and(|it| it.success()));
        let at = format!("{SYSTEM}:{PORT}");
        inside.answer(at.parse().expect("an address"), ANSWER);
        let folder = TempDir::new().expect("a temporary folder");
        server.enter();
        let mut stage = Self {
            agent: None,
            gateway: None,
            server: None,
            fingerprint: String::new(),
            authority: String::new(),
            folder,
            mark,
            _inside: inside,
            outside,
            between,
            _at_server: server,
        };
        stage.start_server();
        stage
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn start_server(&mut self) {
        let served = serve(self.folder.path(), SERVER, "");
        self.fingerprint = served.fingerprint;
        self.authority = served.authority;
        self.server = Some(served.server);
    }

    /// Starts the server again, after its end.
    pub fn start_server_again(&mut self) {
        let folder = self.folder.path();
        self.server = Some(serve_again(folder, SERVER, &self.authority));
    }

    pub fn server(&self) -> &Sekisho {
        self.server.as_ref().expect("the server runs")
    }

    fn sekisho(&self, place: &Namespace, words: &[&str], folder: (&str, &Path)) -> Command {
        let mut command = place.command(binary());
        command.env("SEKISHO_LANG", "en");
        command.args(words).arg(folder.0).arg(folder.1);
        command
    }

    /// A command at the gateway.
    pub fn at_gateway(&self, words: &[&str]) -> Command {
        self.sekisho(&self.between, words, ("--data", &self.path("gateway")))
    }

    /// A command at the device.
    pub fn at_device(&self, words: &[&str]) -> Command {
        self.sekisho(&self.outside, words, ("--state", &self.path("device")))
    }

    pub fn start_gateway(&mut self) {
        let name = format!("g{}", self.mark);
        self.gateway = Some(Running::start(self.at_gateway(&[
            "gateway",
            "run",
            "--interface",
            &name,
        ])));
    }

    pub fn start_agent(&mut self) {
        let name = format!("a{}", self.mark);
        self.agent = Some(Running::start(self.at_device(&[
            "agent",
            "run",
            "--interface",
            &name,
        ])));
    }

    /// Whether the device reaches the system now.
    pub fn reaches(&self) -> bool {
        let url = format!("http://{SYSTEM}:{PORT}/");
        let mut curl = self.outside.command("curl");
        let asked = curl.args(["-s", "-m", "0.3", &url]).output();
        asked.is_ok_and(|it| it.stdout == ANSWER.as_bytes())
    }

    /// Waits until the device reaches the system, or does not. Returns how long that took.
    pub fn until_reached(
        &self,
        reached: bool,
        limit: Duration,
        why: impl Fn() -> String,
    ) -> Duration {
        let begun = Instant::now();
        while self.reaches() != reached {
            assert!(
                begun.elapsed() < limit,
                "reached: {} after {limit:?}: {}",
                !reached,
                why()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        begun.elapsed()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        (self.agent, self.gateway) = (None, None);
        // Whoever was killed leaves the socket of its userspace tunnel.
        for role in ["a", "g"] {
            let _ = std::fs::remove_file(format!("/var/run/wireguard/{role}{}.sock", self.mark));
        }
    }
}
