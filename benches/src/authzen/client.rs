//! A client of HTTP/1.1 over connections that stay open: as fast as answers come, or at a fixed rate.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::measure::Times;

/// Requests in the form of the wire.
pub(super) type Requests = Arc<Vec<Vec<u8>>>;

/// One connection.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("an option of the socket");
        Self {
            stream,
            buffer: vec![0; 64 * 1024],
        }
    }

    /// Sends a request and waits for its whole answer; whether it was one with 200.
    fn ask(&mut self, request: &[u8]) -> bool {
        self.stream.write_all(request).expect("it is sent");
        let mut filled = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[filled..]);
            let read = read.expect("it is answered");
            assert!(read > 0, "the connection stays open");
            filled += read;
            if let Some(whole) = whole(&self.buffer[..filled]) {
                assert!(whole <= filled, "one answer for one request");
                if whole == filled {
                    return self.buffer.starts_with(b"HTTP/1.1 200");
                }
            }
        }
    }
}

/// How long an answer is whose head is there.
fn whole(text: &[u8]) -> Option<usize> {
    let head = text.windows(4).position(|it| it == b"\r\n\r\n")? + 4;
    let lines = std::str::from_utf8(&text[..head]).ok()?.split("\r\n");
    let mut lengths = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().ok())?
    });
    // A server that sends an answer in parts is not measured here.
    let length = lengths.next().expect("an answer says how long it is");
    // Not all of it may be there yet: the reader goes on until it is.
    Some(head + length).filter(|whole| *whole <= text.len())
}

/// Asks over so many connections as fast as answers come, for a while: answers a second.
pub(super) fn throughput(
    address: SocketAddr,
    requests: &Requests,
    connections: usize,
    lasting: Duration,
) -> f64 {
    let begun = Instant::now();
    let at_work: Vec<JoinHandle<usize>> = (0..connections)
        .map(|nth| {
            let requests = Arc::clone(requests);
            std::thread::spawn(move || {
                let mut connection = Connection::open(address);
                let mut asked = 0;
                while begun.elapsed() < lasting {
                    let request = &requests[(nth * 997 + asked) % requests.len()];
                    assert!(connection.ask(request), "every question is answered");
                    asked += 1;
                }
                asked
            })
        })
        .collect();
    let answers: usize = at_work.into_iter().map(|it| it.join().expect("asks")).sum();
    answers as f64 / begun.elapsed().as_secs_f64()
}

/// Asks at a fixed rate, whether or not answers come: each question's time counts from the instant at
/// which it was to be sent, so that one slow answer does not hide what would have waited behind it.
pub(super) fn at_rate(
    address: SocketAddr,
    requests: &Requests,
    connections: usize,
    rate: f64,
    lasting: Duration,
) -> Times {
    let begun = Instant::now() + Duration::from_millis(50);
    let total = (rate * lasting.as_secs_f64()) as usize;
    let at_work: Vec<JoinHandle<Vec<f64>>> = (0..connections)
        .map(|nth| {
            let requests = Arc::clone(requests);
            std::thread::spawn(move || {
                let mut connection = Connection::open(address);
                let mut took = Vec::with_capacity(total / connections + 1);
                for number in (nth..total).step_by(connections) {
                    let due = begun + Duration::from_secs_f64(number as f64 / rate);
                    let wait = due.saturating_duration_since(Instant::now());
                    if !wait.is_zero() {
                        std::thread::sleep(wait);
                    }
                    let request = &requests[number % requests.len()];
                    assert!(connection.ask(request), "every question is answered");
                    took.push(due.elapsed().as_secs_f64());
                }
                took
            })
        })
        .collect();
    let all = at_work.into_iter();
    all.flat_map(|it| it.join().expect("asks")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_body_is() {
        let text = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nx: y\r\n\r\nabcd";
        assert_eq!(whole(text), Some(text.len()));
        assert_eq!(whole(&text[..text.len() - 1]), None);
        assert_eq!(whole(&text[..20]), None);
    }
}
