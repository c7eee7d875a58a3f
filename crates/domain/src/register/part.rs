//! A named part with a grade of its own, written `C2I1A1 人事記録`.

use std::fmt;

use crate::field::{FieldFault, FieldKind, FieldType, Value};
use crate::grade::Grade;
use crate::name::Line;

/// A named part of a system, with its grade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GradedPart {
    /// The grade of what is in it.
    pub grade: Grade,
    /// Its name.
    pub name: Line,
}

impl fmt::Display for GradedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.grade, self.name.as_str())
    }
}

impl FieldType for GradedPart {
    const KIND: FieldKind = FieldKind::Line;
    const REQUIRED: bool = true;
    const MANY: bool = false;

    fn value(&self) -> Value {
        Value::Text(self.to_string())
    }

    fn read(value: &Value) -> Result<Self, FieldFault> {
        let line = Line::read(value)?;
        let (grade, name) = line
            .as_str()
            .split_once([' ', '\u{3000}'])
            .ok_or(FieldFault::Form)?;
        Ok(Self {
            grade: grade.parse().map_err(|_| FieldFault::Form)?,
            name: Line::read(&Value::text(name))?,
        })
    }
}
