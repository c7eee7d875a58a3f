//! The running kernel and the newest one installed.

use std::cmp::Ordering;

use sekisho_domain::fact::{FactValue, Kernel};
use sekisho_domain::time::Timestamp;

use super::{Found, Missed, Outcome};
use crate::host::Host;

const RELEASE: &str = "/proc/sys/kernel/osrelease";
pub(super) const BOOT: &str = "/boot";
const MODULES: &str = "/lib/modules";

/// Compares kernel releases: runs of digits by number, everything else by byte.
pub(super) fn compare_releases(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        let digits = |s: &[u8]| s.iter().take_while(|c| c.is_ascii_digit()).count();
        let (in_a, in_b) = (digits(a), digits(b));
        if in_a > 0 && in_b > 0 {
            let number =
                |s: &[u8]| -> Vec<u8> { s.iter().copied().skip_while(|c| *c == b'0').collect() };
            let (x, y) = (number(&a[..in_a]), number(&b[..in_b]));
            let order = x.len().cmp(&y.len()).then_with(|| x.cmp(&y));
            if order != Ordering::Equal {
                return order;
            }
            (a, b) = (&a[in_a..], &b[in_b..]);
            continue;
        }
        match (a.split_first(), b.split_first()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some((x, rest_a)), Some((y, rest_b))) if x == y => (a, b) = (rest_a, rest_b),
            (Some((x, _)), Some((y, _))) => return x.cmp(y),
        }
    }
}

/// What a release says besides its numbers: `amd64`, `cloud-amd64`, `generic`, `lts`. Kernels of
/// different flavours do not replace each other.
fn flavour(release: &str) -> String {
    let words = release.split('-');
    let words = words.filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()));
    words.collect::<Vec<_>>().join("-")
}

/// The newest installed kernel of the running one's flavour.
pub(super) fn newest_installed(host: &Host, running: &str) -> Option<String> {
    let of_flavour = |release: &&str| {
        // Alpine names the flavour alone (`vmlinuz-lts`); a rescue image is no newer kernel.
        release.starts_with(|c: char| c.is_ascii_digit()) && flavour(release) == flavour(running)
    };
    let newest = |releases: Vec<&str>| {
        let releases = releases.into_iter().filter(of_flavour);
        releases
            .max_by(|a, b| compare_releases(a, b))
            .map(str::to_owned)
    };
    let boot = host.names(BOOT).unwrap_or_default();
    let images = boot.iter().filter_map(|n| n.strip_prefix("vmlinuz-"));
    newest(images.clone().collect()).or_else(|| {
        // Where images bear no number, the modules beside them do. A folder that a removed
        // kernel left behind lists no modules.
        images.clone().next()?;
        let modules = host.names(MODULES).unwrap_or_default();
        let whole = modules
            .iter()
            .filter(|name| host.has(format!("{MODULES}/{name}/modules.order")));
        newest(whole.map(String::as_str).collect())
    })
}

/// The running kernel's release.
pub(super) fn running(host: &Host) -> Result<String, Missed> {
    let text = host
        .read_text(RELEASE)
        .map_err(|error| Missed::read(RELEASE, &error))?;
    match text.trim() {
        "" => Err(Missed::unreadable(RELEASE, "empty")),
        release => Ok(release.to_owned()),
    }
}

fn booted_at(host: &Host) -> Option<Timestamp> {
    let text = host.read_text("/proc/stat").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("btime "))?;
    let seconds: i64 = line.trim().parse().ok()?;
    Some(Timestamp::from_millis(seconds.checked_mul(1000)?))
}

pub(super) fn collect(host: &Host) -> Outcome {
    let release = running(host)?;
    let kernel = Kernel {
        booted_at: booted_at(host),
        newest_installed: newest_installed(host, &release),
        release,
    };
    let source = format!("{RELEASE}, /proc/stat, {BOOT}");
    Ok(Found::new(FactValue::Kernel(kernel), source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernel_releases_are_compared_by_number() {
        for (older, newer) in [
            ("6.1.0-9-amd64", "6.1.0-10-amd64"),
            ("6.1.0-37-amd64", "6.12.3-1-amd64"),
            (
                "5.14.0-427.9.1.el9_4.x86_64",
                "5.14.0-427.13.1.el9_4.x86_64",
            ),
            ("6.6.9-0-lts", "6.6.32-0-lts"),
        ] {
            assert_eq!(
                compare_releases(older, newer),
                Ordering::Less,
                "{older} {newer}"
            );
            assert_eq!(compare_releases(newer, older), Ordering::Greater);
            assert_eq!(compare_releases(newer, newer), Ordering::Equal);
        }
    }
    #[test]
    fn flavours_are_told_apart() {
        for (release, name) in [
            ("6.1.0-37-amd64", "amd64"),
            ("6.1.0-35-cloud-amd64", "cloud-amd64"),
            ("6.12.12+bpo-amd64", "amd64"),
            ("5.14.0-427.13.1.el9_4.x86_64", ""),
            ("6.6.32-0-lts", "lts"),
        ] {
            assert_eq!(flavour(release), name);
        }
    }
}
