//! Records, Merkle tree, signed checkpoints and proofs. Pure, and knows no domain.
//!
//! The Merkle tree is the chain: a log entry (C2SP tlog-tiles) is exactly the 32 bytes
//! SHA-256(salt ‖ record), so tiles may be given to any witness while records and blobs are
//! disclosed one by one with their salt. An auditor can build this crate alone.
//!
//! The crate has no clock, no randomness and reads no file: salts, key seeds and stored bytes are
//! arguments.

pub mod canonical;
pub mod checkpoint;
pub mod cosignature;
pub mod digest;
pub mod export;
pub mod keys;
mod note;
pub mod proof;
pub mod record;
pub mod tile;
pub mod tree;
pub mod verify;

pub use checkpoint::{Checkpoint, CheckpointError, SignerKey, VerifierKey};
pub use cosignature::{Cosignature, Cosigner, CosignerKey};
pub use digest::{Digest, Salt};
pub use keys::{CheckpointKeys, KeyHistory, KnownKey, Opened};
pub use proof::{ConsistencyProof, InclusionProof, ProofError};
pub use record::{BlobRef, Head, Record, RecordError};
pub use tile::{TileId, TileWriter};
pub use tree::NodeSource;
pub use verify::{Finding, FindingCode, LedgerSource, Place, Report, StoredEntry, Unknown, verify};
