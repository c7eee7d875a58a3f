//! Measures that were decided in assessing a risk, which a clause has to carry (GOV-2-b, CI-1-k).

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::field::{FieldFault, FieldKind, FieldType, Value};
use crate::id::{CaseId, RiskId};
use crate::name::Line;
use crate::time::Timestamp;

/// By what a measure is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MeasureRef {
    /// What the reassessment of a case decided; written as the case's id.
    Case(CaseId),
    /// A numbered treatment of a risk assessment; written `rsk_…#2`.
    Treatment(RiskId, NonZeroU32),
}

/// The text names no measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a measure")]
pub struct MeasureRefError;

impl FromStr for MeasureRef {
    type Err = MeasureRefError;

    fn from_str(text: &str) -> Result<Self, MeasureRefError> {
        match text.split_once('#') {
            None => text.parse().map(Self::Case).map_err(|_| MeasureRefError),
            Some((risk, number)) => {
                let risk = risk.parse().map_err(|_| MeasureRefError)?;
                let number = number.parse().map_err(|_| MeasureRefError)?;
                Ok(Self::Treatment(risk, number))
            }
        }
    }
}

impl fmt::Display for MeasureRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Case(case) => write!(f, "{case}"),
            Self::Treatment(risk, number) => write!(f, "{risk}#{number}"),
        }
    }
}

impl FieldType for MeasureRef {
    const KIND: FieldKind = FieldKind::Line;
    const REQUIRED: bool = true;
    const MANY: bool = false;

    fn value(&self) -> Value {
        Value::Text(self.to_string())
    }

    fn read(value: &Value) -> Result<Self, FieldFault> {
        let line = Line::read(value)?;
        line.as_str().parse().map_err(|_| FieldFault::Form)
    }
}

/// A measure that was decided and holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedMeasure {
    /// Which.
    pub measure: MeasureRef,
    /// When it was decided.
    pub at: Timestamp,
    /// What was said of it.
    pub note: Line,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Fresh;

    #[test]
    fn measures_read_as_they_are_written() {
        let case = MeasureRef::Case(CaseId::new(Fresh([7; 16])));
        let risk = RiskId::new(Fresh([8; 16]));
        let treatment = MeasureRef::Treatment(risk, NonZeroU32::MIN);
        for measure in [case, treatment] {
            assert_eq!(measure.to_string().parse(), Ok(measure));
        }
        for wrong in [String::new(), format!("{risk}"), format!("{risk}#0")] {
            assert!(wrong.parse::<MeasureRef>().is_err(), "{wrong}");
        }
    }
}
