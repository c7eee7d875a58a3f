//! The name of a network interface.

use std::fmt;

use crate::error::TunnelError;

/// Longest name that Linux knows, in bytes (`IFNAMSIZ` less the closing zero).
const LENGTH_MAX: usize = 15;

/// A name that can be an interface's, stands in rules without quoting, and is no number (the
/// userspace implementation takes numbers for open files).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InterfaceName(String);

impl InterfaceName {
    /// Reads a name: a lower-case letter, then letters, digits, `-` and `_`, at most 15.
    ///
    /// # Errors
    /// [`TunnelError::Name`].
    pub fn parse(text: &str) -> Result<Self, TunnelError> {
        let plain = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_'
        };
        let starts = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        if starts && text.len() <= LENGTH_MAX && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(TunnelError::Name {
                name: text.to_owned(),
            })
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InterfaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_rules_can_bear() {
        for good in ["sekisho0", "wg-ministry_1", "a", "abcdefghijklmno"] {
            assert_eq!(InterfaceName::parse(good).unwrap().as_str(), good);
        }
        for wrong in [
            "",
            "0",
            "12",
            "../x",
            "a b",
            "abcdefghijklmnop",
            "Wg0",
            "a/b",
            "a\"b",
        ] {
            let error = InterfaceName::parse(wrong).unwrap_err();
            assert_eq!(error.code(), "tunnel.name", "{wrong}");
        }
    }
}
