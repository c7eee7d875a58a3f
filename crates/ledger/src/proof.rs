//! Inclusion and consistency proofs (RFC 6962, 2.1.1 and 2.1.2; verification as RFC 9162, 2.1.3.2
//! and 2.1.4.2).

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, empty_root, leaf_hash, node_hash};
use crate::tree::{NodeSource, range_root};

/// The most hashes a proof of a tree of 2^64 leaves can have.
pub const PATH_MAX: usize = 65;

/// Shows that an entry is in the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InclusionProof {
    /// The entry's place, from 0 on.
    pub seq: u64,
    /// The size of the tree.
    pub size: u64,
    /// The hashes beside the way from leaf to root, leaf first.
    pub path: Vec<Digest>,
}

/// Shows that a tree continues an older one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsistencyProof {
    /// The size of the older tree.
    pub old_size: u64,
    /// The size of the newer tree.
    pub new_size: u64,
    /// The hashes that lead from the one root to the other.
    pub path: Vec<Digest>,
}

/// Why a proof cannot be made or does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The place or size asked for is outside the tree.
    #[error("proof-range")]
    Range,
    /// The path has another length than a proof of these sizes.
    #[error("proof-length")]
    Length,
    /// The path does not lead to the root.
    #[error("proof-mismatch")]
    Mismatch,
}

impl ProofError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Range => "proof-range",
            Self::Length => "proof-length",
            Self::Mismatch => "proof-mismatch",
        }
    }
}

/// The largest power of two below `n`, for `n` of 2 or more.
const fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

impl InclusionProof {
    /// Proves that the entry `seq` is in the first `size` entries of a stored tree; nothing where
    /// it is not among them.
    ///
    /// # Errors
    /// What the source fails with.
    pub fn make<S: NodeSource + ?Sized>(
        source: &S,
        seq: u64,
        size: u64,
    ) -> Result<Option<Self>, S::Error> {
        if seq >= size {
            return Ok(None);
        }
        let (mut from, mut until) = (0, size);
        let mut path = Vec::new();
        while until - from > 1 {
            let middle = from + split(until - from);
            if seq < middle {
                path.push(range_root(source, middle, until)?);
                until = middle;
            } else {
                path.push(range_root(source, from, middle)?);
                from = middle;
            }
        }
        path.reverse();
        Ok(Some(Self { seq, size, path }))
    }

    /// The root this proof leads to from `entry`.
    ///
    /// # Errors
    /// [`ProofError::Range`] or [`ProofError::Length`].
    pub fn root(&self, entry: &Digest) -> Result<Digest, ProofError> {
        if self.seq >= self.size {
            return Err(ProofError::Range);
        }
        let (mut place, mut last) = (self.seq, self.size - 1);
        let mut hash = leaf_hash(entry);
        for beside in &self.path {
            if last == 0 {
                return Err(ProofError::Length);
            }
            if place & 1 == 1 || place == last {
                hash = node_hash(beside, &hash);
                while place & 1 == 0 && place != 0 {
                    place >>= 1;
                    last >>= 1;
                }
            } else {
                hash = node_hash(&hash, beside);
            }
            place >>= 1;
            last >>= 1;
        }
        if last == 0 {
            Ok(hash)
        } else {
            Err(ProofError::Length)
        }
    }

    /// Checks that `entry` is at [`InclusionProof::seq`] in the tree of `root`.
    ///
    /// # Errors
    /// The proof has the wrong form or does not lead to `root`.
    pub fn verify(&self, entry: &Digest, root: &Digest) -> Result<(), ProofError> {
        if self.root(entry)? == *root {
            Ok(())
        } else {
            Err(ProofError::Mismatch)
        }
    }
}

impl ConsistencyProof {
    /// Proves that the first `new_size` entries of a stored tree begin with its first `old_size`;
    /// nothing where `old_size` is larger.
    ///
    /// # Errors
    /// What the source fails with.
    pub fn make<S: NodeSource + ?Sized>(
        source: &S,
        old_size: u64,
        new_size: u64,
    ) -> Result<Option<Self>, S::Error> {
        if old_size > new_size {
            return Ok(None);
        }
        let mut path = Vec::new();
        if old_size != 0 && old_size != new_size {
            let (mut from, mut until) = (0, new_size);
            let mut whole = true;
            while old_size != until {
                let middle = from + split(until - from);
                if old_size <= middle {
                    path.push(range_root(source, middle, until)?);
                    until = middle;
                } else {
                    path.push(range_root(source, from, middle)?);
                    from = middle;
                    whole = false;
                }
            }
            if !whole {
                path.push(range_root(source, from, until)?);
            }
            path.reverse();
        }
        Ok(Some(Self {
            old_size,
            new_size,
            path,
        }))
    }

    /// Checks that the tree of `new_root` continues the tree of `old_root`.
    ///
    /// # Errors
    /// The proof has the wrong form or does not lead to both roots.
    pub fn verify(&self, old_root: &Digest, new_root: &Digest) -> Result<(), ProofError> {
        if self.old_size > self.new_size {
            return Err(ProofError::Range);
        }
        if self.old_size == 0 || self.old_size == self.new_size {
            let same = self.old_size == 0 || old_root == new_root;
            let empty = self.old_size != 0 || *old_root == empty_root();
            return match (self.path.is_empty(), same && empty) {
                (false, _) => Err(ProofError::Length),
                (true, false) => Err(ProofError::Mismatch),
                (true, true) => Ok(()),
            };
        }
        let (old, new) = self.roots(old_root)?;
        if old == *old_root && new == *new_root {
            Ok(())
        } else {
            Err(ProofError::Mismatch)
        }
    }

    /// The two roots the path leads to (RFC 9162, 2.1.4.2).
    fn roots(&self, old_root: &Digest) -> Result<(Digest, Digest), ProofError> {
        let mut hashes = self.path.iter();
        let start = match self.old_size.is_power_of_two() {
            true => *old_root,
            false => *hashes.next().ok_or(ProofError::Length)?,
        };
        let (mut place, mut last) = (self.old_size - 1, self.new_size - 1);
        while place & 1 == 1 {
            place >>= 1;
            last >>= 1;
        }
        let (mut old, mut new) = (start, start);
        for beside in hashes {
            if last == 0 {
                return Err(ProofError::Length);
            }
            if place & 1 == 1 || place == last {
                old = node_hash(beside, &old);
                new = node_hash(beside, &new);
                while place & 1 == 0 && place != 0 {
                    place >>= 1;
                    last >>= 1;
                }
            } else {
                new = node_hash(&new, beside);
            }
            place >>= 1;
            last >>= 1;
        }
        if last == 0 {
            Ok((old, new))
        } else {
            Err(ProofError::Length)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tree::tests::{Nodes, naive_root};

    fn entries(n: u64) -> Vec<Digest> {
        (0..n).map(|i| Digest::of(&i.to_be_bytes())).collect()
    }

    fn tree(n: u64) -> (Vec<Digest>, Vec<Digest>, Nodes) {
        let entries = entries(n);
        let leaves: Vec<_> = entries.iter().map(leaf_hash).collect();
        let nodes = Nodes::of(&leaves);
        (entries, leaves, nodes)
    }

    /// Every proof of every tree of up to 40 leaves, against the naive root.
    #[test]
    fn all_small_trees() {
        let (entries, leaves, nodes) = tree(40);
        for size in 0..=40u64 {
            let root = naive_root(&leaves[..size as usize]);
            for seq in 0..size {
                let proof = InclusionProof::make(&nodes, seq, size).unwrap().unwrap();
                assert_eq!(
                    proof.verify(&entries[seq as usize], &root),
                    Ok(()),
                    "{seq}/{size}"
                );
                let wrong = proof.verify(&entries[(seq as usize + 1) % 40], &root);
                assert_eq!(wrong, Err(ProofError::Mismatch));
            }
            assert_eq!(InclusionProof::make(&nodes, size, size).unwrap(), None);
            for old in 0..=size {
                let old_root = naive_root(&leaves[..old as usize]);
                let proof = ConsistencyProof::make(&nodes, old, size).unwrap().unwrap();
                assert_eq!(proof.verify(&old_root, &root), Ok(()), "{old}/{size}");
                let other = Digest::of(b"other");
                assert!(proof.verify(&other, &root).is_err(), "{old}/{size}");
                if old != 0 {
                    assert!(proof.verify(&old_root, &other).is_err(), "{old}/{size}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn no_changed_proof_holds(
            size in 1u64..600, seq in any::<prop::sample::Index>(),
            at in any::<prop::sample::Index>(), bit in 0usize..256, cut in any::<bool>(),
        ) {
            let (entries, leaves, nodes) = tree(size);
            let root = naive_root(&leaves);
            let seq = seq.index(size as usize) as u64;
            let good = InclusionProof::make(&nodes, seq, size).unwrap().unwrap();
            prop_assert_eq!(good.verify(&entries[seq as usize], &root), Ok(()));
            prop_assert!(good.path.len() <= PATH_MAX);
            let mut longer = good.clone();
            longer.path.push(root);
            prop_assert!(longer.verify(&entries[seq as usize], &root).is_err());
            if !good.path.is_empty() {
                let mut bad = good.clone();
                let at = at.index(bad.path.len());
                if cut {
                    bad.path.remove(at);
                } else {
                    bad.path[at].0[bit / 8] ^= 1 << (bit % 8);
                }
                prop_assert!(bad.verify(&entries[seq as usize], &root).is_err());
            }
            let old = naive_root(&leaves[..seq as usize]);
            let good = ConsistencyProof::make(&nodes, seq, size).unwrap().unwrap();
            prop_assert_eq!(good.verify(&old, &root), Ok(()));
            if !good.path.is_empty() {
                let mut bad = good.clone();
                let at = at.index(bad.path.len());
                if cut {
                    bad.path.remove(at);
                } else {
                    bad.path[at].0[bit / 8] ^= 1 << (bit % 8);
                }
                prop_assert!(bad.verify(&old, &root).is_err());
            }
        }
    }
}
