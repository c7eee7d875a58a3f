//! Installed packages as a collector reports them, and their source packages.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cve::CveId;
use super::version::{Ecosystem, without_binnmu};

/// One installed binary package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledPackage {
    /// Binary package name.
    pub name: String,
    /// Version of the binary.
    pub version: String,
    /// Architecture.
    pub arch: String,
    /// Source package.
    pub source: String,
    /// Version of the source, which need not be that of the binary.
    pub source_version: String,
    /// CVEs named in the installed build's own changelog, where it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changelog_cves: Option<Arc<BTreeSet<CveId>>>,
}

impl InstalledPackage {
    /// A package as dpkg records it: `source_field` is its `Source` field (`src` or `src (version)`),
    /// absent when source and binary have the same name and version. A binary-only rebuild's suffix
    /// is not part of the source version.
    pub fn from_dpkg(name: &str, version: &str, arch: &str, source_field: Option<&str>) -> Self {
        let field = source_field.and_then(split_source_field);
        let (source, own) = field.filter(|(s, _)| !s.is_empty()).unwrap_or((name, None));
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            arch: arch.to_owned(),
            source: source.to_owned(),
            source_version: own.unwrap_or(without_binnmu(version)).to_owned(),
            changelog_cves: None,
        }
    }

    /// The source and version advisories speak of. The signed kernel's packages are built from a
    /// wrapper source (`linux-signed-amd64` 6.1.172+1), but their own version is that of `linux`.
    pub fn advised_build(&self) -> (&str, &str) {
        if self.source.starts_with("linux-signed-") {
            (KERNEL_SOURCE, without_binnmu(&self.version))
        } else {
            (&self.source, without_binnmu(&self.source_version))
        }
    }

    /// Whether this is a kernel that can be booted (and not its headers, tools or debug symbols).
    pub fn is_kernel_image(&self) -> bool {
        let abi = self.name.strip_prefix("linux-image-");
        abi.is_some_and(|abi| {
            abi.starts_with(|c: char| c.is_ascii_digit()) && !abi.ends_with("-dbg")
        })
    }
}

/// The source package of the kernel.
pub(crate) const KERNEL_SOURCE: &str = "linux";

/// `name`, `name (version)` or nothing; `None` when it is none of these.
pub(crate) fn split_source_field(field: &str) -> Option<(&str, Option<&str>)> {
    let field = field.trim();
    match field.split_once('(') {
        None => (!field.contains(char::is_whitespace)).then_some((field, None)),
        Some((name, rest)) => {
            let version = rest.strip_suffix(')')?;
            let good = Ecosystem::Debian.accepts(version);
            good.then_some((name.trim_end(), Some(version)))
        }
    }
}

/// The installed binaries of one build of a source package.
#[derive(Debug, Clone)]
pub struct SourceGroup<'a> {
    /// Source package that advisories speak of.
    pub source: &'a str,
    /// Its version.
    pub version: &'a str,
    /// Installed binaries, sorted.
    pub binaries: Vec<&'a str>,
    /// What the build's own changelog names, where one of the binaries has it.
    pub changelog_cves: Option<&'a Arc<BTreeSet<CveId>>>,
    /// Whether a kernel image is among the binaries.
    pub has_kernel_image: bool,
}

/// Groups packages by source and source version, sorted by both texts.
pub fn by_source(packages: &[InstalledPackage]) -> Vec<SourceGroup<'_>> {
    grouped(packages.iter())
}

/// The same of a choice of packages.
pub(crate) fn grouped<'a>(
    packages: impl Iterator<Item = &'a InstalledPackage>,
) -> Vec<SourceGroup<'a>> {
    let mut order: Vec<((&str, &str), &InstalledPackage)> = packages
        .map(|package| (package.advised_build(), package))
        .collect();
    order.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.name.cmp(&b.1.name)));
    let mut groups: Vec<SourceGroup<'_>> = Vec::new();
    for ((source, version), package) in order {
        if groups
            .last()
            .is_none_or(|g| (g.source, g.version) != (source, version))
        {
            let binaries = Vec::new();
            groups.push(SourceGroup {
                source,
                version,
                binaries,
                changelog_cves: None,
                has_kernel_image: false,
            });
        }
        if let Some(group) = groups.last_mut() {
            if group.binaries.last() != Some(&package.name.as_str()) {
                group.binaries.push(&package.name);
            }
            group.changelog_cves = group.changelog_cves.or(package.changelog_cves.as_ref());
            group.has_kernel_image |= package.is_kernel_image();
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_fields_are_read_as_dpkg_writes_them() {
        let build = |name, version, field| {
            let package = InstalledPackage::from_dpkg(name, version, "amd64", field);
            let (source, version) = package.advised_build();
            (source.to_owned(), version.to_owned())
        };
        let cases = [
            (("bash", "5.2.15-2+b8", None), ("bash", "5.2.15-2")),
            (
                ("bash", "5.2.15-2+b8", Some("bash (5.2.15-2)")),
                ("bash", "5.2.15-2"),
            ),
            (
                ("libc6", "2.36-9+deb12u10", Some("glibc")),
                ("glibc", "2.36-9+deb12u10"),
            ),
            (
                ("bsdutils", "1:2.38.1-5", Some("util-linux (2.38.1-5)")),
                ("util-linux", "2.38.1-5"),
            ),
            (
                (
                    "linux-image-6.1.0-48-amd64",
                    "6.1.172-1",
                    Some("linux-signed-amd64 (6.1.172+1)"),
                ),
                ("linux", "6.1.172-1"),
            ),
        ];
        for ((name, version, field), (source, source_version)) in cases {
            let expected = (source.to_owned(), source_version.to_owned());
            assert_eq!(build(name, version, field), expected, "{name}");
        }
    }

    #[test]
    fn headers_tools_and_symbols_are_no_kernel_image() {
        for (name, image) in [
            ("linux-image-6.1.0-48-amd64", true),
            ("linux-image-6.1.0-48-amd64-unsigned", true),
            ("linux-image-amd64", false),
            ("linux-image-6.1.0-48-amd64-dbg", false),
            ("linux-libc-dev", false),
            ("linux-perf", false),
            ("linux-headers-6.1.0-48-amd64", false),
        ] {
            let package = InstalledPackage::from_dpkg(name, "6.1.172-1", "amd64", Some("linux"));
            assert_eq!(package.is_kernel_image(), image, "{name}");
        }
    }
}
