//! Codes of checks as the catalogue writes them (`CK-OS-CURRENT`).

use std::fmt;
use std::str::FromStr;

use crate::field::{FieldFault, FieldKind, FieldType, Value};
use crate::name::Line;
use crate::requirement::RequirementId;

/// The code of a check of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckCode(String);

/// The text is not the code of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the code of a check")]
pub struct CheckCodeError;

impl CheckCode {
    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CheckCode {
    type Err = CheckCodeError;

    fn from_str(text: &str) -> Result<Self, CheckCodeError> {
        let rest = text.strip_prefix("CK-").filter(|rest| !rest.is_empty());
        let sound = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
        match rest {
            Some(rest) if rest.chars().all(sound) && text.len() <= 40 => Ok(Self(text.to_owned())),
            _ => Err(CheckCodeError),
        }
    }
}

impl fmt::Display for CheckCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FieldType for CheckCode {
    const KIND: FieldKind = FieldKind::Line;
    const REQUIRED: bool = true;
    const MANY: bool = false;

    fn value(&self) -> Value {
        Value::Text(self.0.clone())
    }

    fn read(value: &Value) -> Result<Self, FieldFault> {
        let line = Line::read(value)?;
        line.as_str().parse().map_err(|_| FieldFault::Form)
    }
}

impl FieldType for RequirementId {
    const KIND: FieldKind = FieldKind::Line;
    const REQUIRED: bool = true;
    const MANY: bool = false;

    fn value(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }

    fn read(value: &Value) -> Result<Self, FieldFault> {
        let line = Line::read(value)?;
        line.as_str().parse().map_err(|_| FieldFault::Form)
    }
}
