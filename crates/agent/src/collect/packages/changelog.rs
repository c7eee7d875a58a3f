//! CVEs that the changelog of an installed Debian build names.
//!
//! A mention is evidence that the build was made in the knowledge of a CVE. It decides where
//! version order cannot: a rebuild for a stable release (`~deb12u1`) sorts below the version it
//! contains.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};

use flate2::read::GzDecoder;

use crate::host::Host;

/// Largest compressed changelog that is opened; the largest known is about 3 MiB.
const COMPRESSED_MAX: u64 = 16 * 1024 * 1024;
/// Most that is read of one changelog after decompression.
const TEXT_MAX: u64 = 96 * 1024 * 1024;
/// Longest line that is looked at as one.
const LINE_MAX: u64 = 65_536;
/// Most CVEs taken from one changelog.
const CVES_MAX: usize = 20_000;

/// The CVEs named at or below the entry of exactly this source version; none when there is no
/// changelog with such an entry.
pub(super) fn cves(host: &Host, package: &str, source_version: &str) -> Option<Vec<String>> {
    for name in ["changelog.Debian.gz", "changelog.gz"] {
        let path = format!("/usr/share/doc/{package}/{name}");
        let Ok(file) = host.open(path) else {
            continue;
        };
        let text = GzDecoder::new(file.take(COMPRESSED_MAX)).take(TEXT_MAX);
        if let Some(found) = scan(BufReader::with_capacity(65_536, text), source_version) {
            return Some(found);
        }
    }
    None
}

/// Reads entries from the newest down. A damaged file gives nothing rather than half.
fn scan(mut text: impl BufRead, source_version: &str) -> Option<Vec<String>> {
    let mut found = BTreeSet::new();
    let mut reached = false;
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut text)
            .take(LINE_MAX)
            .read_until(b'\n', &mut line)
            .ok()?;
        if read == 0 {
            break;
        }
        if !reached {
            reached = entry_version(&line) == Some(source_version.as_bytes());
        } else if found.len() < CVES_MAX {
            collect_cves(&line, &mut found);
        }
    }
    reached.then(|| found.into_iter().collect())
}

/// The version in the first line of an entry: `name (version) suite; urgency=…`.
fn entry_version(line: &[u8]) -> Option<&[u8]> {
    if line.first().is_none_or(|first| first.is_ascii_whitespace()) {
        return None;
    }
    let open = line.windows(2).position(|pair| pair == b" (")? + 2;
    let length = line[open..].iter().position(|byte| *byte == b')')?;
    Some(&line[open..open + length])
}

fn collect_cves(line: &[u8], found: &mut BTreeSet<String>) {
    let mut rest = line;
    while let Some(start) = find(rest, b"CVE-") {
        rest = &rest[start + 4..];
        let year = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if year != 4 || rest.get(4) != Some(&b'-') {
            continue;
        }
        let number = &rest[5..];
        let digits = number
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if !(4..=8).contains(&digits) {
            continue;
        }
        let id: String = rest[..5 + digits].iter().copied().map(char::from).collect();
        found.insert(format!("CVE-{id}"));
        rest = &rest[5 + digits..];
    }
}

fn find(text: &[u8], mark: &[u8; 4]) -> Option<usize> {
    // Most lines hold no `C` before the mark, so looking for one byte first is quicker.
    let mut from = 0;
    while let Some(step) = text[from..].iter().position(|byte| *byte == mark[0]) {
        from += step;
        if text[from..].starts_with(mark) {
            return Some(from);
        }
        from += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "less (590-3) unstable; urgency=low\n\n  * Fix CVE-2025-0001.\n\n\
        less (590-2.1~deb12u2) bookworm-security; urgency=high\n\n\
        \x20 * CVE-2024-32487, (CVE-2022-48624)\n  * not CVE-20-1 nor CVE-2024-12 nor CVE-2024-\n\n\
        less (590-1) unstable; urgency=low\n\n  * CVE-2014-9488 CVE-2024-32487\n";

    #[test]
    fn only_entries_at_or_below_the_installed_version_count() {
        let found = scan(TEXT.as_bytes(), "590-2.1~deb12u2").unwrap();
        assert_eq!(found, ["CVE-2014-9488", "CVE-2022-48624", "CVE-2024-32487"]);
        assert_eq!(scan(TEXT.as_bytes(), "590-1").unwrap().len(), 2);
        assert_eq!(scan(TEXT.as_bytes(), "590-2"), None);
        assert_eq!(scan(&b""[..], "1"), None);
    }
}
