//! SHA-256 in hex over the stored form of values.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// SHA-256 in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    text
}

/// SHA-256 in lower-case hex over the JSON form of a value whose maps are all ordered.
pub(crate) fn of_json(value: &impl Serialize) -> String {
    // Serialising plain data with string keys into memory cannot fail.
    hex(&serde_json::to_vec(value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_digest_is_sha_256() {
        assert_eq!(
            super::hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
