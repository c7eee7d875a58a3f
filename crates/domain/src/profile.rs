//! Which of the two notices an organisation answers to.

use serde::{Deserialize, Serialize};

/// The kind of organisation, which decides rows, terms and force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Government bodies: front page, 資料1 and the annexed clauses.
    Gov,
    /// Critical-infrastructure operators: front page and 資料2; clauses where opted in.
    Ci,
    /// Anyone else: the union, at guidance force.
    General,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 3] = [Self::Gov, Self::Ci, Self::General];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Gov => "gov",
            Self::Ci => "ci",
            Self::General => "general",
        }
    }

    /// The profile of a code; none for unknown codes.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.code() == code)
    }
}
