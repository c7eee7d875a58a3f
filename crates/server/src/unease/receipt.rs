//! Receipt codes.

use sekisho_domain::concern::ReceiptHash;
use sekisho_ledger::digest::Digest;
use sekisho_store::{StoreError, entropy};
use zeroize::Zeroizing;

/// Symbols of a code: five bits each, a hundred in all. Nobody guesses that, so that the hash needs
/// neither salt nor slowness.
const SYMBOLS: usize = 20;
/// Symbols of a group, as the code is written.
const GROUP: usize = 4;
/// Crockford's base 32: no symbol is taken for another when a code is copied by hand.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code that is shown once, to whoever told of unease without a name.
pub struct ReceiptCode(Zeroizing<String>);

impl std::fmt::Debug for ReceiptCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReceiptCode")
    }
}

impl ReceiptCode {
    /// A fresh code.
    ///
    /// # Errors
    /// `no-entropy`.
    pub fn fresh() -> Result<Self, StoreError> {
        let bytes: [u8; SYMBOLS] = entropy::bytes()?;
        let symbol = |byte: &u8| char::from(ALPHABET[usize::from(byte % 32)]);
        Ok(Self(Zeroizing::new(bytes.iter().map(symbol).collect())))
    }

    /// Reads a code as people type it: in either case, with or without hyphens and blanks.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = sekisho_domain::fold::width(text);
        let symbols = text.chars().filter(|it| !it.is_whitespace() && *it != '-');
        let read = symbols
            .take(SYMBOLS + 1)
            .map(|it| match it.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            });
        let read: Zeroizing<String> = Zeroizing::new(read.collect());
        let known = |it: char| u8::try_from(it).is_ok_and(|it| ALPHABET.contains(&it));
        (read.len() == SYMBOLS && read.chars().all(known)).then_some(Self(read))
    }

    /// The code in groups, as it is shown.
    #[must_use]
    pub fn shown(&self) -> Zeroizing<String> {
        let mut out = Zeroizing::new(String::with_capacity(SYMBOLS + SYMBOLS / GROUP));
        for (place, symbol) in self.0.chars().enumerate() {
            if place > 0 && place % GROUP == 0 {
                out.push('-');
            }
            out.push(symbol);
        }
        out
    }

    /// Its hash, which is all that is stored of it.
    #[must_use]
    pub fn hash(&self) -> Option<ReceiptHash> {
        let text = Zeroizing::new(format!("sekisho/receipt/1\n{}", self.0.as_str()));
        let digest = Digest::of(text.as_bytes()).to_string();
        ReceiptHash::try_from(digest).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_copy_it() {
        let code = ReceiptCode::fresh().unwrap();
        let shown = code.shown();
        assert_eq!(shown.len(), 24);
        let forms = [
            shown.to_string(),
            shown.to_lowercase(),
            shown.replace('-', ""),
            format!(" {} ", shown.replace('-', " ")),
            shown.replace('0', "o").replace('1', "l"),
        ];
        for form in forms {
            let read = ReceiptCode::parse(&form).unwrap();
            assert_eq!(read.hash(), code.hash(), "{form}");
        }
        for wrong in ["", "ABCD", &shown[..23], &format!("{}0", &*shown), "あ"] {
            assert!(ReceiptCode::parse(wrong).is_none(), "{wrong}");
        }
        assert_ne!(ReceiptCode::fresh().unwrap().hash(), code.hash());
    }
}
