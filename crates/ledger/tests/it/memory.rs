//! A ledger in memory, open to every kind of tampering.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::ControlFlow;

use sekisho_ledger::digest::{entry_hash, leaf_hash};
use sekisho_ledger::verify::{CheckedTile, TileCheck};
use sekisho_ledger::{
    BlobRef, Digest, LedgerSource, Record, Report, Salt, SignerKey, StoredEntry, TileId,
    TileWriter, VerifierKey,
};
use serde_json::json;

/// Pseudo-random numbers from a seed (splitmix64), so that every run is the same.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

pub fn signer() -> SignerKey {
    SignerKey::new("ledger.example/test", &[3; 32]).unwrap()
}

#[derive(Clone)]
pub struct Memory {
    pub entries: Vec<(u64, Vec<u8>, Vec<u8>)>,
    pub tiles: BTreeMap<TileId, Vec<u8>>,
    pub blobs: BTreeMap<Vec<u8>, Vec<u8>>,
    pub checkpoint: Option<Vec<u8>>,
}

/// The record `seq` of the test ledger; every seventh refers to a blob.
pub fn record(seq: u64, note: &str) -> (Record, Option<Vec<u8>>) {
    let blob = (seq % 7 == 3).then(|| format!("blob of {seq}").into_bytes());
    let record = Record {
        kind: "test.happened".into(),
        version: 1,
        actor: json!({"person": format!("p{}", seq % 5), "post": "q"}),
        recorded_at: 1_700_000_000_000 + (seq as i64) * 10,
        effective_from: seq.is_multiple_of(3).then_some(1_700_000_000_000),
        payload: json!({
            "note": note, "n": seq, "list": [1, -2, null, true],
            "data": blob.as_ref().map(|bytes| BlobRef::of(bytes).to_value()),
        }),
    };
    (record, blob)
}

impl Memory {
    /// A whole and signed ledger.
    pub fn new(size: u64) -> Self {
        Self::with(size, &|seq| record(seq, "日本語 \"quoted\"\n"))
    }

    pub fn with(size: u64, make: &dyn Fn(u64) -> (Record, Option<Vec<u8>>)) -> Self {
        let mut random = Random(42);
        let mut tiles = BTreeMap::new();
        let mut blobs = BTreeMap::new();
        let mut writer = TileWriter::new();
        let mut entries = Vec::new();
        for seq in 0..size {
            let (record, blob) = make(seq);
            let bytes = record.to_bytes().unwrap();
            let mut salt = [0; 16];
            salt[..8].copy_from_slice(&random.next().to_le_bytes());
            salt[8..].copy_from_slice(&random.next().to_le_bytes());
            let leaf = leaf_hash(&entry_hash(&Salt(salt), &bytes));
            writer.push(leaf, &mut |id, bytes| {
                tiles.insert(id, bytes);
            });
            if let Some(blob) = blob {
                blobs.insert(Digest::of(&blob).0.to_vec(), blob);
            }
            entries.push((seq, salt.to_vec(), bytes));
        }
        for (id, bytes) in writer.partial() {
            tiles.insert(id, bytes.to_vec());
        }
        let checkpoint = (size > 0).then(|| signer().sign(size, writer.root()).into_bytes());
        Self {
            entries,
            tiles,
            blobs,
            checkpoint,
        }
    }
}

impl LedgerSource for Memory {
    type Error = Infallible;

    fn entries(
        &self,
        each: &mut dyn FnMut(StoredEntry<'_>) -> ControlFlow<()>,
    ) -> Result<(), Infallible> {
        for (seq, salt, record) in &self.entries {
            let stored = StoredEntry {
                seq: *seq,
                entry: None,
                opening: Some((salt, record)),
            };
            if each(stored).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn tile(&self, id: TileId) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.tiles.get(&id).cloned())
    }

    fn tile_ids(&self, each: &mut dyn FnMut(TileId)) -> Result<(), Infallible> {
        self.tiles.keys().for_each(|id| each(*id));
        Ok(())
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.blobs.get(&digest.0[..]).cloned())
    }

    fn blob_ids(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), Infallible> {
        self.blobs.keys().for_each(|digest| each(digest));
        Ok(())
    }

    fn checkpoint(&self) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.checkpoint.clone())
    }
}

/// The same ledger from a source that checks whole tiles ahead, as the store does.
struct Ahead<'m>(&'m Memory);

impl LedgerSource for Ahead<'_> {
    type Error = Infallible;

    fn entries(
        &self,
        each: &mut dyn FnMut(StoredEntry<'_>) -> ControlFlow<()>,
    ) -> Result<(), Infallible> {
        self.0.entries(each)
    }

    fn checked_tiles(
        &self,
        count: u64,
        each: &mut dyn FnMut(CheckedTile) -> ControlFlow<()>,
    ) -> Result<(), Infallible> {
        let mut entries = self.0.entries.iter().peekable();
        for index in 0..count {
            let mut check = TileCheck::new(index);
            while let Some((seq, salt, record)) = entries.next_if(|entry| entry.0 >> 8 == index) {
                check.entry(StoredEntry {
                    seq: *seq,
                    entry: None,
                    opening: Some((salt, record)),
                });
            }
            let Some(tile) = check.finish() else { break };
            if each(tile).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn tile(&self, id: TileId) -> Result<Option<Vec<u8>>, Infallible> {
        self.0.tile(id)
    }

    fn tile_ids(&self, each: &mut dyn FnMut(TileId)) -> Result<(), Infallible> {
        self.0.tile_ids(each)
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Infallible> {
        self.0.blob(digest)
    }

    fn blob_ids(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), Infallible> {
        self.0.blob_ids(each)
    }

    fn checkpoint(&self) -> Result<Option<Vec<u8>>, Infallible> {
        self.0.checkpoint()
    }
}

/// Verifies both ways, entry by entry and by whole tiles: the reports must be the same.
pub fn verify(
    ledger: &Memory,
    key: &VerifierKey,
    outside: Option<&[u8]>,
) -> Result<Report, Infallible> {
    let report = sekisho_ledger::verify(ledger, key, outside)?;
    let ahead = sekisho_ledger::verify(&Ahead(ledger), key, outside)?;
    assert_eq!(report, ahead, "both ways of reading find the same");
    Ok(report)
}
