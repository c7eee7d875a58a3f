//! Requirements as the catalogue states them: identity and force.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The stable id of a catalogue row: `GOV-3-1-c`, `US-8.1.1-3-h-ア`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequirementId(String);

/// The text is not a requirement id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a requirement id")]
pub struct RequirementIdError;

impl RequirementId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RequirementId {
    type Err = RequirementIdError;

    fn from_str(text: &str) -> Result<Self, RequirementIdError> {
        let known = ["PUB-", "GOV-", "CI-", "US-"]
            .iter()
            .any(|prefix| text.starts_with(prefix));
        let sound = text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '.'));
        if known && sound && text.len() <= 40 {
            Ok(Self(text.to_owned()))
        } else {
            Err(RequirementIdError)
        }
    }
}

impl TryFrom<String> for RequirementId {
    type Error = RequirementIdError;

    fn try_from(text: String) -> Result<Self, RequirementIdError> {
        text.parse()
    }
}

impl From<RequirementId> for String {
    fn from(id: RequirementId) -> Self {
        id.0
    }
}

impl fmt::Display for RequirementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How strongly the source asks (requirements.md 1.0). The two notices differ in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Force {
    /// Mandatory clause (~すること).
    M,
    /// Necessary (必要).
    N,
    /// Important (重要).
    I,
    /// Advisable, effective (有効).
    E,
    /// Sought (求められる).
    S,
    /// Guidance or reference.
    G,
}

impl Force {
    /// Whether a row of this force that is not met or unknown sets the exit code of `assess`
    /// (decision 5).
    #[must_use]
    pub const fn is_binding(self) -> bool {
        matches!(self, Self::M | Self::N | Self::I | Self::S)
    }

    /// The letter.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::M => "M",
            Self::N => "N",
            Self::I => "I",
            Self::E => "E",
            Self::S => "S",
            Self::G => "G",
        }
    }
}
