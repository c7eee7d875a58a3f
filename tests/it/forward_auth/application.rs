//! The application behind the proxies: it says which request and which headers reached it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

use serde_json::{Map, json};

/// It runs until it is dropped.
pub struct Application {
    address: SocketAddr,
    seen: Arc<AtomicUsize>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Application {
    pub fn start() -> Self {
        let listener = TcpListener::bind(sekisho_tests::free_address()).expect("a free address");
        let address = listener.local_addr().expect("an address");
        let (seen, ended) = (
            Arc::new(AtomicUsize::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let (count, over) = (Arc::clone(&seen), Arc::clone(&ended));
        let thread = std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if over.load(Ordering::Acquire) {
                    return;
                }
                if answer(stream).is_some() {
                    count.fetch_add(1, Ordering::AcqRel);
                }
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

    /// How many requests have reached it.
    pub fn seen(&self) -> usize {
        self.seen.load(Ordering::Acquire)
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

fn answer(mut stream: TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let request = line.trim().rsplit_once(' ')?.0.to_owned();
    let (mut headers, mut length) = (Map::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
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
    let body = serde_json::Value::Object(headers).to_string();
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes()).ok()
}
