//! Enrolment and reports against a small server on this machine, which checks what a real one
//! does: the proof of possession, the signature and the growth of the sequence.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::mpsc;

use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use sekisho_agent::FirstTrust;
use sekisho_agent::host::open_recorded;
use sekisho_agent::run::Agent;
use sekisho_domain::id::{DeviceId, Fresh};
use sekisho_domain::time::Timestamp;
use sekisho_protocol::agent::{
    EnrolRequest, EnrolResponse, HEADER_DEVICE, HEADER_SEQUENCE, HEADER_SIGNATURE, HEADER_TIME,
    Report, ReportReceipt, enrol_signing_input, signing_input,
};
use sha2::{Digest, Sha256};

struct Request {
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    fn read(stream: &TcpStream) -> Self {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let path = line.split(' ').nth(1).unwrap().to_owned();
        let mut headers = Vec::new();
        loop {
            line.clear();
            reader.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            headers.push((name.to_lowercase(), value.to_owned()));
        }
        let mut request = Self {
            path,
            headers,
            body: Vec::new(),
        };
        request
            .body
            .resize(request.header("content-length").parse().unwrap(), 0);
        reader.read_exact(&mut request.body).unwrap();
        request
    }

    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(n, _)| n == name);
        &found.unwrap_or_else(|| panic!("no header {name}")).1
    }
}

/// Answers as many requests as there are answers and hands each request back.
fn serve(answers: Vec<(u16, String)>) -> (String, mpsc::Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let request = Request::read(&stream);
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n\
                 content-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(body.as_bytes()).unwrap();
            sender.send(request).unwrap();
        }
    });
    (address, receiver)
}

fn device() -> DeviceId {
    DeviceId::new(Fresh([9; 16]))
}

fn granted() -> (u16, String) {
    let answer = EnrolResponse {
        device: device(),
        report_every_seconds: 900,
        authorities: None,
    };
    (200, serde_json::to_string(&answer).unwrap())
}

fn received() -> (u16, String) {
    let answer = ReportReceipt {
        received_at: Timestamp::from_millis(1),
        report_every_seconds: 600,
    };
    (200, serde_json::to_string(&answer).unwrap())
}

fn verifier(public_key: &str) -> VerifyingKey {
    let point = Base64UrlUnpadded::decode_vec(public_key).unwrap();
    VerifyingKey::from_sec1_bytes(&point).unwrap()
}

fn verified(key: &VerifyingKey, message: &[u8], signature: &str) -> bool {
    let bytes = Base64UrlUnpadded::decode_vec(signature).unwrap();
    key.verify(message, &Signature::from_slice(&bytes).unwrap())
        .is_ok()
}

#[test]
fn a_device_enrols_and_signs_every_report() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("agent");
    let (server, requests) = serve(vec![granted(), received(), received()]);
    let agent = Agent::enrol(&server, "once-only", &FirstTrust::Machine, &state).unwrap();
    assert_eq!(agent.device(), device());
    drop(agent);
    let again = Agent::enrol(&server, "once-only", &FirstTrust::Machine, &state)
        .err()
        .unwrap();
    assert_eq!(again.code(), "agent.enrolled_already");

    let enrol: EnrolRequest = serde_json::from_slice(&requests.recv().unwrap().body).unwrap();
    let key = verifier(&enrol.public_key);
    let input = enrol_signing_input("once-only", &enrol.public_key);
    assert!(verified(&key, &input, &enrol.proof));

    let hosts = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/hosts");
    let (host, _) = open_recorded(&hosts.join("debian12-luks-gnome")).unwrap();
    let mut last = 0;
    for _ in 0..2 {
        // Opened anew each time: key and counter come from the folder.
        let receipt = Agent::open(&state).unwrap().report_once(&host).unwrap();
        assert_eq!(receipt.report_every_seconds, 600);
        let request = requests.recv().unwrap();
        assert_eq!(request.path, "/agent/v1/report");
        assert_eq!(request.header(HEADER_DEVICE), device().to_string());
        let time = Timestamp::from_millis(request.header(HEADER_TIME).parse().unwrap());
        let sequence: u64 = request.header(HEADER_SEQUENCE).parse().unwrap();
        assert!(sequence > last, "{sequence} after {last}");
        last = sequence;
        let digest = Sha256::digest(&request.body);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let input = signing_input("POST", &request.path, device(), time, sequence, &digest);
        let signature = request.header(HEADER_SIGNATURE);
        assert!(verified(&key, &input, signature));
        let other = signing_input("POST", &request.path, device(), time, sequence + 1, &digest);
        assert!(!verified(&key, &other, signature));
        let report: Report = serde_json::from_slice(&request.body).unwrap();
        assert!(!report.observations.is_empty());
    }
}

#[test]
fn refusals_and_nonsense_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = r#"{"type":"about:blank","code":"enrol.secret.used"}"#.to_owned();
    let long = format!("\"{}\"", "x".repeat(100_000));
    let answers = vec![
        (403, refusal),
        (503, String::new()),
        (200, "{}".to_owned()),
        (200, long),
        (302, String::new()),
    ];
    let (server, _requests) = serve(answers);
    let mut codes = Vec::new();
    for _ in 0..5 {
        let error = Agent::enrol(&server, "s", &FirstTrust::Machine, folder.path())
            .err()
            .unwrap();
        codes.push((error.code(), error.is_passing()));
    }
    let expected = [
        ("uplink.refused", false),
        ("uplink.refused", true),
        ("uplink.answer", true),
        ("uplink.answer", true),
        ("uplink.refused", false),
    ];
    assert_eq!(codes, expected);
    // Nothing was granted, so nothing is kept.
    assert_eq!(
        Agent::open(folder.path()).err().unwrap().code(),
        "agent.not_enrolled"
    );
}

#[test]
fn a_server_that_is_away_is_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    // A port of the kernel's choice that is let go may be another test's a moment later.
    let server = "http://127.0.0.1:1";
    let error = Agent::enrol(server, "s", &FirstTrust::Machine, folder.path())
        .err()
        .unwrap();
    assert_eq!(error.code(), "uplink.unreachable");
    assert!(error.is_passing());
}
