//! The public key of a device's tunnel, as WireGuard writes it.

use base64ct::{Base64, Encoding};

/// A Curve25519 public key: 32 bytes, base64 with padding (44 characters).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WireGuardKey(String);

impl WireGuardKey {
    /// Reads a key. Of each key there is one text only, so that no key passes for two; all zeros,
    /// which WireGuard takes for no key, is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 44 {
            return None;
        }
        let mut bytes = [0; 32];
        let read = Base64::decode(text, &mut bytes).ok()?;
        // The topmost bit means nothing to Curve25519 (RFC 7748, 5): with it one key has two forms.
        let sound = read.len() == 32 && read[31] & 0x80 == 0 && read.iter().any(|byte| *byte != 0);
        (sound && Base64::encode_string(read) == text).then(|| Self(text.to_owned()))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_text() {
        let good = Base64::encode_string(&[7; 32]);
        assert_eq!(WireGuardKey::parse(&good).unwrap().as_str(), good);
        let high = Base64::encode_string(&[0xff; 32]);
        for wrong in [
            "",
            &good[..43],
            &format!("{good} "),
            &good.replace('=', "A"),
            &Base64::encode_string(&[0; 32]),
            &high,
            &"!".repeat(44),
        ] {
            assert_eq!(WireGuardKey::parse(wrong), None, "{wrong}");
        }
    }
}
