//! Installed packages, from the database of the host's package manager.

mod apk;
mod changelog;
mod dpkg;
mod rpm;

use sekisho_domain::fact::PackageFormat;

use super::os_release::Fields;
use super::{Missed, Outcome};
use crate::host::{Host, ReadError};

/// Which package manager keeps this host.
///
/// A host may carry a foreign one as a mere tool (`rpm` on Debian, `dpkg` on Fedora), so the
/// operating system's own word comes first and the presence of a database second.
pub(super) fn format_of(host: &Host) -> Option<PackageFormat> {
    let text = ["/etc/os-release", "/usr/lib/os-release"]
        .into_iter()
        .find_map(|path| host.read_text(path).ok())
        .unwrap_or_default();
    let fields = Fields::parse(&text);
    let ids = [fields.get("ID"), fields.get("ID_LIKE")];
    for id in ids.into_iter().flatten().flat_map(str::split_whitespace) {
        match id {
            "debian" | "ubuntu" => return Some(PackageFormat::Deb),
            "alpine" | "postmarketos" => return Some(PackageFormat::Apk),
            "rhel" | "fedora" | "centos" | "suse" | "opensuse" | "sles" => {
                return Some(PackageFormat::Rpm);
            }
            _ => {}
        }
    }
    [
        (dpkg::STATUS, PackageFormat::Deb),
        (apk::DATABASES[0], PackageFormat::Apk),
        (apk::DATABASES[1], PackageFormat::Apk),
        (rpm::DATABASES[0], PackageFormat::Rpm),
        (rpm::DATABASES[1], PackageFormat::Rpm),
    ]
    .into_iter()
    .find_map(|(path, format)| host.has(path).then_some(format))
}

pub(super) fn collect(host: &Host) -> Outcome {
    match format_of(host) {
        Some(PackageFormat::Deb) => dpkg::collect(host),
        Some(PackageFormat::Apk) => apk::collect(host),
        Some(PackageFormat::Rpm) => rpm::collect(host),
        _ => Err(Missed::read("dpkg, rpm, apk", &ReadError::Missing)),
    }
}

pub(super) use apk::installed as apk_installed;
pub(super) use dpkg::{Installed, installed as dpkg_installed};
pub(super) use rpm::installed as rpm_installed;
