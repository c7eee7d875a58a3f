//! The CVE identifier as a small number that sorts by year, then number.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A CVE identifier (`CVE-2026-109518`), packed as year and sequence number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CveId(u64);

/// The text is not a CVE identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotACve;

impl CveId {
    /// The year in the identifier.
    pub fn year(self) -> u16 {
        (self.0 >> 48) as u16
    }

    /// The sequence number in the identifier.
    pub fn number(self) -> u64 {
        self.0 & 0xffff_ffff_ffff
    }
}

impl FromStr for CveId {
    type Err = NotACve;

    fn from_str(text: &str) -> Result<Self, NotACve> {
        let (year, number) = text
            .strip_prefix("CVE-")
            .and_then(|t| t.split_once('-'))
            .ok_or(NotACve)?;
        let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        // At least four digits; longer numbers carry no leading zero, so one text per identifier.
        let canonical = number.len() == 4 || (number.len() > 4 && !number.starts_with('0'));
        if year.len() != 4 || number.len() > 12 || !canonical || !digits(year) || !digits(number) {
            return Err(NotACve);
        }
        let year: u64 = year.parse().map_err(|_| NotACve)?;
        let number: u64 = number.parse().map_err(|_| NotACve)?;
        Ok(Self(year << 48 | number))
    }
}

impl fmt::Display for CveId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "CVE-{}-{:04}", self.year(), self.number())
    }
}

impl Serialize for CveId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CveId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse()
            .map_err(|NotACve| serde::de::Error::custom("not a CVE identifier"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_order_round_trip() {
        for text in ["CVE-1999-0001", "CVE-2026-109518", "CVE-2024-32487"] {
            assert_eq!(text.parse::<CveId>().unwrap().to_string(), text);
        }
        let id = |t: &str| t.parse::<CveId>().unwrap();
        assert!(id("CVE-2025-99999") < id("CVE-2026-0001"));
        assert!(id("CVE-2026-9999") < id("CVE-2026-10000"));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "CVE-",
            "cve-2024-1234",
            "CVE-24-1234",
            "CVE-2024-123",
            "CVE-2024-01234",
            "CVE-2024-1234 ",
            "CVE-2024-1234567890123",
            "TEMP-0000000-1",
            "CVE-２０２４-1234",
        ] {
            assert_eq!(text.parse::<CveId>(), Err(NotACve), "{text}");
        }
    }
}
