//! The application behind the proxies: it says which request and which headers reached it, remembers them, and
//! tries to set cookies of Sekisho's names beside its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use serde_json::{Map, json};

/// The cookie of its own that it sets, as it comes back.
pub const OWN: &str = "own=kept";

/// Cookies that are not for it to set.
const PLANTED: [&str; 2] = ["__Host-sekisho-session", "__Host-sekisho-browser"];

/// It runs until it is dropped.
pub struct Application {
    address: SocketAddr,
    /// Each request that reached it, with its headers.
    seen: Arc<Mutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Application {
    pub fn start() -> Self {
        let listener = TcpListener::bind(sekisho_tests::free_address()).expect("a free address");
        let address = listener.local_addr().expect("an address");
        let (seen, ended) = (
            Arc::new(Mutex::new(Vec::new())),
            Arc::new(AtomicBool::new(false)),
        );
        let (kept, over) = (Arc::clone(&seen), Arc::clone(&ended));
        let thread = std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if over.load(Ordering::Acquire) {
                    return;
                }
                // A connection that says nothing whole reaches nothing.
                let _ = answer(stream, &kept);
            }
        });
        Self {
            address,
            seen,
            ended,
            thread: Some(thread),
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests that have reached it, with their headers.
    pub fn seen(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.clone()
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
        // Wakes the thread, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Remembered before it is answered: whoever has the answer finds it counted.
fn answer(mut stream: TcpStream, seen: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let request = line.trim().rsplit_once(' ')?.0.to_owned();
    let mut whole = line;
    let (mut headers, mut length) = (Map::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        whole.push_str(&line);
        let Some((name, value)) = line.trim().split_once(':') else {
            break;
        };
        let (name, value) = (name.to_ascii_lowercase(), value.trim());
        if name == "content-length" {
            length = value.parse().ok()?;
        }
        // Told apart from each other: two of one name are two.
        let known = headers
            .get(&name)
            .and_then(|it| it.as_str())
            .unwrap_or_default();
        let all = if known.is_empty() {
            value.to_owned()
        } else {
            format!("{known} AND {value}")
        };
        headers.insert(name, json!(all));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    headers.insert("request".to_owned(), json!(request));
    seen.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(whole);
    let body = serde_json::Value::Object(headers).to_string();
    let length = body.len();
    let mut head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n"
    );
    for name in PLANTED {
        head.push_str(&format!(
            "set-cookie: {name}=planted; Path=/; Secure; HttpOnly\r\n"
        ));
    }
    head.push_str(&format!("set-cookie: {OWN}; Path=/; Secure\r\n\r\n"));
    stream.write_all(format!("{head}{body}").as_bytes()).ok()
}
