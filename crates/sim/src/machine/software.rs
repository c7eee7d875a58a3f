//! What is installed on a machine and what waits to be.

use sekisho_domain::fact::{
    Package, PackageFormat, Packages, PendingUpdate, PendingUpdates, RebootNeeded,
};
use sekisho_domain::time::{Span, Timestamp};

use super::catalogue::{DEBIAN, Entry, Group, RHEL, WINDOWS, earlier, rhel_version, version_on};
use super::{Fault, Machine, Platform};
use crate::random::SplitMix64;

impl Machine {
    pub(super) fn packages(&self) -> Packages {
        let format = match self.platform {
            Platform::Rhel9 => PackageFormat::Rpm,
            Platform::Windows11 | Platform::Windows10 => PackageFormat::Msi,
            _ => PackageFormat::Deb,
        };
        let mut packages = match format {
            PackageFormat::Rpm => self.rpm(),
            PackageFormat::Msi => plain(WINDOWS, |version| version.to_owned(), ""),
            _ => self.entries().map(|entry| self.debian(entry)).collect(),
        };
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        Packages {
            format,
            packages,
            broken: Vec::new(),
        }
    }

    fn has_group(&self, group: Group) -> bool {
        match group {
            Group::Base | Group::Office => true,
            Group::Kde => self.platform == Platform::Debian12Kde,
            Group::Gnome => self.platform != Platform::Debian12Kde,
            Group::Develop => self.develops,
        }
    }

    fn entries(&self) -> impl Iterator<Item = &'static Entry> {
        DEBIAN.iter().filter(|entry| self.has_group(entry.group))
    }

    /// Whether this machine still has the version before: of one source all packages or none.
    fn lags(&self, source: &str) -> bool {
        let one_in = match self.behind {
            0 => return false,
            1 => 12,
            _ => 4,
        };
        // Machines that are as far behind lag in the same packages, as after the same rollout.
        SplitMix64::fork(u64::from(self.behind), source, 0).below(one_in) == 0
    }

    fn debian(&self, entry: &'static Entry) -> Package {
        let lags = self.lags(entry.source_name());
        let as_installed = |version: &'static str| {
            let before = if lags {
                earlier(version, self.behind)
            } else {
                None
            };
            version_on(self.platform, before.as_deref().unwrap_or(version))
        };
        Package {
            name: entry.name.to_owned(),
            version: as_installed(entry.version),
            arch: entry.arch.to_owned(),
            source: entry.source.map(str::to_owned),
            source_version: entry.source_version.map(as_installed),
            changelog_cves: Vec::new(),
        }
    }

    fn rpm(&self) -> Vec<Package> {
        let mut packages = plain(RHEL, |version| rhel_version(version, 0), "x86_64");
        for (package, (_, upstream)) in packages.iter_mut().zip(RHEL) {
            if self.lags(&package.name) {
                package.version = rhel_version(upstream, self.behind);
            }
        }
        packages
    }

    pub(super) fn pending(&self, at: Timestamp) -> PendingUpdates {
        let mut random = self.details("pending");
        let age = if self.has(Fault::MetadataOld) {
            Span::days(12 + random.below(40))
        } else {
            Span::hours(random.below(24))
        };
        PendingUpdates {
            updates: self.waiting(),
            metadata_at: Some(at.before(age)),
            security_source: true,
        }
    }

    /// The difference between what is installed and the newest.
    fn waiting(&self) -> Vec<PendingUpdate> {
        if self.behind == 0 {
            return Vec::new();
        }
        let newest = Self {
            behind: 0,
            ..self.clone()
        };
        let mut updates: Vec<PendingUpdate> = self
            .packages()
            .packages
            .into_iter()
            .zip(newest.packages().packages)
            .filter(|(installed, newest)| installed.version != newest.version)
            .map(|(installed, newest)| PendingUpdate {
                name: installed.name,
                installed: installed.version,
                candidate: newest.version,
                security: true,
            })
            .collect();
        if self.platform.is_windows() {
            updates.push(PendingUpdate {
                name: "Cumulative Update".to_owned(),
                installed: "2026-09".to_owned(),
                candidate: "2026-11".to_owned(),
                security: true,
            });
        }
        updates
    }

    pub(super) fn restart(&self) -> RebootNeeded {
        let needed = self.has(Fault::RestartDue);
        let because = match self.platform {
            _ if !needed => None,
            Platform::Rhel9 => Some("kernel-core"),
            Platform::Windows11 | Platform::Windows10 => Some("Cumulative Update"),
            _ => Some("linux-image-amd64"),
        };
        RebootNeeded {
            needed,
            because: because.map(str::to_owned).into_iter().collect(),
        }
    }
}

fn plain(list: &[(&str, &str)], version: impl Fn(&str) -> String, arch: &str) -> Vec<Package> {
    list.iter()
        .map(|(name, upstream)| Package {
            name: (*name).to_owned(),
            version: version(upstream),
            arch: arch.to_owned(),
            source: None,
            source_version: None,
            changelog_cves: Vec::new(),
        })
        .collect()
}
