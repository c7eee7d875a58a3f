//! Recognises a feed's format by the beginning of its content, never by a file name.

/// The formats that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Stored,
    Changelogs,
    Tracker,
    PackagesTable,
    PackagesStanzas,
    SupportEnded,
    SupportLimited,
    DistroInfoDebian,
    DistroInfoUbuntu,
    EndOfLife,
    Kev,
    Epss,
}

/// The format of data that begins like this, or `None` when it is none of ours.
pub(crate) fn recognise(head: &str) -> Option<Format> {
    let first = head.lines().next().unwrap_or_default();
    if first.starts_with('{') || head.trim_start().starts_with('{') {
        return json(head, first);
    }
    if first.starts_with("#model_version") || first == "cve,epss,percentile" {
        return Some(Format::Epss);
    }
    if first.starts_with("version,codename,series,") {
        let ubuntu = first.contains(",eol-server") || first.contains(",eol-esm");
        return Some(if ubuntu {
            Format::DistroInfoUbuntu
        } else {
            Format::DistroInfoDebian
        });
    }
    if first.starts_with("Package: ") {
        return Some(Format::PackagesStanzas);
    }
    if let Some(format) = support_list(head) {
        return Some(format);
    }
    let fields: Vec<&str> = first.split('\t').collect();
    let version = |t: &str| t.as_bytes().first().is_some_and(u8::is_ascii_digit);
    match fields[..] {
        [name, second, _] if !name.is_empty() && version(second) => Some(Format::PackagesTable),
        _ => None,
    }
}

fn json(head: &str, first: &str) -> Option<Format> {
    let has = |key: &str| head.contains(key);
    if first.contains("\"sekisho_feed\"") {
        Some(Format::Stored)
    } else if has("\"catalogVersion\"") && has("\"vulnerabilities\"") {
        Some(Format::Kev)
    } else if first.starts_with("{\"source\":") && has("\"entries\"") {
        Some(Format::Changelogs)
    } else if has("\"releaseCycle\"") && has("\"eol\"") {
        Some(Format::EndOfLife)
    } else if has("\"releases\"") && has("\"status\"") && has("\"CVE-") {
        Some(Format::Tracker)
    } else {
        None
    }
}

/// Both lists begin with a comment that says what they are; the columns of the first row confirm it.
fn support_list(head: &str) -> Option<Format> {
    let comment = head
        .lines()
        .find(|line| line.starts_with('#'))?
        .to_ascii_lowercase();
    let row = head
        .lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with('#'))?;
    if !comment.contains("security support") {
        return None;
    }
    let day = |t: &str| super::day::parse_day(t).is_ok();
    if row.split_whitespace().nth(2).is_some_and(day) {
        Some(Format::SupportEnded)
    } else if comment.contains("limited") {
        Some(Format::SupportLimited)
    } else {
        None
    }
}
