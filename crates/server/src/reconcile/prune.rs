//! Which of the checkpoints in a folder stay: the newest, and the first of each month.
//!
//! An older checkpoint proves nothing that a newer one of the same ledger does not, but it dates
//! the ledger: the first of each month stays, so that a dispute about last spring has its anchor.

use std::collections::BTreeMap;
use std::path::Path;

use sekisho_domain::time::Timestamp;

use super::failure::Failure;

/// How many of the newest stay.
pub const NEWEST: usize = 30;
/// The most names looked at in one pass; a folder that holds more is pruned over several.
const NAMES_MAX: usize = 100_000;

/// A checkpoint in the folder: its size, and the month its file was written in (`2026-11`).
type Kept = (u64, String);

/// Removes what need not stay; how many were removed.
///
/// # Errors
/// The store's codes of paths.
pub(super) fn prune(folder: &Path) -> Result<usize, Failure> {
    let superfluous = superfluous(&list(folder)?);
    for size in &superfluous {
        let path = folder.join(name(*size));
        std::fs::remove_file(&path).map_err(|error| Failure::io(&path, error))?;
    }
    Ok(superfluous.len())
}

/// The file name of a checkpoint.
pub(super) fn name(size: u64) -> String {
    format!("checkpoint-{size}")
}

/// The checkpoints in a folder. Only plain files with exactly our names count.
fn list(folder: &Path) -> Result<Vec<Kept>, Failure> {
    let failed = |error| Failure::io(folder, error);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)?.take(NAMES_MAX) {
        let entry = entry.map_err(failed)?;
        let file = entry.file_name();
        let size = file
            .to_str()
            .and_then(|file| file.strip_prefix("checkpoint-"))
            .and_then(|size| size.parse::<u64>().ok());
        let Some(size) = size.filter(|size| file.to_str() == Some(&name(*size))) else {
            continue;
        };
        // Of the name itself: a link is not ours.
        let meta = entry.metadata().map_err(failed)?;
        let Some(written) = meta.modified().ok().filter(|_| meta.is_file()) else {
            continue;
        };
        let millis = written
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0));
        let month = Timestamp::from_millis(millis).to_rfc3339();
        found.push((size, month.chars().take(7).collect()));
    }
    Ok(found)
}

/// The sizes that need not stay, ascending. The newest always stays.
fn superfluous(kept: &[Kept]) -> Vec<u64> {
    let mut sorted: Vec<&Kept> = kept.iter().collect();
    sorted.sort_unstable();
    let mut first: BTreeMap<&str, u64> = BTreeMap::new();
    for (size, month) in &sorted {
        first.entry(month).or_insert(*size);
    }
    let older = sorted.len().saturating_sub(NEWEST);
    let stays = |(size, month): &&&Kept| first.get(month.as_str()) != Some(size);
    sorted[..older]
        .iter()
        .filter(stays)
        .map(|(size, _)| *size)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(range: std::ops::Range<u64>, month: &str) -> Vec<Kept> {
        range.map(|size| (size, month.to_owned())).collect()
    }

    #[test]
    fn the_newest_and_the_first_of_each_month_stay() {
        assert_eq!(superfluous(&[]), [0u64; 0]);
        assert_eq!(superfluous(&kept(5..6, "2026-01")), [0u64; 0]);
        assert_eq!(superfluous(&kept(1..31, "2026-01")), [0u64; 0]);
        assert_eq!(superfluous(&kept(1..33, "2026-01")), [2]);
        let mut two = kept(1..5, "2026-01");
        two.extend(kept(5..40, "2026-02"));
        two.reverse();
        assert_eq!(superfluous(&two), [2, 3, 4, 6, 7, 8, 9]);
        // Sizes order checkpoints, not their names: 10 is newer than 9.
        assert_eq!(superfluous(&kept(9..41, "2026-01")), [10]);
    }

    #[test]
    fn only_files_with_our_names_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        for size in 1..=40 {
            std::fs::write(dir.path().join(name(size)), b"x").unwrap();
        }
        for other in [
            "checkpoint-02",
            "checkpoint-x",
            "latest",
            "key",
            "checkpoint-",
        ] {
            std::fs::write(dir.path().join(other), b"x").unwrap();
        }
        std::fs::create_dir(dir.path().join("checkpoint-0")).unwrap();
        assert_eq!(prune(dir.path()).unwrap(), 9);
        assert_eq!(prune(dir.path()).unwrap(), 0);
        let mut left: Vec<_> = std::fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort_unstable();
        assert_eq!(left.len(), 31 + 6);
        for there in [
            "checkpoint-1",
            "checkpoint-11",
            "checkpoint-40",
            "checkpoint-0",
        ] {
            assert!(left.iter().any(|name| name == there), "{there}");
        }
        assert!(!left.iter().any(|name| name == "checkpoint-2"));
    }
}
