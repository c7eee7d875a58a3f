//! A mail relay that is not ours, with TLS, authentication and faults: `tests/peers/smtp.py`.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::places::root;
use crate::relay::base64;
use crate::skip::python;

/// How long it may take to listen, or a mail to come.
const LIMIT: Duration = Duration::from_secs(60);

/// The running relay.
pub struct SmtpPeer {
    child: Child,
    input: Option<ChildStdin>,
    said: mpsc::Receiver<Value>,
    folder: TempDir,
    address: SocketAddr,
    mails: Vec<PeerMail>,
}

/// A mail that it took.
#[derive(Clone, Debug)]
pub struct PeerMail {
    /// Addresses of its receivers.
    pub to: Vec<String>,
    /// Whether it came under TLS.
    pub tls: bool,
    /// Whether the sender had signed in.
    pub signed_in: bool,
    /// Headers and body as they came.
    pub text: String,
}

impl PeerMail {
    fn read(value: &Value) -> Self {
        let to = value["to"].as_array().into_iter().flatten();
        let text = base64(value["text"].as_str().unwrap_or_default());
        Self {
            to: to.filter_map(Value::as_str).map(str::to_owned).collect(),
            tls: value["tls"] == true,
            signed_in: value["signed_in"] == true,
            text: String::from_utf8_lossy(&text).into_owned(),
        }
    }

    /// The body of a mail with one part, decoded.
    pub fn body(&self) -> String {
        crate::relay::body(&self.text)
    }
}

impl SmtpPeer {
    /// Starts one of a kind (`starttls`, `implicit+auth` …); none where Python is not equipped.
    ///
    /// # Panics
    /// Where it does not come to listen.
    pub fn start(kind: &str) -> Option<Self> {
        let python = python()?;
        let folder = TempDir::new().expect("a temporary folder");
        let mut child = Command::new(python)
            .arg(root().join("tests/peers/smtp.py"))
            .arg(folder.path())
            .arg(kind)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python starts");
        let input = child.stdin.take();
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let (tell, said) = mpsc::channel();
        // Ends with the output of the process.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let value = serde_json::from_str(&line).unwrap_or_default();
                if tell.send(value).is_err() {
                    return;
                }
            }
        });
        let mut peer = Self {
            child,
            input,
            said,
            folder,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            mails: Vec::new(),
        };
        let port = peer.wait(|value| value["port"].as_u64());
        peer.address.set_port(u16::try_from(port).expect("a port"));
        Some(peer)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate of the authority that vouches for it.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Tells it how to answer from now on: `ok`, `rcpt 451 later`, `data 554 no`, `hang`, `drop`.
    ///
    /// # Panics
    /// Where it has ended.
    pub fn answer(&mut self, how: &str) {
        let input = self.input.as_mut().expect("a running relay");
        writeln!(input, "{how}").expect("told");
        self.wait(|value| value["told"].as_str().map(|_| ()));
    }

    /// Everything that it has taken, once there are so many.
    ///
    /// # Panics
    /// Where they do not come in time.
    pub fn mails(&mut self, least: usize) -> &[PeerMail] {
        while self.mails.len() < least {
            self.wait(|value| value.get("mail").map(|_| ()));
        }
        &self.mails
    }

    /// What it has taken by now.
    pub fn mails_now(&mut self) -> &[PeerMail] {
        while let Ok(value) = self.said.try_recv() {
            self.keep(&value);
        }
        &self.mails
    }

    fn keep(&mut self, value: &Value) {
        if let Some(mail) = value.get("mail") {
            self.mails.push(PeerMail::read(mail));
        }
    }

    fn wait<T>(&mut self, find: impl Fn(&Value) -> Option<T>) -> T {
        let deadline = Instant::now() + LIMIT;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(value) = self.said.recv_timeout(left) else {
                let taken = self.mails.iter().map(|mail| (&mail.to, mail.body()));
                panic!(
                    "no word of the relay; taken: {:#?}",
                    taken.collect::<Vec<_>>()
                );
            };
            self.keep(&value);
            if let Some(found) = find(&value) {
                return found;
            }
        }
    }
}

impl Drop for SmtpPeer {
    fn drop(&mut self) {
        // It ends with its input; what hangs ends with it.
        self.input = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
