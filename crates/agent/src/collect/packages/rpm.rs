//! The database of rpm, asked through `rpm -qa` since its files have three formats.

use sekisho_domain::fact::{FactValue, Package, PackageFormat, Packages};

use super::super::{Found, Missed, Outcome};
use crate::host::Host;

pub(super) const DATABASES: [&str; 2] = ["/var/lib/rpm", "/usr/lib/sysimage/rpm"];

const COMMAND: &str = "rpm -qa";
const FORMAT: &str = "%{NAME}\\t%{EPOCHNUM}\\t%{VERSION}-%{RELEASE}\\t%{ARCH}\\t%{SOURCERPM}\\n";

/// `zlib-1.2.11-40.el9.src.rpm` into name and version-release.
fn split_source(file: &str) -> Option<(&str, &str)> {
    let base = file
        .strip_suffix(".src.rpm")
        .or_else(|| file.strip_suffix(".nosrc.rpm"))?;
    let release = base.rfind('-')?;
    let version = base[..release].rfind('-')?;
    Some((&base[..version], &base[version + 1..]))
}

fn parse_line(line: &str) -> Option<Package> {
    let mut fields = line.split('\t');
    let mut next = || fields.next().filter(|field| !field.is_empty());
    let (name, epoch, version, arch) = (next()?, next()?, next()?, next()?);
    let epoch: u32 = epoch.parse().ok()?;
    let with_epoch = |version: &str| match epoch {
        0 => version.to_owned(),
        epoch => format!("{epoch}:{version}"),
    };
    let full = with_epoch(version);
    let source = next().and_then(split_source);
    // A source package's file name does not carry its epoch, which is that of its packages.
    let source_version = source.map(|(_, v)| with_epoch(v)).filter(|v| *v != full);
    Some(Package {
        name: name.to_owned(),
        arch: if arch == "(none)" {
            String::new()
        } else {
            arch.to_owned()
        },
        source: source
            .map(|(n, _)| n)
            .filter(|n| *n != name)
            .map(str::to_owned),
        source_version,
        version: full,
        changelog_cves: Vec::new(),
    })
}

fn query(host: &Host) -> Result<Vec<Package>, Missed> {
    let output = host
        .run("rpm", &["-qa", "--queryformat", FORMAT])
        .map_err(|error| Missed::run(COMMAND, &error))?;
    if output.code != 0 {
        let first = output.stderr.lines().next().unwrap_or_default();
        return Err(Missed::unreadable(COMMAND, first));
    }
    let mut packages = Vec::new();
    for (number, line) in output.stdout.lines().enumerate() {
        let package = parse_line(line)
            .ok_or_else(|| Missed::unreadable(COMMAND, format!("line {}", number + 1)))?;
        // Keys that signed packages are kept as if they were packages.
        if package.name != "gpg-pubkey" {
            packages.push(package);
        }
    }
    if packages.is_empty() {
        return Err(Missed::unreadable(COMMAND, "names no installed package"));
    }
    packages.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    Ok(packages)
}

/// Packages installed.
pub(in crate::collect) fn installed(host: &Host) -> Result<Vec<Package>, Missed> {
    query(host)
}

pub(super) fn collect(host: &Host) -> Outcome {
    let packages = Packages {
        format: PackageFormat::Rpm,
        packages: query(host)?,
        broken: Vec::new(),
    };
    Ok(Found::new(FactValue::Packages(packages), COMMAND))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_rpm_becomes_a_package() {
        let line = "openssl-libs\t1\t3.0.7-27.el9\tx86_64\topenssl-3.0.7-27.el9.src.rpm";
        let package = parse_line(line).unwrap();
        assert_eq!(package.version, "1:3.0.7-27.el9");
        assert_eq!(package.source.as_deref(), Some("openssl"));
        assert_eq!(package.source_version, None);
        assert_eq!(parse_line("half\t0"), None);
    }
}
