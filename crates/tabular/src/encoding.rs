//! The encodings of text files: UTF-8 with or without its mark, and CP932 (Windows-31J).
//!
//! What a character set cannot hold is reported, never replaced. Two pairs of characters share one
//! place in CP932 and are taken as the same: 〜 (U+301C) is written as ～ (U+FF5E), and − (U+2212)
//! as － (U+FF0D). [`as_cp932`] says what a text reads as afterwards.

use std::borrow::Cow;

use encoding_rs::{EUC_JP, SHIFT_JIS};

use crate::fault::Fault;
use crate::place::Place;

/// How the text of a file is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 without a mark.
    Utf8,
    /// UTF-8 that begins with U+FEFF, so that spreadsheets recognise it.
    Utf8Marked,
    /// CP932, also called Windows-31J or Shift_JIS.
    Cp932,
}

impl Encoding {
    /// The code by which it is asked for.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf8Marked => "utf-8-bom",
            Self::Cp932 => "cp932",
        }
    }

    /// The registered name of the character set, for `Content-Type`.
    #[must_use]
    pub const fn charset(self) -> &'static str {
        match self {
            Self::Utf8 | Self::Utf8Marked => "utf-8",
            Self::Cp932 => "Windows-31J",
        }
    }
}

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads the bytes of a text file.
///
/// # Errors
/// `file.utf-16`, `file.iso-2022-jp`, `file.euc-jp`, `file.binary` for what they are;
/// `cell.undecodable` at the first cell that neither UTF-8 nor CP932 explains.
pub fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, Encoding), Fault> {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(Fault::file("file.utf-16"));
    }
    if bytes.contains(&0) {
        return Err(Fault::file("file.binary"));
    }
    if let Some(rest) = bytes.strip_prefix(MARK) {
        return match std::str::from_utf8(rest) {
            Ok(text) => Ok((Cow::Borrowed(text), Encoding::Utf8Marked)),
            Err(error) => Err(undecodable(&rest[..error.valid_up_to()])),
        };
    }
    if has_iso_2022_jp(bytes) {
        return Err(Fault::file("file.iso-2022-jp"));
    }
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok((Cow::Borrowed(text), Encoding::Utf8)),
        Err(error) => error.valid_up_to(),
    };
    match SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) if looks_like_euc_jp(bytes, &text) => Err(Fault::file("file.euc-jp")),
        Some(text) => Ok((text, Encoding::Cp932)),
        None if EUC_JP
            .decode_without_bom_handling_and_without_replacement(bytes)
            .is_some() =>
        {
            Err(Fault::file("file.euc-jp"))
        }
        None => Err(undecodable(&bytes[..valid.max(readable_cp932(bytes))])),
    }
}

/// Escapes that switch character sets, as mail once used.
fn has_iso_2022_jp(bytes: &[u8]) -> bool {
    let escapes: [&[u8]; 3] = [b"\x1B$B", b"\x1B$@", b"\x1B(J"];
    bytes.contains(&0x1B) && bytes.windows(3).any(|three| escapes.contains(&three))
}

/// Japanese in EUC-JP reads in CP932 as little else than half-width katakana.
fn looks_like_euc_jp(bytes: &[u8], as_cp932: &str) -> bool {
    let beyond_ascii = as_cp932.chars().filter(|c| !c.is_ascii()).count();
    let half_width = as_cp932
        .chars()
        .filter(|c| ('\u{FF61}'..='\u{FF9F}').contains(c))
        .count();
    half_width * 2 > beyond_ascii
        && EUC_JP
            .decode_without_bom_handling_and_without_replacement(bytes)
            .is_some_and(|text| {
                let usual = |c: &char| matches!(c, 'ぁ'..='ヶ' | '一'..='鿿' | '、' | '。' | 'ー');
                text.chars().filter(usual).count() * 2
                    > text.chars().filter(|c| !c.is_ascii()).count()
            })
}

/// How many bytes from the beginning CP932 explains.
fn readable_cp932(bytes: &[u8]) -> usize {
    let mut decoder = SHIFT_JIS.new_decoder_without_bom_handling();
    let mut room = String::with_capacity(
        decoder
            .max_utf8_buffer_length_without_replacement(bytes.len())
            .unwrap_or(0),
    );
    let (result, read) = decoder.decode_to_string_without_replacement(bytes, &mut room, true);
    match result {
        encoding_rs::DecoderResult::Malformed(bad, after) => {
            read.saturating_sub(usize::from(bad) + usize::from(after))
        }
        _ => read,
    }
}

/// The cell after so much readable text. Commas and line ends are the same bytes in each encoding
/// and no second byte of CP932; what is quoted is followed as far as that goes.
fn undecodable(readable: &[u8]) -> Fault {
    let (mut row, mut column, mut quoted) = (0, 0, false);
    for (index, byte) in readable.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => column += 1,
            b'\n' if !quoted => (row, column) = (row + 1, 0),
            b'\r' if !quoted && readable.get(index + 1) != Some(&b'\n') => {
                (row, column) = (row + 1, 0);
            }
            _ => {}
        }
    }
    Fault::cell(Place::at(row, column), "cell.undecodable")
}

/// Whether a character has a place in CP932 and comes back from it as itself.
fn held_by_cp932(c: char) -> bool {
    let mut room = [0; 4];
    let (bytes, _, unmappable) = SHIFT_JIS.encode(c.encode_utf8(&mut room));
    if unmappable {
        return false;
    }
    let back = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(&bytes);
    // ¥ and ‾ are among those that would come back as another character.
    back.is_some_and(|text| text.chars().eq([c]))
}

/// What a text reads as after it went through CP932.
#[must_use]
pub fn as_cp932(text: &str) -> Cow<'_, str> {
    if text.contains(['\u{301C}', '\u{2212}']) {
        Cow::Owned(
            text.replace('\u{301C}', "\u{FF5E}")
                .replace('\u{2212}', "\u{FF0D}"),
        )
    } else {
        Cow::Borrowed(text)
    }
}

/// Encodes the text of one cell.
///
/// # Errors
/// The first character that CP932 cannot hold.
pub(crate) fn encode_cp932(text: &str, out: &mut Vec<u8>) -> Result<(), char> {
    if text.is_ascii() {
        out.extend(text.as_bytes());
        return Ok(());
    }
    let text = as_cp932(text);
    let (bytes, _, unmappable) = SHIFT_JIS.encode(&text);
    // Looked at one by one only where the whole does not come back as it was.
    let comes_back = !unmappable
        && SHIFT_JIS
            .decode_without_bom_handling_and_without_replacement(&bytes)
            .is_some_and(|back| back == text);
    if comes_back {
        out.extend_from_slice(&bytes);
        return Ok(());
    }
    match text.chars().find(|c| !held_by_cp932(*c)) {
        Some(c) => Err(c),
        None => {
            out.extend_from_slice(&bytes);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(bytes: &[u8]) -> String {
        match decode(bytes) {
            Ok((_, encoding)) => encoding.code().to_owned(),
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn encodings_are_told_apart() {
        let text = "管理番号,品名,設置場所\r\nA-1,ノートパソコン,本省３階\r\n";
        let (cp932, ..) = SHIFT_JIS.encode(text);
        let (euc, ..) = EUC_JP.encode(text);
        let (jis, ..) = encoding_rs::ISO_2022_JP.encode(text);
        let mut marked = MARK.to_vec();
        marked.extend(text.as_bytes());
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut utf16_marked = vec![0xFF, 0xFE];
        utf16_marked.extend(&utf16);
        for (bytes, expected) in [
            (text.as_bytes(), "utf-8"),
            (&marked, "utf-8-bom"),
            (&cp932, "cp932"),
            (&euc, "file.euc-jp"),
            (&jis, "file.iso-2022-jp"),
            (&utf16, "file.binary"),
            (&utf16_marked, "file.utf-16"),
            (b"", "utf-8"),
        ] {
            assert_eq!(code_of(bytes), expected);
        }
        // Half-width katakana alone is CP932 after all.
        let (kana, ..) = SHIFT_JIS.encode("ﾅﾏｴ,ﾊﾞｼｮ\r\n");
        assert_eq!(code_of(&kana), "cp932");
    }

    #[test]
    fn the_cell_of_the_first_unreadable_byte_is_named() {
        assert_eq!(
            code_of(b"a,b\r\nc,\"x\n,\",\xFF\xFF"),
            "C2: cell.undecodable"
        );
        let mut marked = MARK.to_vec();
        marked.extend(b"a,b\n\xE3\x81,c");
        assert_eq!(code_of(&marked), "A2: cell.undecodable");
    }

    #[test]
    fn cp932_holds_what_comes_back_and_no_more() {
        for c in "あ漢ｱ①㈱髙﨑～－Ⅲ∥￢ A~\\".chars() {
            assert!(held_by_cp932(c), "{c}");
        }
        for c in [
            '𠮷',
            '\u{301C}',
            '\u{2212}',
            '¥',
            '‾',
            '\u{E0100}',
            'é',
            '😀',
            '\u{2014}',
        ] {
            assert!(!held_by_cp932(c), "{c}");
        }
        let mut out = Vec::new();
        assert_eq!(encode_cp932("10〜20−30", &mut out), Ok(()));
        let (back, ..) = SHIFT_JIS.decode(&out);
        assert_eq!(back, as_cp932("10〜20−30"));
        assert_eq!(encode_cp932("𠮷野家", &mut out), Err('𠮷'));
        assert_eq!(encode_cp932("¥100", &mut out), Err('¥'));
    }
}
