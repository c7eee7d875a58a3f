//! The RFC 6962 Merkle tree over log entries: roots from a frontier or from stored nodes.

use crate::digest::{Digest, empty_root, node_hash};

/// Where stored nodes of complete subtrees are read from.
pub trait NodeSource {
    /// What reading can fail with.
    type Error;

    /// The hash of the complete subtree of 2^`level` leaves that begins at leaf
    /// `index` · 2^`level`.
    ///
    /// # Errors
    /// The node is not stored or cannot be read.
    fn node(&self, level: u8, index: u64) -> Result<Digest, Self::Error>;
}

/// The hashes of the complete subtrees that make up a tree of some size, largest first: all that
/// is needed to grow the tree and to know its root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

impl Frontier {
    /// The frontier of the empty tree.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            size: 0,
            peaks: Vec::new(),
        }
    }

    /// The frontier of the first `size` leaves of a stored tree.
    ///
    /// # Errors
    /// What the source fails with.
    pub fn load<S: NodeSource + ?Sized>(source: &S, size: u64) -> Result<Self, S::Error> {
        let peaks = peaks(0, size)
            .map(|(level, index)| source.node(level, index))
            .collect::<Result<_, _>>()?;
        Ok(Self { size, peaks })
    }

    /// The number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf hash, and tells `done` of every node it completes: level, index, hash.
    pub fn push(&mut self, leaf: Digest, done: &mut dyn FnMut(u8, u64, Digest)) {
        let mut hash = leaf;
        let mut index = self.size;
        let mut level = 0;
        done(level, index, hash);
        while index & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            index >>= 1;
            level += 1;
            done(level, index, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Digest {
        fold_peaks(&self.peaks)
    }
}

/// The complete subtrees (level, index) that cover the leaves `from..until`, from left to right.
///
/// `from` must be a multiple of the largest power of two not above `until - from`, as every range
/// is that RFC 6962 splits a tree into.
pub(crate) fn peaks(from: u64, until: u64) -> impl Iterator<Item = (u8, u64)> {
    let mut at = from;
    std::iter::from_fn(move || {
        let left = until.checked_sub(at).filter(|left| *left > 0)?;
        let level = left.ilog2();
        let index = at >> level;
        at += 1 << level;
        // A u64 has at most 63 as its ilog2.
        Some((level as u8, index))
    })
}

/// The root over peaks, largest first.
fn fold_peaks(peaks: &[Digest]) -> Digest {
    let mut from_right = peaks.iter().rev();
    let Some(&last) = from_right.next() else {
        return empty_root();
    };
    from_right.fold(last, |right, left| node_hash(left, &right))
}

/// The hash of the leaves `from..until`, a range that RFC 6962 splits a tree into.
///
/// # Errors
/// What the source fails with.
pub fn range_root<S: NodeSource + ?Sized>(
    source: &S,
    from: u64,
    until: u64,
) -> Result<Digest, S::Error> {
    let hashes = peaks(from, until)
        .map(|(level, index)| source.node(level, index))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(fold_peaks(&hashes))
}

/// The root of the first `size` leaves of a stored tree.
///
/// # Errors
/// What the source fails with.
pub fn root<S: NodeSource + ?Sized>(source: &S, size: u64) -> Result<Digest, S::Error> {
    range_root(source, 0, size)
}

/// The root over a list of hashes of equally large subtrees, of which the last may be smaller.
#[must_use]
pub fn root_of(hashes: &[Digest]) -> Digest {
    let mut frontier = Frontier::new();
    for hash in hashes {
        frontier.push(*hash, &mut |_, _, _| {});
    }
    frontier.root()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::HashMap;
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;
    use crate::digest::leaf_hash;

    /// The definition of RFC 6962, 2.1, word for word.
    pub(crate) fn naive_root(leaves: &[Digest]) -> Digest {
        match leaves {
            [] => empty_root(),
            [one] => *one,
            _ => {
                let mut k = 1;
                while k * 2 < leaves.len() {
                    k *= 2;
                }
                node_hash(&naive_root(&leaves[..k]), &naive_root(&leaves[k..]))
            }
        }
    }

    pub(crate) fn leaves(n: u64) -> Vec<Digest> {
        (0..n)
            .map(|i| leaf_hash(&Digest::of(&i.to_be_bytes())))
            .collect()
    }

    /// All nodes of a tree, grown by the frontier.
    #[derive(Default)]
    pub(crate) struct Nodes(pub HashMap<(u8, u64), Digest>);

    impl Nodes {
        pub(crate) fn of(leaves: &[Digest]) -> Self {
            let mut nodes = Self::default();
            let mut frontier = Frontier::new();
            for leaf in leaves {
                frontier.push(*leaf, &mut |level, index, hash| {
                    nodes.0.insert((level, index), hash);
                });
            }
            nodes
        }
    }

    impl NodeSource for Nodes {
        type Error = Infallible;
        fn node(&self, level: u8, index: u64) -> Result<Digest, Infallible> {
            Ok(self.0[&(level, index)])
        }
    }

    proptest! {
        #[test]
        fn every_way_to_the_root_agrees_with_the_definition(n in 0u64..700, k in 0u64..700) {
            let all = leaves(n);
            let nodes = Nodes::of(&all);
            let k = k.min(n);
            let expected = naive_root(&all[..usize::try_from(k).unwrap()]);
            prop_assert_eq!(root(&nodes, k).unwrap(), expected);
            let loaded = Frontier::load(&nodes, k).unwrap();
            prop_assert_eq!(loaded.root(), expected);
            let mut grown = loaded;
            for leaf in &all[usize::try_from(k).unwrap()..] {
                grown.push(*leaf, &mut |_, _, _| {});
            }
            prop_assert_eq!(grown.root(), naive_root(&all));
            prop_assert_eq!(root_of(&all), naive_root(&all));
        }
    }

    #[test]
    fn known_root_of_the_certificate_transparency_test_vectors() {
        // The eight inputs and the root published with the reference implementations of RFC 6962.
        let inputs: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let hashes: Vec<_> = inputs
            .iter()
            .map(|i| Digest::of(&[&[0u8][..], i].concat()))
            .collect();
        let expected = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
        assert_eq!(root_of(&hashes).to_string(), expected);
    }
}
