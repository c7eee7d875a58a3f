//! dnf 4 and dnf 5: updates in the cached metadata (`-C`), and which of them advisories call
//! security updates.

use std::collections::HashSet;

use sekisho_domain::fact::{FactValue, Package, PendingUpdate, PendingUpdates, UnseenReason};
use sekisho_domain::time::Timestamp;

use super::super::packages::rpm_installed;
use super::super::{Found, Missed, Outcome};
use super::latest;
use crate::host::{Host, ReadError};

const CHECK: &str = "dnf check-update";
const ADVISORIES: &str = "dnf updateinfo list --security";
const CACHES: [&str; 2] = ["/var/cache/dnf", "/var/cache/libdnf5"];
/// `dnf check-update` says by this code that there are updates.
const UPDATES_OFFERED: i32 = 100;

struct Cache {
    fetched_at: Option<Timestamp>,
    /// Whether any repository's metadata carry advisories at all.
    advisories: bool,
    denied: bool,
}

fn cache(host: &Host, now: Timestamp) -> Cache {
    let mut found = Cache {
        fetched_at: None,
        advisories: false,
        denied: false,
    };
    let mut times = Vec::new();
    for cache in CACHES {
        let repositories = host.names(cache);
        found.denied |= repositories == Err(ReadError::Denied);
        for repository in repositories.unwrap_or_default() {
            let folder = format!("{cache}/{repository}/repodata");
            times.extend(host.modified(format!("{folder}/repomd.xml")).ok());
            let names = host.names(&folder).unwrap_or_default();
            found.advisories |= names.iter().any(|name| name.contains("updateinfo"));
        }
    }
    found.fetched_at = latest(times.into_iter(), now);
    found
}

/// `openssl-libs.x86_64   1:3.0.7-28.el9_4   baseos`
fn parse_offer(line: &str) -> Option<(&str, &str, &str)> {
    let mut words = line.split_whitespace();
    let (name, arch) = words.next()?.rsplit_once('.')?;
    let version = words.next()?;
    let _repository = words.next()?;
    // Lines of other sections and messages have no release in the second word.
    (version.contains('-') && words.next().is_none()).then_some((name, arch, version))
}

fn without_epoch(version: &str) -> &str {
    version.split_once(':').map_or(version, |(_, rest)| rest)
}

fn offers<'a>(text: &'a str, installed: &[Package]) -> Vec<(&'a str, &'a str, PendingUpdate)> {
    text.lines()
        .take_while(|line| !line.starts_with("Obsoleting"))
        .filter_map(parse_offer)
        .filter_map(|(name, arch, candidate)| {
            // Several kernels may be installed: the newest is what the offer would follow.
            let old = installed
                .iter()
                .rfind(|p| p.name == name && p.arch == arch)?;
            let update = PendingUpdate {
                name: name.to_owned(),
                installed: old.version.clone(),
                candidate: candidate.to_owned(),
                security: false,
            };
            Some((name, arch, update))
        })
        .collect()
}

/// Runs dnf on its cache; a refused cache is said as such.
fn dnf(host: &Host, what: &str, args: &[&str]) -> Result<(i32, String), Missed> {
    let output = host
        .run("dnf", args)
        .map_err(|error| Missed::run(what, &error))?;
    if output.code == 0 || output.code == UPDATES_OFFERED {
        return Ok((output.code, output.stdout));
    }
    let first = output.stderr.lines().next().unwrap_or_default();
    if !host.privileged() {
        let reason = UnseenReason::NeedsPrivilege {
            what: what.to_owned(),
        };
        return Err(Missed {
            reason,
            source: what.to_owned(),
        });
    }
    Err(Missed::unreadable(what, first))
}

pub(super) fn collect(host: &Host, now: Timestamp) -> Outcome {
    let cache = cache(host, now);
    let installed = rpm_installed(host)?;
    let (code, text) = dnf(host, CHECK, &["-C", "-q", "check-update"])?;
    let offers = offers(&text, &installed);
    if code == UPDATES_OFFERED && offers.is_empty() {
        return Err(Missed::unreadable(
            CHECK,
            "says there are updates and names none",
        ));
    }
    let args = ["-C", "-q", "updateinfo", "list", "--security"];
    let (_, advisories) = dnf(host, ADVISORIES, &args)?;
    let named: HashSet<&str> = advisories.split_whitespace().collect();
    let mut updates: Vec<PendingUpdate> = Vec::new();
    for (name, arch, mut update) in offers {
        let full = format!("{name}-{}.{arch}", update.candidate);
        let short = format!("{name}-{}.{arch}", without_epoch(&update.candidate));
        // An older advisory's fix is contained in the newer version offered.
        let older = |word: &&str| {
            let rest = word
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('-'));
            rest.is_some_and(|rest| {
                rest.ends_with(arch) && rest.starts_with(|c: char| c.is_ascii_digit())
            })
        };
        update.security = named.contains(full.as_str())
            || named.contains(short.as_str())
            || named.iter().any(older);
        updates.push(update);
    }
    updates.sort_by(|a, b| a.name.cmp(&b.name));
    let value = FactValue::PendingUpdates(PendingUpdates {
        updates,
        metadata_at: cache.fetched_at,
        security_source: cache.advisories,
    });
    let partial = cache.denied.then(|| UnseenReason::NeedsPrivilege {
        what: CACHES[0].to_owned(),
    });
    Ok(Found::new(value, format!("{CHECK}, {ADVISORIES}")).lacking(partial))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_offers_are_read_as_offers() {
        let line = "openssl-libs.x86_64      1:3.0.7-28.el9_4      baseos";
        assert_eq!(
            parse_offer(line),
            Some(("openssl-libs", "x86_64", "1:3.0.7-28.el9_4"))
        );
        assert_eq!(
            parse_offer("Last metadata expiration check: 0:10:01 ago"),
            None
        );
        assert_eq!(parse_offer(""), None);
        assert_eq!(without_epoch("1:3.0-2"), "3.0-2");
    }
}
