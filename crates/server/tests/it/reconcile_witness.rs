//! A witness on loopback (C2SP tlog-witness) that checks what the standard says it must check.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, Signer, SigningKey};
use sekisho_ledger::checkpoint::VerifierKey;
use sekisho_ledger::digest::{Digest, empty_root};
use sekisho_ledger::proof::ConsistencyProof;

const NAME: &str = "witness.test/w1";
const TIME: u64 = 1_795_000_000;

/// What the witness remembers.
pub struct Memory {
    pub size: u64,
    pub root: Digest,
    /// Status of each answer, in order, with the old size the request named.
    pub answers: Vec<(u64, u16)>,
}

pub struct Witness {
    pub address: SocketAddr,
    pub memory: Arc<Mutex<Memory>>,
}

/// How a witness signs; every way but the first must be found out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hand {
    /// As the standard says.
    Honest,
    /// With another key under its name and key id.
    OtherKey,
    /// Under another time than it signed.
    OtherTime,
    /// Over the text of another ledger.
    OtherOrigin,
    /// As a log signs: without its time.
    AsLog,
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[42; 32])
}

impl Witness {
    /// A witness that knows one ledger.
    pub fn start(address: SocketAddr, ledger: VerifierKey) -> Self {
        Self::signing(Hand::Honest, address, ledger)
    }

    /// A witness that signs in this way.
    pub fn signing(hand: Hand, address: SocketAddr, ledger: VerifierKey) -> Self {
        let memory = Memory {
            size: 0,
            root: empty_root(),
            answers: Vec::new(),
        };
        let memory = Arc::new(Mutex::new(memory));
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let kept = Arc::clone(&memory);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = talk(stream, hand, &ledger, &kept);
            }
        });
        Self { address, memory }
    }

    pub fn answers(&self) -> Vec<(u64, u16)> {
        self.memory.lock().unwrap().answers.clone()
    }

    pub fn size(&self) -> u64 {
        self.memory.lock().unwrap().size
    }
}

fn talk(
    mut stream: TcpStream,
    hand: Hand,
    ledger: &VerifierKey,
    memory: &Mutex<Memory>,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let body = loop {
        let n = stream.read(&mut buffer)?;
        if n == 0 {
            return Ok(());
        }
        bytes.extend_from_slice(&buffer[..n]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        assert!(
            head.starts_with("POST /w/add-checkpoint HTTP/1.1\r\n"),
            "{head}"
        );
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse::<usize>().unwrap())
        });
        if body.len() >= length.expect("a length") {
            break body.to_owned();
        }
    };
    let mut memory = memory.lock().unwrap();
    let (old, status, answer) = judge(&body, hand, ledger, &mut memory);
    memory.answers.push((old, status));
    drop(memory);
    let kind = if status == 409 {
        "text/x.tlog.size"
    } else {
        "text/plain"
    };
    write!(
        stream,
        "HTTP/1.1 {status} x\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
        answer.len()
    )
}

/// The checks in the order of the standard.
fn judge(body: &str, hand: Hand, ledger: &VerifierKey, memory: &mut Memory) -> (u64, u16, String) {
    let (first, checkpoint) = body.split_once("\n\n").unwrap();
    let mut lines = first.lines();
    let old: u64 = lines
        .next()
        .unwrap()
        .strip_prefix("old ")
        .unwrap()
        .parse()
        .unwrap();
    let path = lines
        .map(|line| Digest::from_slice(&Base64::decode_vec(line).unwrap()).unwrap())
        .collect();
    let Ok(new) = ledger.open(checkpoint.as_bytes()) else {
        return (old, 403, String::new());
    };
    if old > new.size {
        return (old, 400, String::new());
    }
    if old != memory.size || (old == new.size && memory.root != new.root) {
        return (old, 409, format!("{}\n", memory.size));
    }
    let proof = ConsistencyProof {
        old_size: old,
        new_size: new.size,
        path,
    };
    if proof.verify(&memory.root, &new.root).is_err() {
        return (old, 422, String::new());
    }
    memory.size = new.size;
    memory.root = new.root;
    (old, 200, cosign(hand, &new.body()))
}

fn id() -> Vec<u8> {
    let public = key().verifying_key();
    let hashed = [NAME.as_bytes(), b"\n", &[4], public.as_bytes()].concat();
    Digest::of(&hashed).0[..4].to_vec()
}

/// The witness's key as a target names it: `name+hash+base64`.
pub fn vkey() -> String {
    let id = u32::from_be_bytes(id().try_into().unwrap());
    let public = [&[4][..], key().verifying_key().as_bytes()].concat();
    format!("{NAME}+{id:08x}+{}", Base64::encode_string(&public))
}

fn message(body: &str) -> String {
    format!("cosignature/v1\ntime {TIME}\n{body}")
}

fn cosign(hand: Hand, body: &str) -> String {
    let signed = match hand {
        Hand::OtherOrigin => message(&format!("other.example/{body}")),
        Hand::AsLog => body.to_owned(),
        _ => message(body),
    };
    let key = match hand {
        Hand::OtherKey => SigningKey::from_bytes(&[43; 32]),
        _ => key(),
    };
    let time = TIME + u64::from(hand == Hand::OtherTime);
    let signature = key.sign(signed.as_bytes()).to_bytes();
    let bytes = [id(), time.to_be_bytes().to_vec(), signature.to_vec()].concat();
    format!("— {NAME} {}\n", Base64::encode_string(&bytes))
}

/// Whether a kept note carries this witness's cosignature over its own text.
pub fn is_cosigned(note: &str) -> bool {
    let (body, lines) = note.rsplit_once("\n\n").unwrap();
    let line = lines
        .lines()
        .find_map(|line| line.strip_prefix(&format!("— {NAME} ")));
    let bytes = Base64::decode_vec(line.expect("a cosignature")).unwrap();
    assert_eq!(bytes[..4], id()[..]);
    let signature = Signature::from_slice(&bytes[12..]).unwrap();
    let message = message(&format!("{body}\n"));
    key()
        .verifying_key()
        .verify_strict(message.as_bytes(), &signature)
        .is_ok()
}
