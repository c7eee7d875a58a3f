//! Files of folders that are named as a whole: which of those that were left with more to come are gone.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::bookmark::{Bookmarks, LeftFile};
use super::log::Log;
use super::logs;
use super::rotated::{Paths, is_standard_input};

/// What was left in the folders and is none of the files of the source any more, neither under another name nor
/// packed: what came to it last may be lost. One to which nothing had come for a day may have been taken away, and is
/// missed where another log has its name. Where a file cannot be opened or a folder holds none, that is told by the
/// reading, and this is asked again once it can.
pub fn gone(paths: &Paths, marks: &Bookmarks) -> Vec<LeftFile> {
    let folders = paths.folders.iter();
    let mut left: Vec<LeftFile> = folders.flat_map(|it| marks.left_in(it)).collect();
    left.retain(|it| !paths.named.contains(&it.path) && is_elsewhere(it, marks));
    if left.is_empty() {
        return left;
    }
    let Some(files) = files(paths) else {
        return Vec::new();
    };
    for file in files {
        let Ok(log) = Log::open(&file) else {
            return Vec::new();
        };
        if let Some(head) = marks.head_of(&log) {
            left.retain(|it| it.head != head);
        }
    }
    left
}

/// Whether a file is not where it was left, and is to be looked for.
fn is_elsewhere(file: &LeftFile, marks: &Bookmarks) -> bool {
    match Log::open(&file.path) {
        Ok(log) => marks.head_of(&log).as_ref() != Some(&file.head),
        Err(_) => !file.settled || file.path.exists(),
    }
}

/// All files of the source, those included that need not be read; none where they are not all known.
fn files(paths: &Paths) -> Option<BTreeSet<PathBuf>> {
    let known = paths.all.iter().filter(|it| !is_standard_input(it));
    let mut files: BTreeSet<PathBuf> = known.cloned().collect();
    for folder in &paths.folders {
        files.extend(logs(std::slice::from_ref(folder)).ok()?);
    }
    Some(files)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::bookmark::Left;
    use super::super::rotated::ReadThrough;
    use super::*;

    /// `a` and a newline, packed.
    const PACKED: &[u8] =
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\xe4\x02\x00\x07\xa1\xea\xdd\x02\x00\x00\x00";

    fn folder(name: &str) -> PathBuf {
        let name = format!("sekisho-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// Notes that a file was read to its end, and how it was left.
    fn leave(marks: &mut Bookmarks, path: &Path, left: Left) {
        let log = Log::open(path).unwrap();
        marks.put(&log, 2);
        let head = marks.head_of(&log).unwrap();
        marks.leave(path, &head, left);
    }

    /// What is gone by now from folders, or from beside files.
    fn gone_of(given: &[&Path], marks: &Bookmarks) -> Vec<PathBuf> {
        let given: Vec<PathBuf> = given.iter().map(|it| it.to_path_buf()).collect();
        let paths = ReadThrough::default().paths(&given, (marks, None));
        gone(&paths, marks).into_iter().map(|it| it.path).collect()
    }

    #[test]
    fn a_file_of_a_folder_is_gone_where_it_stands_under_no_name_nor_packed() {
        let folder = folder("gone");
        let at = |name: &str| folder.join(name);
        let (log, rotated, packed) = (at("a.log"), at("a.log.1"), at("a.log.1.gz"));
        let mut marks = Bookmarks::default();
        std::fs::write(&log, b"a\n").unwrap();
        assert!(gone_of(&[&folder], &marks).is_empty(), "nothing was read");
        leave(&mut marks, &log, Left::Open);
        assert!(gone_of(&[&folder], &marks).is_empty());
        std::fs::rename(&log, &rotated).unwrap();
        std::fs::write(&log, b"b\n").unwrap();
        assert!(gone_of(&[&folder], &marks).is_empty());
        std::fs::write(&packed, PACKED).unwrap();
        std::fs::remove_file(&rotated).unwrap();
        assert!(gone_of(&[&folder], &marks).is_empty());
        std::fs::remove_file(&packed).unwrap();
        // The way to the server and back.
        let kept = Bookmarks::parse(&marks.text().unwrap()).unwrap();
        assert_eq!(gone_of(&[&folder], &kept), std::slice::from_ref(&log));
        // The folder named twice, and nothing where it is not named.
        assert_eq!(
            gone_of(&[&folder, &folder], &marks),
            std::slice::from_ref(&log)
        );
        assert!(gone_of(&[&at("b.log")], &marks).is_empty());
        // What was rotated away and read may go.
        leave(&mut marks, &log, Left::Open);
        let head = marks.left_in(&folder).remove(0).head;
        marks.leave(&log, &head, Left::Done);
        assert!(gone_of(&[&folder], &marks).is_empty());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    /// Another folder of the source may be where rotation puts them.
    #[test]
    fn a_file_that_moved_to_another_folder_of_the_source_is_not_gone() {
        let (folder, other) = (folder("moved-from"), folder("moved-to"));
        let (log, moved) = (folder.join("a.log"), other.join("a-old.log"));
        let mut marks = Bookmarks::default();
        std::fs::write(&log, b"a\n").unwrap();
        leave(&mut marks, &log, Left::Open);
        std::fs::rename(&log, &moved).unwrap();
        std::fs::write(&log, b"b\n").unwrap();
        assert!(gone_of(&[&folder, &other], &marks).is_empty());
        assert_eq!(gone_of(&[&folder], &marks), [log]);
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::remove_dir_all(&other).unwrap();
    }

    #[test]
    fn a_file_to_which_nothing_came_for_a_day_may_go_until_another_log_has_its_name() {
        let folder = folder("settled");
        let (log, other) = (folder.join("a.log"), folder.join("b.log"));
        let mut marks = Bookmarks::default();
        std::fs::write(&log, b"a\n").unwrap();
        std::fs::write(&other, b"b\n").unwrap();
        leave(&mut marks, &log, Left::Settled);
        std::fs::remove_file(&log).unwrap();
        assert!(gone_of(&[&folder], &marks).is_empty());
        std::fs::write(&log, b"c\n").unwrap();
        assert_eq!(gone_of(&[&folder], &marks), std::slice::from_ref(&log));
        std::fs::write(&log, b"").unwrap();
        assert_eq!(gone_of(&[&folder], &marks), [log]);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    /// A folder that is not mounted, a file that is being packed.
    #[test]
    fn where_a_folder_is_empty_or_a_file_cannot_be_opened_it_is_asked_again() {
        let folder = folder("asked-again");
        let (log, broken) = (folder.join("a.log"), folder.join("b.gz"));
        let mut marks = Bookmarks::default();
        std::fs::write(&log, b"a\n").unwrap();
        leave(&mut marks, &log, Left::Open);
        std::fs::remove_file(&log).unwrap();
        assert!(gone_of(&[&folder], &marks).is_empty());
        std::fs::write(&broken, b"\x1f\x8b\x08\x00 is not packed").unwrap();
        assert!(Log::open(&broken).is_err());
        assert!(gone_of(&[&folder], &marks).is_empty());
        std::fs::write(&broken, b"b\n").unwrap();
        assert_eq!(gone_of(&[&folder], &marks), [log]);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
