//! An export of the store verifies with an implementation that is not ours.

use std::path::{Path, PathBuf};
use std::process::Command;

use sekisho_ledger::export::{export, verify_export};
use sekisho_store::sqlite::ledger::{Access, LedgerStore};
use sekisho_store::{Result, StoreError};

use crate::ledger::{append, signer};

/// A Python that has aics-tlog: `SEKISHO_PYTHON`, or the environment `cargo xtask test` makes.
fn python() -> Option<PathBuf> {
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/venv/bin/python");
    let python = std::env::var_os("SEKISHO_PYTHON").map_or(made, PathBuf::from);
    let found = Command::new(&python)
        .args(["-c", "import aics_tlog"])
        .output();
    found
        .is_ok_and(|output| output.status.success())
        .then_some(python)
}

/// Writes the export of a store of `size` entries, with every record `disclose` names.
fn write_export(folder: &Path, size: u64, disclose: &dyn Fn(u64) -> bool) {
    let mut store = LedgerStore::open(&folder.join("ledger.sqlite"), Access::Write).unwrap();
    let mut at = 0;
    while at < size {
        at = append(&mut store, at, (size - at).min(500)).size;
    }
    let view = store.view().unwrap();
    let written: Result<()> = export(&view, disclose, &mut |path, bytes| {
        let path = folder.join("export").join(path);
        let write = || {
            std::fs::create_dir_all(path.parent().unwrap_or(&path))?;
            std::fs::write(&path, bytes)
        };
        write().map_err(|error| StoreError::io(&path, error))
    });
    written.unwrap();
}

fn run(python: &Path, export: &Path, seqs: &[&str]) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/verify_export.py");
    let output = Command::new(python)
        .arg(script)
        .arg(export)
        .arg(signer().verifier().to_string())
        .args(seqs)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
fn an_export_verifies_with_another_implementation() {
    let dir = tempfile::tempdir().unwrap();
    write_export(dir.path(), 1_300, &|seq| seq % 13 == 0);
    let export = dir.path().join("export");
    let lookup = |path: &str| std::fs::read(export.join(path)).ok();
    let report = verify_export(&lookup, signer().verifier(), None);
    assert!(report.is_clean(), "{:?}", report.findings);
    assert_eq!((report.records, report.undisclosed_records), (100, 1_200));

    let Some(python) = python() else {
        println!("skipped: no Python with aics-tlog (cargo xtask test installs it)");
        return;
    };
    let (held, said) = run(&python, &export, &["0", "13", "1287"]);
    assert!(held, "{said}");
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let expected = serde_json::json!({
        "signed": true, "size": 1300, "tiles": 7, "bundles": 6, "entries": true
    });
    assert_eq!(said, expected);

    for file in [
        "checkpoint",
        "tile/0/002",
        "tile/entries/005.p/20",
        "records/13.json",
    ] {
        let path = export.join(file);
        let whole = std::fs::read(&path).unwrap();
        let mut changed = whole.clone();
        changed[40] ^= 1;
        std::fs::write(&path, changed).unwrap();
        let (held, said) = run(&python, &export, &["0", "13", "1287"]);
        assert!(!held, "{file}: {said}");
        std::fs::write(&path, whole).unwrap();
    }
}
