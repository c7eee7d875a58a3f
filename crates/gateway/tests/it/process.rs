//! The gateway as a process of its own, so that it can be killed.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use sekisho_gateway::{Event, Gateway, Options, Stop};
use sekisho_tunnel::InterfaceName;

const DATA: &str = "SEKISHO_LAB_DATA";
const INTERFACE: &str = "SEKISHO_LAB_INTERFACE";

/// A running gateway; killed when it is dropped.
pub struct Process(Child);

impl Process {
    /// Runs this test program again, inside a namespace, as a gateway.
    pub fn start(
        namespace: &str,
        data: &Path,
        interface: &str,
        prepare: impl FnOnce(&mut Command),
    ) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", namespace])
            .arg(program)
            .args(["--exact", "process::not_a_test", "--nocapture"])
            .env(DATA, data)
            .env(INTERFACE, interface)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        prepare(&mut command);
        Self(command.spawn().unwrap())
    }

    /// SIGKILL: it can do nothing more.
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Run by the other tests, as the gateway; by itself it does nothing.
#[test]
fn not_a_test() {
    let (Some(data), Ok(interface)) = (std::env::var_os(DATA), std::env::var(INTERFACE)) else {
        return;
    };
    let options = Options {
        interface: InterfaceName::parse(&interface).unwrap(),
        listen_port: None,
        report_every: std::time::Duration::from_millis(500),
        forwards_others: false,
    };
    let gateway = match Gateway::open_closed(&PathBuf::from(data), &options) {
        Ok(gateway) => gateway,
        Err(error) => {
            eprintln!("gateway: {} {error}", error.code());
            return;
        }
    };
    let told = |event| {
        if let Event::Trouble(error) = event {
            eprintln!("gateway: {} {error}", error.code());
        }
    };
    gateway.run(None, &options, &Stop::default(), told).unwrap();
}
