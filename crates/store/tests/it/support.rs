//! A data folder for one test.

use std::path::{Path, PathBuf};

use sekisho_ledger::{Record, Salt, SignerKey};
use sekisho_store::keyring::{Keyring, MasterSource, PeopleKeys};
use sekisho_store::{Access, Accounts, DataFolder, LedgerStore, NewEntry, Observations};

/// A moment: 2026-01-01 00:00 UTC.
pub const NOW: i64 = 1_767_225_600_000;

/// Numbers without a pattern, the same in each run.
pub struct Draw(u64);

impl Draw {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, most: i64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 20).unwrap() % most
    }
}

/// A folder that goes away with the test.
pub struct Place {
    dir: tempfile::TempDir,
}

/// Everything in the folder, open.
pub struct Open {
    pub folder: DataFolder,
    pub ring: Keyring,
    pub people: PeopleKeys,
    pub accounts: Accounts,
    pub observations: Observations,
}

impl Place {
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn folder(&self) -> DataFolder {
        DataFolder::create_or_open(&self.path("data")).unwrap()
    }

    pub fn open(&self) -> Open {
        open(self.folder())
    }
}

/// Opens all that lies in `folder`, with the master key from its file.
pub fn open(folder: DataFolder) -> Open {
    let source = MasterSource::standard(&folder, None);
    let ring = Keyring::open(&folder, &source, NOW).unwrap();
    Open {
        people: ring.people(&folder).unwrap(),
        accounts: Accounts::open(&folder.accounts()).unwrap(),
        observations: Observations::open(&folder.observations()).unwrap(),
        folder,
        ring,
    }
}

/// A ledger of three entries, signed by the folder's own key.
pub fn write_ledger(folder: &DataFolder, seed: &[u8; 32]) {
    let signer = SignerKey::new("sekisho.test/ledger", seed).unwrap();
    let mut store = LedgerStore::open(&folder.ledger(), Access::Write).unwrap();
    let entries: Vec<NewEntry> = (0..3)
        .map(|n| {
            let record = Record {
                kind: "test.happened".to_owned(),
                version: 1,
                actor: serde_json::json!({"kind": "operator"}),
                recorded_at: NOW + n,
                effective_from: None,
                payload: serde_json::json!({"n": n}),
            };
            let salt = Salt(sekisho_store::entropy::bytes().unwrap());
            NewEntry {
                salt,
                record: record.to_bytes().unwrap(),
                blobs: Vec::new(),
            }
        })
        .collect();
    store
        .append(&entries, &|size, root| signer.sign(size, root))
        .unwrap();
}

/// The files below `dir` that contain `needle` anywhere.
pub fn files_with(dir: &Path, needle: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, needle));
        } else if std::fs::read(&path)
            .unwrap()
            .windows(needle.len())
            .any(|w| w == needle)
        {
            found.push(path);
        }
    }
    found
}

/// Flips one bit of one byte of a file: the result may well be readable text.
pub fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[at] ^= 1;
    std::fs::write(path, bytes).unwrap();
}
