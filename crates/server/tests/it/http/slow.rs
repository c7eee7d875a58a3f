//! Clients that do not speak at a bearable pace, over real connections.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sekisho_rules::catalogue::Catalogue;
use sekisho_server::http::{Options, Patience, Site, serve_with};
use tokio::sync::oneshot;

use super::house::House;

struct Served {
    address: SocketAddr,
    runtime: tokio::runtime::Runtime,
    stop: oneshot::Sender<()>,
    serving: tokio::task::JoinHandle<()>,
}

impl Served {
    fn start(house: &House, patience: Patience) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind(any))
            .unwrap();
        let address = listener.local_addr().unwrap();
        let catalogue = Arc::new(Catalogue::builtin().unwrap());
        let site = Site::new(house.app.clone(), catalogue, Options::loopback(address)).unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = runtime.spawn(async move {
            let until = async {
                let _ = stopped.await;
            };
            serve_with(site, listener, patience, until).await.unwrap();
        });
        Self {
            address,
            runtime,
            stop,
            serving,
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        let soon = Duration::from_millis(20);
        stream.set_read_timeout(Some(soon)).unwrap();
        stream
    }

    fn stop(self) {
        self.stop.send(()).unwrap();
        self.runtime.block_on(self.serving).unwrap();
    }
}

/// Whether the server has ended the connection; what it said before is passed over.
fn is_cut(stream: &mut TcpStream) -> bool {
    let mut said = [0; 1024];
    match stream.read(&mut said) {
        Ok(0) => true,
        Ok(_) => false,
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

/// Waits until the server ends the connection, doing `meanwhile` each time it has not.
fn until_cut(stream: &mut TcpStream, mut meanwhile: impl FnMut(&mut TcpStream)) -> Duration {
    let begun = Instant::now();
    while !is_cut(stream) {
        assert!(begun.elapsed() < Duration::from_secs(60), "it is never cut");
        meanwhile(stream);
    }
    begun.elapsed()
}

fn answer(stream: &mut TcpStream, address: SocketAddr) -> String {
    write!(stream, "GET /healthz HTTP/1.1\r\nhost: {address}\r\n\r\n").unwrap();
    let begun = Instant::now();
    let mut text = String::new();
    let mut bytes = [0; 4096];
    while !text.contains("\r\n\r\n") {
        assert!(begun.elapsed() < Duration::from_secs(60), "no answer");
        match stream.read(&mut bytes) {
            Ok(n) => text.push_str(&String::from_utf8_lossy(&bytes[..n])),
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
    }
    text
}

#[test]
fn headers_that_come_byte_by_byte_are_cut_off() {
    let house = House::new();
    let patience = Patience {
        headers: Duration::from_secs(1),
        ..Patience::default()
    };
    let served = Served::start(&house, patience);
    // Sent much faster than the limit, so that only a limit on the whole can end it.
    let request = format!(
        "GET /healthz HTTP/1.1\r\nhost: {}\r\nx-slow: ",
        served.address
    );
    let mut bytes = request
        .into_bytes()
        .into_iter()
        .chain(std::iter::repeat(b'a'));
    let mut sent = 0;
    let mut stream = served.connect();
    let took = until_cut(&mut stream, |stream| {
        let byte = bytes.next().unwrap();
        // Writing into a connection that has just been cut may fail; reading tells.
        sent += u32::from(stream.write_all(&[byte]).is_ok());
    });
    assert!(sent > 3, "it was cut at once");
    assert!(took < Duration::from_secs(20), "{took:?}");
    // One that says nothing at all, and one that goes silent after an answer.
    until_cut(&mut served.connect(), |_| ());
    let mut kept = served.connect();
    assert!(answer(&mut kept, served.address).starts_with("HTTP/1.1 200"));
    until_cut(&mut kept, |_| ());
    served.stop();
}

#[test]
fn silent_connections_keep_nobody_out_for_long() {
    let house = House::new();
    let patience = Patience {
        headers: Duration::from_millis(300),
        connections: 2,
        ..Patience::default()
    };
    let served = Served::start(&house, patience);
    let silent: Vec<_> = (0..6).map(|_| served.connect()).collect();
    let mut stream = served.connect();
    assert!(answer(&mut stream, served.address).starts_with("HTTP/1.1 200"));
    drop(silent);
    served.stop();
}

/// A reader who asks for much and takes nothing keeps the only place; without a limit on writing
/// nobody else would ever be answered.
#[test]
fn a_reader_who_takes_nothing_gives_the_place_back() {
    let house = House::new();
    let patience = Patience {
        reader: Duration::from_millis(300),
        connections: 1,
        ..Patience::default()
    };
    let served = Served::start(&house, patience);
    let style = sekisho_server::console::assets::assets().stylesheet.href();
    let ask = format!("GET {style} HTTP/1.1\r\nhost: {}\r\n\r\n", served.address);
    // More than the buffers of both sides hold: the server has to wait for the reader.
    let mut greedy = served.connect();
    greedy.write_all(ask.repeat(1000).as_bytes()).unwrap();
    let mut first = [0; 12];
    greedy.set_read_timeout(None).unwrap();
    greedy.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    let mut other = served.connect();
    assert!(answer(&mut other, served.address).starts_with("HTTP/1.1 200"));
    drop(greedy);
    served.stop();
}

/// Bytes come all the time, so that no silence ends it: too few come in a stretch.
#[test]
fn a_file_that_comes_a_byte_now_and_then_is_cut_off() {
    let house = House::new();
    let served = Served::start(&house, Patience::default());
    let head = format!(
        "POST /registers/medium/import HTTP/1.1\r\nhost: {}\r\ncontent-length: 1000000\r\n\r\n",
        served.address
    );
    let mut stream = served.connect();
    stream.write_all(head.as_bytes()).unwrap();
    let mut sent = 0;
    let took = until_cut(&mut stream, |stream| {
        sent += u32::from(stream.write_all(b"a").is_ok());
    });
    assert!(sent > 3, "it was cut at once");
    assert!(took < Duration::from_secs(40), "{took:?}");
    served.stop();
}
