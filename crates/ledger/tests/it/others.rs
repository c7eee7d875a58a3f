//! Independent implementations of the C2SP forms read what we write.

use std::collections::BTreeMap;

use sekisho_ledger::digest::{entry_hash, leaf_hash};
use sekisho_ledger::{ConsistencyProof, Digest, InclusionProof, NodeSource, Salt, TileId, tile};
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::tile::{Tile, TileHashReader, TileReader};
use tlog_tiles::tlog::{self, HashReader};

use crate::exports::files;
use crate::memory::{Memory, signer};

/// Our export as the other implementation's tile store. Its paths carry the tile's height.
struct Folder(BTreeMap<String, Vec<u8>>);

impl TileReader for Folder {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog::Error> {
        let path = |tile: &Tile| tile.path().replacen("tile/8/", "tile/", 1);
        Ok(tiles
            .iter()
            .map(|tile| self.0[&path(tile)].clone())
            .collect())
    }

    fn save_tiles(&self, _tiles: &[Tile], _data: &[Vec<u8>]) {}
}

impl NodeSource for Folder {
    type Error = std::convert::Infallible;

    fn node(&self, level: u8, index: u64) -> Result<Digest, Self::Error> {
        let id = tile::tile_of_node(level, index);
        let full = self.0.get(&id.path(256));
        let bytes = full.unwrap_or_else(|| {
            let partial = id.path(1).trim_end_matches('1').to_owned();
            self.0
                .iter()
                .find(|(path, _)| path.starts_with(&partial))
                .unwrap()
                .1
        });
        Ok(tile::node_in_tile(bytes, level, index).unwrap())
    }
}

fn theirs(hash: &Digest) -> tlog::Hash {
    tlog::Hash(hash.0)
}

#[test]
fn our_checkpoint_opens_with_signed_note_and_tlog_tiles() {
    let key = signer();
    let ledger = Memory::new(300);
    let text = ledger.checkpoint.unwrap();
    let verifier = StandardVerifier::new(&key.verifier().to_string()).unwrap();
    let note = Note::from_bytes(&text).unwrap();
    let (verified, unverified) = note
        .verify(&VerifierList::new(vec![Box::new(verifier)]))
        .unwrap();
    assert_eq!((verified.len(), unverified.len()), (1, 0));
    let checkpoint = tlog_tiles::checkpoint::Checkpoint::from_bytes(note.text()).unwrap();
    let ours = key.verifier().open(&text).unwrap();
    assert_eq!(checkpoint.origin(), ours.origin);
    assert_eq!((checkpoint.size(), checkpoint.hash().0), (300, ours.root.0));
}

#[test]
fn our_tiles_and_proofs_hold_for_tlog_tiles() {
    let key = signer();
    for size in [1u64, 2, 255, 256, 257, 600, 66_000] {
        let ledger = Memory::new(size);
        let root = key
            .verifier()
            .open(ledger.checkpoint.as_ref().unwrap())
            .unwrap()
            .root;
        let folder = Folder(files(&ledger, &|_| false));
        let reader = TileHashReader::new(size, theirs(&root), &folder);
        assert_eq!(tlog::tree_hash(size, &reader).unwrap().0, root.0);
        for seq in [0, size / 2, size - 1] {
            let (_, salt, record) = &ledger.entries[seq as usize];
            let entry = entry_hash(&Salt(salt.as_slice().try_into().unwrap()), record);
            let leaf = theirs(&leaf_hash(&entry));
            assert_eq!(tlog::record_hash(&entry.0), leaf);
            let stored = reader
                .read_hashes(&[tlog::stored_hash_index(0, seq)])
                .unwrap();
            assert_eq!(stored, [leaf]);
            let ours = InclusionProof::make(&folder, seq, size).unwrap().unwrap();
            let path: Vec<_> = ours.path.iter().map(theirs).collect();
            assert_eq!(tlog::prove_record(size, seq, &reader).unwrap(), path);
            tlog::check_record(&path, size, theirs(&root), seq, leaf).unwrap();
            ours.verify(&entry, &root).unwrap();
            let old = seq + 1;
            let ours = ConsistencyProof::make(&folder, old, size).unwrap().unwrap();
            let path: Vec<_> = ours.path.iter().map(theirs).collect();
            let old_root = tlog::tree_hash(old, &reader).unwrap();
            tlog::check_tree(&path, size, theirs(&root), old, old_root).unwrap();
            ours.verify(&Digest(old_root.0), &root).unwrap();
        }
    }
}

#[test]
fn our_paths_are_theirs_but_for_the_height() {
    for (level, index, width) in [(0u8, 0u64, 256usize), (1, 999, 3), (0, 1_234_067, 255)] {
        let their = Tile::new(8, level, index, u32::try_from(width).unwrap(), false);
        let path = their.path().replacen("tile/8/", "tile/", 1);
        assert_eq!(TileId { level, index }.path(width), path);
    }
}
