//! SHA-256 digests and salts, and the four hashes of the ledger.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest. Its text form is 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

/// 16 random bytes that keep a log entry from being guessed from a record's likely content.
///
/// Its text form is 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Salt(pub [u8; 16]);

/// The text is not the expected number of lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("hex-malformed")]
pub struct HexError;

impl Digest {
    /// SHA-256 of `bytes`: the address of a blob.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// A digest from exactly 32 bytes, or nothing.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

/// The log entry of a record: SHA-256(salt ‖ record bytes).
#[must_use]
pub fn entry_hash(salt: &Salt, record: &[u8]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(salt.0);
    hasher.update(record);
    Digest(hasher.finalize().into())
}

/// The hash of a leaf: SHA-256(0x00 ‖ entry) (RFC 6962, 2.1).
#[must_use]
pub fn leaf_hash(entry: &Digest) -> Digest {
    let mut bytes = [0u8; 33];
    bytes[1..].copy_from_slice(&entry.0);
    Digest::of(&bytes)
}

/// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right) (RFC 6962, 2.1).
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut bytes = [1u8; 65];
    bytes[1..33].copy_from_slice(&left.0);
    bytes[33..].copy_from_slice(&right.0);
    Digest::of(&bytes)
}

/// The root of the empty tree: SHA-256 of nothing (RFC 6962, 2.1).
#[must_use]
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

/// Writes lower-case hexadecimal digits.
fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Reads exactly `N` bytes of lower-case hexadecimal digits. Upper case is refused, so that one
/// value has one text.
pub(crate) fn read_hex<const N: usize>(text: &[u8]) -> Result<[u8; N], HexError> {
    fn nibble(c: u8) -> Result<u8, HexError> {
        match c {
            b'0'..=b'9' => Ok(c - b'0'),
            b'a'..=b'f' => Ok(c - b'a' + 10),
            _ => Err(HexError),
        }
    }
    if text.len() != 2 * N {
        return Err(HexError);
    }
    let mut out = [0u8; N];
    for (byte, pair) in out.iter_mut().zip(text.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Ok(out)
}

/// Gives a byte-array type its hexadecimal text form, in `Display`, `FromStr` and serde alike.
macro_rules! hex_text {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
        impl FromStr for $name {
            type Err = HexError;
            fn from_str(text: &str) -> Result<Self, HexError> {
                read_hex(text.as_bytes()).map(Self)
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

hex_text!(Digest);
hex_text!(Salt);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_and_refuses_what_is_not_exact() {
        let digest = Digest::of(b"abc");
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest.to_string(), text);
        assert_eq!(text.parse(), Ok(digest));
        assert_eq!(text.to_uppercase().parse::<Digest>(), Err(HexError));
        assert_eq!(text[1..].parse::<Digest>(), Err(HexError));
        let json = serde_json::to_string(&digest).unwrap();
        assert_eq!(json, format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), digest);
    }

    #[test]
    fn the_hashes_are_those_of_rfc_6962() {
        let entry = Digest([7; 32]);
        let by_hand = [&[0u8][..], &entry.0].concat();
        assert_eq!(leaf_hash(&entry), Digest::of(&by_hand));
        let by_hand = [&[1u8][..], &entry.0, &entry.0].concat();
        assert_eq!(node_hash(&entry, &entry), Digest::of(&by_hand));
        let by_hand = [&[9u8; 16][..], b"{}"].concat();
        assert_eq!(entry_hash(&Salt([9; 16]), b"{}"), Digest::of(&by_hand));
    }
}
