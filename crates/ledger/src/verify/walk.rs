//! The single pass of a verification.
//!
//! Where records and a stored tile disagree, the hash one level up decides which of them was
//! changed; at the right edge the signed root decides. The pass then goes on with the hash that
//! was right, so that one change is one finding and everything behind it is still checked.

mod keys;
mod tiles;

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::report::{FindingCode as Code, Place, Report, Unknown};
use super::{CheckedTile, LedgerSource, StoredEntry};
use crate::checkpoint::Checkpoint;
use crate::digest::{Digest, Salt, entry_hash, leaf_hash};
use crate::keys::CheckpointKeys;
use crate::record::{self, BlobRef};
use crate::tile::{TILE_BYTES, TileId};

/// The longest run of missing entries that is bridged with the stored leaf hashes. Behind a longer
/// one the tree is not followed any more; the gap itself is the finding.
const GAP_MAX: u64 = 1 << 20;

/// The tile of one level that is being filled from the records.
#[derive(Default)]
struct Level {
    index: u64,
    bytes: Vec<u8>,
}

/// The state of the pass.
pub(super) struct Walk<'s, S: LedgerSource> {
    source: &'s S,
    report: Report,
    signed: Option<Checkpoint>,
    outside: Option<Checkpoint>,
    /// When the keys that signed these two were retired.
    retired: keys::Retired,
    /// The root when exactly as many entries were read as the outside checkpoint counts.
    outside_root: Option<Digest>,
    next: u64,
    levels: Vec<Level>,
    following: bool,
    recorded_at: i64,
    blobs: HashMap<Digest, u64>,
    /// Every record was there and legible, so that all references to blobs are known.
    all_read: bool,
    bridge: Option<(u64, Vec<u8>)>,
}

impl<'s, S: LedgerSource> Walk<'s, S> {
    /// Reads the checkpoints.
    pub(super) fn new<K: CheckpointKeys + ?Sized>(
        source: &'s S,
        keys: &K,
        outside: Option<&[u8]>,
    ) -> Result<Self, S::Error> {
        let mut report = Report::new();
        let mut open = |text: &[u8], code, place| match keys.opened(text) {
            Ok(opened) => Some(opened),
            Err(error) => {
                report.find(code, place, Some(error.code()));
                None
            }
        };
        let stored = source.checkpoint()?;
        let has_checkpoint = stored.is_some();
        let signed =
            stored.and_then(|text| open(&text, Code::CheckpointInvalid, Place::Checkpoint));
        let given = outside.is_some();
        let outside =
            outside.and_then(|text| open(text, Code::OutsideInvalid, Place::OutsideCheckpoint));
        if !given {
            report.unknown.push(Unknown::NoOutsideCheckpoint);
        }
        let retired = keys::Retired::of(signed.as_ref(), outside.as_ref());
        let mut walk = Self {
            source,
            report,
            signed: signed.map(|opened| opened.checkpoint),
            outside: outside.map(|opened| opened.checkpoint),
            retired,
            outside_root: None,
            next: 0,
            levels: vec![Level::default()],
            following: true,
            recorded_at: i64::MIN,
            blobs: HashMap::new(),
            all_read: true,
            bridge: None,
        };
        if !has_checkpoint && walk.has_entries()? {
            walk.report
                .find(Code::CheckpointMissing, Place::Checkpoint, None);
        }
        walk.note_outside_root();
        Ok(walk)
    }

    /// Whether there is any entry.
    fn has_entries(&self) -> Result<bool, S::Error> {
        let mut any = false;
        self.source.entries(&mut |_| {
            any = true;
            ControlFlow::Break(())
        })?;
        Ok(any)
    }

    /// The whole pass.
    pub(super) fn run(mut self) -> Result<Report, S::Error> {
        let mut failed = None;
        let source = self.source;
        // Without a signed size every whole tile may be taken.
        let whole = self
            .signed
            .as_ref()
            .map_or(u64::MAX, |signed| signed.size >> 8);
        source.checked_tiles(whole, &mut |tile| match self.checked_tile(tile) {
            Ok(flow) => flow,
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        source.entries_from(self.next, &mut |stored| match self.entry(stored) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        self.finish_entries()?;
        self.check_outside();
        self.check_keys()?;
        self.check_extra_tiles()?;
        self.check_blobs()?;
        Ok(self.report)
    }

    /// A tile of entries that was checked by itself. What ties it to the entries before it is
    /// checked here; where that does not hold, its entries are asked for one by one.
    fn checked_tile(&mut self, tile: CheckedTile) -> Result<ControlFlow<()>, S::Error> {
        let (from, until) = (tile.index << 8, (tile.index + 1) << 8);
        let unsigned = self
            .signed
            .as_ref()
            .is_some_and(|signed| signed.size < until);
        if from != self.next || unsigned || tile.first_at < self.recorded_at {
            return Ok(ControlFlow::Break(()));
        }
        for (seq, blob) in tile.blobs {
            self.note_blob(Place::Seq(seq), blob);
        }
        self.report.records += until - from;
        self.recorded_at = tile.last_at;
        if let Some(outside) = self.outside.as_ref().map(|outside| outside.size)
            && (from + 1..until).contains(&outside)
        {
            let before = ((outside - from) * 32) as usize;
            self.levels[0]
                .bytes
                .extend_from_slice(&tile.leaves[..before]);
            self.outside_root = Some(self.root());
        }
        self.levels[0].bytes = tile.leaves;
        self.next = until;
        self.close_tiles(Some(tile.root))?;
        self.note_outside_root();
        Ok(ControlFlow::Continue(()))
    }

    /// One stored entry.
    fn entry(&mut self, stored: StoredEntry<'_>) -> Result<(), S::Error> {
        let seq = stored.seq;
        let place = Place::Seq(seq);
        if seq < self.next {
            self.report.find(Code::EntryOrder, place, None);
            return Ok(());
        }
        if self
            .signed
            .as_ref()
            .is_some_and(|signed| seq >= signed.size)
        {
            self.report.find(Code::EntryUnsigned, place, None);
            return Ok(());
        }
        if seq > self.next {
            self.gap(seq)?;
        }
        let entry = match stored.opening {
            Some((salt, record)) => {
                self.report.records += 1;
                self.check_record(place, record);
                let entry = self.open_entry(place, salt, record);
                if stored.entry.is_some_and(|stored| stored != entry) {
                    self.report.find(Code::EntryMismatch, place, None);
                }
                stored.entry.unwrap_or(entry)
            }
            None => {
                self.report.undisclosed_records += 1;
                stored.entry.unwrap_or(Digest([0; 32]))
            }
        };
        self.push(leaf_hash(&entry))
    }

    /// The entry that salt and record give.
    fn open_entry(&mut self, place: Place, salt: &[u8], record: &[u8]) -> Digest {
        if let Ok(salt) = salt.try_into() {
            return entry_hash(&Salt(salt), record);
        }
        self.report.find(Code::SaltMalformed, place, None);
        Digest::of(&[salt, record].concat())
    }

    /// A reference to a blob; every reference must give the same size.
    fn note_blob(&mut self, place: Place, blob: BlobRef) {
        if *self.blobs.entry(blob.blob).or_insert(blob.size) != blob.size {
            self.report.find(Code::BlobSize, place, None);
        }
    }

    /// The form, time and blob references of one record.
    fn check_record(&mut self, place: Place, bytes: &[u8]) {
        let head = record::scan(bytes, &mut |blob| self.note_blob(place, blob));
        match head {
            Ok(head) => {
                if head.recorded_at < self.recorded_at {
                    self.report.find(Code::TimeBackwards, place, None);
                }
                self.recorded_at = self.recorded_at.max(head.recorded_at);
            }
            Err(error) => {
                self.all_read = false;
                self.report
                    .find(Code::RecordMalformed, place, Some(error.code()));
            }
        }
    }

    /// Entries up to `until` are missing: goes on with the leaf hashes the tiles hold for them.
    fn gap(&mut self, until: u64) -> Result<(), S::Error> {
        let from = self.next;
        self.all_read = false;
        let place = match until - from {
            1 => Place::Seq(from),
            _ => Place::Range(from, until),
        };
        self.report.find(Code::EntryMissing, place, None);
        if until - from > GAP_MAX {
            self.following = false;
            self.next = until;
        }
        while self.next < until {
            let leaf = self.stored_leaf(self.next)?;
            self.push(leaf)?;
        }
        Ok(())
    }

    /// The leaf hash that the tiles hold; zeros where they hold none, which leads to no root.
    fn stored_leaf(&mut self, seq: u64) -> Result<Digest, S::Error> {
        let index = seq >> 8;
        if self.bridge.as_ref().is_none_or(|(at, _)| *at != index) {
            let tile = self
                .source
                .tile(TileId { level: 0, index })?
                .unwrap_or_default();
            self.bridge = Some((index, tile));
        }
        let first = ((seq & 0xff) * 32) as usize;
        let tile = self.bridge.as_ref().map_or(&[][..], |(_, bytes)| bytes);
        Ok(tile
            .get(first..first + 32)
            .and_then(Digest::from_slice)
            .unwrap_or(Digest([0; 32])))
    }

    /// Adds a leaf hash to the tree.
    fn push(&mut self, leaf: Digest) -> Result<(), S::Error> {
        self.next += 1;
        if !self.following {
            return Ok(());
        }
        let level = &mut self.levels[0];
        level.bytes.extend_from_slice(&leaf.0);
        if level.bytes.len() == TILE_BYTES {
            self.close_tiles(None)?;
        }
        self.note_outside_root();
        Ok(())
    }

    /// The root over everything read so far.
    fn root(&self) -> Digest {
        let tiles = self.levels.iter().map(|level| level.bytes.as_slice());
        Self::root_over(tiles).unwrap_or(Digest([0; 32]))
    }

    /// Notes the root when the outside checkpoint's size is reached.
    fn note_outside_root(&mut self) {
        if self
            .outside
            .as_ref()
            .is_some_and(|outside| outside.size == self.next)
        {
            self.outside_root = Some(self.root());
        }
    }

    /// The end of the entries: missing ones, the partial tiles, the signed root.
    fn finish_entries(&mut self) -> Result<(), S::Error> {
        if let Some(size) = self.signed.as_ref().map(|signed| signed.size)
            && self.next < size
        {
            self.gap(size)?;
        }
        self.report.size = self.next;
        self.report.root = self.root();
        if self.following {
            self.check_edge()?;
        }
        Ok(())
    }

    /// The checkpoint from outside.
    fn check_outside(&mut self) {
        let Some(outside) = &self.outside else {
            return;
        };
        let code = match self.outside_root {
            _ if outside.size > self.report.size => Code::OutsideAhead,
            Some(root) if root == outside.root => return,
            // Behind a gap too long to bridge the root is not known; the gap is found already.
            None => return,
            Some(_) => Code::OutsideFork,
        };
        self.report.find(code, Place::OutsideCheckpoint, None);
    }

    /// Every blob that is referred to, and those that are not.
    fn check_blobs(&mut self) -> Result<(), S::Error> {
        let mut wanted: Vec<_> = self
            .blobs
            .iter()
            .map(|(digest, size)| (*digest, *size))
            .collect();
        wanted.sort_unstable();
        for (digest, size) in wanted {
            let place = Place::Blob(digest);
            let Some(bytes) = self.source.blob(&digest)? else {
                match self.source.is_disclosure_copy() {
                    true => self.report.undisclosed_blobs += 1,
                    false => self.report.find(Code::BlobMissing, place, None),
                }
                continue;
            };
            self.report.blobs += 1;
            if Digest::of(&bytes) != digest {
                self.report.find(Code::BlobMismatch, place, None);
            } else if bytes.len() as u64 != size {
                self.report.find(Code::BlobSize, place, None);
            }
        }
        if !self.all_read || self.report.undisclosed_records > 0 {
            return Ok(());
        }
        let (blobs, report) = (&self.blobs, &mut self.report);
        self.source.blob_ids(&mut |bytes| {
            let digest = Digest::from_slice(bytes).unwrap_or_else(|| Digest::of(bytes));
            if !blobs.contains_key(&digest) {
                report.find(Code::BlobUnreferenced, Place::Blob(digest), None);
            }
        })
    }
}
