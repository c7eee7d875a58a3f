//! Facts about installed software and its updates.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Whose version order a package's version follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PackageFormat {
    /// Debian packages.
    Deb,
    /// RPM packages.
    Rpm,
    /// Alpine packages.
    Apk,
    /// Windows installers.
    Msi,
    /// macOS application bundles.
    App,
}

/// One installed package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Name of the installed package.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its architecture.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub arch: String,
    /// Name of the source it was built from, where it differs from the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Version of that source, where it differs from the version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_version: Option<String>,
    /// CVEs that the changelog of exactly this build names as fixed, where it was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changelog_cves: Vec<String>,
}

impl Package {
    /// The source's name.
    #[must_use]
    pub fn source_name(&self) -> &str {
        self.source.as_deref().unwrap_or(&self.name)
    }

    /// The source's version.
    #[must_use]
    pub fn source_version(&self) -> &str {
        self.source_version.as_deref().unwrap_or(&self.version)
    }
}

/// Every installed package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packages {
    /// Format, and so version order, of all of them.
    pub format: PackageFormat,
    /// The packages, by name.
    pub packages: Vec<Package>,
    /// Packages that are half-installed, unpacked only or otherwise broken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<String>,
}

/// One update that is offered and not installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingUpdate {
    /// Name of the package.
    pub name: String,
    /// Version installed.
    pub installed: String,
    /// Version offered.
    pub candidate: String,
    /// Whether the offer comes from a security source.
    pub security: bool,
}

/// Updates that the package manager knows of and are not installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingUpdates {
    /// The updates, by name.
    pub updates: Vec<PendingUpdate>,
    /// When the package manager last fetched its metadata; none when it never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_at: Option<Timestamp>,
    /// Whether a security source is configured at all.
    pub security_source: bool,
}

/// Whether a restart is needed for installed updates to take effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RebootNeeded {
    /// Whether it is.
    pub needed: bool,
    /// The packages that ask for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<String>,
}
