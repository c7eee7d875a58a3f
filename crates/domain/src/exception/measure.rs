//! A compensating measure: what is done instead of what the rule asks for, and which checks of devices show
//! that it is done.

use crate::check::DeviceCheck;
use crate::field::{FieldFault, FieldKind, FieldType, Value};
use crate::name::{Line, NameError};

/// Most measures that an exception names.
pub const MEASURES_MAX: usize = 20;

/// A compensating measure. In plain form `disk_encryption, firewall: what is done`; without codes before the
/// colon no sensor sees it, and a dated word has to say that it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompensatingMeasure {
    /// The checks of devices that show it, each once and in their order. None where no sensor sees it.
    pub checks: Vec<DeviceCheck>,
    /// What is done. It stands in the ledger as it is, and names nobody.
    pub what: Line,
}

/// What stands between codes.
const BETWEEN: [char; 5] = [',', '、', '+', ' ', '\u{3000}'];

impl CompensatingMeasure {
    /// Whether no sensor sees it.
    #[must_use]
    pub const fn needs_a_word(&self) -> bool {
        self.checks.is_empty()
    }

    /// Its plain form.
    #[must_use]
    pub fn text(&self) -> String {
        if self.checks.is_empty() {
            return self.what.as_str().to_owned();
        }
        let codes: Vec<&str> = self.checks.iter().map(|check| check.code()).collect();
        format!("{}: {}", codes.join(", "), self.what.as_str())
    }

    /// Reads the plain form. What stands before the first colon and looks like codes has to be codes, so that
    /// a mistyped one does not make a measure that nothing sees.
    ///
    /// # Errors
    /// [`FieldFault`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, FieldFault> {
        let split = text.split_once([':', '：']);
        let Some((codes, what)) = split.filter(|(codes, _)| looks_like_codes(codes)) else {
            return Ok(Self {
                checks: Vec::new(),
                what: line(text)?,
            });
        };
        let codes = codes.split(BETWEEN).filter(|code| !code.is_empty());
        let checks =
            codes.map(|code| DeviceCheck::from_code(code).ok_or(FieldFault::UnknownChoice));
        let mut checks = checks.collect::<Result<Vec<_>, _>>()?;
        checks.sort_unstable();
        checks.dedup();
        let what = line(what)?;
        Ok(Self { checks, what })
    }
}

fn looks_like_codes(text: &str) -> bool {
    let of_code = |it: char| it.is_ascii_lowercase() || it == '_' || BETWEEN.contains(&it);
    text.chars().all(of_code) && text.chars().any(|it| it.is_ascii_lowercase())
}

fn line(text: &str) -> Result<Line, FieldFault> {
    Line::parse(text).map_err(|error| match error {
        NameError::Empty => FieldFault::Missing,
        NameError::TooLong => FieldFault::TooLong,
        NameError::ForbiddenCharacter => FieldFault::ForbiddenCharacter,
    })
}

impl FieldType for CompensatingMeasure {
    const KIND: FieldKind = FieldKind::Line;
    const REQUIRED: bool = true;
    const MANY: bool = false;

    fn value(&self) -> Value {
        Value::Text(self.text())
    }

    fn read(value: &Value) -> Result<Self, FieldFault> {
        match value {
            Value::Text(text) => Self::parse(text),
            Value::Empty => Err(FieldFault::Missing),
            _ => Err(FieldFault::Form),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_the_colon_binds_the_measure() {
        let bound = |text: &str| CompensatingMeasure::parse(text).map(|it| it.checks);
        use DeviceCheck as C;
        for (text, checks) in [
            ("firewall: 外からの接続を断る", Ok(vec![C::Firewall])),
            (
                "firewall,disk_encryption：暗号化する",
                Ok(vec![C::DiskEncryption, C::Firewall]),
            ),
            ("firewall、firewall: 断る", Ok(vec![C::Firewall])),
            ("毎日17時に課長が確認する", Ok(Vec::new())),
            ("時間帯: 9時から17時まで", Ok(Vec::new())),
            ("Hours: nine to five", Ok(Vec::new())),
            ("fierwall: 断る", Err(FieldFault::UnknownChoice)),
            ("firewall:", Err(FieldFault::Missing)),
            ("", Err(FieldFault::Missing)),
        ] {
            assert_eq!(bound(text), checks, "{text}");
        }
    }

    #[test]
    fn a_measure_survives_its_plain_form() {
        for text in ["lines, firewall: 断る", "二人で行う", "時間帯: 日中"] {
            let before = CompensatingMeasure::parse(text).unwrap();
            assert_eq!(CompensatingMeasure::parse(&before.text()), Ok(before));
        }
    }
}
