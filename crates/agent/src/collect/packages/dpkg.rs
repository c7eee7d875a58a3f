//! The database of dpkg: `/var/lib/dpkg/status` and the journal of an interrupted run.

use std::collections::{BTreeMap, HashMap};

use sekisho_domain::fact::{FactValue, Package, PackageFormat, Packages};

use super::super::{Found, Missed, Outcome};
use super::changelog;
use crate::host::{Host, text_of};

pub(super) const STATUS: &str = "/var/lib/dpkg/status";
const UPDATES: &str = "/var/lib/dpkg/updates";
const INFO: &str = "/var/lib/dpkg/info";

/// Largest database that is read: some ten times that of a full desktop.
const STATUS_MAX: u64 = 64 * 1024 * 1024;

/// One paragraph of the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Stanza {
    name: String,
    arch: String,
    version: String,
    source: String,
    status: String,
}

impl Stanza {
    /// The third word of `Status`: how far the package is on the machine.
    fn state(&self) -> &str {
        self.status.split(' ').nth(2).unwrap_or_default()
    }

    fn is_absent(&self) -> bool {
        matches!(self.state(), "not-installed" | "config-files")
    }

    fn is_whole(&self) -> bool {
        self.state() == "installed" && self.status.split(' ').nth(1) == Some("ok")
    }

    fn package(&self) -> Package {
        let (source, source_version) = match self.source.split_once(" (") {
            Some((name, version)) => (name, Some(version.trim_end_matches(')').to_owned())),
            None => (self.source.as_str(), None),
        };
        Package {
            name: self.name.clone(),
            version: self.version.clone(),
            arch: self.arch.clone(),
            source: (!source.is_empty() && source != self.name).then(|| source.to_owned()),
            source_version: source_version.filter(|version| *version != self.version),
            changelog_cves: Vec::new(),
        }
    }
}

/// Reads paragraphs. The error names the line.
fn parse(bytes: &[u8]) -> Result<Vec<Stanza>, String> {
    if !bytes.is_empty() && !bytes.ends_with(b"\n") {
        return Err("ends in the middle of a line".to_owned());
    }
    let mut stanzas = Vec::new();
    let mut current = Stanza::default();
    let mut begun = None;
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let number = number + 1;
        if line.is_empty() {
            if let Some(start) = begun.take() {
                stanzas.push(finish(std::mem::take(&mut current), start)?);
            }
            continue;
        }
        let start = *begun.get_or_insert(number);
        if line[0] == b' ' || line[0] == b'\t' {
            if start == number {
                return Err(format!(
                    "line {number}: a paragraph begins with a continuation"
                ));
            }
            continue;
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let colon = colon.ok_or_else(|| format!("line {number}: no field name"))?;
        let field = match &line[..colon] {
            b"Package" => &mut current.name,
            b"Architecture" => &mut current.arch,
            b"Version" => &mut current.version,
            b"Source" => &mut current.source,
            b"Status" => &mut current.status,
            _ => continue,
        };
        text_of(&line[colon + 1..]).trim().clone_into(field);
    }
    // A paragraph need not be followed by an empty line at the very end.
    if let Some(start) = begun {
        stanzas.push(finish(current, start)?);
    }
    Ok(stanzas)
}

fn finish(stanza: Stanza, line: usize) -> Result<Stanza, String> {
    let lacking = if stanza.name.is_empty() {
        "Package"
    } else if stanza.state().is_empty() {
        "Status"
    } else if stanza.version.is_empty() && !stanza.is_absent() {
        "Version"
    } else {
        return Ok(stanza);
    };
    Err(format!(
        "line {line}: the entry {:?} has no {lacking}",
        stanza.name
    ))
}

/// Every entry: that of the database, overridden by the journal that an interrupted run left.
fn stanzas(host: &Host) -> Result<Vec<Stanza>, Missed> {
    let bytes = host
        .read_bounded(STATUS, STATUS_MAX)
        .map_err(|error| Missed::read(STATUS, &error))?;
    let entries = parse(&bytes).map_err(|detail| Missed::unreadable(STATUS, detail))?;
    let mut by_name: BTreeMap<(String, String), Stanza> = BTreeMap::new();
    for stanza in entries {
        by_name.insert((stanza.name.clone(), stanza.arch.clone()), stanza);
    }
    let journal = host
        .names(UPDATES)
        .map_err(|error| Missed::read(UPDATES, &error))?;
    // dpkg names its journal by number; `tmp.i` and the like are not in force.
    for name in journal
        .iter()
        .filter(|n| n.bytes().all(|b| b.is_ascii_digit()))
    {
        let path = format!("{UPDATES}/{name}");
        let bytes = host
            .read(&path)
            .map_err(|error| Missed::read(&path, &error))?;
        let entries = parse(&bytes).map_err(|detail| Missed::unreadable(&path, detail))?;
        for stanza in entries {
            by_name.insert((stanza.name.clone(), stanza.arch.clone()), stanza);
        }
    }
    check_against_lists(host, &by_name)?;
    if by_name.values().all(Stanza::is_absent) {
        return Err(Missed::unreadable(STATUS, "names no installed package"));
    }
    Ok(by_name.into_values().collect())
}

/// A database cut off at the end of an entry still reads well; the lists of files tell.
fn check_against_lists(
    host: &Host,
    by_name: &BTreeMap<(String, String), Stanza>,
) -> Result<(), Missed> {
    let known: std::collections::HashSet<&str> =
        by_name.keys().map(|(name, _)| name.as_str()).collect();
    let names = host
        .names(INFO)
        .map_err(|error| Missed::read(INFO, &error))?;
    let mut unknown = names
        .iter()
        .filter_map(|name| name.strip_suffix(".list"))
        .map(|name| name.split(':').next().unwrap_or(name))
        .filter(|name| !known.contains(name));
    let Some(first) = unknown.next() else {
        return Ok(());
    };
    let count = 1 + unknown.count();
    let detail = format!("{count} packages have files and no entry, the first is {first}");
    Err(Missed::unreadable(STATUS, detail))
}

/// What is installed, as APT names it.
pub(in crate::collect) struct Installed {
    /// Names (with architecture where it is not the host's own or `all`) and versions.
    pub packages: Vec<(String, String)>,
    /// The host's own architecture; none where dpkg itself is not among the packages.
    pub own_arch: Option<String>,
}

/// What is installed.
pub(in crate::collect) fn installed(host: &Host) -> Result<Installed, Missed> {
    let stanzas = stanzas(host)?;
    let own = stanzas
        .iter()
        .find(|s| s.name == "dpkg")
        .map(|s| s.arch.clone());
    let present = stanzas.into_iter().filter(|s| !s.is_absent());
    let named = present.map(|s| {
        let foreign = s.arch != "all" && own.as_ref().is_some_and(|own| *own != s.arch);
        let name = if foreign {
            format!("{}:{}", s.name, s.arch)
        } else {
            s.name
        };
        (name, s.version)
    });
    Ok(Installed {
        packages: named.collect(),
        own_arch: own,
    })
}

pub(super) fn collect(host: &Host) -> Outcome {
    let stanzas = stanzas(host)?;
    let present = stanzas.iter().filter(|stanza| !stanza.is_absent());
    let mut packages: Vec<Package> = present.clone().map(Stanza::package).collect();
    let broken = present
        .filter(|stanza| !stanza.is_whole())
        .map(|stanza| stanza.name.clone())
        .collect();
    read_changelogs(host, &mut packages);
    let packages = Packages {
        format: PackageFormat::Deb,
        packages,
        broken,
    };
    let source = format!("{STATUS}, /usr/share/doc/*/changelog*.gz");
    Ok(Found::new(FactValue::Packages(packages), source))
}

/// Fills in the CVEs that changelogs name: one changelog for each source and version, since all
/// packages built from it carry the same one.
fn read_changelogs(host: &Host, packages: &mut [Package]) {
    let mut by_source: HashMap<(String, String), Vec<String>> = HashMap::new();
    for package in packages.iter_mut() {
        let key = (
            package.source_name().to_owned(),
            package.source_version().to_owned(),
        );
        if !by_source.contains_key(&key)
            && let Some(cves) = changelog::cves(host, &package.name, &key.1)
        {
            by_source.insert(key, cves);
        }
    }
    for package in packages {
        let key = (
            package.source_name().to_owned(),
            package.source_version().to_owned(),
        );
        if let Some(cves) = by_source.get(&key) {
            package.changelog_cves.clone_from(cves);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\n\
        Source: glibc (2.36-9)\nVersion: 2.36-9+b1\nDescription: x\n more: text\n";

    #[test]
    fn source_and_version_come_from_the_entry() {
        let stanzas = parse(ENTRY.as_bytes()).unwrap();
        let package = stanzas[0].package();
        assert_eq!(package.source_name(), "glibc");
        assert_eq!(package.source_version(), "2.36-9");
        assert_eq!(package.version, "2.36-9+b1");
        assert!(stanzas[0].is_whole());
    }

    #[test]
    fn every_cut_inside_a_line_is_noticed() {
        for length in 1..ENTRY.len() {
            let cut = &ENTRY.as_bytes()[..length];
            if !cut.ends_with(b"\n") {
                assert!(parse(cut).is_err(), "{length}");
            }
        }
        let no_version = ENTRY.split("Version").next().unwrap();
        assert!(
            parse(no_version.as_bytes())
                .unwrap_err()
                .contains("Version")
        );
    }

    #[test]
    fn states_are_told_apart() {
        for (status, absent, whole) in [
            ("install ok installed", false, true),
            ("hold ok installed", false, true),
            ("install reinstreq installed", false, false),
            ("install ok half-configured", false, false),
            ("install ok triggers-pending", false, false),
            ("deinstall ok config-files", true, false),
        ] {
            let stanza = Stanza {
                status: status.to_owned(),
                ..Stanza::default()
            };
            assert_eq!(
                (stanza.is_absent(), stanza.is_whole()),
                (absent, whole),
                "{status}"
            );
        }
    }
}
