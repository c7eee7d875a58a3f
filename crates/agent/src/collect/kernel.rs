//! The running kernel and the newest one installed.

use std::cmp::Ordering;

use sekisho_domain::fact::{FactValue, Kernel};
use sekisho_domain::time::Timestamp;

use super::{Found, Missed, Outcome};
use crate::host::Host;

const RELEASE: &str = "/proc/sys/kernel/osrelease";
const BOOT: &str = "/boot";

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

fn newest_installed(host: &Host) -> Option<String> {
    let names = host.names(BOOT).unwrap_or_default();
    let releases = names
        .iter()
        .filter_map(|name| name.strip_prefix("vmlinuz-"))
        // Alpine names the flavour alone (`vmlinuz-lts`); a rescue image is no newer kernel.
        .filter(|release| release.starts_with(|c: char| c.is_ascii_digit()));
    releases
        .max_by(|a, b| compare_releases(a, b))
        .map(str::to_owned)
}

fn booted_at(host: &Host) -> Option<Timestamp> {
    let text = host.read_text("/proc/stat").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("btime "))?;
    let seconds: i64 = line.trim().parse().ok()?;
    Some(Timestamp::from_millis(seconds.checked_mul(1000)?))
}

pub(super) fn collect(host: &Host) -> Outcome {
    let release = host
        .read_text(RELEASE)
        .map_err(|error| Missed::read(RELEASE, &error))?
        .trim()
        .to_owned();
    if release.is_empty() {
        return Err(Missed::unreadable(RELEASE, "empty"));
    }
    let kernel = Kernel {
        release,
        booted_at: booted_at(host),
        newest_installed: newest_installed(host),
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
}
