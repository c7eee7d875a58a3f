//! Damaged, foreign, newer and read-only databases; full disks.

use std::fs;
use std::process::Command;

use sekisho_store::observations::{Feed, FeedState};
use sekisho_store::{Accounts, DataFolder, Observations};

use crate::support::{NOW, Place};

fn feed(name: &str, content: Vec<u8>) -> Feed {
    let state = FeedState {
        name: name.to_owned(),
        as_of: NOW,
        imported_at: NOW,
        digest: [0; 32],
        entries: 1,
    };
    Feed { state, content }
}

#[test]
fn a_file_that_is_no_database_is_told_and_left_alone() {
    let place = Place::new();
    let path = place.folder().observations();
    for junk in [
        b"just text, not a database at all ".repeat(40),
        vec![0xff; 4096],
    ] {
        fs::write(&path, &junk).unwrap();
        assert_eq!(
            Observations::open(&path).unwrap_err().code(),
            "not-a-database"
        );
        assert_eq!(fs::read(&path).unwrap(), junk);
    }
}

#[test]
fn the_database_of_another_program_is_left_alone() {
    let place = Place::new();
    let path = place.folder().accounts();
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch("CREATE TABLE theirs (x)").unwrap();
    drop(conn);
    let before = fs::read(&path).unwrap();
    assert_eq!(Accounts::open(&path).unwrap_err().code(), "foreign-files");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_newer_database_is_refused() {
    let place = Place::new();
    let path = place.folder().observations();
    drop(Observations::open(&path).unwrap());
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.pragma_update(None, "user_version", 999).unwrap();
    drop(conn);
    let error = Observations::open(&path).unwrap_err();
    assert_eq!(error.code(), "newer-version");
    assert!(error.subject().contains("999"), "{}", error.subject());
}

#[test]
fn overwritten_pages_and_cut_files_are_corrupt_never_empty() {
    let place = Place::new();
    let path = place.folder().observations();
    let store = Observations::open(&path).unwrap();
    for n in 0..50 {
        store
            .put_feed(&feed(&format!("feed-{n}"), vec![7; 3000]))
            .unwrap();
    }
    store.check().unwrap();
    drop(store);
    let whole = fs::read(&path).unwrap();
    assert!(whole.len() > 100_000);
    for page in (1..whole.len() / 4096).step_by(5) {
        let mut bytes = whole.clone();
        bytes[page * 4096..page * 4096 + 200].fill(0xee);
        fs::write(&path, bytes).unwrap();
        let verdict = Observations::open(&path).and_then(|s| s.check());
        assert_eq!(verdict.unwrap_err().code(), "corrupt", "page {page}");
    }
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let verdict = Observations::open(&path).and_then(|s| s.check());
    assert_eq!(verdict.unwrap_err().code(), "corrupt");
    fs::write(&path, &whole).unwrap();
    assert_eq!(
        Observations::open(&path)
            .unwrap()
            .feed_states()
            .unwrap()
            .len(),
        50
    );
}

/// A small file system in memory, unmounted when dropped.
struct Small(std::path::PathBuf);

impl Small {
    fn mount(place: &Place) -> Option<Self> {
        let path = place.path("small");
        fs::create_dir(&path).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=6m,mode=0700", "tmpfs"])
            .arg(&path)
            .output();
        match mounted {
            Ok(out) if out.status.success() => Some(Self(path)),
            _ => {
                println!("skipped: mounting a small tmpfs needs root");
                None
            }
        }
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_refuses_the_change_and_keeps_what_was_there() {
    let place = Place::new();
    let Some(small) = Small::mount(&place) else {
        return;
    };
    let folder = DataFolder::create_or_open(&small.0).unwrap();
    let store = Observations::open(&folder.observations()).unwrap();
    store.put_feed(&feed("small", vec![1; 1000])).unwrap();
    let error = store
        .put_feed(&feed("large", vec![2; 8_000_000]))
        .unwrap_err();
    assert_eq!(error.code(), "disk-full");
    assert_eq!(store.feed_states().unwrap().len(), 1);
    store.check().unwrap();

    fs::write(small.0.join("sekisho.filler"), vec![0; 10_000_000]).unwrap_err();
    assert_eq!(
        DataFolder::create_or_open(&small.0).unwrap_err().code(),
        "disk-full"
    );
    fs::remove_file(small.0.join("sekisho.filler")).unwrap();
    drop(store);
    let store = Observations::open(&folder.observations()).unwrap();
    assert_eq!(store.feed("small").unwrap().unwrap().content, vec![1; 1000]);
}

#[test]
fn a_read_only_folder_is_told_at_the_start() {
    let place = Place::new();
    let Some(small) = Small::mount(&place) else {
        return;
    };
    let folder = DataFolder::create_or_open(&small.0).unwrap();
    drop(Observations::open(&folder.observations()).unwrap());
    let remounted = Command::new("mount")
        .args(["-o", "remount,ro"])
        .arg(&small.0)
        .status()
        .unwrap();
    assert!(remounted.success());
    assert_eq!(
        DataFolder::create_or_open(&small.0).unwrap_err().code(),
        "read-only"
    );
    DataFolder::open_existing(&small.0).unwrap();
    assert_eq!(
        Observations::open(&folder.observations())
            .unwrap_err()
            .code(),
        "read-only"
    );
}
