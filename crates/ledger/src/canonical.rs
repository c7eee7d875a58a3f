//! RFC 8785 canonical JSON, restricted to integers below 2^53: one value has exactly one text.
//!
//! Checking is a single pass over the bytes without allocation, because every start and every
//! verification runs over the whole ledger. RFC 8785 orders keys by UTF-16 code units, which
//! differs from the order of UTF-8 bytes only above U+DFFF.

mod special;

use std::cmp::Ordering;

use serde_json::Value;

use special::Specials;

/// The longest canonical text, in bytes: the limit of a record (1 MiB).
pub const MAX_BYTES: usize = 1 << 20;

/// The deepest nesting of arrays and objects.
pub const MAX_DEPTH: usize = 64;

/// The first integer that is not allowed, 2^53 (RFC 7493, 2.2).
pub const INTEGER_LIMIT: u64 = 1 << 53;

/// The most digits of an allowed integer: 2^53 has sixteen.
const INTEGER_DIGITS: usize = 16;

/// What keeps bytes from being restricted canonical JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{code} at byte {at}")]
pub struct CanonicalError {
    /// What is wrong.
    pub code: CanonicalCode,
    /// The byte offset; 0 where a value, not a text, was refused.
    pub at: usize,
}

/// The stable codes of [`CanonicalError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CanonicalCode {
    /// Longer than [`MAX_BYTES`].
    TooLarge,
    /// Deeper than [`MAX_DEPTH`].
    TooDeep,
    /// Not UTF-8.
    NotUtf8,
    /// Not JSON, or JSON written in another than the canonical way (white space, escapes).
    NotCanonical,
    /// Object keys not in strictly ascending order of UTF-16 code units.
    KeyOrder,
    /// A number with a fraction or exponent, or |n| ≥ 2^53.
    Number,
}

impl CanonicalCode {
    /// The code as printed and compared.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::TooDeep => "too-deep",
            Self::NotUtf8 => "not-utf8",
            Self::NotCanonical => "not-canonical",
            Self::KeyOrder => "key-order",
            Self::Number => "number",
        }
    }
}

impl std::fmt::Display for CanonicalCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The canonical bytes of `value`.
///
/// # Errors
/// A number that is not an integer below 2^53, nesting beyond [`MAX_DEPTH`], or a text longer
/// than [`MAX_BYTES`].
pub fn to_bytes(value: &Value) -> Result<Vec<u8>, CanonicalError> {
    let mut out = Vec::with_capacity(256);
    write_value(value, 0, &mut out)?;
    if out.len() > MAX_BYTES {
        return Err(refuse(CanonicalCode::TooLarge, MAX_BYTES));
    }
    Ok(out)
}

/// The value of `bytes`, which must be byte for byte what [`to_bytes`] writes.
///
/// # Errors
/// Any departure from the canonical form, with its place.
pub fn parse(bytes: &[u8]) -> Result<Value, CanonicalError> {
    check(bytes)?;
    serde_json::from_slice(bytes).map_err(|_| refuse(CanonicalCode::NotCanonical, 0))
}

/// Checks that `bytes` are canonical without building the value.
///
/// # Errors
/// Any departure from the canonical form, with its place.
pub fn check(bytes: &[u8]) -> Result<(), CanonicalError> {
    let mut scanner = Scanner::new(bytes)?;
    scanner.value(0, &mut |_, _| {})?;
    scanner.end()
}

/// Makes an error.
const fn refuse(code: CanonicalCode, at: usize) -> CanonicalError {
    CanonicalError { code, at }
}

/// Writes one value.
fn write_value(value: &Value, depth: usize, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => {
            let integer = number
                .as_i64()
                .filter(|n| n.unsigned_abs() < INTEGER_LIMIT)
                .ok_or(refuse(CanonicalCode::Number, 0))?;
            out.extend_from_slice(integer.to_string().as_bytes());
        }
        Value::String(text) => write_string(text, out),
        Value::Array(_) | Value::Object(_) if depth >= MAX_DEPTH => {
            return Err(refuse(CanonicalCode::TooDeep, 0));
        }
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_value(item, depth + 1, out)?;
            }
            out.push(b']');
        }
        Value::Object(map) => {
            let mut members: Vec<_> = map.iter().collect();
            members.sort_by(|a, b| utf16_order(a.0, b.0));
            out.push(b'{');
            for (i, (key, item)) in members.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_string(key, out);
                out.push(b':');
                write_value(item, depth + 1, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

/// Writes one string with the only escapes RFC 8785 (3.2.2.2) allows.
fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in text.as_bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x09 => out.extend_from_slice(b"\\t"),
            0x0a => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            0x0d => out.extend_from_slice(b"\\r"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// The order of RFC 8785, 3.2.3.
fn utf16_order(a: &str, b: &str) -> Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

/// The order of two keys given as the raw bytes between their quotes.
#[inline(always)]
fn raw_key_order(a: &[u8], b: &[u8]) -> Ordering {
    // Most neighbours differ in their first byte.
    if let (Some(&a), Some(&b)) = (a.first(), b.first())
        && a != b
        && a != b'\\'
        && b != b'\\'
        && a.max(b) < 0xee
    {
        return a.cmp(&b);
    }
    long_key_order(a, b)
}

/// As `raw_key_order`, for any two.
#[inline(never)]
fn long_key_order(a: &[u8], b: &[u8]) -> Ordering {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    // Behind equal beginnings without escapes, and below U+E000, bytes are in the order of UTF-16
    // code units: keys hardly ever need more than their first bytes looked at.
    let plain = |key: &[u8]| key.get(same).is_none_or(|&c| c != b'\\' && c < 0xee);
    if plain(a) && plain(b) && !a[..same].contains(&b'\\') {
        return a.get(same).cmp(&b.get(same));
    }
    utf16_order(&unescape(a), &unescape(b))
}

/// The text of a raw string whose escapes were already checked.
fn unescape(raw: &[u8]) -> String {
    let quoted = [b"\"", raw, b"\""].concat();
    serde_json::from_slice(&quoted).unwrap_or_default()
}

/// A single pass over canonical bytes.
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    specials: Specials,
}

/// Called for each `{"blob":"<64 hex>","size":n}`: the raw digits, and the size.
pub(crate) type BlobSink<'s> = dyn FnMut(&[u8], u64) + 's;

impl<'a> Scanner<'a> {
    /// Starts; the size and UTF-8 are checked at once.
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, CanonicalError> {
        if bytes.len() > MAX_BYTES {
            return Err(refuse(CanonicalCode::TooLarge, MAX_BYTES));
        }
        std::str::from_utf8(bytes).map_err(|e| refuse(CanonicalCode::NotUtf8, e.valid_up_to()))?;
        Ok(Self {
            bytes,
            at: 0,
            specials: Specials::new(),
        })
    }

    /// An error at the present place.
    pub(crate) const fn fail<T>(&self, code: CanonicalCode) -> Result<T, CanonicalError> {
        Err(refuse(code, self.at))
    }

    /// The rest that was not read yet begins with `literal`: steps over it. Inlined, so that the
    /// literal's length is known and comparing takes no call.
    #[inline(always)]
    pub(crate) fn take(&mut self, literal: &[u8]) -> bool {
        let found = self.bytes[self.at..].starts_with(literal);
        if found {
            self.at += literal.len();
        }
        found
    }

    /// Steps over `literal` or fails.
    #[inline(always)]
    pub(crate) fn expect(&mut self, literal: &[u8]) -> Result<(), CanonicalError> {
        if self.take(literal) {
            return Ok(());
        }
        self.fail(CanonicalCode::NotCanonical)
    }

    /// Steps over one byte if it is `byte`: without the call that comparing slices costs.
    #[inline(always)]
    fn take_byte(&mut self, byte: u8) -> bool {
        let found = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    /// Steps over `byte` or fails.
    #[inline(always)]
    fn expect_byte(&mut self, byte: u8) -> Result<(), CanonicalError> {
        if self.take_byte(byte) {
            return Ok(());
        }
        self.fail(CanonicalCode::NotCanonical)
    }

    /// Nothing may be left.
    pub(crate) fn end(&self) -> Result<(), CanonicalError> {
        if self.at == self.bytes.len() {
            return Ok(());
        }
        self.fail(CanonicalCode::NotCanonical)
    }

    /// Any value; blob references in it are told to `blobs`.
    pub(crate) fn value(
        &mut self,
        depth: usize,
        blobs: &mut BlobSink<'_>,
    ) -> Result<(), CanonicalError> {
        match self.bytes.get(self.at) {
            Some(b'"') => self.string().map(|_| ()),
            Some(b'{' | b'[') if depth >= MAX_DEPTH => self.fail(CanonicalCode::TooDeep),
            Some(b'{') => self.object(depth, blobs),
            Some(b'[') => self.array(depth, blobs),
            Some(b'-' | b'0'..=b'9') => self.integer().map(|_| ()),
            Some(b't') => self.expect(b"true"),
            Some(b'f') => self.expect(b"false"),
            _ => self.expect(b"null"),
        }
    }

    /// An array.
    fn array(&mut self, depth: usize, blobs: &mut BlobSink<'_>) -> Result<(), CanonicalError> {
        self.at += 1;
        if self.take_byte(b']') {
            return Ok(());
        }
        loop {
            self.value(depth + 1, blobs)?;
            if self.take_byte(b']') {
                return Ok(());
            }
            self.expect_byte(b',')?;
        }
    }

    /// An object with keys in order. The place is kept in a variable of its own, because going
    /// through memory for each byte is what reading would then wait for.
    fn object(&mut self, depth: usize, blobs: &mut BlobSink<'_>) -> Result<(), CanonicalError> {
        self.at += 1;
        if self.take_byte(b'}') {
            return Ok(());
        }
        let start = self.at;
        let mut at = start;
        let mut last: Option<&'a [u8]> = None;
        loop {
            let end = self.string_end(at)?;
            let key = &self.bytes[at + 1..end];
            if last.is_some_and(|last| raw_key_order(last, key) != Ordering::Less) {
                return Err(refuse(CanonicalCode::KeyOrder, at));
            }
            last = Some(key);
            at = end + 1;
            if self.bytes.get(at) != Some(&b':') {
                return Err(refuse(CanonicalCode::NotCanonical, at));
            }
            at += 1;
            if self.bytes.get(at) == Some(&b'"') {
                at = self.string_end(at)? + 1;
            } else {
                self.at = at;
                self.value(depth + 1, blobs)?;
                at = self.at;
            }
            match self.bytes.get(at) {
                Some(b',') => at += 1,
                Some(b'}') => {
                    self.at = at + 1;
                    if key == b"size" {
                        blob_reference(&self.bytes[start..self.at], blobs);
                    }
                    return Ok(());
                }
                _ => return Err(refuse(CanonicalCode::NotCanonical, at)),
            }
        }
    }

    /// A string: the raw bytes between the quotes.
    #[inline(always)]
    pub(crate) fn string(&mut self) -> Result<&'a [u8], CanonicalError> {
        let at = self.at;
        let end = self.string_end(at)?;
        self.at = end + 1;
        Ok(&self.bytes[at + 1..end])
    }

    /// The closing quote of the string whose opening quote must be at `at`. What has no escapes
    /// is read without a call.
    #[inline(always)]
    fn string_end(&mut self, at: usize) -> Result<usize, CanonicalError> {
        if self.bytes.get(at) != Some(&b'"') {
            return Err(refuse(CanonicalCode::NotCanonical, at));
        }
        let end = self.specials.next(self.bytes, at + 1);
        match self.bytes.get(end) {
            Some(b'"') => Ok(end),
            _ => self.escaped_end(end),
        }
    }

    /// As `string_end`, from the string's first special byte on.
    #[inline(never)]
    fn escaped_end(&mut self, special: usize) -> Result<usize, CanonicalError> {
        self.at = special;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => return Ok(self.at),
                Some(b'\\') => self.escape()?,
                _ => return self.fail(CanonicalCode::NotCanonical),
            }
            self.at = self.specials.next(self.bytes, self.at);
        }
    }

    /// One escape, in the only form it may have.
    fn escape(&mut self) -> Result<(), CanonicalError> {
        let rest = &self.bytes[self.at + 1..];
        let length = match rest {
            [b'"' | b'\\' | b'b' | b't' | b'n' | b'f' | b'r', ..] => 2,
            [b'u', b'0', b'0', high, low, ..] => {
                let short = matches!((*high, *low), (b'0', b'8' | b'9' | b'a' | b'c' | b'd'));
                let control =
                    matches!(high, b'0' | b'1') && matches!(low, b'0'..=b'9' | b'a'..=b'f');
                if short || !control {
                    return self.fail(CanonicalCode::NotCanonical);
                }
                6
            }
            _ => return self.fail(CanonicalCode::NotCanonical),
        };
        self.at += length;
        Ok(())
    }

    /// An integer.
    pub(crate) fn integer(&mut self) -> Result<i64, CanonicalError> {
        let start = self.at;
        let negative = self.take_byte(b'-');
        let digits_at = self.at;
        let mut at = digits_at;
        let mut value: u64 = 0;
        while let Some(digit @ b'0'..=b'9') = self.bytes.get(at) {
            // Too many digits wrap around; their number refuses them.
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            at += 1;
        }
        self.at = at;
        let digits = at - digits_at;
        let leading_zero = self.bytes.get(digits_at) == Some(&b'0') && (digits > 1 || negative);
        if digits == 0 || leading_zero {
            return Err(refuse(CanonicalCode::NotCanonical, start));
        }
        let too_large = digits > INTEGER_DIGITS || value >= INTEGER_LIMIT;
        if too_large || matches!(self.bytes.get(self.at), Some(b'.' | b'e' | b'E')) {
            return Err(refuse(CanonicalCode::Number, start));
        }
        let value = value.cast_signed();
        Ok(if negative { -value } else { value })
    }
}

/// Tells `blobs` of an object (without its opening brace) that is exactly a blob reference.
fn blob_reference(object: &[u8], blobs: &mut BlobSink<'_>) {
    let Some(rest) = object.strip_prefix(b"\"blob\":\"") else {
        return;
    };
    let Some((digits, rest)) = rest.split_at_checked(64) else {
        return;
    };
    let size = rest
        .strip_prefix(b"\",\"size\":")
        .and_then(|rest| rest.strip_suffix(b"}"))
        .and_then(|digits| std::str::from_utf8(digits).ok())
        .and_then(|digits| digits.parse().ok());
    if let Some(size) = size {
        blobs(digits, size);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn writes_what_rfc_8785_asks() {
        // The sorting example of RFC 8785, 3.2.3, and the escapes of 3.2.2.2.
        let value = json!({
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet",
            "1": "One", "\u{1f600}": "Smile", "\u{80}": "Control", "\u{f6}": "Latin",
        });
        let bytes = to_bytes(&value).unwrap();
        let expected = "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\
             \"\u{f6}\":\"Latin\",\"\u{20ac}\":\"Euro Sign\",\"\u{1f600}\":\"Smile\",\
             \"\u{fb33}\":\"Hebrew Letter Dalet\"}";
        assert_eq!(String::from_utf8(bytes.clone()).unwrap(), expected);
        assert_eq!(parse(&bytes), Ok(value));
        let escapes = json!("\u{8}\t\n\u{c}\r\"\\\u{0}\u{1f}/\u{7f}");
        let expected = b"\"\\b\\t\\n\\f\\r\\\"\\\\\\u0000\\u001f/\x7f\"";
        assert_eq!(to_bytes(&escapes).unwrap(), expected);
        assert_eq!(parse(expected), Ok(escapes));
    }

    #[test]
    fn refuses_every_other_way_of_writing() {
        use CanonicalCode::*;
        let table: &[(&str, CanonicalCode)] = &[
            ("", NotCanonical),
            (" 1", NotCanonical),
            ("1 ", NotCanonical),
            ("{\"a\": 1}", NotCanonical),
            ("[1,]", NotCanonical),
            ("01", NotCanonical),
            ("-0", NotCanonical),
            ("-", NotCanonical),
            ("+1", NotCanonical),
            ("1.0", Number),
            ("1e3", Number),
            ("9007199254740992", Number),
            ("-9007199254740992", Number),
            ("99999999999999999999999", Number),
            ("\"\\/\"", NotCanonical),
            ("\"\\u0041\"", NotCanonical),
            ("\"\\u000A\"", NotCanonical),
            ("\"\\u000a\"", NotCanonical),
            ("\"\\u001F\"", NotCanonical),
            ("\"\n\"", NotCanonical),
            ("\"abc", NotCanonical),
            ("\"\\", NotCanonical),
            ("{\"b\":1,\"a\":2}", KeyOrder),
            ("{\"a\":1,\"a\":2}", KeyOrder),
            ("{\"\u{fb33}\":1,\"\u{1f600}\":2}", KeyOrder),
            ("{\"1\":1,\"\\r\":2}", KeyOrder),
            ("nul", NotCanonical),
            ("18446744073709551617", Number),
            ("-00000000000000000000", NotCanonical),
            ("True", NotCanonical),
        ];
        for (text, code) in table {
            assert_eq!(check(text.as_bytes()).unwrap_err().code, *code, "{text:?}");
        }
        assert_eq!(check(b"\"\xff\"").unwrap_err().code, NotUtf8);
        assert_eq!(check(b"\"\xed\xa0\x80\"").unwrap_err().code, NotUtf8);
    }

    #[test]
    fn bounds_depth_and_size() {
        let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        let error = check(nested(MAX_DEPTH + 1).as_bytes()).unwrap_err();
        assert_eq!((error.code, error.at), (CanonicalCode::TooDeep, MAX_DEPTH));
        let long = json!("x".repeat(MAX_BYTES - 2));
        assert!(check(&to_bytes(&long).unwrap()).is_ok());
        let longer = json!("x".repeat(MAX_BYTES - 1));
        assert_eq!(to_bytes(&longer).unwrap_err().code, CanonicalCode::TooLarge);
        assert_eq!(
            to_bytes(&json!(1.0)).unwrap_err().code,
            CanonicalCode::Number
        );
    }

    /// Any value the restricted form can hold.
    fn any_value() -> impl Strategy<Value = Value> {
        let limit = INTEGER_LIMIT.cast_signed() - 1;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-limit..=limit).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[\\x00-\\x22\\\\a\u{e000}\u{ffff}\u{10000}]{0,20}".prop_map(Value::from),
        ];
        let key = prop_oneof![
            any::<String>(),
            "[\\x00a\"\\\\\u{e000}\u{ffff}\u{10000}]{0,3}"
        ];
        leaf.prop_recursive(5, 40, 6, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::vec((key.clone(), inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(value in any_value()) {
            let bytes = to_bytes(&value).unwrap();
            prop_assert_eq!(parse(&bytes).unwrap(), value);
        }

        /// The scanner accepts a text exactly when parsing and writing it gives the same text.
        #[test]
        fn the_scanner_agrees_with_the_writer(
            value in any_value(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
        ) {
            let mut bytes = to_bytes(&value).unwrap();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let by_value = serde_json::from_slice::<Value>(&bytes)
                .ok()
                .and_then(|value| to_bytes(&value).ok())
                .is_some_and(|again| again == bytes);
            prop_assert_eq!(check(&bytes).is_ok(), by_value, "{}", String::from_utf8_lossy(&bytes));
        }
    }
}
