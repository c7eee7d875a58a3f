//! Tiles: the stored form of the tree (C2SP tlog-tiles).
//!
//! A tile of level L and index N lists up to 256 hashes of complete subtrees of 256^L leaves,
//! beginning at subtree N · 256. Written here rather than taken from `tlog_tiles` 0.2: that crate
//! is sound, but brings `url`, `base64` 0.21 and `sha2` 0.10 into a crate that auditors build
//! alone, writes the older paths with the tile's height in them, and may panic on bad indexes. It
//! checks ours in the tests instead.

use std::fmt;

use crate::digest::{Digest, node_hash};
use crate::tree::{Frontier, NodeSource};

/// The number of hashes in a full tile.
pub const TILE_WIDTH: usize = 256;

/// The bytes of a full tile.
pub const TILE_BYTES: usize = TILE_WIDTH * 32;

/// The highest level of a tile: 256^8 leaves are all that a `u64` counts.
pub const MAX_TILE_LEVEL: u8 = 7;

/// The coordinates of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId {
    /// The level: 0 lists leaf hashes.
    pub level: u8,
    /// The index within the level.
    pub index: u64,
}

impl TileId {
    /// The number of hashes this tile has in a tree of `size` leaves: 0 to 256.
    #[must_use]
    pub fn width(self, size: u64) -> usize {
        let subtrees = size >> (8 * u32::from(self.level.min(MAX_TILE_LEVEL)));
        let before = self.index.saturating_mul(256);
        // At most 256, so the narrowing loses nothing.
        subtrees.saturating_sub(before).min(256) as usize
    }

    /// The path `tile/<L>/<N>` or `tile/<L>/<N>.p/<W>` of the tile with `width` hashes.
    #[must_use]
    pub fn path(self, width: usize) -> String {
        format!("tile/{}/{}", self.level, index_path(self.index, width))
    }

    /// All tiles of a tree of `size` leaves, level by level, with their widths.
    pub fn all(size: u64) -> impl Iterator<Item = (Self, usize)> {
        (0..=MAX_TILE_LEVEL).flat_map(move |level| {
            let subtrees = size >> (8 * u32::from(level));
            (0..subtrees.div_ceil(256)).map(move |index| {
                let id = Self { level, index };
                (id, id.width(size))
            })
        })
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path(TILE_WIDTH))
    }
}

/// The path `tile/entries/<N>` or `tile/entries/<N>.p/<W>` of an entry bundle.
#[must_use]
pub fn bundle_path(index: u64, width: usize) -> String {
    format!("tile/entries/{}", index_path(index, width))
}

/// An index in groups of three digits, all but the last with an `x`, and the width if partial.
fn index_path(index: u64, width: usize) -> String {
    let mut path = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    if width < TILE_WIDTH {
        path += &format!(".p/{width}");
    }
    path
}

/// An entry bundle: each entry after its length as a big-endian `u16`.
#[must_use]
pub fn bundle(entries: &[Digest]) -> Vec<u8> {
    let mut out = Vec::with_capacity(entries.len() * 34);
    for entry in entries {
        out.extend_from_slice(&[0, 32]);
        out.extend_from_slice(&entry.0);
    }
    out
}

/// The entries of a bundle, or nothing where it has another form than [`bundle`] writes.
#[must_use]
pub fn read_bundle(bytes: &[u8]) -> Option<Vec<Digest>> {
    if !bytes.len().is_multiple_of(34) || bytes.len() > TILE_WIDTH * 34 {
        return None;
    }
    bytes
        .chunks_exact(34)
        .map(|chunk| chunk.strip_prefix(&[0, 32]).and_then(Digest::from_slice))
        .collect()
}

/// The hashes of a tile's bytes, or nothing where the length is not a whole number of hashes.
#[must_use]
pub fn read_tile(bytes: &[u8]) -> Option<Vec<Digest>> {
    if !bytes.len().is_multiple_of(32) || bytes.len() > TILE_BYTES {
        return None;
    }
    bytes.chunks_exact(32).map(Digest::from_slice).collect()
}

/// The node `2^(level % 8)` hashes wide that a tile holds, as [`NodeSource`] asks for it.
///
/// `tile` is the tile `{level / 8, index >> (8 - level % 8)}`. Nothing where it is too short.
#[must_use]
pub fn node_in_tile(tile: &[u8], level: u8, index: u64) -> Option<Digest> {
    let inner = level % 8;
    let width = 1usize << inner;
    // Below 256, so the narrowing loses nothing.
    let first = ((index << inner) & 0xff) as usize;
    let hashes = tile.get(first * 32..(first + width) * 32)?;
    complete_root(hashes)
}

/// The tile that holds the node of `level` and `index`.
#[must_use]
pub const fn tile_of_node(level: u8, index: u64) -> TileId {
    TileId {
        level: level / 8,
        index: index >> (8 - level % 8),
    }
}

/// The root over a power of two of hashes laid end to end.
pub(crate) fn complete_root(hashes: &[u8]) -> Option<Digest> {
    let mut row = read_tile(hashes)?;
    if !row.len().is_power_of_two() {
        return None;
    }
    while row.len() > 1 {
        for i in 0..row.len() / 2 {
            row[i] = node_hash(&row[2 * i], &row[2 * i + 1]);
        }
        row.truncate(row.len() / 2);
    }
    row.first().copied()
}

/// Grows the tree entry by entry and says which tiles have to be stored.
///
/// Clone it before a batch and keep the clone only if the batch was stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TileWriter {
    frontier: Frontier,
    /// The bytes of the partial tile of each level.
    edge: Vec<Vec<u8>>,
}

impl TileWriter {
    /// The writer of an empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The writer of a stored tree of `size` leaves.
    ///
    /// # Errors
    /// What the source fails with.
    pub fn load<S: NodeSource + ?Sized>(source: &S, size: u64) -> Result<Self, S::Error> {
        let frontier = Frontier::load(source, size)?;
        let mut edge = Vec::new();
        for level in 0..=MAX_TILE_LEVEL {
            let subtrees = size >> (8 * u32::from(level));
            if subtrees == 0 {
                break;
            }
            let mut bytes = Vec::with_capacity(TILE_BYTES);
            for index in (subtrees & !0xff)..subtrees {
                bytes.extend_from_slice(&source.node(level * 8, index)?.0);
            }
            edge.push(bytes);
        }
        Ok(Self { frontier, edge })
    }

    /// The number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.frontier.root()
    }

    /// Adds a leaf hash; full tiles are handed to `full` once each.
    pub fn push(&mut self, leaf: Digest, full: &mut dyn FnMut(TileId, Vec<u8>)) {
        let edge = &mut self.edge;
        self.frontier.push(leaf, &mut |level, index, hash| {
            if level % 8 != 0 {
                return;
            }
            let tile = usize::from(level / 8);
            if edge.len() <= tile {
                edge.push(Vec::with_capacity(TILE_BYTES));
            }
            edge[tile].extend_from_slice(&hash.0);
            if edge[tile].len() == TILE_BYTES {
                let bytes = std::mem::replace(&mut edge[tile], Vec::with_capacity(TILE_BYTES));
                let id = TileId {
                    level: level / 8,
                    index: index >> 8,
                };
                full(id, bytes);
            }
        });
    }

    /// The partial tiles at the right edge, as they are now; empty ones are left out.
    pub fn partial(&self) -> impl Iterator<Item = (TileId, &[u8])> {
        let size = self.size();
        (0u8..)
            .zip(&self.edge)
            .filter(|(_, bytes)| !bytes.is_empty())
            .map(move |(level, bytes)| {
                let index = size >> (8 * (u32::from(level) + 1)).min(63);
                (TileId { level, index }, bytes.as_slice())
            })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::tree::tests::{Nodes, leaves, naive_root};

    #[test]
    fn paths_are_those_of_tlog_tiles() {
        let table = [
            (0, 0, 256, "tile/0/000"),
            (1, 999, 256, "tile/1/999"),
            (0, 1_234_067, 256, "tile/0/x001/x234/067"),
            (2, 0, 1, "tile/2/000.p/1"),
            (0, 1000, 112, "tile/0/x001/000.p/112"),
        ];
        for (level, index, width, path) in table {
            assert_eq!(TileId { level, index }.path(width), path);
        }
        assert_eq!(bundle_path(1000, 112), "tile/entries/x001/000.p/112");
    }

    #[test]
    fn bundles_round_trip_and_refuse_other_lengths() {
        let entries = leaves(3);
        let bytes = bundle(&entries);
        assert_eq!(bytes.len(), 3 * 34);
        assert_eq!(read_bundle(&bytes), Some(entries));
        assert_eq!(read_bundle(&bytes[1..]), None);
        let mut wrong = bytes;
        wrong[1] = 31;
        assert_eq!(read_bundle(&wrong), None);
    }

    #[test]
    fn widths_cover_the_tree() {
        let all: Vec<_> = TileId::all(70_000).collect();
        let total = |level| -> usize {
            all.iter()
                .filter(|(id, _)| id.level == level)
                .map(|(_, width)| width)
                .sum()
        };
        assert_eq!(
            (total(0), total(1), total(2), total(3)),
            (70_000, 273, 1, 0)
        );
        assert_eq!(
            TileId {
                level: 0,
                index: u64::MAX
            }
            .width(u64::MAX),
            0
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn stored_tiles_give_back_every_node_and_the_writer(n in 0u64..1500) {
            let all = leaves(n);
            let mut writer = TileWriter::new();
            let mut tiles = BTreeMap::new();
            for leaf in &all {
                writer.push(*leaf, &mut |id, bytes| { tiles.insert(id, bytes); });
            }
            for (id, bytes) in writer.partial() {
                prop_assert_eq!(bytes.len(), id.width(n) * 32);
                tiles.insert(id, bytes.to_vec());
            }
            prop_assert_eq!(writer.root(), naive_root(&all));
            let expected: Vec<_> = TileId::all(n).map(|(id, width)| (id, width * 32)).collect();
            let stored: Vec<_> = tiles.iter().map(|(id, bytes)| (*id, bytes.len())).collect();
            prop_assert_eq!(stored, expected);
            let nodes = Nodes::of(&all);
            for (&(level, index), hash) in &nodes.0 {
                let tile = &tiles[&tile_of_node(level, index)];
                prop_assert_eq!(node_in_tile(tile, level, index), Some(*hash));
            }
            prop_assert_eq!(TileWriter::load(&nodes, n).unwrap(), writer);
        }
    }
}
