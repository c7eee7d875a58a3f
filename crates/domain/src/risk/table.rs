//! The table of the method, as data: it is frozen with each assessment, so that a later edition changes
//! no number of the past.

use serde::{Deserialize, Serialize};

use super::rank::Rank;
use super::scenario::{Question, Scenario};
use crate::check::DeviceCheck;
use crate::plan::RiskLevel;
use crate::register::incident::IncidentKind;

#[allow(clippy::trivially_copy_pass_by_ref)] // The form that serde asks for.
const fn is_not(flag: &bool) -> bool {
    !*flag
}

/// What the method says of one scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioRow {
    /// Which.
    pub code: Scenario,
    /// The threat where nothing was measured that raises it.
    pub threat: Rank,
    /// Incidents of these kinds raise it.
    #[serde(default)]
    pub incidents: Vec<IncidentKind>,
    /// A vulnerability that is being exploited, on a device of the scope, raises it.
    #[serde(default)]
    pub exploited: bool,
    /// A vulnerability that is being exploited, on the machine of a gateway, raises it. Tables that were frozen before
    /// gateways were looked at say nothing of it.
    #[serde(default, skip_serializing_if = "is_not")]
    pub exploited_gateways: bool,
    /// A detection that nobody has judged raises it, where detections are measured.
    #[serde(default)]
    pub detections: bool,
    /// The checks of devices by which its weakness is measured.
    #[serde(default)]
    pub checks: Vec<DeviceCheck>,
    /// The checks of the catalogue whose rows measure it besides, by code (`CK-CONF-SEC`).
    #[serde(default)]
    pub carriers: Vec<String>,
    /// The questions that raise it to the weakest unless they are answered with no.
    #[serde(default)]
    pub questions: Vec<Question>,
}

/// The table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskTable {
    /// Its edition.
    pub edition: String,
    /// Likelihood: rows are threat 3, 2 and 1, columns weakness 3, 2 and 1.
    pub likelihood: [[Rank; 3]; 3],
    /// From which product on a risk is high.
    pub high: u8,
    /// From which product on it is medium.
    pub medium: u8,
    /// Up to how many per thousand subjects may fail, be stale or unknown for weakness 2.
    pub few: u32,
    /// Within how many days what was measured raises a threat.
    pub within_days: u32,
    /// Scenario by scenario.
    pub scenario: Vec<ScenarioRow>,
}

impl RiskTable {
    /// The likelihood of a threat that meets a weakness.
    #[must_use]
    pub fn likelihood(&self, threat: Rank, weakness: Rank) -> Rank {
        let place = |rank: Rank| usize::from(3 - rank.number());
        self.likelihood[place(threat)][place(weakness)]
    }

    /// The level of a risk.
    #[must_use]
    pub const fn level(&self, risk: u8) -> RiskLevel {
        if risk >= self.high {
            RiskLevel::High
        } else if risk >= self.medium {
            RiskLevel::Medium
        } else {
            RiskLevel::Low
        }
    }

    /// What is wrong with it; none where it is sound: every scenario stands once, more threat or weakness
    /// never makes less likelihood, and levels follow each other.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        let mut codes: Vec<Scenario> = self.scenario.iter().map(|row| row.code).collect();
        codes.sort_unstable();
        if codes != Scenario::ALL {
            return Some("scenarios");
        }
        let falls = |one: &[Rank], other: &[Rank]| one.iter().zip(other).all(|(a, b)| a >= b);
        let rows = &self.likelihood;
        let by_threat = rows.windows(2).all(|pair| falls(&pair[0], &pair[1]));
        let by_weakness = rows.iter().all(|row| falls(&row[..2], &row[1..]));
        if !by_threat || !by_weakness {
            return Some("likelihood");
        }
        (self.medium == 0 || self.high <= self.medium || self.few >= 1000).then_some("levels")
    }
}
