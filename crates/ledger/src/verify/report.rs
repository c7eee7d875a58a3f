//! What a verification found, and what it could not know.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::digest::Digest;
use crate::tile::TileId;

/// The most findings that are kept; all are counted.
pub const FINDINGS_MAX: usize = 1000;

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The number of entries.
    pub size: u64,
    /// The root over the entries found.
    pub root: Digest,
    /// The records read and checked.
    pub records: u64,
    /// The tiles compared.
    pub tiles: u64,
    /// The blobs read and checked.
    pub blobs: u64,
    /// The records left out of a disclosure copy.
    pub undisclosed_records: u64,
    /// The blobs left out of a disclosure copy.
    pub undisclosed_blobs: u64,
    /// What is wrong, as far as [`FINDINGS_MAX`] goes.
    pub findings: Vec<Finding>,
    /// How many things are wrong.
    pub finding_count: u64,
    /// What this verification could not know.
    pub unknown: Vec<Unknown>,
}

impl Report {
    /// An empty report.
    pub(super) fn new() -> Self {
        Self {
            size: 0,
            root: crate::digest::empty_root(),
            records: 0,
            tiles: 0,
            blobs: 0,
            undisclosed_records: 0,
            undisclosed_blobs: 0,
            findings: Vec::new(),
            finding_count: 0,
            unknown: Vec::new(),
        }
    }

    /// Whether nothing is wrong. What is [`Report::unknown`] stays unknown.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.finding_count == 0
    }

    /// Adds a finding.
    pub(super) fn find(&mut self, code: FindingCode, place: Place, detail: Option<&'static str>) {
        self.finding_count += 1;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding {
                code,
                place,
                detail,
            });
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What.
    pub code: FindingCode,
    /// Where.
    pub place: Place,
    /// A finer code, such as why a record is not canonical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<&'static str>,
}

/// Where something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// An entry and its record.
    Seq(u64),
    /// Entries from the first up to, not including, the second.
    Range(u64, u64),
    /// A tile.
    Tile(TileId),
    /// A blob.
    Blob(Digest),
    /// The stored checkpoint.
    Checkpoint,
    /// The checkpoint given from outside.
    OutsideCheckpoint,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seq(seq) => write!(f, "seq {seq}"),
            Self::Range(from, until) => write!(f, "seq {from}..{until}"),
            Self::Tile(id) => write!(f, "{id}"),
            Self::Blob(digest) => write!(f, "blob {digest}"),
            Self::Checkpoint => f.write_str("checkpoint"),
            Self::OutsideCheckpoint => f.write_str("outside checkpoint"),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Declares codes once, so that name and text cannot drift apart.
macro_rules! codes {
    ($(#[$doc:meta])* $type:ident { $($(#[$d:meta])* $name:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $type { $($(#[$d])* $name),+ }

        impl $type {
            /// Every code, for the test that each has a message.
            pub const ALL: &[$type] = &[$($type::$name),+];

            /// The code as printed and compared.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($type::$name => $text),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

codes! {
    /// The stable codes of findings.
    FindingCode {
        /// Record or salt were changed: they do not give the entry that the tree holds.
        EntryMismatch = "entry-mismatch",
        /// Entries that the tree holds are not there.
        EntryMissing = "entry-missing",
        /// An entry stands beyond the signed size: added without a signature.
        EntryUnsigned = "entry-unsigned",
        /// An entry comes twice or out of order.
        EntryOrder = "entry-order",
        /// A salt is not 16 bytes.
        SaltMalformed = "salt-malformed",
        /// A record is not in canonical form; the detail says why.
        RecordMalformed = "record-malformed",
        /// A record's time lies before that of the record before it.
        TimeBackwards = "time-backwards",
        /// A tile was changed.
        TileMismatch = "tile-mismatch",
        /// A tile is not there.
        TileMissing = "tile-missing",
        /// A tile lies beyond the tree.
        TileExtra = "tile-extra",
        /// A blob that a record refers to is not there.
        BlobMissing = "blob-missing",
        /// A blob was changed.
        BlobMismatch = "blob-mismatch",
        /// A blob has another size than a record says.
        BlobSize = "blob-size",
        /// No record refers to a stored blob.
        BlobUnreferenced = "blob-unreferenced",
        /// There are entries, but no checkpoint.
        CheckpointMissing = "checkpoint-missing",
        /// The checkpoint is malformed, of another ledger or not signed by its key; the detail
        /// says which.
        CheckpointInvalid = "checkpoint-invalid",
        /// The entries do not lead to the signed root.
        RootMismatch = "root-mismatch",
        /// The outside checkpoint is malformed, of another ledger or not signed by its key.
        OutsideInvalid = "outside-invalid",
        /// The outside checkpoint counts more entries: the ledger was cut or rolled back.
        OutsideAhead = "outside-ahead",
        /// The outside checkpoint signs other entries: the ledger was rewritten and signed again.
        OutsideFork = "outside-fork",
    }
}

codes! {
    /// What a verification could not know.
    Unknown {
        /// No checkpoint from outside was given: truncation, a roll-back of the whole folder and
        /// a rewrite signed again with the real key cannot be known.
        NoOutsideCheckpoint = "no-outside-checkpoint",
    }
}
