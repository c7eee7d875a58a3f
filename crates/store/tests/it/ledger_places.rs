//! Damaged files, foreign files, read-only folders and full disks: a clear code, nothing lost.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use rusqlite::Connection;
use sekisho_ledger::verify;
use sekisho_store::sqlite::ledger::{Access, LedgerStore};

use crate::ledger::{append, entry, signer};

/// What opening and verifying a file comes to: the code of an error, or whether it is clean.
fn outcome(path: &Path) -> Result<bool, &'static str> {
    let store = LedgerStore::open(path, Access::Read).map_err(|e| e.code())?;
    let view = store.view().map_err(|e| e.code())?;
    let report = verify(&view, signer().verifier(), None).map_err(|e| e.code())?;
    Ok(report.is_clean())
}

#[test]
fn files_that_are_no_ledger_are_refused_by_code() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("l");
    for access in [Access::Read, Access::Write] {
        let code = || LedgerStore::open(&path, access).unwrap_err().code();
        let _ = fs::remove_file(&path);
        if access == Access::Read {
            assert_eq!(code(), "not-found");
        }
        fs::write(
            &path,
            "a letter of more than sixteen bytes, and then some".repeat(40),
        )
        .unwrap();
        assert_eq!(code(), "not-a-database");
        fs::remove_file(&path).unwrap();
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch("CREATE TABLE t (x)").unwrap();
        assert_eq!(code(), "foreign-files");
        conn.execute_batch(
            "DROP TABLE t; PRAGMA application_id = 0x534b4c47; PRAGMA user_version = 2",
        )
        .unwrap();
        assert_eq!(code(), "newer-version");
    }
}

#[test]
fn a_damaged_or_cut_file_never_verifies_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("l");
    let mut store = LedgerStore::open(&path, Access::Write).unwrap();
    append(&mut store, 0, 400);
    drop(store);
    let whole = fs::read(&path).unwrap();
    let copy = dir.path().join("copy");
    for part in 0..16 {
        fs::write(&copy, &whole[..whole.len() * part / 16]).unwrap();
        let found = outcome(&copy);
        assert_ne!(found, Ok(true), "cut to {part}/16");
    }
    // Noise over every page but the first, page by page.
    for page in (1..whole.len() / 8192).step_by(3) {
        let mut bytes = whole.clone();
        for (i, byte) in bytes[page * 8192..(page + 1) * 8192].iter_mut().enumerate() {
            *byte = byte.wrapping_add(1 + (i % 200) as u8);
        }
        fs::write(&copy, &bytes).unwrap();
        match outcome(&copy) {
            Ok(clean) => assert!(!clean, "page {page}"),
            Err(code) => assert!(matches!(code, "corrupt" | "bad-value" | "io"), "{code}"),
        }
    }
}

#[test]
fn a_read_only_folder_is_read_and_refuses_to_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("l");
    let mut store = LedgerStore::open(&path, Access::Write).unwrap();
    append(&mut store, 0, 30);
    drop(store);
    let mut reader = LedgerStore::open(&path, Access::Read).unwrap();
    let error = reader
        .append(&[entry(30)], &|_, _| String::new())
        .unwrap_err();
    assert_eq!(error.code(), "read-only");
    drop(reader);
    let mounted = Mount::read_only(dir.path());
    if mounted.is_none() {
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o500)).unwrap();
        if fs::write(dir.path().join("probe"), b"x").is_ok() {
            println!("skipped: this user writes to read-only folders and may not mount");
            return;
        }
    }
    assert_eq!(outcome(&path), Ok(true));
    let code = LedgerStore::open(&path, Access::Write).unwrap_err().code();
    assert!(matches!(code, "read-only" | "permission"), "{code}");
    drop(mounted);
    let _ = fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700));
}

#[test]
fn a_full_disk_refuses_the_batch_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let Some(mount) = Mount::tmpfs(dir.path(), "size=512k") else {
        println!("skipped: a small tmpfs cannot be mounted here");
        return;
    };
    let path = dir.path().join("l");
    let key = signer();
    let mut store = LedgerStore::open(&path, Access::Write).unwrap();
    let mut acknowledged = 0;
    let code = loop {
        let batch: Vec<_> = (acknowledged..acknowledged + 64).map(entry).collect();
        match store.append(&batch, &|size, root| key.sign(size, root)) {
            Ok(appended) => acknowledged = appended.size,
            Err(error) => break error.code(),
        }
        assert!(acknowledged < 100_000, "the disk never filled");
    };
    assert!(matches!(code, "disk-full" | "io"), "{code}");
    assert!(acknowledged > 0);
    assert_eq!(
        store.size().unwrap(),
        acknowledged,
        "nothing half-written is visible"
    );
    // With room again the same writer goes on.
    assert!(mount.remount("size=4m"));
    append(&mut store, acknowledged, 64);
    drop(store);
    assert_eq!(outcome(&path), Ok(true));
    drop(mount);
}

/// A mount that ends with the test.
struct Mount(std::path::PathBuf);

impl Mount {
    fn tmpfs(at: &Path, options: &str) -> Option<Self> {
        Self::run(&["-t", "tmpfs", "-o", options, "tmpfs"], at)
    }

    /// The folder bound over itself, read-only.
    fn read_only(at: &Path) -> Option<Self> {
        let path = at.to_str()?;
        let mount = Self::run(&["--bind", path], at)?;
        mount.remount("bind,ro").then_some(mount)
    }

    fn run(arguments: &[&str], at: &Path) -> Option<Self> {
        let output = Command::new("mount")
            .args(arguments)
            .arg(at)
            .output()
            .ok()?;
        output.status.success().then(|| Self(at.to_path_buf()))
    }

    fn remount(&self, options: &str) -> bool {
        let options = format!("remount,{options}");
        let output = Command::new("mount")
            .args(["-o", &options])
            .arg(&self.0)
            .output();
        output.is_ok_and(|output| output.status.success())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
