//! The database of apk (Alpine): `installed`.

use sekisho_domain::fact::{FactValue, Package, PackageFormat, Packages};

use super::super::{Found, Missed, Outcome};
use crate::host::{Host, ReadError};

/// Where apk 2 and apk 3 keep the database.
pub(super) const DATABASES: [&str; 2] = ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"];

const SIZE_MAX: u64 = 64 * 1024 * 1024;

fn read(host: &Host) -> Result<(&'static str, Vec<u8>), Missed> {
    for path in DATABASES {
        match host.read_bounded(path, SIZE_MAX) {
            Ok(bytes) => return Ok((path, bytes)),
            Err(ReadError::Missing) => {}
            Err(error) => return Err(Missed::read(path, &error)),
        }
    }
    Err(Missed::read(DATABASES[0], &ReadError::Missing))
}

/// Packages, and the names of those that apk marks as broken (`f:`).
fn parse(bytes: &[u8]) -> Result<(Vec<Package>, Vec<String>), String> {
    if !bytes.ends_with(b"\n") {
        return Err("ends in the middle of a line".to_owned());
    }
    let text = crate::host::text_of(bytes);
    let (mut packages, mut broken) = (Vec::new(), Vec::new());
    for paragraph in text.split("\n\n").filter(|p| !p.trim().is_empty()) {
        let field = |mark: &str| {
            let found = paragraph.lines().find_map(|line| line.strip_prefix(mark));
            found.filter(|value| !value.is_empty()).map(str::to_owned)
        };
        let name = field("P:").ok_or("an entry has no name")?;
        let version = field("V:").ok_or_else(|| format!("the entry {name:?} has no version"))?;
        if field("f:").is_some() {
            broken.push(name.clone());
        }
        packages.push(Package {
            source: field("o:").filter(|origin| *origin != name),
            arch: field("A:").unwrap_or_default(),
            name,
            version,
            source_version: None,
            changelog_cves: Vec::new(),
        });
    }
    if packages.is_empty() {
        return Err("names no installed package".to_owned());
    }
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((packages, broken))
}

/// Names and versions installed.
pub(in crate::collect) fn installed(host: &Host) -> Result<Vec<(String, String)>, Missed> {
    let (path, bytes) = read(host)?;
    let (packages, _) = parse(&bytes).map_err(|detail| Missed::unreadable(path, detail))?;
    Ok(packages.into_iter().map(|p| (p.name, p.version)).collect())
}

pub(super) fn collect(host: &Host) -> Outcome {
    let (path, bytes) = read(host)?;
    let (packages, broken) = parse(&bytes).map_err(|detail| Missed::unreadable(path, detail))?;
    let packages = Packages {
        format: PackageFormat::Apk,
        packages,
        broken,
    };
    Ok(Found::new(FactValue::Packages(packages), path))
}
