//! A controller of the test: hands out tables that the test writes, over real HTTP.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sekisho_domain::id::{Fresh, GatewayId};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_protocol::access_table::{TableContent, TablePeer, TableSigner};
use sekisho_protocol::gateway::{
    CODE_HELLO_WANTED, EnrolRequest, EnrolResponse, GatewayReport, PATH_ENROL, PATH_REPORT,
    PATH_TABLE, ReportReceipt, enrol_signing_input, request_signing_input,
};
use sekisho_protocol::request_key::verifies;
use sekisho_protocol::wireguard_key::WireGuardKey;
use sha2::{Digest, Sha256};

use crate::lab::{GATEWAY_ADDRESS, LISTEN_PORT, NETWORK};

#[derive(Default)]
struct Shared {
    peers: Vec<TablePeer>,
    version: u64,
    /// Which version each sequence told.
    told: BTreeMap<u64, u64>,
    sequence: u64,
    /// The version that the gateway says is in force.
    in_force: Option<u64>,
    raw: Option<Vec<u8>>,
    raw_taken: bool,
    last: Vec<u8>,
    down: bool,
    ended: bool,
    keys: Option<(String, WireGuardKey)>,
    /// The number of the last hello, and how many there were.
    hellos: (u64, usize),
    /// Whether no table is given before the next hello.
    forgot: bool,
    reports: Vec<GatewayReport>,
}

struct Inner {
    lease: u32,
    signer: TableSigner,
    shared: Mutex<Shared>,
    changed: Condvar,
}

/// The controller. It is bound in the gateway's namespace, to loopback.
pub struct Controller {
    inner: Arc<Inner>,
    pub port: u16,
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap())
}

pub fn gateway_id() -> GatewayId {
    GatewayId::new(Fresh([2; 16]))
}

impl Controller {
    /// Serves until it is dropped; to be called inside the gateway's namespace.
    pub fn serve(lease: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let inner = Arc::new(Inner {
            lease,
            signer: TableSigner::new(&[1; 32]),
            shared: Mutex::new(Shared {
                sequence: u64::try_from(now().as_millis()).unwrap(),
                ..Shared::default()
            }),
            changed: Condvar::new(),
        });
        let served = inner.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                if served.shared.lock().unwrap().ended {
                    return;
                }
                let inner = served.clone();
                std::thread::spawn(move || inner.connection(stream));
            }
        });
        Self { inner, port }
    }

    /// Writes a table; returns when.
    pub fn publish(&self, peers: Vec<TablePeer>) -> Instant {
        let mut shared = self.inner.shared.lock().unwrap();
        shared.peers = peers;
        shared.version += 1;
        let at = Instant::now();
        self.inner.changed.notify_all();
        at
    }

    /// Waits until the gateway says that what was written last is in force.
    pub fn wait_in_force(&self) {
        self.wait("the table is in force", |it| {
            it.in_force == Some(it.version)
        });
    }

    /// Lets the gateway have these bytes in place of a table, and waits until it has asked again.
    pub fn send_raw(&self, bytes: Vec<u8>) {
        let mut shared = self.inner.shared.lock().unwrap();
        shared.raw = Some(bytes);
        shared.raw_taken = false;
        self.inner.changed.notify_all();
        drop(shared);
        self.wait("the gateway has asked again", |it| it.raw_taken);
    }

    /// The last table that was handed out, as signed.
    pub fn last(&self) -> Vec<u8> {
        self.inner.shared.lock().unwrap().last.clone()
    }

    /// What a table with these peers would say now.
    pub fn content(
        &self,
        peers: Vec<TablePeer>,
        sequence: u64,
        issued_at: Timestamp,
    ) -> TableContent {
        self.inner.content(peers, sequence, issued_at)
    }

    /// The time, and a sequence that no table has had yet.
    pub fn moment(&self) -> (Timestamp, u64) {
        (now(), self.inner.shared.lock().unwrap().sequence + 1)
    }

    /// Stops for good; to be called inside the gateway's namespace.
    pub fn end(&self) {
        let mut shared = self.inner.shared.lock().unwrap();
        (shared.ended, shared.down) = (true, true);
        drop(shared);
        self.inner.changed.notify_all();
        // The thread that accepts wakes, and sees that it is to end.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }

    /// Stops to answer, or begins to again.
    pub fn down(&self, down: bool) -> Instant {
        self.inner.shared.lock().unwrap().down = down;
        self.inner.changed.notify_all();
        Instant::now()
    }

    /// Knows no key of tunnels any more, as a server that has begun anew. Returns how often the
    /// gateway has said hello until now.
    pub fn forget(&self) -> usize {
        let mut shared = self.inner.shared.lock().unwrap();
        shared.forgot = true;
        shared.hellos.1
    }

    /// Waits until the gateway has said hello more often than that.
    pub fn wait_hello(&self, before: usize) {
        self.wait("the gateway says hello", |it| it.hellos.1 > before);
    }

    /// Waits for a report of which something holds.
    pub fn wait_report(&self, what: &str, holds: impl Fn(&GatewayReport) -> bool) -> GatewayReport {
        self.wait(what, |it| it.reports.last().is_some_and(&holds));
        self.inner
            .shared
            .lock()
            .unwrap()
            .reports
            .last()
            .unwrap()
            .clone()
    }

    /// The gateway's key of WireGuard, after it was enrolled.
    pub fn wireguard_key(&self) -> WireGuardKey {
        self.inner.shared.lock().unwrap().keys.clone().unwrap().1
    }

    fn wait(&self, what: &str, holds: impl Fn(&Shared) -> bool) {
        let shared = self.inner.shared.lock().unwrap();
        let limit = Duration::from_secs(30);
        let waited = self
            .inner
            .changed
            .wait_timeout_while(shared, limit, |it| !holds(it));
        assert!(!waited.unwrap().1.timed_out(), "in vain: {what}");
    }
}

impl Inner {
    fn content(&self, peers: Vec<TablePeer>, sequence: u64, issued_at: Timestamp) -> TableContent {
        TableContent {
            expires_at: issued_at.after(Span::seconds(self.lease)),
            gateway: gateway_id(),
            gateway_address: GATEWAY_ADDRESS.parse().unwrap(),
            issued_at,
            lease_seconds: self.lease,
            network: NETWORK.parse().unwrap(),
            peers,
            sequence,
        }
    }

    fn connection(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut stream = stream;
        while let Some(request) = Request::read(&mut reader) {
            let refused = self.wants_hello(&request);
            let status = if refused.is_some() {
                "409 Conflict"
            } else {
                "200 OK"
            };
            let Some(answer) = refused.or_else(|| self.answer(&request)) else {
                return;
            };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n",
                answer.len()
            );
            if stream
                .write_all(&[head.as_bytes(), &answer].concat())
                .is_err()
            {
                return;
            }
        }
    }

    /// The refusal of a table to a gateway that has not said hello.
    fn wants_hello(&self, request: &Request) -> Option<Vec<u8>> {
        let refuses = request.path.starts_with(PATH_TABLE) && self.shared.lock().unwrap().forgot;
        let problem = serde_json::json!({"code": CODE_HELLO_WANTED});
        refuses.then(|| serde_json::to_vec(&problem).unwrap())
    }

    fn answer(&self, request: &Request) -> Option<Vec<u8>> {
        if self.shared.lock().unwrap().down {
            return None;
        }
        if request.path == PATH_ENROL {
            return Some(self.enrol(&request.body));
        }
        self.check_signature(request);
        if request.path == PATH_REPORT {
            let report = serde_json::from_slice(&request.body).unwrap();
            self.shared.lock().unwrap().reports.push(report);
            self.changed.notify_all();
            let receipt = ReportReceipt { received_at: now() };
            return Some(serde_json::to_vec(&receipt).unwrap());
        }
        let after = request.path.strip_prefix(&format!("{PATH_TABLE}?after="));
        self.table(after.unwrap().parse().unwrap())
    }

    fn check_signature(&self, request: &Request) {
        let keys = self.shared.lock().unwrap().keys.clone();
        let header = |name: &str| request.headers[name].clone();
        let digest = Sha256::digest(&request.body);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let input = request_signing_input(
            &request.method,
            &request.path,
            header("sekisho-gateway").parse().unwrap(),
            Timestamp::from_millis(header("sekisho-time").parse().unwrap()),
            header("sekisho-sequence").parse().unwrap(),
            &digest,
        );
        let signature = header("sekisho-signature");
        assert!(verifies(&keys.unwrap().0, &input, &signature), "unsigned");
    }

    fn enrol(&self, body: &[u8]) -> Vec<u8> {
        let request: EnrolRequest = serde_json::from_slice(body).unwrap();
        let (time, number) = (request.time.unwrap(), request.number.unwrap());
        let input = enrol_signing_input(&request.public_key, request.wireguard_key, time, number);
        assert!(verifies(&request.public_key, &input, &request.proof));
        let keys = (request.public_key, request.wireguard_key);
        let mut shared = self.shared.lock().unwrap();
        assert!(number > shared.hellos.0, "a number only grows");
        shared.hellos = (number, shared.hellos.1 + 1);
        shared.forgot = false;
        shared.keys = Some(keys);
        drop(shared);
        self.changed.notify_all();
        let response = EnrolResponse {
            gateway: gateway_id(),
            table_key: self.signer.verifier().to_string(),
            network: NETWORK.parse().unwrap(),
            address: GATEWAY_ADDRESS.parse().unwrap(),
            listen_port: LISTEN_PORT,
            lease_seconds: self.lease,
        };
        serde_json::to_vec(&response).unwrap()
    }

    fn table(&self, after: u64) -> Option<Vec<u8>> {
        let mut shared = self.shared.lock().unwrap();
        shared.in_force = shared.told.get(&after).copied();
        if shared.raw.is_none() {
            shared.raw_taken = true;
        }
        self.changed.notify_all();
        let hold = Duration::from_secs(u64::from(self.lease)) / 3;
        let same = |it: &mut Shared| {
            !it.down && it.raw.is_none() && it.told.get(&after) == Some(&it.version)
        };
        let waited = self.changed.wait_timeout_while(shared, hold, same);
        let mut shared = waited.unwrap().0;
        if shared.down {
            return None;
        }
        if let Some(raw) = shared.raw.take() {
            return Some(raw);
        }
        shared.sequence += 1;
        let content = self.content(shared.peers.clone(), shared.sequence, now());
        let signed = self.signer.sign(&content).unwrap();
        let (sequence, version) = (shared.sequence, shared.version);
        shared.told.insert(sequence, version);
        shared.last.clone_from(&signed);
        Some(signed)
    }
}

struct Request {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    fn read(reader: &mut impl BufRead) -> Option<Self> {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let mut words = line.split(' ').map(str::to_owned);
        let (method, path) = (words.next()?, words.next()?);
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            headers.insert(name.to_lowercase(), value.to_owned());
        }
        let length = headers
            .get("content-length")
            .map_or(0, |it| it.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        Some(Self {
            method,
            path,
            headers,
            body,
        })
    }
}
