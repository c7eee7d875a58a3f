//! What goes through: connections, datagrams, and flows whose last packet is timed.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::lab::{enter, until, within};

/// How long an attempt is given before it counts as dropped: a road that is open takes a few
/// milliseconds.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Servers of a namespace; they stop when this is dropped.
pub struct Servers {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    /// When something was last received, from anybody.
    pub heard: Arc<Mutex<Option<Instant>>>,
}

impl Servers {
    /// TCP and UDP on the same addresses: what comes is sent back; TCP also talks by itself.
    pub fn start(namespace: &str, addresses: &[&str]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let heard = Arc::new(Mutex::new(None));
        let mut threads = Vec::new();
        for address in addresses {
            let address: SocketAddr = address.parse().unwrap();
            let (listener, socket) = within(namespace, || {
                (
                    TcpListener::bind(address).unwrap(),
                    UdpSocket::bind(address).unwrap(),
                )
            });
            listener.set_nonblocking(true).unwrap();
            socket
                .set_read_timeout(Some(Duration::from_millis(50)))
                .unwrap();
            let (stopped, hears) = (stop.clone(), heard.clone());
            threads.push(std::thread::spawn(move || {
                echo_udp(&socket, &stopped, &hears)
            }));
            let (stopped, hears) = (stop.clone(), heard.clone());
            threads.push(std::thread::spawn(move || {
                accept(&listener, &stopped, &hears)
            }));
        }
        Self {
            stop,
            threads,
            heard,
        }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// When something was last heard.
pub type Heard = Mutex<Option<Instant>>;

fn echo_udp(socket: &UdpSocket, stop: &AtomicBool, heard: &Heard) {
    let mut bytes = [0; 2048];
    while !stop.load(Ordering::Relaxed) {
        if let Ok((count, from)) = socket.recv_from(&mut bytes) {
            *heard.lock().unwrap() = Some(Instant::now());
            let _ = socket.send_to(&bytes[..count], from);
        }
    }
}

fn accept(listener: &TcpListener, stop: &AtomicBool, heard: &Heard) {
    std::thread::scope(|scope| {
        while !stop.load(Ordering::Relaxed) {
            match listener.accept() {
                Ok((stream, _)) => {
                    scope.spawn(|| talk(stream, stop, heard));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    });
}

/// Sends a few bytes every two milliseconds and notes when something comes.
fn talk(mut stream: TcpStream, stop: &AtomicBool, heard: &Heard) {
    stream.set_nodelay(true).unwrap();
    stream.set_nonblocking(true).unwrap();
    let mut bytes = [0; 4096];
    while !stop.load(Ordering::Relaxed) {
        match stream.read(&mut bytes) {
            Ok(0) => return,
            Ok(_) => *heard.lock().unwrap() = Some(Instant::now()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
        match stream.write(b"tick") {
            Err(error) if error.kind() != ErrorKind::WouldBlock => return,
            _ => {}
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// An open TCP flow from the client, talking in both directions.
pub struct Flow {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    heard: Arc<Heard>,
}

impl Flow {
    pub fn open(namespace: &str, to: &str) -> Self {
        let to: SocketAddr = to.parse().unwrap();
        let stream = within(namespace, || TcpStream::connect_timeout(&to, PATIENCE * 4));
        let stream = stream.unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let heard = Arc::new(Mutex::new(None));
        let (stopped, hears) = (stop.clone(), heard.clone());
        let thread = std::thread::spawn(move || talk(stream, &stopped, &hears));
        let flow = Self {
            stop,
            thread: Some(thread),
            heard,
        };
        until("the flow is heard", Duration::from_secs(5), || {
            flow.last().is_some()
        });
        flow
    }

    /// When the client last heard of the system.
    pub fn last(&self) -> Option<Instant> {
        *self.heard.lock().unwrap()
    }
}

impl Drop for Flow {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Waits until a flow was silent in both directions for a second; when each was last heard.
pub fn silence(flow: &Flow, servers: &Servers, limit: Duration) -> (Instant, Instant) {
    let last = || (flow.last().unwrap(), servers.heard.lock().unwrap().unwrap());
    until("the flow is silent", limit, || {
        let (client, system) = last();
        client.max(system).elapsed() > Duration::from_secs(1)
    });
    last()
}

/// Whether a TCP connection comes about.
pub fn connects(namespace: &str, to: &str) -> bool {
    let to: SocketAddr = to.parse().unwrap();
    within(namespace, || {
        TcpStream::connect_timeout(&to, PATIENCE).is_ok()
    })
}

/// Whether a datagram from an address comes back.
pub fn answers(namespace: &str, from: &str, to: &str) -> bool {
    within(namespace, || {
        let socket = UdpSocket::bind((from, 0)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.send_to(b"hello", to).unwrap();
        let mut bytes = [0; 64];
        // An error of ICMP also ends the waiting.
        socket.recv(&mut bytes).is_ok()
    })
}

/// Whether an echo request is answered. Linux makes them on a socket for groups that may.
pub fn pings(namespace: &str, to: &str) -> bool {
    use rustix::net::{AddressFamily, SendFlags, SocketType, ipproto, sendto, socket};
    let to: SocketAddr = format!("{to}:0").parse().unwrap();
    within(namespace, || {
        std::fs::write("/proc/sys/net/ipv4/ping_group_range", "0 0").unwrap();
        let protocol = Some(ipproto::ICMP);
        let socket = socket(AddressFamily::INET, SocketType::DGRAM, protocol).unwrap();
        let request = [8, 0, 0, 0, 0, 0, 0, 1];
        sendto(&socket, &request, SendFlags::empty(), &to).unwrap();
        let socket = UdpSocket::from(socket);
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut bytes = [0; 64];
        socket
            .recv(&mut bytes)
            .is_ok_and(|count| count > 0 && bytes[0] == 0)
    })
}

/// Sends datagrams from a thread inside a namespace until told to stop.
pub fn knock(namespace: &str, from: &str, to: &str) {
    let (from, to) = (from.to_owned(), to.to_owned());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            enter(namespace, || {
                let socket = UdpSocket::bind((from.as_str(), 0)).unwrap();
                for _ in 0..20 {
                    let _ = socket.send_to(b"knock", to.as_str());
                }
            });
        });
    });
}
