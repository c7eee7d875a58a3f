//! Network namespaces with links between them, removed when the test ends, however it ends.

use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

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
        let (own, other) = (&self.0, &to.0);
        ip(&format!(
            "link add {name} netns {own} type veth peer name {there} netns {other}"
        ));
        for (space, link, address) in [(self, name, address), (to, there, its)] {
            space.ip(&format!("addr add {address} dev {link}"));
            space.ip(&format!("link set {link} up"));
        }
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
}
