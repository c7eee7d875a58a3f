//! Pending security updates: what the security archive offers that is newer than what is installed.

use serde::Serialize;

use super::index::Index;
use super::package::{InstalledPackage, by_source};
use super::version::DebVersion;

/// A source package with a newer build in the security archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PendingUpdate<'a> {
    /// Source package.
    pub source: &'a str,
    /// Installed source version.
    pub installed: &'a str,
    /// Offered source version.
    pub available: &'a str,
    /// Installed binaries that the archive offers in a newer version. Empty where the newer build
    /// has other binaries only (a kernel of another ABI), so that a meta-package must bring it.
    pub binaries: Vec<&'a str>,
}

/// The updates pending on a host of a release (code name or number), sorted by source.
pub fn pending_security<'a>(
    packages: &'a [InstalledPackage],
    release: &str,
    index: &'a Index,
) -> Vec<PendingUpdate<'a>> {
    let Some(release) = index.release(release) else {
        return Vec::new();
    };
    let mut pending = Vec::new();
    for group in by_source(packages) {
        let Some(offered) = release.offered_sources.get(group.source) else {
            continue;
        };
        let Some(installed) = DebVersion::new(group.version) else {
            continue;
        };
        if installed >= *offered {
            continue;
        }
        let newer = |name: &&str| {
            let candidate = release.offered_binaries.get(*name);
            candidate.is_some_and(|c| c.source_version > installed)
        };
        let binaries = group
            .binaries
            .iter()
            .copied()
            .filter(|name| newer(name))
            .collect();
        pending.push(PendingUpdate {
            source: group.source,
            installed: group.version,
            available: offered.as_str(),
            binaries,
        });
    }
    pending
}
