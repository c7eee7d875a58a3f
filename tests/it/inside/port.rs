//! A port of a switch. Whether somebody may use it says hostapd, which asks the RADIUS server and takes
//! requests to disconnect (RFC 5176) itself; it opens nothing. So this stands between the two as the switch
//! around them does: it reads from the answers which VLAN they name, and admits nothing but EAPOL at the
//! port until hostapd says that whoever is there is authorised. VLANs are links, since this kernel knows
//! no others: what comes in goes out at the link of the VLAN that the answer named, and nowhere else.

use std::io::Write;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sekisho_tests::{Namespace, Running};

use super::control::Control;
use super::printed::printed;
use super::stage::{INTERNAL, MANAGEMENT, QUARANTINE, RADIUS};

/// What hostapd asks as if it were the RADIUS server.
const NEAR: &str = "127.0.0.1:1812";
/// Between two looks at hostapd.
const EVERY: Duration = Duration::from_millis(20);

const ACCEPT: u8 = 2;
const REJECT: u8 = 3;

/// What is known of the port.
#[derive(Default)]
struct Seen {
    /// The VLAN of the last answer, where it names one.
    vlan: Option<String>,
    /// How many answers there were that accept or reject.
    answers: u32,
    /// Into which VLAN the port is open.
    open: Option<String>,
    /// Whether hostapd is about to forget whoever was there.
    leaving: bool,
}

/// The port, closed when this is dropped.
pub struct Port {
    seen: Arc<Mutex<Seen>>,
    stop: Arc<AtomicBool>,
    hostapd: Running,
}

impl Port {
    /// Starts hostapd at `port1` of the switch, with everything around it.
    pub fn start(space: &Namespace, folder: &Path, secret: &str, disconnects: &str) -> Self {
        let (seen, stop) = (Arc::new(Mutex::new(Seen::default())), Arc::default());
        let open = filter(space);
        open(None);
        relay(space, &seen, &stop);
        let config = folder.join("hostapd.conf");
        std::fs::write(&config, configuration(folder, secret, disconnects)).expect("written");
        let mut command = space.command("hostapd");
        command.arg(&config);
        let hostapd = Running::start(command);
        let control = Control::open(folder, &folder.join("hostapd/port1"));
        watch(control, open, &seen, &stop);
        Self {
            seen,
            stop,
            hostapd,
        }
    }

    /// How many answers there were.
    pub fn answers(&self) -> u32 {
        self.seen.lock().expect("sound").answers
    }

    /// Whether hostapd is about to forget whoever was there: it would forget who signs in meanwhile.
    pub fn is_leaving(&self) -> bool {
        self.seen.lock().expect("sound").leaving
    }

    /// Into which VLAN it is open.
    pub fn open(&self) -> Option<String> {
        self.seen.lock().expect("sound").open.clone()
    }

    /// Waits until it is open into a VLAN, or closed.
    pub fn until(&self, vlan: Option<&str>, limit: Duration, why: impl Fn() -> String) {
        let deadline = Instant::now() + limit;
        while self.open().as_deref() != vlan {
            assert!(
                Instant::now() < deadline,
                "the port is {:?} and not {vlan:?}: {}\n{}",
                self.open(),
                why(),
                self.hostapd.said()
            );
            std::thread::sleep(EVERY);
        }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// The printed configuration, which asks the switch around it in place of FreeRADIUS.
fn configuration(folder: &Path, secret: &str, disconnects: &str) -> String {
    let control = folder.join("hostapd").display().to_string();
    printed(
        "interface=port1",
        &[
            ("/run/hostapd", control.as_str()),
            ("auth_server_addr=10.20.0.10", "auth_server_addr=127.0.0.1"),
            ("SECRET-OF-THE-SWITCHES", secret),
            ("ADDRESS-OF-SEKISHO", RADIUS),
            ("SECRET-OF-DISCONNECTS", disconnects),
        ],
    )
}

/// The packet filter of the port, by the link that it is open into.
fn rules(open: Option<&str>) -> String {
    let link = open.map(link);
    let forward = |from: &str| match link {
        Some(link) if from == "port1" => format!("fwd to \"{link}\";"),
        Some(link) if from == link => "fwd to \"port1\";".to_owned(),
        _ => String::new(),
    };
    let chain = |from: &str| {
        let eapol = if from == "port1" {
            "ether type 0x888e accept;"
        } else {
            ""
        };
        format!(
            "chain {from} {{ type filter hook ingress device \"{from}\" priority 0; policy drop; \
             {eapol} {} }}\n",
            forward(from)
        )
    };
    let chains: String = ["port1", link_of_line(), link_of_quarantine()]
        .map(chain)
        .concat();
    format!("table netdev port {{}}\ndelete table netdev port\ntable netdev port {{\n{chains}}}\n")
}

const fn link_of_line() -> &'static str {
    "line1"
}

const fn link_of_quarantine() -> &'static str {
    "quar1"
}

/// The link that stands for a VLAN.
fn link(vlan: &str) -> &'static str {
    match vlan {
        INTERNAL => link_of_line(),
        QUARANTINE => link_of_quarantine(),
        other => panic!("there is no VLAN {other}"),
    }
}

/// What puts the packet filter in place.
fn filter(space: &Namespace) -> impl Fn(Option<&str>) + Send + use<> {
    let space = space.name().to_owned();
    move |open| {
        let mut nft = Command::new("ip");
        nft.args(["netns", "exec", &space, "nft", "-f", "-"]);
        let mut nft = nft.stdin(Stdio::piped()).spawn().expect("nft starts");
        let mut pipe = nft.stdin.take().expect("a pipe");
        pipe.write_all(rules(open).as_bytes()).expect("it reads");
        drop(pipe);
        assert!(nft.wait().expect("it ends").success(), "{}", rules(open));
    }
}

/// Passes questions on to the RADIUS server, and answers back, which it reads.
fn relay(space: &Namespace, seen: &Arc<Mutex<Seen>>, stop: &Arc<AtomicBool>) {
    let bind = |at: &str| {
        let socket = space.within(|| UdpSocket::bind(at).expect("the port is free"));
        let limit = Some(Duration::from_millis(100));
        socket.set_read_timeout(limit).expect("a limit");
        Arc::new(socket)
    };
    let (near, far) = (bind(NEAR), bind(&format!("{MANAGEMENT}:0")));
    far.connect((RADIUS, 1812)).expect("a way");
    let asking: Arc<Mutex<Option<SocketAddr>>> = Arc::default();
    let (from, to, ends, who) = (near.clone(), far.clone(), stop.clone(), asking.clone());
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while !ends.load(Ordering::Relaxed) {
            if let Ok((length, address)) = from.recv_from(&mut bytes) {
                *who.lock().expect("sound") = Some(address);
                let _ = to.send(&bytes[..length]);
            }
        }
    });
    let (seen, stop) = (seen.clone(), stop.clone());
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while !stop.load(Ordering::Relaxed) {
            let Ok(length) = far.recv(&mut bytes) else {
                continue;
            };
            let answer = &bytes[..length];
            if matches!(answer.first(), Some(&ACCEPT | &REJECT)) {
                let mut seen = seen.lock().expect("sound");
                seen.vlan = vlan(answer);
                seen.answers += 1;
            }
            if let Some(address) = *asking.lock().expect("sound") {
                let _ = near.send_to(answer, address);
            }
        }
    });
}

/// The VLAN that an answer names (RFC 3580, 3.31); none where it names none.
fn vlan(answer: &[u8]) -> Option<String> {
    const TYPE: u8 = 64;
    const MEDIUM: u8 = 65;
    const GROUP: u8 = 81;
    if answer.first() != Some(&ACCEPT) {
        return None;
    }
    let (mut rest, mut kind, mut medium, mut group) = (answer.get(20..)?, None, None, None);
    while let [code, length, ..] = *rest {
        let value = rest.get(2..usize::from(length))?;
        match code {
            TYPE => kind = value.get(1..),
            MEDIUM => medium = value.get(1..),
            // A first byte up to 0x1f is a tag (RFC 2868, 3.6).
            GROUP if value.first().is_some_and(|tag| *tag <= 0x1f) => group = value.get(1..),
            GROUP => group = Some(value),
            _ => {}
        }
        rest = &rest[usize::from(length)..];
    }
    let is_vlan = kind == Some(&[0, 0, 13]) && medium == Some(&[0, 0, 6]);
    group
        .filter(|_| is_vlan)
        .map(|it| String::from_utf8_lossy(it).into_owned())
}

/// Opens and closes as hostapd says.
fn watch(
    control: Control,
    open: impl Fn(Option<&str>) + Send + 'static,
    seen: &Arc<Mutex<Seen>>,
    stop: &Arc<AtomicBool>,
) {
    let (seen, stop) = (seen.clone(), stop.clone());
    std::thread::spawn(move || {
        while !stop.load(Ordering::Relaxed) {
            // Who is there comes as lines, the hardware address first.
            let station = control.ask("STA-FIRST").unwrap_or_default();
            let authorised = station.contains("[AUTHORIZED]");
            let wanted = {
                let mut seen = seen.lock().expect("sound");
                seen.leaving = station.contains("timeout_next=REMOVE");
                let wanted = seen.vlan.clone().filter(|_| authorised);
                (seen.open != wanted).then_some(wanted)
            };
            if let Some(wanted) = wanted {
                open(wanted.as_deref());
                seen.lock().expect("sound").open = wanted;
            }
            std::thread::sleep(EVERY);
        }
    });
}
