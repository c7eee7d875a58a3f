//! One-time codes that a person reads in a mail and types: ten letters and digits, kept as a hash.

use sekisho_ledger::digest::Digest;
use sekisho_store::{StoreError, entropy};
use zeroize::Zeroizing;

use crate::identity::token::same;

/// Crockford's alphabet: without I, L, O and U, which are misread.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code: 50 random bits, and five tries at them.
const LENGTH: usize = 10;
/// Longest text that is read as a code, in bytes.
const LONGEST: usize = 64;

/// What is kept of a code.
pub(super) struct Kept {
    salt: [u8; 16],
    hash: String,
}

/// Makes a code: the text for its receiver, and what is kept.
pub(super) fn fresh() -> Result<(Zeroizing<String>, Kept), StoreError> {
    let random = entropy::secret::<LENGTH>()?;
    // 32 divides 256, so every character is equally likely.
    let text: String = random
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect();
    let text = Zeroizing::new(text);
    let salt = entropy::bytes()?;
    let hash = hash(&salt, &text);
    Ok((text, Kept { salt, hash }))
}

impl Kept {
    /// Whether this is the code, in a time that does not tell how near it is.
    pub(super) fn is(&self, typed: &str) -> bool {
        let typed = read(typed);
        same(hash(&self.salt, &typed).as_bytes(), self.hash.as_bytes())
    }
}

fn hash(salt: &[u8; 16], text: &str) -> String {
    let mut bytes = Zeroizing::new(salt.to_vec());
    bytes.extend_from_slice(text.as_bytes());
    Digest::of(&bytes).to_string()
}

/// As people type it: in groups, in small letters, with the letters that look like digits.
fn read(typed: &str) -> Zeroizing<String> {
    let typed = typed.get(..LONGEST).unwrap_or(typed);
    let plain = typed
        .chars()
        .take(LONGEST)
        .filter_map(|c| match c.to_ascii_uppercase() {
            'O' => Some('0'),
            'I' | 'L' => Some('1'),
            ' ' | '-' | '\t' | '\r' | '\n' => None,
            other => Some(other),
        });
    Zeroizing::new(plain.collect())
}

/// A code as it is shown: two groups of five.
pub(super) fn shown(code: &str) -> Zeroizing<String> {
    let (left, right) = code.split_at(code.len() / 2);
    Zeroizing::new(format!("{left}-{right}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_as_people_type_it_and_no_other_is() {
        let (text, kept) = fresh().unwrap();
        assert_eq!(text.len(), LENGTH);
        assert!(
            text.bytes().all(|byte| ALPHABET.contains(&byte)),
            "{}",
            *text
        );
        let typed = shown(&text).to_lowercase();
        assert!(kept.is(&text) && kept.is(&typed) && kept.is(&format!(" {typed}\n")));
        let misread = text.replace('0', "o").replace('1', "l");
        assert!(kept.is(&misread));
        let other = if text.starts_with('Z') { "Y" } else { "Z" };
        for wrong in [
            "",
            &text[1..],
            &format!("{other}{}", &text[1..]),
            &"9".repeat(500),
        ] {
            assert!(!kept.is(wrong), "{wrong}");
        }
    }

    #[test]
    fn no_two_codes_are_alike() {
        let codes: std::collections::BTreeSet<String> =
            (0..200).map(|_| fresh().unwrap().0.to_string()).collect();
        assert_eq!(codes.len(), 200);
    }
}
