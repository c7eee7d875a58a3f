//! Records, Merkle tree, signed checkpoints and proofs. Pure, and knows no domain.
