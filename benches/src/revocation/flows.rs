//! What talks through the tunnel, and when each end last heard the other.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sekisho_tests::Namespace;

use super::stage::{port_of, within};

/// Between two packets of a flow.
const EVERY: Duration = Duration::from_millis(2);
/// How long a flow may take to be heard at both ends.
const SOON: Duration = Duration::from_secs(20);

/// The handshake of WebSocket (RFC 6455, 1.3), and then one binary frame after the other.
const UPGRADE: &[u8] =
    b"GET /flow HTTP/1.1\r\nHost: system\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const SWITCHING: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
/// From the client it is masked, by a key of nothing.
const FROM_CLIENT: &[u8] = &[0x82, 0x84, 0, 0, 0, 0, b't', b'i', b'c', b'k'];
const FROM_SYSTEM: &[u8] = &[0x82, 0x04, b't', b'i', b'c', b'k'];

/// When something was last heard.
#[derive(Clone)]
struct Heard {
    begun: Instant,
    /// In microseconds from then on; none yet at 0.
    last: Arc<AtomicU64>,
}

impl Heard {
    fn nothing() -> Self {
        Self {
            begun: Instant::now(),
            last: Arc::default(),
        }
    }

    fn note(&self) {
        let at = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.last.store(at.max(1), Ordering::Relaxed);
    }

    fn last(&self) -> Option<Instant> {
        let at = self.last.load(Ordering::Relaxed);
        (at > 0).then(|| self.begun + Duration::from_micros(at))
    }
}

/// Threads that end when this is dropped.
struct Threads {
    stop: Arc<AtomicBool>,
    all: Vec<JoinHandle<()>>,
}

impl Threads {
    fn new() -> Self {
        Self {
            stop: Arc::default(),
            all: Vec::new(),
        }
    }

    fn start(&mut self, work: impl FnOnce(&AtomicBool) + Send + 'static) {
        let stop = Arc::clone(&self.stop);
        self.all.push(std::thread::spawn(move || work(&stop)));
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.all.drain(..) {
            let _ = thread.join();
        }
    }
}

/// A system inside: over UDP it sends back what comes; over TCP it talks by itself, in frames to those
/// who ask for them.
pub(super) struct System {
    heard: [Heard; 3],
    _threads: Threads,
}

impl System {
    pub(super) fn at(place: &Namespace, address: IpAddr) -> Self {
        let at = port_of(address);
        let (listener, socket) = within(place, || {
            let listener = TcpListener::bind(at).expect("the port is free");
            (listener, UdpSocket::bind(at).expect("the port is free"))
        });
        listener.set_nonblocking(true).expect("an option");
        let limit = Some(Duration::from_millis(50));
        socket.set_read_timeout(limit).expect("an option");
        let heard = [(); 3].map(|()| Heard::nothing());
        let mut threads = Threads::new();
        let udp = heard[0].clone();
        threads.start(move |stop| echo(&socket, stop, &udp));
        let tcp = [heard[1].clone(), heard[2].clone()];
        threads.start(move |stop| accept(&listener, stop, &tcp));
        Self {
            heard,
            _threads: threads,
        }
    }
}

fn echo(socket: &UdpSocket, stop: &AtomicBool, heard: &Heard) {
    let mut bytes = [0; 64];
    while !stop.load(Ordering::Relaxed) {
        if let Ok((count, from)) = socket.recv_from(&mut bytes) {
            heard.note();
            let _ = socket.send_to(&bytes[..count], from);
        }
    }
}

fn accept(listener: &TcpListener, stop: &AtomicBool, heard: &[Heard; 2]) {
    std::thread::scope(|scope| {
        while !stop.load(Ordering::Relaxed) {
            match listener.accept() {
                Ok((mut stream, _)) => {
                    scope.spawn(move || {
                        let mut first = [0; 1];
                        // `G` begins the request for an upgrade, a frame never does.
                        if stream.read_exact(&mut first).is_err() {
                            return;
                        }
                        if first == *b"G" {
                            let mut rest = vec![0; UPGRADE.len() - 1];
                            let done = stream.read_exact(&mut rest);
                            if done.and_then(|()| stream.write_all(SWITCHING)).is_ok() {
                                talk(stream, FROM_SYSTEM, stop, &heard[1]);
                            }
                        } else {
                            talk(stream, b"tick", stop, &heard[0]);
                        }
                    });
                }
                Err(_) => std::thread::sleep(EVERY),
            }
        }
    });
}

/// Talks all the time and notes when something comes.
fn talk(mut stream: TcpStream, says: &[u8], stop: &AtomicBool, heard: &Heard) {
    let set = stream.set_nodelay(true);
    if set.and_then(|()| stream.set_nonblocking(true)).is_err() {
        return;
    }
    let mut bytes = [0; 4096];
    while !stop.load(Ordering::Relaxed) {
        match stream.read(&mut bytes) {
            Ok(0) => return,
            Ok(_) => heard.note(),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
        match stream.write(says) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => return,
            _ => {}
        }
        std::thread::sleep(EVERY);
    }
}

/// The flows of a device: UDP, TCP, WebSocket.
pub(super) struct Flows {
    /// At the device, then at the system, each in that order.
    heard: [Heard; 6],
    _threads: Threads,
}

impl Flows {
    /// Opens them on a thread that is at the device's place, and waits until all are heard at both ends.
    pub(super) fn open(address: IpAddr, system: &System) -> Self {
        let to = port_of(address);
        let [udp, tcp, framed] = [(); 3].map(|()| Heard::nothing());
        let mut threads = Threads::new();
        let socket = UdpSocket::bind("0.0.0.0:0").expect("a port");
        socket.connect(to).expect("it leads somewhere");
        let limit = Some(Duration::from_millis(20));
        socket.set_read_timeout(limit).expect("an option");
        let hears = udp.clone();
        let receiver = socket.try_clone().expect("a socket");
        threads.start(move |stop| {
            while !stop.load(Ordering::Relaxed) {
                if receiver.recv(&mut [0; 64]).is_ok() {
                    hears.note();
                }
            }
        });
        threads.start(move |stop| {
            while !stop.load(Ordering::Relaxed) {
                let _ = socket.send(b"tick");
                std::thread::sleep(EVERY);
            }
        });
        let stream = || TcpStream::connect_timeout(&to, SOON).expect("the road is open");
        let (plain, hears) = (stream(), tcp.clone());
        threads.start(move |stop| talk(plain, b"tick", stop, &hears));
        let (mut upgraded, hears) = (stream(), framed.clone());
        upgraded.write_all(UPGRADE).expect("it is sent");
        let mut answer = vec![0; SWITCHING.len()];
        upgraded.read_exact(&mut answer).expect("it is answered");
        assert_eq!(answer, SWITCHING, "the protocol is switched");
        threads.start(move |stop| talk(upgraded, FROM_CLIENT, stop, &hears));
        let [one, two, three] = system.heard.clone();
        let flows = Self {
            heard: [udp, tcp, framed, one, two, three],
            _threads: threads,
        };
        let begun = Instant::now();
        while flows.heard.iter().any(|it| it.last().is_none()) {
            assert!(begun.elapsed() < SOON, "all flows are heard at both ends");
            std::thread::sleep(EVERY);
        }
        flows
    }

    /// When any of them was last heard, at any end.
    pub(super) fn last(&self) -> Instant {
        let all = self.heard.iter().filter_map(Heard::last);
        all.max().expect("they were heard")
    }

    /// How many of them were heard so shortly ago.
    pub(super) fn heard_within(&self, time: Duration) -> usize {
        let lately = |it: &Heard| it.last().is_some_and(|last| last.elapsed() < time);
        (0..3)
            .filter(|&flow| lately(&self.heard[flow]) || lately(&self.heard[flow + 3]))
            .count()
    }
}
