//! Whether updates install themselves: unattended-upgrades, dnf-automatic, rpm-ostree, apk by
//! cron.

use sekisho_domain::fact::{AutomaticUpdates, FactValue, PackageFormat, UnseenReason};

use super::ini::Ini;
use super::packages::format_of;
use super::processes::{daemon_runs, openrc_enabled, processes, systemd_runs, unit_enabled};
use super::{Found, Missed, Outcome};
use crate::host::{Host, ReadError};

const APT_CONFIG: &str = "apt-config dump";
const UNATTENDED: [&str; 2] = [
    "/usr/bin/unattended-upgrade",
    "/usr/bin/unattended-upgrades",
];
const DNF: [&str; 3] = [
    "/usr/share/dnf5/dnf5-plugins/automatic.conf",
    "/etc/dnf/dnf5-plugins/automatic.conf",
    "/etc/dnf/automatic.conf",
];
const OSTREE: &str = "/etc/rpm-ostreed.conf";

fn answer(mechanism: Option<&str>, enabled: bool, security: bool) -> FactValue {
    FactValue::AutomaticUpdates(AutomaticUpdates {
        mechanism: mechanism.map(str::to_owned),
        enabled,
        security: enabled && security,
    })
}

/// Whether a timer of systemd is set and systemd is there to keep it.
fn timer(host: &Host, unit: &str) -> bool {
    systemd_runs(host) && unit_enabled(host, unit)
}

/// Whether cron runs, or is set to where processes are hidden.
fn cron(host: &Host) -> bool {
    match processes(host) {
        Some(processes) => daemon_runs(&processes, &["cron", "crond", "anacron", "busybox"]),
        None => {
            ["cron.service", "crond.service"]
                .iter()
                .any(|unit| timer(host, unit))
                || openrc_enabled(host, "crond")
        }
    }
}

/// `NAME "value";` lines of `apt-config dump`.
fn apt_values<'a>(dump: &'a str, name: &str) -> Vec<&'a str> {
    let lines = dump.lines().filter_map(|line| {
        let (key, value) = line.split_once(' ')?;
        let key = key.trim_end_matches("::");
        // APT's names ignore case.
        key.eq_ignore_ascii_case(name)
            .then(|| value.trim_end_matches(';').trim_matches('"'))
    });
    lines.filter(|value| !value.is_empty()).collect()
}

/// An interval of APT: `0` switches off, `always` or a number (of days, or with a unit) on.
fn apt_interval(dump: &str, name: &str) -> bool {
    apt_values(dump, name).last().is_some_and(|value| {
        *value == "always" || value.starts_with(|c: char| matches!(c, '1'..='9'))
    })
}

fn apt(host: &Host) -> Outcome {
    let output = host
        .run("apt-config", &["dump"])
        .map_err(|error| Missed::run(APT_CONFIG, &error))?;
    if output.code != 0 {
        let first = output.stderr.lines().next().unwrap_or_default();
        return Err(Missed::unreadable(APT_CONFIG, first));
    }
    let dump = output.stdout;
    let source = format!("{APT_CONFIG}, {}", UNATTENDED[0]);
    if !UNATTENDED.iter().any(|program| host.has(program)) {
        return Ok(Found::new(answer(None, false, false), source));
    }
    let allowed = apt_values(&dump, "APT::Periodic::Enable").last() != Some(&"0");
    let intervals = apt_interval(&dump, "APT::Periodic::Update-Package-Lists")
        && apt_interval(&dump, "APT::Periodic::Unattended-Upgrade");
    let started = (timer(host, "apt-daily-upgrade.timer") && timer(host, "apt-daily.timer"))
        || (!systemd_runs(host) && host.has("/etc/cron.daily/apt-compat") && cron(host));
    let origins = ["Origins-Pattern", "Allowed-Origins"];
    let security = origins.iter().any(|list| {
        apt_values(&dump, &format!("Unattended-Upgrade::{list}"))
            .iter()
            .any(|origin| origin.to_ascii_lowercase().contains("security"))
    });
    let value = answer(
        Some("unattended-upgrades"),
        allowed && intervals && started,
        security,
    );
    Ok(Found::new(value, source))
}

fn ostree(host: &Host) -> Option<Found> {
    let text = host.read_text(OSTREE).ok()?;
    let policy = Ini::parse(&text);
    let policy = policy.get("Daemon", "AutomaticUpdatePolicy")?;
    let on = matches!(policy, "stage" | "apply") && timer(host, "rpm-ostreed-automatic.timer");
    // An image is renewed as a whole, its security fixes included.
    Some(Found::new(answer(Some("rpm-ostree"), on, true), OSTREE))
}

fn dnf(host: &Host) -> Outcome {
    if host.has("/run/ostree-booted")
        && let Some(found) = ostree(host)
    {
        return Ok(found);
    }
    let mut settings = Ini::default();
    let mut read = None;
    for path in DNF {
        match host.read_text(path) {
            Ok(text) => {
                settings.add(&text);
                read = Some(path);
            }
            Err(ReadError::Missing) => {}
            Err(error) => return Err(Missed::read(path, &error)),
        }
    }
    let Some(source) = read else {
        return Ok(Found::new(answer(None, false, false), DNF[2]));
    };
    let applies = settings
        .get("commands", "apply_updates")
        .is_some_and(|v| matches!(v.to_ascii_lowercase().as_str(), "yes" | "true" | "1" | "on"));
    // One timer follows the file, the other installs whatever the file says.
    let follows = ["dnf-automatic.timer", "dnf5-automatic.timer"];
    let enabled = (applies && follows.iter().any(|unit| timer(host, unit)))
        || timer(host, "dnf-automatic-install.timer");
    // Either kind of upgrade installs security updates; there are no others.
    let kind = settings
        .get("commands", "upgrade_type")
        .unwrap_or("default");
    let security = matches!(kind, "default" | "security");
    let value = answer(Some("dnf-automatic"), enabled, security);
    Ok(Found::new(value, source))
}

/// Whether a script upgrades all packages.
fn upgrades(text: &str) -> bool {
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'));
    lines
        .filter(|line| line.contains("apk"))
        .any(|line| line.split_whitespace().any(|word| word == "upgrade"))
}

fn apk(host: &Host) -> Outcome {
    const CRONTAB: &str = "/etc/crontabs/root";
    const PERIODIC: &str = "/etc/periodic";
    let mut files = vec![CRONTAB.to_owned()];
    for period in host.names(PERIODIC).unwrap_or_default() {
        let folder = format!("{PERIODIC}/{period}");
        let names = host.names(&folder).unwrap_or_default();
        files.extend(names.iter().map(|name| format!("{folder}/{name}")));
    }
    let (mut found, mut refused) = (None, None);
    for path in files {
        match host.read_text(&path) {
            Ok(text) if upgrades(&text) => found = found.or(Some(path)),
            Err(ReadError::Denied) => refused = refused.or(Some(path)),
            _ => {}
        }
    }
    let mechanism = found.is_some().then_some("cron: apk upgrade");
    let enabled = found.is_some() && cron(host);
    let partial = refused
        .filter(|_| !enabled)
        .map(|what| UnseenReason::NeedsPrivilege { what });
    // Alpine's branches carry fixes and nothing else.
    let value = answer(mechanism, enabled, true);
    let source = found.unwrap_or_else(|| format!("{CRONTAB}, {PERIODIC}"));
    Ok(Found::new(value, source).lacking(partial))
}

pub(super) fn collect(host: &Host) -> Outcome {
    match format_of(host) {
        Some(PackageFormat::Deb) => apt(host),
        Some(PackageFormat::Rpm) => dnf(host),
        Some(PackageFormat::Apk) => apk(host),
        _ => Err(Missed::read("apt, dnf, apk", &ReadError::Missing)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_apt_are_read_by_their_last_value() {
        let dump = "APT::Periodic \"\";\nAPT::Periodic::Unattended-Upgrade \"1\";\n\
            apt::periodic::update-package-lists \"0\";\n\
            Unattended-Upgrade::Origins-Pattern:: \"origin=Debian,label=Debian-Security\";\n";
        assert!(apt_interval(dump, "APT::Periodic::Unattended-Upgrade"));
        assert!(!apt_interval(dump, "APT::Periodic::Update-Package-Lists"));
        assert!(!apt_interval(dump, "APT::Periodic::Missing"));
        let origins = apt_values(dump, "Unattended-Upgrade::Origins-Pattern");
        assert_eq!(origins, ["origin=Debian,label=Debian-Security"]);
    }

    #[test]
    fn scripts_that_upgrade_are_known() {
        assert!(upgrades("#!/bin/sh\napk -U upgrade --available\n"));
        assert!(upgrades("0 3 * * * apk update && apk upgrade\n"));
        assert!(!upgrades("# apk upgrade\napk update\n"));
    }
}
