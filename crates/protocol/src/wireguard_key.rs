//! A public key of WireGuard: a point of Curve25519 (RFC 7748), 32 bytes.

use core::fmt;
use core::str::FromStr;

use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};

/// The text is not the base64 of 32 bytes, or is the key of nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a WireGuard public key: base64 of 32 bytes")]
pub struct WireGuardKeyError;

/// A public key, as text in padded base64 as `wg` writes it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WireGuardKey([u8; 32]);

impl WireGuardKey {
    /// The key of these bytes.
    ///
    /// # Errors
    /// [`WireGuardKeyError`] for the zero key, which everybody can compute with.
    pub fn new(bytes: [u8; 32]) -> Result<Self, WireGuardKeyError> {
        if bytes == [0; 32] {
            return Err(WireGuardKeyError);
        }
        Ok(Self(bytes))
    }

    /// Its bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

impl fmt::Display for WireGuardKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Base64::encode_string(&self.0))
    }
}

impl fmt::Debug for WireGuardKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for WireGuardKey {
    type Err = WireGuardKeyError;

    fn from_str(text: &str) -> Result<Self, WireGuardKeyError> {
        let mut bytes = [0; 32];
        let read = Base64::decode(text, &mut bytes).map_err(|_| WireGuardKeyError)?;
        if read.len() != bytes.len() {
            return Err(WireGuardKeyError);
        }
        Self::new(bytes)
    }
}

impl TryFrom<String> for WireGuardKey {
    type Error = WireGuardKeyError;

    fn try_from(text: String) -> Result<Self, WireGuardKeyError> {
        text.parse()
    }
}

impl From<WireGuardKey> for String {
    fn from(key: WireGuardKey) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_text() {
        let key = WireGuardKey::new([7; 32]).unwrap();
        assert_eq!(key.to_string().parse(), Ok(key));
        let text = key.to_string();
        for wrong in [
            String::new(),
            text.trim_end_matches('=').to_owned(),
            format!("{text}\n"),
            Base64::encode_string(&[7; 31]),
            Base64::encode_string(&[7; 33]),
            Base64::encode_string(&[0; 32]),
        ] {
            assert!(wrong.parse::<WireGuardKey>().is_err(), "{wrong:?}");
        }
    }
}
