//! Running processes and services set to run, for collectors that ask whether a daemon works.

use sekisho_domain::fact::UnseenReason;

use crate::host::Host;

pub(super) const PROC: &str = "/proc";

/// The kernel cuts names of processes at this length (`TASK_COMM_LEN`).
const NAME_MAX: usize = 15;

/// Ids below this belong to the system. Anybody can name a process of his own after a daemon.
const FIRST_PERSON: u32 = 1000;

/// One process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub pid: u32,
    /// Its name, cut at fifteen bytes by the kernel.
    pub name: String,
    /// User it acts as.
    pub uid: u32,
}

/// Why something of another process was refused. Root is refused only where something fences it
/// in.
pub(super) fn refused(host: &Host, what: &str) -> UnseenReason {
    if host.privileged() {
        let what = "sandbox".to_owned();
        return UnseenReason::Hidden { what };
    }
    UnseenReason::NeedsPrivilege {
        what: what.to_owned(),
    }
}

/// Numbers of the processes that can be seen.
pub(super) fn pids(host: &Host) -> Vec<u32> {
    let names = host.names(PROC).unwrap_or_default();
    names.iter().filter_map(|name| name.parse().ok()).collect()
}

fn process(host: &Host, pid: u32) -> Option<Process> {
    let status = host.read_text(format!("{PROC}/{pid}/status")).ok()?;
    let field = |name: &str| {
        let found = status.lines().find_map(|line| line.strip_prefix(name));
        found.map(str::trim)
    };
    // What has ended and waits to be collected does nothing.
    if field("State:")?.starts_with(['Z', 'X']) {
        return None;
    }
    Some(Process {
        pid,
        name: field("Name:")?.to_owned(),
        uid: field("Uid:")?.split_whitespace().nth(1)?.parse().ok()?,
    })
}

/// Every running process; none where those of others are hidden (`hidepid`), which shows in that
/// not even the first one can be seen.
pub(super) fn processes(host: &Host) -> Option<Vec<Process>> {
    process(host, 1)?;
    let pids = pids(host).into_iter();
    Some(pids.filter_map(|pid| process(host, pid)).collect())
}

/// Whether a daemon of the system runs under one of these names.
pub(super) fn daemon_runs(processes: &[Process], names: &[&str]) -> bool {
    processes
        .iter()
        .any(|process| process.uid < FIRST_PERSON && names.iter().any(|n| is_named(process, n)))
}

fn is_named(process: &Process, name: &str) -> bool {
    process.name == name.get(..NAME_MAX).unwrap_or(name)
}

/// Whether systemd keeps this machine.
pub(super) fn systemd_runs(host: &Host) -> bool {
    host.has("/run/systemd/system")
}

/// Whether a unit of systemd is set to start: wanted by some target and not masked.
pub(super) fn unit_enabled(host: &Host, unit: &str) -> bool {
    const UNITS: &str = "/etc/systemd/system";
    let masked = host.read_link(format!("{UNITS}/{unit}"));
    if masked.is_ok_and(|target| target.as_os_str() == "/dev/null") {
        return false;
    }
    let folders = [UNITS, "/usr/lib/systemd/system", "/lib/systemd/system"];
    folders.iter().any(|folder| {
        let names = host.names(folder).unwrap_or_default();
        names
            .iter()
            .filter(|name| name.ends_with(".wants") || name.ends_with(".requires"))
            .any(|wants| host.has_link(format!("{folder}/{wants}/{unit}")))
    })
}

/// Whether `OpenRC` (Alpine, Gentoo) is set to start a service.
pub(super) fn openrc_enabled(host: &Host, service: &str) -> bool {
    const LEVELS: &str = "/etc/runlevels";
    let levels = host.names(LEVELS).unwrap_or_default();
    levels
        .iter()
        .any(|level| host.has_link(format!("{LEVELS}/{level}/{service}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_and_peoples_processes_do_not_count() {
        let process = |name: &str, uid| Process {
            pid: 7,
            name: name.to_owned(),
            uid,
        };
        let running = [process("systemd-timesyn", 997), process("clamd", 1000)];
        assert!(daemon_runs(&running, &["chronyd", "systemd-timesyncd"]));
        assert!(!daemon_runs(&running, &["clamd"]));
        assert!(!daemon_runs(&running, &["systemd-times"]));
    }
}
