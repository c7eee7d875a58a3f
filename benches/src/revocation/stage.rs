//! Four places: the server, the device outside, the gateway between the lines, and the systems inside; and who
//! travels between them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use sekisho_domain::id::{DeviceId, GatewayId, PermitId, PersonId};
use sekisho_domain::register::Gateway;
use sekisho_server::access::gateway::{on_the_wire, reached};
use sekisho_server::http::{Options, Site, TlsSource, serve};
use sekisho_server::identity::tunnel_session::{OpenTunnel, open_sessions};
use sekisho_tests::{Namespace, Running, binary, mark};
use sekisho_tunnel::{Config, InterfaceName, Peer, PrivateKey, PublicKey, Tunnel};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::Outcome;
use crate::ministry::{Ministry, SEED};
use crate::tunnels::{POPULATION, TUNNELS, carrying, enter, open};

/// Where the server is.
const SERVER: &str = "203.0.113.10:8443";
/// Where devices meet the gateway.
const ENDPOINT: &str = "192.0.2.1:51820";
/// Where the systems of the ministry are.
const SYSTEMS: (Ipv4Addr, u8) = (Ipv4Addr::new(198, 18, 0, 0), 15);

/// The port of the first device.
const FIRST_PORT: u16 = 20_000;

/// A ministry with people who have their tunnels, on the stage.
pub(crate) struct Travellers {
    /// None once it is dropped, which is before the server ends.
    stage: Option<Stage>,
    keys: Vec<PrivateKey>,
    pub(crate) ministry: Ministry,
}

/// The road of one of them, open as long as this is.
pub(crate) struct Road {
    pub(crate) person: PersonId,
    pub(crate) device: DeviceId,
    /// What carries it.
    pub(crate) permit: PermitId,
    /// What is reached.
    pub(crate) system: IpAddr,
    _tunnel: Tunnel,
}

impl Travellers {
    pub(crate) fn set(place: &Path, outcome: &mut Outcome) -> Self {
        let ministry = Ministry::open(place, POPULATION, outcome);
        let keys: Vec<PrivateKey> = (0..TUNNELS)
            .map(|_| PrivateKey::generate().expect("randomness"))
            .collect();
        for (nth, key) in (0..).zip(&keys) {
            let key = key.public().to_string().parse().expect("a key");
            open(&ministry, nth, key);
        }
        Self {
            stage: Some(Stage::set(&ministry, place)),
            keys,
            ministry,
        }
    }

    pub(crate) fn stage(&self) -> &Stage {
        self.stage.as_ref().expect("it is there until the end")
    }

    /// Opens the road of one, on a thread that is at the device's place; none of somebody who reaches nothing.
    pub(crate) fn road(&self, nth: u32) -> Option<Road> {
        let ministry = &self.ministry;
        let (person, permit) = carrying(ministry, nth)?;
        let number = ministry.population.ready_person(nth);
        let device = ministry.population.device(SEED, number);
        let book = ministry.app.access().rulebook();
        let first = ministry
            .app
            .with_ground(|ground| reached(&book, ground, person, device).into_iter().next());
        let all = open_sessions(&ministry.app).expect("sessions are read");
        let tunnel = all.into_iter().find(|it| it.device == device)?;
        let port = FIRST_PORT + u16::try_from(nth).ok()?;
        let key = (&self.keys[nth as usize], port);
        Some(Road {
            person,
            device,
            permit,
            system: on_the_wire(first?.address).address(),
            _tunnel: self.stage().bring_up(self.own_address(&tunnel), key),
        })
    }

    fn own_address(&self, tunnel: &OpenTunnel) -> Ipv4Addr {
        let gateway = self.stage().gateway;
        let world = self.ministry.app.world();
        let (_, entry) = world.registers.get::<Gateway>(gateway).expect("an entry");
        let desk = self.ministry.app.access().gateways();
        desk.address_of(gateway, entry, tunnel).expect("an address")
    }
}

impl Drop for Travellers {
    fn drop(&mut self) {
        drop(self.stage.take());
        self.ministry.app.stop();
    }
}

/// The places and what runs in them. Fields are dropped in this order.
pub(crate) struct Stage {
    running: Running,
    serving: Mutex<Option<(oneshot::Sender<()>, Runtime)>>,
    pub(crate) gateway: GatewayId,
    /// The gateway's key for WireGuard.
    key: PublicKey,
    mark: String,
    pub(crate) inside: Namespace,
    pub(crate) outside: Namespace,
    pub(crate) between: Namespace,
    _at_server: Namespace,
}

impl Stage {
    pub(crate) fn set(ministry: &Ministry, place: &Path) -> Self {
        let mark = mark();
        let space = |role| Namespace::new(role, &mark);
        let (server, outside, between, inside) =
            (space("srv"), space("dev"), space("gate"), space("sys"));
        connect(&server, &outside, &between, &inside);
        let serving = serving(ministry, &server);
        let state = place.join("gateway");
        let authorities = ministry.app.authorities();
        let fingerprint = authorities.active().fingerprint();
        let enrol = || {
            let mut command = at(&between, &["gateway", "enrol"], &state);
            command.args(["--server", &format!("https://{SERVER}")]);
            command.args(["--ca-sha256", &fingerprint]);
            let output = command.output().expect("the program starts");
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let why = String::from_utf8_lossy(&output.stderr).into_owned();
            (output.status.success(), said, why)
        };
        // The register does not know it yet; it says by which key it signs.
        let (_, said, why) = enrol();
        let key = said.split_whitespace().find(|it| it.len() == 44);
        let key = key.unwrap_or_else(|| panic!("a key is said: {said}{why}"));
        let gateway = enter(ministry, key, ENDPOINT);
        let (enrolled, said, why) = enrol();
        assert!(enrolled, "the gateway enrols: {said}{why}");
        let name = format!("g{mark}");
        let running = Running::start(at(
            &between,
            &["gateway", "run", "--interface", &name],
            &state,
        ));
        running.wait_for("a table", |said| said.contains("in force").then_some(()));
        let sight = ministry.app.access().gateways().sight(gateway);
        let key = sight.tunnel_key.expect("it has greeted");
        Self {
            running,
            serving: Mutex::new(Some(serving)),
            gateway,
            key: PublicKey::new(key.to_bytes()),
            mark,
            inside,
            outside,
            between,
            _at_server: server,
        }
    }

    /// The server is gone from one instant to the next, and its connections with it.
    pub(crate) fn kill_server(&self) {
        let serving = self.serving.lock();
        let serving = serving.unwrap_or_else(PoisonError::into_inner).take();
        if let Some((_, runtime)) = serving {
            runtime.shutdown_background();
        }
    }

    /// The table of the gateway's packet filter.
    pub(crate) fn table(&self) -> String {
        format!("sekisho_g{}", self.mark)
    }

    /// Brings the tunnel of a session up, on a thread that is at the device's place. Each has a port of its own: a
    /// tunnel in userspace goes on taking what comes from a port for the peer that last came from there, for
    /// minutes, and devices that come from one address and by chance from one port would wait for each other.
    fn bring_up(&self, own: Ipv4Addr, (key, port): (&PrivateKey, u16)) -> Tunnel {
        let config = Config {
            name: InterfaceName::parse(&format!("d{}", self.mark)).expect("a name"),
            address: own.into(),
            prefix: 32,
            listen_port: Some(port),
            mtu: Config::MTU,
        };
        let tunnel = Tunnel::open(&config, key).expect("the interface is made");
        let peers = [Peer {
            key: self.key,
            networks: vec![(SYSTEMS.0.into(), SYSTEMS.1)],
            endpoint: Some(ENDPOINT.parse().expect("an address")),
            keepalive_seconds: None,
        }];
        tunnel.sync(&peers).expect("it has its peer");
        tunnel.route(&peers).expect("packets are sent into it");
        tunnel
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.running.kill();
        self.kill_server();
        for role in ["d", "g"] {
            // Whoever was killed leaves the socket of its userspace tunnel.
            let _ = std::fs::remove_file(format!("/var/run/wireguard/{role}{}.sock", self.mark));
        }
    }
}

fn connect(server: &Namespace, outside: &Namespace, between: &Namespace, inside: &Namespace) {
    outside.link(("dev0", "192.0.2.2/24"), between, ("gate0", "192.0.2.1/24"));
    inside.link(
        ("sys0", "198.51.100.5/24"),
        between,
        ("gate1", "198.51.100.1/24"),
    );
    server.ip("addr add 203.0.113.10/32 dev lo");
    server.link(
        ("srv0", "10.255.1.2/30"),
        between,
        ("gate2", "10.255.1.1/30"),
    );
    between.ip("route add 203.0.113.10 via 10.255.1.2");
    // Every system is on the one machine inside.
    let (network, bits) = SYSTEMS;
    inside.ip(&format!("route add local {network}/{bits} dev lo"));
    inside.ip("route add default via 198.51.100.1");
    between.ip(&format!("route add {network}/{bits} via 198.51.100.5"));
    let forward = ["-qw", "net.ipv4.ip_forward=1"];
    let set = between.command("sysctl").args(forward).status();
    assert!(set.is_ok_and(|it| it.success()), "packets are forwarded");
}

/// The server at its place, with TLS by its own authority.
fn serving(ministry: &Ministry, place: &Namespace) -> (oneshot::Sender<()>, Runtime) {
    let address: SocketAddr = SERVER.parse().expect("an address");
    let listener = within(place, || {
        TcpListener::bind(address).expect("the port is free")
    });
    listener.set_nonblocking(true).expect("an option");
    let options = Options {
        tls: Some(TlsSource::BuiltIn),
        ..Options::loopback(address)
    };
    let site = Site::new(ministry.app.clone(), ministry.catalogue.clone(), options);
    let site = site.expect("a site");
    let runtime = Runtime::new().expect("a runtime");
    let (stop, stopped) = oneshot::channel::<()>();
    runtime.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        let served = serve(site, listener, async {
            let _ = stopped.await;
        });
        served.await.expect("it serves");
    });
    (stop, runtime)
}

/// Where programs lie that stand in for those of the machine, beside the gateway's state; usually there are none.
pub(crate) const STAND_INS: &str = "programs";

fn at(place: &Namespace, words: &[&str], state: &Path) -> Command {
    let mut command = place.command(binary());
    command.env("SEKISHO_LANG", "en");
    let stand_ins = state.with_file_name(STAND_INS);
    if stand_ins.is_dir() {
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", stand_ins.display()));
    }
    command.args(words).arg("--data").arg(state);
    command
}

/// Does something in a place, on a thread that goes there for it.
pub(crate) fn within<T: Send>(place: &Namespace, act: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let done = scope.spawn(|| {
            place.enter();
            act()
        });
        done.join().expect("it is done there")
    })
}

/// Where a system listens.
pub(crate) fn port_of(address: IpAddr) -> SocketAddr {
    SocketAddr::new(address, 443)
}
