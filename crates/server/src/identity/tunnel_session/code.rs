//! The short code that a device shows and a person enters (RFC 8628, 6.1).

use sekisho_store::accounts::TokenHash;
use sekisho_store::{StoreError, entropy};

use crate::identity::sign_in::keyed;

/// Consonants without those that look or sound alike: no words come about by chance.
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// Characters of a code: 20^8, some 34 bits, for ten minutes and a few tries.
const LENGTH: usize = 8;

/// A code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserCode([u8; LENGTH]);

impl UserCode {
    /// A random one.
    ///
    /// # Errors
    /// `no-entropy`.
    pub fn fresh() -> Result<Self, StoreError> {
        let mut code = [0; LENGTH];
        let mut filled = 0;
        while filled < LENGTH {
            for byte in entropy::bytes::<16>()? {
                // 240 is the largest multiple of 20 in a byte: no letter is likelier than another.
                if byte < 240 && filled < LENGTH {
                    code[filled] = ALPHABET[usize::from(byte) % ALPHABET.len()];
                    filled += 1;
                }
            }
        }
        Ok(Self(code))
    }

    /// Reads what a person entered: small letters, spaces and hyphens are forgiven, and the wide
    /// forms that a Japanese keyboard gives.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 64 {
            return None;
        }
        let mut code = [0; LENGTH];
        let mut filled = 0;
        for letter in text.chars().map(narrow) {
            if letter.is_whitespace() || matches!(letter, '-' | '‐' | '－' | 'ー' | '−') {
                continue;
            }
            let letter = u8::try_from(letter.to_ascii_uppercase()).ok()?;
            let known = ALPHABET.contains(&letter) && filled < LENGTH;
            *code.get_mut(filled).filter(|_| known)? = letter;
            filled += 1;
        }
        (filled == LENGTH).then_some(Self(code))
    }

    /// The code as it is shown: `BCDF-GHJK`.
    #[must_use]
    pub fn text(&self) -> String {
        let (left, right) = self.0.split_at(LENGTH / 2);
        let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
        format!("{}-{}", text(left), text(right))
    }

    /// What is stored in its place: too short to be hidden by a plain hash.
    #[must_use]
    pub fn hash(&self, session_key: &[u8; 32]) -> TokenHash {
        TokenHash::of(&keyed(session_key, &["tunnel.code", &self.text()]))
    }
}

/// The narrow form of a wide letter.
fn narrow(letter: char) -> char {
    match letter {
        'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
            char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = UserCode::parse("BCDF-GHJK").unwrap();
        for text in [
            "bcdfghjk",
            " BCDF GHJK ",
            "B-C-D-F-G-H-J-K",
            "ＢＣＤＦ－ｇｈｊｋ",
            "bcdf\u{3000}ghjk",
        ] {
            assert_eq!(UserCode::parse(text).as_ref(), Some(&code), "{text}");
        }
        assert_eq!(code.text(), "BCDF-GHJK");
        for text in ["", "BCDF", "BCDF-GHJKL", "ACDF-GHJK", "1CDF-GHJK", "あ"] {
            assert_eq!(UserCode::parse(text), None, "{text}");
        }
        assert_eq!(UserCode::parse(&" ".repeat(100)), None);
    }

    #[test]
    fn codes_are_random_and_survive_their_text() {
        let (first, second) = (UserCode::fresh().unwrap(), UserCode::fresh().unwrap());
        assert_ne!(first, second);
        assert_eq!(UserCode::parse(&first.text()), Some(first.clone()));
        assert_ne!(first.hash(&[1; 32]), first.hash(&[2; 32]));
    }
}
