//! What the method found.

use serde::{Deserialize, Serialize};

use super::rank::Rank;
use super::scenario::Scenario;
use crate::plan::RiskLevel;

/// What was found of one scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioResult {
    /// Which.
    pub scenario: Scenario,
    /// How much threatens.
    pub threat: Rank,
    /// How weak.
    pub weakness: Rank,
    /// How likely, by the table.
    pub likelihood: Rank,
    /// Importance × likelihood: 1, 2, 3, 4, 6 or 9.
    pub risk: u8,
}

/// What was found of the whole: the highest of the scenarios.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskResult {
    /// The importance, by the grade.
    pub importance: Rank,
    /// Scenario by scenario.
    pub scenarios: Vec<ScenarioResult>,
    /// The highest risk.
    pub risk: u8,
    /// Its level.
    pub level: RiskLevel,
}

impl RiskResult {
    /// The gravest scenario: the first of those with the highest risk.
    #[must_use]
    pub fn gravest(&self) -> Option<&ScenarioResult> {
        self.scenarios.iter().find(|it| it.risk == self.risk)
    }

    /// The highest likelihood.
    #[must_use]
    pub fn likelihood(&self) -> Rank {
        let all = self.scenarios.iter().map(|it| it.likelihood);
        all.max().unwrap_or(Rank::Three)
    }
}
