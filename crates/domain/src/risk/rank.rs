//! The three steps of importance, threat, weakness and likelihood.

use serde::{Deserialize, Serialize};

/// One of three steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum Rank {
    /// 1.
    One,
    /// 2.
    Two,
    /// 3, the gravest.
    Three,
}

impl Rank {
    /// Every step, the least first.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Three];

    /// As a number, 1 to 3.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
        }
    }

    /// One step up; the gravest stays.
    #[must_use]
    pub const fn raised(self) -> Self {
        match self {
            Self::One => Self::Two,
            Self::Two | Self::Three => Self::Three,
        }
    }
}

impl From<Rank> for u8 {
    fn from(rank: Rank) -> Self {
        rank.number()
    }
}

/// The number is none of the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of the steps 1, 2 and 3")]
pub struct RankError;

impl TryFrom<u8> for Rank {
    type Error = RankError;

    fn try_from(number: u8) -> Result<Self, RankError> {
        Self::ALL
            .into_iter()
            .find(|rank| rank.number() == number)
            .ok_or(RankError)
    }
}
