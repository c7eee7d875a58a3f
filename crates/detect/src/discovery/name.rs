//! Host names as services are looked up by (RFC 1035, RFC 5891).

use std::borrow::Cow;

/// Longest name in text form, without the last dot (RFC 1035, 2.3.4).
const NAME_MAX: usize = 253;
/// Longest label (RFC 1035, 2.3.4).
const LABEL_MAX: usize = 63;

/// Why something is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameFault {
    /// Nothing is there.
    Empty,
    /// Longer than a name or a label may be.
    Long,
    /// A label is empty, or a character cannot be in a host name.
    Form,
}

/// Writes a name in its one form to `out`: lower case, no last dot, other scripts in their ASCII
/// form. What stands in `out` before is dropped.
///
/// # Errors
/// [`NameFault`]; `out` then holds nothing that may be used.
pub fn canonical(name: &[u8], out: &mut Vec<u8>) -> Result<(), NameFault> {
    out.clear();
    let name = name.strip_suffix(b".").unwrap_or(name);
    if name.is_empty() {
        return Err(NameFault::Empty);
    }
    let ascii: Cow<'_, [u8]> = if name.is_ascii() {
        Cow::Borrowed(name)
    } else {
        let text = std::str::from_utf8(name).map_err(|_| NameFault::Form)?;
        let ascii = idna::domain_to_ascii(text).map_err(|_| NameFault::Form)?;
        Cow::Owned(ascii.into_bytes())
    };
    if ascii.len() > NAME_MAX {
        return Err(NameFault::Long);
    }
    let mut label = 0;
    for byte in ascii.iter() {
        match byte {
            b'.' if label == 0 => return Err(NameFault::Form),
            b'.' => label = 0,
            // `_` is in names of services (SRV), `*` in questions that some programs ask.
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'*' => label += 1,
            _ => return Err(NameFault::Form),
        }
        if label > LABEL_MAX {
            return Err(NameFault::Long);
        }
        out.push(byte.to_ascii_lowercase());
    }
    if label == 0 {
        return Err(NameFault::Form);
    }
    Ok(())
}

/// What registries of countries give names below.
const SECOND_LEVELS: [&[u8]; 18] = [
    b"ac", b"ad", b"co", b"com", b"ed", b"edu", b"go", b"gob", b"gouv", b"gov", b"gr", b"lg",
    b"mil", b"ne", b"net", b"nom", b"or", b"org",
];

/// Whether a name in its one form can be one service's own: neither a whole top-level domain nor what
/// registries give names below, no address, no question for everything, and nothing that only looks like
/// another name.
#[must_use]
pub fn belongs_to_one(name: &[u8]) -> bool {
    let labels: Vec<&[u8]> = name.split(|byte| *byte == b'.').collect();
    let (Some(last), true) = (labels.last(), labels.len() > 1) else {
        return false;
    };
    if name.contains(&b'*') || last.iter().all(u8::is_ascii_digit) {
        return false;
    }
    if labels.len() == 2 && last.len() == 2 && SECOND_LEVELS.contains(&labels[0]) {
        return false;
    }
    labels.iter().all(|label| reads_as_itself(label))
}

/// Whether a label in its ASCII form is what it says: one of another script can be read back, and mixes no
/// scripts whose letters look alike.
fn reads_as_itself(label: &[u8]) -> bool {
    if !label.starts_with(b"xn--") {
        return true;
    }
    let Ok(ascii) = std::str::from_utf8(label) else {
        return false;
    };
    let (text, read) = idna::domain_to_unicode(ascii);
    let latin = |it: char| it.is_ascii_alphabetic();
    // Greek and Cyrillic: half of their letters look Latin.
    let alike = |it: char| ('\u{370}'..='\u{52f}').contains(&it);
    read.is_ok() && !(text.chars().any(latin) && text.chars().any(alike))
}

/// Writes a name of counted labels, as Windows logs them: `(4)zoom(2)us(0)`.
///
/// # Errors
/// As [`canonical`].
pub fn counted(name: &[u8], out: &mut Vec<u8>) -> Result<(), NameFault> {
    let mut dotted = Vec::with_capacity(name.len());
    let mut rest = name;
    loop {
        let close = memchr::memchr(b')', rest).ok_or(NameFault::Form)?;
        let digits = rest[..close].strip_prefix(b"(").ok_or(NameFault::Form)?;
        let digits = std::str::from_utf8(digits).map_err(|_| NameFault::Form)?;
        let length: usize = digits.parse().map_err(|_| NameFault::Form)?;
        rest = &rest[close + 1..];
        if length == 0 {
            return if rest.is_empty() {
                canonical(&dotted, out)
            } else {
                Err(NameFault::Form)
            };
        }
        if !dotted.is_empty() {
            dotted.push(b'.');
        }
        let label = rest.get(..length).ok_or(NameFault::Form)?;
        // A dot inside a label would become a border between two.
        if label.contains(&b'.') {
            return Err(NameFault::Form);
        }
        dotted.extend_from_slice(label);
        rest = &rest[length..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &[u8]) -> Result<String, NameFault> {
        let mut out = b"before".to_vec();
        canonical(name, &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn names_have_one_form() {
        for (written, read) in [
            ("Zoom.US.", Ok("zoom.us")),
            ("xn--r8jz45g.jp", Ok("xn--r8jz45g.jp")),
            ("例え.jp", Ok("xn--r8jz45g.jp")),
            ("_sip._tcp.zoom.us", Ok("_sip._tcp.zoom.us")),
            ("zoom..us", Err(NameFault::Form)),
            (".zoom.us", Err(NameFault::Form)),
            (".", Err(NameFault::Empty)),
            ("", Err(NameFault::Empty)),
            ("zoom us", Err(NameFault::Form)),
            ("zoom\\.us", Err(NameFault::Form)),
        ] {
            assert_eq!(of(written.as_bytes()), read.map(str::to_owned), "{written}");
        }
        assert_eq!(of(b"\xff\xfe.us"), Err(NameFault::Form));
        let label = "a".repeat(64);
        assert_eq!(of(label.as_bytes()), Err(NameFault::Long));
        let name = vec!["a"; 128].join(".");
        assert_eq!(of(name.as_bytes()), Err(NameFault::Long));
    }

    #[test]
    fn counted_labels_are_read_by_their_counts() {
        let of = |name: &str| {
            let mut out = Vec::new();
            counted(name.as_bytes(), &mut out).map(|()| String::from_utf8(out).unwrap())
        };
        assert_eq!(of("(4)Zoom(2)us(0)"), Ok("zoom.us".into()));
        assert_eq!(of("(0)"), Err(NameFault::Empty));
        for bad in [
            "(4)zoom(2)us",
            "(4)zo(2)us(0)",
            "(7)zoom.us(0)",
            "zoom.us",
            "(99)zoom(0)",
            "(2)us(0)x",
        ] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
