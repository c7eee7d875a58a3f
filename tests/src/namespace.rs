//! Network namespaces with links between them, removed when the test ends, however it ends.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// What is missing on this machine to make namespaces and tunnels; none where nothing is.
pub fn no_namespaces(tools: &[&str]) -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("needs root for namespaces".to_owned());
    }
    if !Path::new("/dev/net/tun").exists() {
        return Some("/dev/net/tun is missing".to_owned());
    }
    let absent = |tool: &&&str| Command::new(tool).arg("-V").output().is_err();
    let tool = tools.iter().find(absent);
    tool.map(|tool| format!("{tool} is not installed"))
}

/// A mark that no other test has, for names of interfaces.
pub fn mark() -> String {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("{}x{number}", std::process::id())
}

/// One namespace. It goes when this is dropped.
#[derive(Debug)]
pub struct Namespace(String);

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.0]).output();
    }
}

fn ip(line: &str) {
    let output = Command::new("ip")
        .args(line.split(' '))
        .output()
        .expect("ip starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ip {line}: {said}");
}

impl Namespace {
    /// Makes one with its loopback up.
    ///
    /// # Panics
    /// Where the system does not let it.
    pub fn new(role: &str, mark: &str) -> Self {
        let made = Self(format!("sekisho-{role}-{mark}"));
        ip(&format!("netns add {}", made.0));
        made.ip("link set lo up");
        made
    }

    /// `ip` inside it.
    ///
    /// # Panics
    /// Where the system does not let it.
    pub fn ip(&self, line: &str) {
        ip(&format!("-n {} {line}", self.0));
    }

    /// A link to another one: the name here, the address here, and the same there.
    ///
    /// # Panics
    /// Where the system does not let it.
    pub fn link(&self, (name, address): (&str, &str), to: &Self, (there, its): (&str, &str)) {
        self.bare_link(name, to, there);
        self.ip(&format!("addr add {address} dev {name}"));
        to.ip(&format!("addr add {its} dev {there}"));
    }

    /// A link to another one that carries no address: the name here, and there.
    ///
    /// # Panics
    /// Where the system does not let it.
    pub fn bare_link(&self, name: &str, to: &Self, there: &str) {
        let (own, other) = (&self.0, &to.0);
        ip(&format!(
            "link add {name} netns {own} type veth peer name {there} netns {other}"
        ));
        self.ip(&format!("link set {name} up"));
        to.ip(&format!("link set {there} up"));
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// A program that runs inside it.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.0]).arg(program);
        command
    }

    /// Moves this thread, and whatever it starts, into it for good.
    ///
    /// # Panics
    /// Where the system does not let it.
    pub fn enter(&self) {
        let file = File::open(Path::new("/run/netns").join(&self.0)).expect("the namespace");
        move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))
            .expect("the thread moves");
    }

    /// Does something inside it, on a thread that goes there for it.
    ///
    /// # Panics
    /// Where what is done panics.
    pub fn within<T: Send>(&self, act: impl FnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| {
            let done = scope.spawn(|| {
                self.enter();
                act()
            });
            done.join().expect("it is done there")
        })
    }

    /// A small web server inside it that answers everything with one word, on a thread that ends with the
    /// test's process.
    ///
    /// # Panics
    /// Where the address is taken.
    pub fn answer(&self, address: SocketAddr, word: &'static str) {
        let listener = self.within(|| TcpListener::bind(address).expect("the port is free"));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
                let _ = stream.read(&mut [0; 1024]);
                let length = word.len();
                let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length:";
                let _ = stream.write_all(format!("{head} {length}\r\n\r\n{word}").as_bytes());
            }
        });
    }
}
