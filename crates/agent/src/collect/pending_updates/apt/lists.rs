//! Versions offered, read from APT's lists themselves: one pass, keeping only what is installed.
//! APT's own tools need some fifty megabytes for the same answer.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};

use super::super::super::packages::Installed;
use super::{LISTS, Policy, Release, preferences};
use crate::host::Host;

/// Priorities of apt_preferences(5) without any preference.
const PRIORITY: u32 = 500;
const PRIORITY_UPGRADES_ONLY: u32 = 100;
const PRIORITY_NEVER: u32 = 1;
const PRIORITY_INSTALLED: u32 = 100;

/// Largest text of all lists together, uncompressed: some ten times Debian's.
const TEXT_MAX: u64 = 1024 * 1024 * 1024;
/// Longest line: a description or a list of files in one.
const LINE_MAX: u64 = 1024 * 1024;

const SOURCES: [&str; 2] = ["/etc/apt/sources.list", "/etc/apt/sources.list.d"];

/// A version offered for a package.
#[derive(Clone, Debug)]
struct Offer {
    version: String,
    priority: u32,
    security: bool,
}

/// Opens a list by the compression that its name states.
fn open(host: &Host, name: &str) -> Option<Box<dyn Read>> {
    let file = host.open(format!("{LISTS}/{name}")).ok()?;
    match name.rsplit_once("_Packages")?.1 {
        "" => Some(Box::new(file)),
        ".gz" => Some(Box::new(flate2::read::MultiGzDecoder::new(file))),
        ".lz4" => Some(Box::new(lz4_flex::frame::FrameDecoder::new(file))),
        _ => None,
    }
}

fn priority(release: &Release) -> u32 {
    match (release.not_automatic, release.but_upgrades) {
        (false, _) => PRIORITY,
        (true, true) => PRIORITY_UPGRADES_ONLY,
        (true, false) => PRIORITY_NEVER,
    }
}

/// Whether sources were changed after lists were fetched: APT then leaves some lists out.
fn sources_changed(host: &Host) -> bool {
    let Ok(fetched) = host.modified(LISTS) else {
        return false;
    };
    let mut paths: Vec<String> = SOURCES.map(str::to_owned).into();
    let names = host.names(SOURCES[1]).unwrap_or_default();
    paths.extend(names.iter().map(|name| format!("{}/{name}", SOURCES[1])));
    paths
        .iter()
        .any(|path| host.modified(path).is_ok_and(|changed| changed > fetched))
}

/// The release to which a list of packages belongs, by the longest common beginning of names.
fn release_of<'a>(name: &str, releases: &'a [(String, Release)]) -> Option<&'a Release> {
    let of = releases.iter().filter(|(base, _)| {
        name.strip_prefix(base.as_str())
            .is_some_and(|rest| rest.starts_with('_'))
    });
    of.max_by_key(|(base, _)| base.len())
        .map(|(_, release)| release)
}

/// Reads one list. None when it ends in the middle or is larger than the limit.
fn read_list(
    text: impl Read,
    left: &mut u64,
    mut offer: impl FnMut(&str, &str, &str),
    wanted: impl Fn(&str) -> bool,
) -> Option<()> {
    let mut text = BufReader::with_capacity(256 * 1024, text);
    let mut line = Vec::new();
    let (mut name, mut version, mut arch) = (String::new(), String::new(), String::new());
    loop {
        line.clear();
        let read = text
            .by_ref()
            .take(LINE_MAX)
            .read_until(b'\n', &mut line)
            .ok()?;
        *left = left.checked_sub(read as u64)?;
        if read == 0 || line == b"\n" {
            if !name.is_empty() && !version.is_empty() {
                offer(&name, &version, &arch);
            }
            name.clear();
            version.clear();
            arch.clear();
            if read == 0 {
                return Some(());
            }
            continue;
        }
        // A list that stops within a line was cut off.
        let whole = line.strip_suffix(b"\n")?;
        let value = |field: &[u8]| {
            let rest = whole.strip_prefix(field)?;
            Some(std::str::from_utf8(rest).ok()?.trim())
        };
        if let Some(found) = value(b"Package: ") {
            if wanted(found) {
                found.clone_into(&mut name);
            }
        } else if name.is_empty() {
            // Of no interest until the next package.
        } else if let Some(found) = value(b"Version: ") {
            found.clone_into(&mut version);
        } else if let Some(found) = value(b"Architecture: ") {
            found.clone_into(&mut arch);
        }
    }
}

/// What APT would say of every installed package; none when only APT itself can tell: settings
/// that choose between versions, lists of an unknown form, damaged lists.
pub(super) fn policies(
    host: &Host,
    installed: &Installed,
    releases: &[(String, Release)],
) -> Option<Vec<Policy>> {
    let own_arch = installed.own_arch.as_deref()?;
    let installed = &installed.packages;
    if !installed.iter().all(|(_, version)| version.is_ascii()) {
        return None;
    }
    let names = host.names(LISTS).ok()?;
    let lists: Vec<&String> = names.iter().filter(|n| n.contains("_Packages")).collect();
    if lists.is_empty()
        || sources_changed(host)
        || !preferences::leave_alone(host, installed, &names)
    {
        return None;
    }
    let places: HashMap<&str, usize> = installed
        .iter()
        .enumerate()
        .map(|(place, (name, _))| (name.as_str(), place))
        .collect();
    let bare: std::collections::HashSet<&str> = installed
        .iter()
        .filter_map(|(name, _)| name.split(':').next())
        .collect();
    let mut offers: Vec<Vec<Offer>> = vec![Vec::new(); installed.len()];
    let mut left = TEXT_MAX;
    for list in lists {
        let release = release_of(list, releases)?;
        let offer = |name: &str, version: &str, arch: &str| {
            let own = arch == own_arch || arch == "all";
            let place = if own {
                places.get(name)
            } else {
                places.get(format!("{name}:{arch}").as_str())
            };
            // Versions are compared byte by byte; no release has others.
            if let Some(place) = place
                && version.is_ascii()
            {
                offers[*place].push(Offer {
                    version: version.to_owned(),
                    priority: priority(release),
                    security: release.security,
                });
            }
        };
        read_list(open(host, list)?, &mut left, offer, |n| bare.contains(n))?;
    }
    let all = installed.iter().zip(offers);
    Some(
        all.map(|((name, version), o)| policy(name, version, o))
            .collect(),
    )
}

fn policy(name: &str, installed: &str, offers: Vec<Offer>) -> Policy {
    let newer_than = |a: &str, b: &str| deb_version::compare_versions(a, b).is_gt();
    let same = |a: &str, b: &str| deb_version::compare_versions(a, b).is_eq();
    let of_installed = offers.iter().filter(|o| same(&o.version, installed));
    let of_installed = of_installed.map(|o| o.priority).max().unwrap_or(0);
    let mut best = (of_installed.max(PRIORITY_INSTALLED), installed.to_owned());
    let mut newer: Vec<Offer> = Vec::new();
    for offer in offers
        .into_iter()
        .filter(|o| newer_than(&o.version, installed))
    {
        match newer.iter_mut().find(|o| same(&o.version, &offer.version)) {
            Some(known) => {
                known.security |= offer.security;
                known.priority = known.priority.max(offer.priority);
            }
            None => newer.push(offer),
        }
    }
    newer.sort_by(|a, b| deb_version::compare_versions(&b.version, &a.version));
    // From the oldest on, so that of equal priorities the newest remains.
    for offer in newer.iter().rev() {
        if offer.priority >= best.0 {
            best = (offer.priority, offer.version.clone());
        }
    }
    Policy {
        name: name.to_owned(),
        installed: installed.to_owned(),
        candidate: best.1,
        newer: newer.into_iter().map(|o| (o.version, o.security)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(version: &str, priority: u32, security: bool) -> Offer {
        Offer {
            version: version.to_owned(),
            priority,
            security,
        }
    }

    #[test]
    fn the_candidate_is_apts_own() {
        for (offers, candidate) in [
            (
                vec![offer("1.0", 500, false), offer("1.2", 500, false)],
                "1.2",
            ),
            // Backports do not replace what comes from the release itself.
            (
                vec![offer("1.0", 500, false), offer("2.0~bpo", 100, false)],
                "1.0",
            ),
            // What came from backports follows them.
            (
                vec![offer("0.9", 500, false), offer("2.0~bpo", 100, false)],
                "2.0~bpo",
            ),
            (vec![offer("3.0", 1, false)], "1.0"),
            (
                vec![offer("1.1~rc1", 500, true), offer("1.1", 500, false)],
                "1.1",
            ),
            (vec![], "1.0"),
        ] {
            assert_eq!(
                policy("a", "1.0", offers.clone()).candidate,
                candidate,
                "{offers:?}"
            );
        }
        let both = policy(
            "a",
            "1.0",
            vec![offer("1.1", 500, false), offer("1.1", 500, true)],
        );
        assert_eq!(both.newer, [("1.1".to_owned(), true)]);
    }

    #[test]
    fn a_list_that_was_cut_off_is_no_list() {
        let text = "Package: a\nArchitecture: all\nVersion: 1\n\nPackage: b\nVersion: 2\n";
        let read = |text: &str, mut left: u64| {
            let mut found = Vec::new();
            read_list(
                text.as_bytes(),
                &mut left,
                |name, version, _| found.push(format!("{name} {version}")),
                |name| name != "c",
            )
            .map(|()| found)
        };
        assert_eq!(read(text, 1000).unwrap(), ["a 1", "b 2"]);
        assert_eq!(read(&text[..text.len() - 1], 1000), None);
        assert_eq!(read(text, 20), None);
    }

    #[test]
    fn a_list_belongs_to_the_longest_release() {
        let release = |security| Release {
            security,
            ..Release::default()
        };
        let releases = [
            ("h_debian_dists_b".to_owned(), release(false)),
            ("h_debian_dists_b-security".to_owned(), release(true)),
        ];
        let of = |name: &str| release_of(name, &releases).map(|r| r.security);
        assert_eq!(
            of("h_debian_dists_b_main_binary-amd64_Packages"),
            Some(false)
        );
        assert_eq!(
            of("h_debian_dists_b-security_main_binary-amd64_Packages.lz4"),
            Some(true)
        );
        assert_eq!(of("other_Packages"), None);
    }
}
