//! What was delivered last to each target: `checkpoints/deliveries.json` in the data folder.
//!
//! Written after a delivery. When the machine stops in between, the checkpoint is delivered a
//! second time, which harms no target. A file that is lost or damaged counts as nothing delivered.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::file;

/// Name of the file in `checkpoints/`.
const NAME: &str = "deliveries.json";
/// Longest file that is read, in bytes.
const LIMIT: u64 = 1 << 20;
/// Form of the file.
const VERSION: u32 = 1;

/// The last delivery to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Delivery {
    /// Records that the checkpoint covers.
    pub(super) size: u64,
    /// When, in milliseconds since the epoch, UTC.
    pub(super) at: i64,
    /// Forgotten persons in the list that went along.
    pub(super) forgotten: u64,
}

#[derive(Default, Serialize, Deserialize)]
struct Stored {
    version: u32,
    targets: BTreeMap<String, Delivery>,
}

/// The last deliveries.
pub(super) struct Deliveries {
    path: PathBuf,
    targets: BTreeMap<String, Delivery>,
}

impl Deliveries {
    /// Reads the file in the folder of checkpoints.
    pub(super) fn read(checkpoints: &Path) -> Self {
        let path = checkpoints.join(NAME);
        let read = file::read_bounded(&path, LIMIT).map(|found| {
            found.map(|bytes| {
                serde_json::from_slice(&bytes)
                    .ok()
                    .filter(|stored: &Stored| stored.version == VERSION)
            })
        });
        let targets = match read {
            Ok(None) => BTreeMap::new(),
            Ok(Some(Some(stored))) => stored.targets,
            Ok(Some(None)) | Err(_) => {
                tracing::warn!(
                    code = "checkpoint.deliveries-unreadable",
                    path = %path.display(),
                    "checkpoints are delivered anew"
                );
                BTreeMap::new()
            }
        };
        Self { path, targets }
    }

    /// The last delivery to a target.
    pub(super) fn last(&self, target: &str) -> Option<Delivery> {
        self.targets.get(target).copied()
    }

    /// Notes a delivery.
    pub(super) fn note(&mut self, target: &str, delivery: Delivery) -> Result<(), Failure> {
        self.targets.insert(target.to_owned(), delivery);
        self.write()
    }

    /// Drops targets that are no longer wanted: one that comes back is new.
    pub(super) fn keep_only(&mut self, wanted: &dyn Fn(&str) -> bool) -> Result<(), Failure> {
        let before = self.targets.len();
        self.targets.retain(|target, _| wanted(target));
        if self.targets.len() == before {
            return Ok(());
        }
        self.write()
    }

    fn write(&self) -> Result<(), Failure> {
        let stored = Stored {
            version: VERSION,
            targets: self.targets.clone(),
        };
        let bytes =
            serde_json::to_vec_pretty(&stored).map_err(|error| Failure::new("bad-value", error))?;
        file::replace(&self.path, &bytes)
    }
}
