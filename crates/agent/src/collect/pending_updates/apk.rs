//! apk (Alpine): `apk version` against the cached index.
//!
//! Alpine has no separate security source: fixes come in the branch itself. Every update offered
//! may carry one and none says so, so each counts as a security update, and the branch as the
//! security source.

use sekisho_domain::fact::{FactValue, PendingUpdate, PendingUpdates, UnseenReason};
use sekisho_domain::time::Timestamp;

use super::super::packages::apk_installed;
use super::super::{Found, Missed, Outcome};
use super::latest;
use crate::host::Host;

const COMMAND: &str = "apk version";
const CACHES: [&str; 2] = ["/etc/apk/cache", "/var/cache/apk"];
const REPOSITORIES: &str = "/etc/apk/repositories";

fn fetched_at(host: &Host, now: Timestamp) -> Option<Timestamp> {
    let mut times = Vec::new();
    for cache in CACHES {
        for name in host.names(cache).unwrap_or_default() {
            if name.starts_with("APKINDEX.") {
                times.extend(host.modified(format!("{cache}/{name}")).ok());
            }
        }
    }
    latest(times.into_iter(), now)
}

/// `busybox-1.36.1-r5    < 1.36.1-r7`, the name being known from the database.
fn parse_line(line: &str, installed: &[(String, String)]) -> Option<PendingUpdate> {
    let (package, candidate) = line.split_once('<')?;
    let package = package.trim();
    let (name, version) = installed.iter().find(|(name, version)| {
        package
            .strip_prefix(name.as_str())
            .and_then(|rest| rest.strip_prefix('-'))
            == Some(version.as_str())
    })?;
    Some(PendingUpdate {
        name: name.clone(),
        installed: version.clone(),
        candidate: candidate.split_whitespace().next()?.to_owned(),
        security: true,
    })
}

pub(super) fn collect(host: &Host, now: Timestamp) -> Outcome {
    let Some(fetched_at) = fetched_at(host, now) else {
        // Without an index apk finds nothing newer, which would read as all being well.
        return Err(Missed {
            reason: UnseenReason::SourceMissing {
                what: format!("{}/APKINDEX.*", CACHES[1]),
            },
            source: COMMAND.to_owned(),
        });
    };
    let repositories = host
        .read_text(REPOSITORIES)
        .map_err(|error| Missed::read(REPOSITORIES, &error))?;
    let installed = apk_installed(host)?;
    let output = host
        .run("apk", &["--no-network", "version", "-l", "<"])
        .map_err(|error| Missed::run(COMMAND, &error))?;
    if output.code != 0 {
        let first = output.stderr.lines().next().unwrap_or_default();
        return Err(Missed::unreadable(COMMAND, first));
    }
    let mut updates = Vec::new();
    for line in output.stdout.lines().filter(|line| line.contains('<')) {
        let update = parse_line(line, &installed);
        updates.push(update.ok_or_else(|| Missed::unreadable(COMMAND, line))?);
    }
    updates.sort_by(|a, b| a.name.cmp(&b.name));
    let branch = |line: &str| line.trim_end_matches('/').ends_with("/main");
    let value = FactValue::PendingUpdates(PendingUpdates {
        updates,
        metadata_at: Some(fetched_at),
        security_source: repositories
            .lines()
            .any(|line| !line.starts_with('#') && branch(line)),
    });
    Ok(Found::new(value, format!("{COMMAND}, {}", CACHES[1])))
}
