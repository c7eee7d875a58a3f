//! Grades of information: confidentiality, integrity, availability (requirements.md 2.3).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// 機密性 3, 2, 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidentiality {
    /// 機密性1.
    C1,
    /// 機密性2.
    C2,
    /// 機密性3.
    C3,
}

impl Confidentiality {
    /// Its number, as in 機密性2.
    #[must_use]
    pub const fn level(self) -> u32 {
        match self {
            Self::C1 => 1,
            Self::C2 => 2,
            Self::C3 => 3,
        }
    }
}

/// 完全性 2, 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Integrity {
    /// 完全性1.
    I1,
    /// 完全性2.
    I2,
}

/// 可用性 2, 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Availability {
    /// 可用性1.
    A1,
    /// 可用性2.
    A2,
}

/// A grade in all three dimensions, written `C2I2A1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Grade {
    /// Confidentiality.
    pub confidentiality: Confidentiality,
    /// Integrity.
    pub integrity: Integrity,
    /// Availability.
    pub availability: Availability,
}

/// The text is not a grade in the short form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a grade of the form C2I2A1")]
pub struct GradeError;

impl Grade {
    /// The highest grading there is.
    pub const HIGHEST: Self = Self {
        confidentiality: Confidentiality::C3,
        integrity: Integrity::I2,
        availability: Availability::A2,
    };

    /// All twelve gradings, from the lowest.
    #[must_use]
    pub fn all() -> Vec<Self> {
        use Confidentiality::{C1, C2, C3};
        let mut grades = Vec::with_capacity(12);
        for confidentiality in [C1, C2, C3] {
            for integrity in [Integrity::I1, Integrity::I2] {
                for availability in [Availability::A1, Availability::A2] {
                    grades.push(Self {
                        confidentiality,
                        integrity,
                        availability,
                    });
                }
            }
        }
        grades
    }

    /// 要機密情報: C2 or C3.
    #[must_use]
    pub fn is_confidential(self) -> bool {
        self.confidentiality >= Confidentiality::C2
    }

    /// 要保全情報: I2.
    #[must_use]
    pub fn needs_integrity(self) -> bool {
        self.integrity == Integrity::I2
    }

    /// 要安定情報: A2.
    #[must_use]
    pub fn needs_availability(self) -> bool {
        self.availability == Availability::A2
    }

    /// 要保護情報: any of the three.
    #[must_use]
    pub fn is_protected(self) -> bool {
        self.is_confidential() || self.needs_integrity() || self.needs_availability()
    }

    /// The grade of a bundle of both: the maximum in each dimension.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self {
            confidentiality: self.confidentiality.max(other.confidentiality),
            integrity: self.integrity.max(other.integrity),
            availability: self.availability.max(other.availability),
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?}{:?}{:?}",
            self.confidentiality, self.integrity, self.availability
        )
    }
}

impl FromStr for Grade {
    type Err = GradeError;

    fn from_str(text: &str) -> Result<Self, GradeError> {
        Self::all()
            .into_iter()
            .find(|grade| grade.to_string() == text)
            .ok_or(GradeError)
    }
}

impl TryFrom<String> for Grade {
    type Error = GradeError;

    fn try_from(text: String) -> Result<Self, GradeError> {
        text.parse()
    }
}

impl From<Grade> for String {
    fn from(grade: Grade) -> Self {
        grade.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_derived_classes_match_the_truth_table() {
        // requirements.md 1.7: 11 of 12 protected, 8 of 12 confidential.
        let all = Grade::all();
        assert_eq!(all.len(), 12);
        assert_eq!(all.iter().filter(|grade| grade.is_protected()).count(), 11);
        assert_eq!(
            all.iter().filter(|grade| grade.is_confidential()).count(),
            8
        );
    }

    #[test]
    fn the_short_form_survives_and_joins_are_upper_bounds() {
        for a in Grade::all() {
            assert_eq!(a.to_string().parse(), Ok(a));
            for b in Grade::all() {
                let joined = a.join(b);
                assert_eq!(joined, b.join(a));
                assert_eq!(joined.join(a), joined);
            }
        }
        assert_eq!("C2I2A1".parse::<Grade>().unwrap().to_string(), "C2I2A1");
        assert!("C4I1A1".parse::<Grade>().is_err());
    }
}
