//! A mail relay on loopback that keeps what it is given (RFC 5321, the least of it).

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: String,
    pub text: String,
}

impl Mail {
    pub fn header(&self, name: &str) -> String {
        let start = format!("{name}: ");
        let line = self.text.lines().find_map(|line| line.strip_prefix(&start));
        line.unwrap_or_default().trim().to_owned()
    }

    /// The bytes of the attachment.
    pub fn attachment(&self) -> Vec<u8> {
        let (_, part) = self
            .text
            .split_once("application/octet-stream")
            .expect("an attachment");
        assert!(part.contains("Content-Transfer-Encoding: base64"), "{part}");
        let (_, body) = part.split_once("\r\n\r\n").expect("a body");
        let (body, _) = body.split_once("\r\n--").expect("an end");
        let body: String = body.split_whitespace().collect();
        <base64ct::Base64 as base64ct::Encoding>::decode_vec(&body).unwrap()
    }
}

pub struct Relay {
    pub address: SocketAddr,
    pub mails: Arc<Mutex<Vec<Mail>>>,
}

impl Relay {
    /// Listens on `address`. `refuse` answers every recipient with a permanent no.
    pub fn start(address: SocketAddr, refuse: bool) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let mails = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&mails);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that hangs up early is its own affair.
                let _ = talk(stream, refuse, &kept);
            }
        });
        Self { address, mails }
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap().clone()
    }
}

fn talk(mut out: TcpStream, refuse: bool, mails: &Mutex<Vec<Mail>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(out.try_clone()?);
    let mut to = String::new();
    out.write_all(b"220 relay.test\r\n")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "RCPT" if refuse => b"550 5.7.1 not from here\r\n",
            "RCPT" => {
                to = line.trim().to_owned();
                b"250 ok\r\n"
            }
            "DATA" => {
                out.write_all(b"354 go on\r\n")?;
                let mut text = String::new();
                while !text.ends_with("\r\n.\r\n") {
                    if lines.read_line(&mut text)? == 0 {
                        return Ok(());
                    }
                }
                let text = text.strip_suffix(".\r\n").unwrap().to_owned();
                mails.lock().unwrap().push(Mail {
                    to: to.clone(),
                    text,
                });
                b"250 kept\r\n"
            }
            "QUIT" => {
                out.write_all(b"221 bye\r\n")?;
                return Ok(());
            }
            _ => b"250 relay.test\r\n",
        };
        out.write_all(answer)?;
    }
}
