//! Packages that the machines have installed.
//!
//! `data/debian-12.tsv` holds names, versions and sources of Debian 12 as its index states them,
//! so that real advisories can be matched. The packages of the other systems are derived or
//! invented: their versions are of the right form and otherwise mean nothing.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::Platform;

/// Which machines have a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Base,
    Gnome,
    Kde,
    Office,
    Develop,
}

/// One package of the catalogue, at its newest version.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) group: Group,
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) arch: &'static str,
    pub(crate) source: Option<&'static str>,
    pub(crate) source_version: Option<&'static str>,
}

impl Entry {
    pub(crate) fn source_name(&self) -> &'static str {
        self.source.unwrap_or(self.name)
    }
}

/// The packages of Debian 12, by group and name.
pub(crate) static DEBIAN: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    include_str!("../../data/debian-12.tsv")
        .lines()
        .filter_map(entry)
        .collect()
});

/// What the standard installations of an organisation consist of: the name of each, and the names that
/// its devices report. Tools of developers do not belong to them.
pub(crate) fn standard() -> [(&'static str, Vec<&'static str>); 3] {
    let named = |list: &'static [(&'static str, &'static str)]| list.iter().map(|(name, _)| *name);
    let sources: BTreeSet<&str> = DEBIAN
        .iter()
        .filter(|entry| entry.group != Group::Develop)
        .map(Entry::source_name)
        .collect();
    [
        (
            "標準構成（Debian、Ubuntu）",
            ["os:debian", "os:ubuntu"]
                .into_iter()
                .chain(sources)
                .collect(),
        ),
        (
            "標準構成（Red Hat Enterprise Linux）",
            ["os:rhel"].into_iter().chain(named(RHEL)).collect(),
        ),
        (
            "標準構成（Windows）",
            ["os:windows"].into_iter().chain(named(WINDOWS)).collect(),
        ),
    ]
}

fn entry(line: &'static str) -> Option<Entry> {
    let mut fields = line.split('\t');
    let group = match fields.next()? {
        "base" => Group::Base,
        "gnome" => Group::Gnome,
        "kde" => Group::Kde,
        "office" => Group::Office,
        "develop" => Group::Develop,
        _ => return None,
    };
    let (name, version, arch) = (fields.next()?, fields.next()?, fields.next()?);
    let mut rest = fields.map(|field| Some(field).filter(|text| !text.is_empty()));
    let (source, source_version) = (rest.next().flatten(), rest.next().flatten());
    Some(Entry {
        group,
        name,
        version,
        arch,
        source,
        source_version,
    })
}

/// Packages of Red Hat Enterprise Linux 9: name and upstream version.
pub(super) const RHEL: &[(&str, &str)] = &[
    ("bash", "5.1.8"),
    ("binutils", "2.35.2"),
    ("bzip2", "1.0.8"),
    ("ca-certificates", "2025.2.80"),
    ("chrony", "4.6.1"),
    ("clamav", "1.0.9"),
    ("clamav-update", "1.0.9"),
    ("coreutils", "8.32"),
    ("cryptsetup", "2.7.2"),
    ("cups", "2.3.3op2"),
    ("curl", "7.76.1"),
    ("dbus", "1.12.20"),
    ("dnf", "4.14.0"),
    ("dnf-automatic", "4.14.0"),
    ("dracut", "057"),
    ("expat", "2.5.0"),
    ("firefox", "140.7.0"),
    ("firewalld", "1.3.4"),
    ("fontconfig", "2.14.0"),
    ("freetype", "2.10.4"),
    ("gdm", "40.1"),
    ("ghostscript", "9.54.0"),
    ("glib2", "2.68.4"),
    ("glibc", "2.34"),
    ("gnome-shell", "40.10"),
    ("gnome-terminal", "3.40.3"),
    ("gnutls", "3.8.3"),
    ("grub2-efi-x64", "2.06"),
    ("gtk3", "3.24.31"),
    ("gzip", "1.12"),
    ("ibus", "1.5.25"),
    ("kernel-core", "5.14.0"),
    ("krb5-libs", "1.21.1"),
    ("less", "590"),
    ("libarchive", "3.5.3"),
    ("libcurl", "7.76.1"),
    ("libjpeg-turbo", "2.0.90"),
    ("libpng", "1.6.37"),
    ("libreoffice-calc", "7.1.8.1"),
    ("libreoffice-core", "7.1.8.1"),
    ("libreoffice-writer", "7.1.8.1"),
    ("libssh", "0.10.4"),
    ("libtiff", "4.4.0"),
    ("libwebp", "1.2.0"),
    ("libxml2", "2.9.13"),
    ("microcode_ctl", "20250812"),
    ("mutter", "40.9"),
    ("nautilus", "40.2"),
    ("NetworkManager", "1.54.0"),
    ("nftables", "1.0.9"),
    ("nss", "3.112.0"),
    ("openldap", "2.6.8"),
    ("openssh", "8.7p1"),
    ("openssl", "3.5.1"),
    ("openssl-libs", "3.5.1"),
    ("pam", "1.5.1"),
    ("perl-interpreter", "5.32.1"),
    ("pipewire", "1.0.1"),
    ("poppler", "21.01.0"),
    ("python3", "3.9.25"),
    ("python3-libs", "3.9.25"),
    ("rpm", "4.16.1.3"),
    ("samba-client-libs", "4.22.4"),
    ("selinux-policy", "38.1.65"),
    ("shim-x64", "15.8"),
    ("sqlite-libs", "3.34.1"),
    ("sudo", "1.9.5p2"),
    ("systemd", "252"),
    ("systemd-libs", "252"),
    ("thunderbird", "140.7.0"),
    ("tpm2-tools", "5.2"),
    ("tzdata", "2025b"),
    ("unzip", "6.0"),
    ("usbguard", "1.0.0"),
    ("util-linux", "2.37.4"),
    ("vim-minimal", "8.2.2637"),
    ("webkit2gtk3", "2.50.4"),
    ("wget", "1.21.1"),
    ("wpa_supplicant", "2.11"),
    ("xz", "5.2.5"),
    ("zlib", "1.2.11"),
];

/// Programs of the Windows machines: name and version.
pub(super) const WINDOWS: &[(&str, &str)] = &[
    ("7-Zip", "26.00"),
    ("Sample Document Viewer", "12.4.1"),
    ("Sample Mail Client", "8.2.0"),
    ("Sample Office Suite", "16.0.19725"),
    ("Sample VPN Client", "5.1.11"),
    ("Sample Electronic Approval Client", "3.0.7"),
    ("Sample Web Browser", "143.0.1"),
    ("Sample Web Conference", "6.6.2"),
    ("Japanese Input Method", "15.0.4"),
    ("Printer Driver (Sample)", "2.19.0"),
];

/// What is appended to an upstream version on Red Hat's side.
pub(super) fn rhel_version(upstream: &str, behind: u32) -> String {
    format!("{upstream}-{}.el9_8", 12_u32.saturating_sub(behind * 3))
}

/// A Debian version as the packages of another system derived from it might have it; the same
/// for Debian 12 itself.
pub(super) fn version_on(platform: Platform, version: &str) -> String {
    let upstream = || {
        version
            .split("+deb12")
            .next()
            .unwrap_or(version)
            .split("~deb12")
            .next()
    };
    match platform {
        Platform::Ubuntu2404 | Platform::Ubuntu1804 => {
            let updates = updates(version).map_or(0, |(_, count)| count);
            format!("{}ubuntu0.{}", upstream().unwrap_or(version), updates + 1)
        }
        Platform::Debian10 => version.replace("deb12", "deb10"),
        _ => version.to_owned(),
    }
}

/// Where the number of a stable update stands in a version, and that number: `…+deb12u3`.
pub(crate) fn updates(version: &str) -> Option<(usize, u32)> {
    let at = version.find("deb12u")? + "deb12u".len();
    let digits = version[at..].bytes().take_while(u8::is_ascii_digit).count();
    Some((at, version[at..at + digits].parse().ok()?))
}

/// The version so many stable updates earlier; none where there was none.
pub(super) fn earlier(version: &str, back: u32) -> Option<String> {
    let (at, count) = updates(version)?;
    let before = count.checked_sub(back).filter(|left| *left > 0)?;
    let rest = version[at..].trim_start_matches(|digit: char| digit.is_ascii_digit());
    Some(format!("{}{before}{rest}", &version[..at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_a_package() {
        let lines = include_str!("../../data/debian-12.tsv").lines().count();
        assert_eq!(DEBIAN.len(), lines);
        assert!(lines > 400, "{lines}");
        assert!(
            DEBIAN
                .iter()
                .all(|entry| !entry.version.is_empty() && !entry.arch.is_empty())
        );
    }

    #[test]
    fn an_earlier_version_is_one_that_was_there() {
        let cases = [
            ("3.0.17-1~deb12u3", 1, Some("3.0.17-1~deb12u2")),
            ("2:1.2+deb12u12+b1", 2, Some("2:1.2+deb12u10+b1")),
            ("3.0.17-1~deb12u1", 1, None),
            ("5.2.15-2", 1, None),
        ];
        for (version, back, expected) in cases {
            assert_eq!(earlier(version, back).as_deref(), expected, "{version}");
        }
    }
}
