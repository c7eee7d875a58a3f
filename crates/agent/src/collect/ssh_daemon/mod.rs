//! Settings of the SSH daemon, by its own word (`sshd -T`) or its configuration.

mod config;

use sekisho_domain::fact::{FactValue, SshDaemon, UnseenReason};

use self::config::{CONFIG, Config, Settings};
use super::processes::{daemon_runs, openrc_enabled, processes, systemd_runs, unit_enabled};
use super::{Found, Outcome};
use crate::host::Host;

const PROGRAMS: [&str; 4] = [
    "/usr/sbin/sshd",
    "/usr/bin/sshd",
    "/usr/local/sbin/sshd",
    "/sbin/sshd",
];
const DUMP: &str = "sshd -T";

/// Whether it runs, or systemd waits for connections in its place.
fn running(host: &Host) -> Option<bool> {
    let socket = systemd_runs(host)
        && ["ssh.socket", "sshd.socket"]
            .iter()
            .any(|unit| unit_enabled(host, unit));
    if socket {
        return Some(true);
    }
    match processes(host) {
        Some(processes) => Some(daemon_runs(&processes, &["sshd"])),
        // Set to run is not running, yet reason enough not to call it stopped.
        None if openrc_enabled(host, "sshd") => Some(true),
        None => None,
    }
}

/// How far a value of `PermitRootLogin` lets root in.
fn openness(value: &str) -> u8 {
    match value {
        "no" => 0,
        "forced-commands-only" => 1,
        "prohibit-password" => 2,
        _ => 3,
    }
}

/// The configuration, where it was read, and what could not be seen.
fn configuration(host: &Host) -> (Option<Config>, &'static str, Option<UnseenReason>) {
    let files = Config::read(host);
    // Only root may read the host keys, without which sshd says nothing.
    let dump = match host.privileged() {
        true => host.run("sshd", &["-T"]).ok(),
        false => None,
    };
    let dump = dump.filter(|output| output.code == 0);
    match (dump, files) {
        (Some(output), Ok(files)) => {
            let config = Config::of_dump(&output.stdout).with_blocks_of(&files);
            (Some(config), DUMP, None)
        }
        (Some(output), Err((path, error))) => {
            let config = Config::of_dump(&output.stdout);
            (Some(config), DUMP, Some(error.reason(path)))
        }
        (None, Ok(files)) => (Some(files), CONFIG, None),
        (None, Err((path, error))) => (None, CONFIG, Some(error.reason(path))),
    }
}

pub(super) fn collect(host: &Host) -> Outcome {
    if !PROGRAMS.iter().any(|program| host.has(program)) {
        let value = FactValue::SshDaemon(SshDaemon {
            installed: false,
            running: Some(false),
            password_authentication: None,
            permit_root_login: None,
            permit_empty_passwords: None,
        });
        return Ok(Found::new(value, PROGRAMS[0]));
    }
    let (config, source, partial) = configuration(host);
    // What a block lets in for some connections is let in.
    let cases = config.map(|config| config.cases());
    let any = |is: fn(&Settings) -> bool| cases.as_ref().map(|cases| cases.iter().any(is));
    let root = cases.as_ref().and_then(|cases| {
        let values = cases.iter().map(Settings::root_login);
        values
            .max_by_key(|value| openness(value))
            .map(str::to_owned)
    });
    let value = FactValue::SshDaemon(SshDaemon {
        installed: true,
        running: running(host),
        password_authentication: any(Settings::passwords),
        permit_root_login: root,
        permit_empty_passwords: any(Settings::empty_passwords),
    });
    Ok(Found::new(value, source).lacking(partial))
}
