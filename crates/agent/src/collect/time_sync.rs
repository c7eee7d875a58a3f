//! Time synchronisation: which service keeps the clock, and whether it is synchronised.

use sekisho_domain::fact::{FactValue, TimeSync, UnseenReason};

use super::machine_identity::in_container;
use super::processes::{daemon_runs, openrc_enabled, processes, systemd_runs, unit_enabled};
use super::{Found, Missed, Outcome};
use crate::host::{Host, ReadError};

/// A service that keeps the clock.
struct Service {
    name: &'static str,
    programs: &'static [&'static str],
    process: &'static str,
    units: &'static [&'static str],
}

/// The better ones first, should several be installed and none run.
const SERVICES: [Service; 4] = [
    Service {
        name: "chrony",
        programs: &["/usr/sbin/chronyd", "/usr/bin/chronyd"],
        process: "chronyd",
        units: &["chrony.service", "chronyd.service"],
    },
    Service {
        name: "ntpd",
        programs: &["/usr/sbin/ntpd"],
        process: "ntpd",
        units: &[
            "ntp.service",
            "ntpd.service",
            "ntpsec.service",
            "openntpd.service",
        ],
    },
    Service {
        name: "systemd-timesyncd",
        programs: &[
            "/usr/lib/systemd/systemd-timesyncd",
            "/lib/systemd/systemd-timesyncd",
        ],
        process: "systemd-timesyncd",
        units: &["systemd-timesyncd.service"],
    },
    Service {
        name: "ptp4l",
        programs: &["/usr/sbin/ptp4l"],
        process: "ptp4l",
        units: &["ptp4l.service"],
    },
];

/// Touched by timesyncd after each synchronisation.
const TIMESYNCD: &str = "/run/systemd/timesync/synchronized";
const TIMEDATECTL: &str = "timedatectl show";
const CHRONYC: &str = "chronyc -c tracking";

/// The service that runs, else one that is set to run, else one that is installed.
/// None where processes are hidden and nothing is set to run: it may run all the same.
fn service(host: &Host) -> Option<(Option<&'static Service>, bool)> {
    let processes = processes(host);
    let runs = |service: &&Service| match &processes {
        Some(processes) => daemon_runs(processes, &[service.process]),
        None => {
            service.units.iter().any(|unit| unit_enabled(host, unit))
                || openrc_enabled(host, service.process)
        }
    };
    if let Some(service) = SERVICES.iter().find(runs) {
        return Some((Some(service), true));
    }
    let installed = |service: &&Service| service.programs.iter().any(|p| host.has(p));
    processes
        .is_some()
        .then(|| (SERVICES.iter().find(installed), false))
}

/// Whether the clock is synchronised, by whoever says so, and who that was.
fn synchronised(host: &Host) -> Option<(bool, &'static str)> {
    // The kernel's own mark, whichever service sets it.
    if systemd_runs(host)
        && let Ok(output) = host.run("timedatectl", &["show", "--property=NTPSynchronized"])
        && output.code == 0
        && let Some(value) = output.stdout.trim().strip_prefix("NTPSynchronized=")
    {
        return Some((value == "yes", TIMEDATECTL));
    }
    if let Ok(output) = host.run("chronyc", &["-c", "tracking"])
        && output.code == 0
        && let Some(leap) = output.stdout.trim().rsplit(',').next()
    {
        return Some((leap != "Not synchronised", CHRONYC));
    }
    host.has(TIMESYNCD).then_some((true, TIMESYNCD))
}

pub(super) fn collect(host: &Host) -> Outcome {
    if in_container(host) {
        // The clock is the host's, and so is what keeps it.
        let reason = UnseenReason::Hidden {
            what: "container".to_owned(),
        };
        return Err(Missed {
            reason,
            source: TIMEDATECTL.to_owned(),
        });
    }
    let Some((service, active)) = service(host) else {
        return Err(Missed::read("/proc/*/status", &ReadError::Denied));
    };
    // Without a running service a mark that one once set says nothing.
    let synchronised = active.then(|| synchronised(host)).flatten();
    let source = synchronised.map_or("/proc/*/status", |(_, source)| source);
    let value = FactValue::TimeSync(TimeSync {
        service: service.map(|service| service.name.to_owned()),
        active,
        synchronised: synchronised.map(|(value, _)| value),
    });
    Ok(Found::new(value, source))
}
