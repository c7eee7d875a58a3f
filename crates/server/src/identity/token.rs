//! Random tokens: made here, shown once, stored only as a hash.

use base64ct::{Base64UrlUnpadded, Encoding};
use sekisho_store::accounts::TokenHash;
use sekisho_store::{StoreError, entropy};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Length of a token in characters: 32 bytes in base64url without padding.
pub const TOKEN_CHARS: usize = 43;

/// 32 random bytes as the other side holds them. Wiped when dropped; `Debug` shows nothing.
#[derive(Clone)]
pub struct Token(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

impl Token {
    /// A fresh token.
    ///
    /// # Errors
    /// `no-entropy`.
    pub fn fresh() -> Result<Self, StoreError> {
        entropy::secret().map(Self)
    }

    /// The token of given bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads a token; none for anything that has not exactly its form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != TOKEN_CHARS {
            return None;
        }
        let mut bytes = Zeroizing::new([0; 32]);
        let read = Base64UrlUnpadded::decode(text, bytes.as_mut_slice()).ok()?;
        (read.len() == 32).then_some(Self(bytes))
    }

    /// The token as text, for the other side only.
    #[must_use]
    pub fn text(&self) -> String {
        Base64UrlUnpadded::encode_string(self.0.as_slice())
    }

    /// What is stored in its place.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(self.0.as_slice())
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Compares two secrets in a time that does not tell where they differ.
#[must_use]
pub fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && bool::from(left.ct_eq(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_text_and_nothing_else_does() {
        let token = Token::fresh().unwrap();
        let text = token.text();
        assert_eq!(text.len(), TOKEN_CHARS);
        assert_eq!(Token::parse(&text).unwrap().bytes(), token.bytes());
        for wrong in [
            "",
            "a",
            &text[1..],
            &format!("{text}="),
            &"!".repeat(TOKEN_CHARS),
        ] {
            assert!(Token::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn same_is_equality() {
        assert!(same(b"abc", b"abc"));
        assert!(!same(b"abc", b"abd"));
        assert!(!same(b"abc", b"abcd"));
    }
}
