//! The same result in the five levels of SP 800-30 Rev. 1, for whoever has to report in them. A translation
//! of words alone: the method stays the one of the table.

use sekisho_domain::risk::{Rank, RiskResult};

sekisho_domain::choice! {
    /// The five levels.
    pub enum FiveLevels {
        /// Very low.
        VeryLow = "very_low",
        /// Low.
        Low = "low",
        /// Moderate.
        Moderate = "moderate",
        /// High.
        High = "high",
        /// Very high.
        VeryHigh = "very_high",
    }
}

impl FiveLevels {
    const fn of_rank(rank: Rank) -> Self {
        match rank {
            Rank::One => Self::Low,
            Rank::Two => Self::Moderate,
            Rank::Three => Self::High,
        }
    }

    const fn of_risk(risk: u8) -> Self {
        match risk {
            0 | 1 => Self::VeryLow,
            2 => Self::Low,
            3..=5 => Self::Moderate,
            6..=8 => Self::High,
            _ => Self::VeryHigh,
        }
    }
}

/// Likelihood, impact and risk in the five levels.
#[must_use]
pub fn five_levels(result: &RiskResult) -> (FiveLevels, FiveLevels, FiveLevels) {
    (
        FiveLevels::of_rank(result.likelihood()),
        FiveLevels::of_rank(result.importance),
        FiveLevels::of_risk(result.risk),
    )
}
