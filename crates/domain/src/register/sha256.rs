//! A SHA-256 as people write it down: 64 hexadecimal digits.

use crate::field::{FieldFault, FieldKind, FieldType, Value};
use crate::name::Line;

/// Digits of a SHA-256 in hex.
const DIGITS: usize = 64;

/// A SHA-256, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sha256(String);

impl Sha256 {
    /// Reads 64 hexadecimal digits; none where it is anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        (hex && text.len() == DIGITS).then(|| Self(text.to_ascii_lowercase()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FieldType for Sha256 {
    const KIND: FieldKind = FieldKind::Line;
    const REQUIRED: bool = true;
    const MANY: bool = false;

    fn value(&self) -> Value {
        Value::Text(self.0.clone())
    }

    fn read(value: &Value) -> Result<Self, FieldFault> {
        let line = Line::read(value)?;
        Self::parse(line.as_str()).ok_or(FieldFault::Form)
    }
}
