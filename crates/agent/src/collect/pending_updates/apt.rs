//! APT: versions offered, by its lists or by `apt-cache policy`, and the age of the lists.

mod lists;
mod preferences;

use sekisho_domain::fact::{FactValue, PendingUpdate, PendingUpdates};
use sekisho_domain::time::Timestamp;

use super::super::packages::dpkg_installed;
use super::super::{Found, Missed, Outcome};
use super::latest;
use crate::host::{Host, ReadError};

const LISTS: &str = "/var/lib/apt/lists";
/// Touched by APT's own timer only when every source was fetched.
const SUCCESS: &str = "/var/lib/apt/periodic/update-success-stamp";
const COMMAND: &str = "apt-cache policy";

const CACHE: &str = "/var/cache/apt/pkgcache.bin";
/// Keeps apt's cache in memory: looking must not leave a file that was not there.
const IN_MEMORY: [&str; 4] = [
    "-o",
    "Dir::Cache::pkgcache=",
    "-o",
    "Dir::Cache::srcpkgcache=",
];

/// What the signed head of a fetched release says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Release {
    security: bool,
    date: Option<Timestamp>,
    /// Offers nothing unless asked for (`NotAutomatic`), save to what came from it
    /// (`ButAutomaticUpgrades`).
    not_automatic: bool,
    but_upgrades: bool,
}

fn is_security_suite(suite: &str) -> bool {
    // `buster/updates` was the form until Debian 10.
    suite.ends_with("-security") || suite.ends_with("/updates")
}

fn parse_release(text: &str) -> Release {
    let mut release = Release::default();
    for line in text.lines().take(64) {
        // Lists of digests follow the head.
        if line.starts_with(' ') {
            break;
        }
        match line
            .split_once(':')
            .map(|(name, value)| (name, value.trim()))
        {
            Some(("Label", label)) if label.ends_with("-Security") => release.security = true,
            Some(("Suite" | "Codename", suite)) if is_security_suite(suite) => {
                release.security = true;
            }
            Some(("Date", date)) => release.date = parse_date(date),
            Some(("NotAutomatic", value)) => release.not_automatic = value == "yes",
            Some(("ButAutomaticUpgrades", value)) => release.but_upgrades = value == "yes",
            _ => {}
        }
    }
    release
}

/// `Sat, 21 Nov 2026 00:53:02 UTC`.
fn parse_date(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut words = text.split_whitespace().skip(1);
    let day: u8 = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = 1 + MONTHS.iter().position(|month| *month == name)?;
    let (year, time) = (words.next()?, words.next()?);
    if !matches!(words.next(), Some("UTC" | "GMT" | "+0000" | "Z")) {
        return None;
    }
    Timestamp::parse(&format!("{year}-{month:02}-{day:02}T{time}Z")).ok()
}

struct Lists {
    /// The releases by the beginning of the names of their files.
    releases: Vec<(String, Release)>,
    security_source: bool,
    fetched_at: Option<Timestamp>,
}

/// When the lists were last fetched, as far as anything proves it.
///
/// A run that failed also touches `partial`, and one that found nothing new touches nothing else,
/// so the proof is APT's own stamp of success or the signed date of the newest list: it was
/// fetched then or later. Where there is a security source, only its own date counts.
fn lists(host: &Host, now: Timestamp) -> Result<Lists, Missed> {
    let names = host
        .names(LISTS)
        .map_err(|error| Missed::read(LISTS, &error))?;
    let mut releases = Vec::new();
    for name in names
        .iter()
        .filter(|n| n.ends_with("InRelease") || n.ends_with("_Release"))
    {
        let path = format!("{LISTS}/{name}");
        let text = host
            .read_text(&path)
            .map_err(|error| Missed::read(&path, &error))?;
        let modified = host.modified(&path).ok();
        let base = name
            .rsplit_once('_')
            .map_or(name.as_str(), |(base, _)| base);
        let mut release = parse_release(&without_armour(&text));
        release.security |= is_security_host(base);
        releases.push((base.to_owned(), release, modified));
    }
    let security_source = releases.iter().any(|(_, release, _)| release.security);
    let counted = releases
        .iter()
        .filter(|(_, release, _)| release.security || !security_source)
        // The file bears the time at which the server last changed it.
        .flat_map(|(_, release, modified)| [release.date, *modified]);
    let times = counted.chain([host.modified(SUCCESS).ok()]).flatten();
    let fetched_at = latest(times, now);
    let releases = releases
        .into_iter()
        .map(|(base, release, _)| (base, release));
    Ok(Lists {
        releases: releases.collect(),
        security_source,
        fetched_at,
    })
}

/// The text below the head of an OpenPGP clear-signed message.
fn without_armour(text: &str) -> String {
    let mut lines = text.lines();
    if text.starts_with("-----BEGIN PGP SIGNED MESSAGE-----") {
        lines.by_ref().find(|line| line.is_empty());
    }
    let mut body = String::new();
    for line in lines.take(64) {
        body.push_str(line);
        body.push('\n');
    }
    body
}

/// One package of `apt-cache policy`: versions newer than the installed one, newest first.
#[derive(Debug, Default, PartialEq, Eq)]
struct Policy {
    name: String,
    installed: String,
    candidate: String,
    newer: Vec<(String, bool)>,
}

impl Policy {
    fn update(&self) -> Option<PendingUpdate> {
        let offered = self
            .newer
            .iter()
            .any(|(version, _)| *version == self.candidate);
        let secure = self.newer.iter().find(|(_, security)| *security);
        // A fix that pinning holds back is still a fix that is not installed.
        let candidate = match (offered, secure) {
            (true, _) => self.candidate.clone(),
            (false, Some((version, _))) => version.clone(),
            (false, None) => return None,
        };
        Some(PendingUpdate {
            name: self.name.clone(),
            installed: self.installed.clone(),
            candidate,
            // A point release above a security fix contains it.
            security: secure.is_some(),
        })
    }
}

/// Whether a source is a distribution's security archive by its host's name, whatever the domain.
fn is_security_host(host: &str) -> bool {
    host.starts_with("security.")
}

/// Whether a line of the version table names a security source:
/// `500 http://mirror.example/debian-security bookworm-security/main amd64 Packages`.
fn is_security_line(line: &str) -> bool {
    let mut words = line.split_whitespace().skip(1);
    let (Some(uri), Some(suite)) = (words.next(), words.next()) else {
        return false;
    };
    let suite = suite.rsplit_once('/').map_or(suite, |(suite, _)| suite);
    is_security_suite(suite)
        || uri
            .split_once("://")
            .is_some_and(|(_, rest)| is_security_host(rest))
}

fn parse_policies(text: &str) -> Result<Vec<Policy>, String> {
    let mut policies: Vec<Policy> = Vec::new();
    let mut reached_installed = false;
    for (number, line) in text.lines().enumerate() {
        if !line.starts_with(' ') {
            let name = line.strip_suffix(':');
            let name = name
                .ok_or_else(|| format!("line {}", number + 1))?
                .to_owned();
            policies.push(Policy {
                name,
                ..Policy::default()
            });
            reached_installed = false;
            continue;
        }
        let Some(policy) = policies.last_mut() else {
            return Err(format!("line {}", number + 1));
        };
        if let Some(version) = line.strip_prefix("  Installed: ") {
            version.clone_into(&mut policy.installed);
        } else if let Some(version) = line.strip_prefix("  Candidate: ") {
            version.clone_into(&mut policy.candidate);
        } else if line.starts_with(" *** ") {
            reached_installed = true;
        } else if reached_installed {
            // Older versions are of no interest.
        } else if line.starts_with("        ") {
            if let Some((_, security)) = policy.newer.last_mut() {
                *security |= is_security_line(line);
            }
        } else if let Some(row) = line.strip_prefix("     ") {
            let version = row.split(' ').next().unwrap_or_default();
            policy.newer.push((version.to_owned(), false));
        }
    }
    Ok(policies)
}

/// What APT's own tool says: the way where settings choose between versions.
fn ask(host: &Host, installed: &[(String, String)]) -> Result<Vec<Policy>, Missed> {
    // Where apt keeps a cache, using it takes a third of the time.
    let mut args: Vec<&str> = if host.has(CACHE) {
        Vec::new()
    } else {
        IN_MEMORY.to_vec()
    };
    args.push("policy");
    args.extend(installed.iter().map(|(name, _)| name.as_str()));
    let output = host
        .run("apt-cache", &args)
        .map_err(|error| Missed::run(COMMAND, &error))?;
    if output.code != 0 {
        let first = output.stderr.lines().next().unwrap_or_default();
        return Err(Missed::unreadable(COMMAND, first));
    }
    let policies =
        parse_policies(&output.stdout).map_err(|detail| Missed::unreadable(COMMAND, detail))?;
    if policies.is_empty() {
        return Err(Missed::read(COMMAND, &ReadError::Missing));
    }
    Ok(policies)
}

pub(super) fn collect(host: &Host, now: Timestamp) -> Outcome {
    let fetched = lists(host, now)?;
    let installed = dpkg_installed(host)?;
    let read = lists::policies(host, &installed, &fetched.releases);
    let (policies, source) = match read {
        Some(policies) => (policies, LISTS.to_owned()),
        None => (
            ask(host, &installed.packages)?,
            format!("{COMMAND}, {LISTS}"),
        ),
    };
    let mut updates: Vec<PendingUpdate> = policies.iter().filter_map(Policy::update).collect();
    updates.sort_by(|a, b| a.name.cmp(&b.name));
    let value = FactValue::PendingUpdates(PendingUpdates {
        updates,
        metadata_at: fetched.fetched_at,
        security_source: fetched.security_source,
    });
    Ok(Found::new(value, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = "\
apt:
  Installed: 2.6.1
  Candidate: 2.6.3
  Version table:
     2.6.3 500
        500 http://mirror.example/debian bookworm/main amd64 Packages
     2.6.2 500
        500 http://mirror.example/debian-security bookworm-security/main amd64 Packages
 *** 2.6.1 100
        100 /var/lib/dpkg/status
     2.6.0 500
        500 http://mirror.example/debian-security bookworm-security/main amd64 Packages
bash:
  Installed: 5.2-1
  Candidate: 5.2-1
  Version table:
     5.2-2 500
        500 http://mirror.example/debian bookworm-backports/main amd64 Packages
 *** 5.2-1 500
        500 http://mirror.example/debian bookworm/main amd64 Packages
        100 /var/lib/dpkg/status
curl:
  Installed: 7.88-1
  Candidate: 7.88-1
  Version table:
     7.88-2 -1
        500 http://mirror.example/debian-security bookworm-security/main amd64 Packages
 *** 7.88-1 1001
        100 /var/lib/dpkg/status
";

    #[test]
    fn a_point_release_above_a_security_fix_is_one_and_pins_hide_none() {
        let policies = parse_policies(POLICY).unwrap();
        let updates: Vec<_> = policies.iter().filter_map(Policy::update).collect();
        let brief: Vec<_> = updates
            .iter()
            .map(|u| (u.name.as_str(), u.candidate.as_str(), u.security))
            .collect();
        assert_eq!(brief, [("apt", "2.6.3", true), ("curl", "7.88-2", true)]);
        assert!(parse_policies("E: broken\n").is_err());
    }

    #[test]
    fn the_signed_head_says_date_and_security() {
        let text = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: Debian\n\
            Label: Debian-Security\nSuite: oldstable-security\n\
            Date: Sat, 21 Nov 2026 00:53:02 UTC\nMD5Sum:\n 00 1 Label: x\n";
        let release = parse_release(&without_armour(text));
        assert!(release.security);
        assert_eq!(release.date.unwrap().to_rfc3339(), "2026-11-21T00:53:02Z");
        assert_eq!(parse_date("Sat, 21 Nov 2026 00:53:02 JST"), None);
        assert!(!parse_release("Suite: stable\nLabel: Debian\n").security);
    }
}
