//! One row of the catalogue.

use jiff::civil::Date;
use sekisho_domain::permit::PermitKind;
use sekisho_domain::requirement::{Force, RequirementId};
use sekisho_domain::role::Role;
use serde::{Deserialize, Serialize};

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Both {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

/// Which part of the catalogue a row stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Section {
    /// The front page and common references.
    #[serde(rename = "public")]
    Public,
    /// 1: reassessment of risk.
    #[serde(rename = "1")]
    Risk,
    /// 2: rules.
    #[serde(rename = "2")]
    Rules,
    /// 3 (1): issued devices.
    #[serde(rename = "3-1")]
    Issued,
    /// 3 (2): devices not issued.
    #[serde(rename = "3-2")]
    Byod,
    /// 3 (3): lines.
    #[serde(rename = "3-3")]
    Lines,
    /// 4: conference systems.
    #[serde(rename = "4")]
    Conference,
    /// 5: the promotion body (and what 資料2 refers to at its end).
    #[serde(rename = "5")]
    Body,
    /// The clauses of the Unified Standards in the annex of 資料1.
    #[serde(rename = "us")]
    Us,
}

impl Section {
    /// Every section, in the order of pages.
    pub const ALL: [Self; 9] = [
        Self::Public,
        Self::Risk,
        Self::Rules,
        Self::Issued,
        Self::Byod,
        Self::Lines,
        Self::Conference,
        Self::Body,
        Self::Us,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Risk => "1",
            Self::Rules => "2",
            Self::Issued => "3-1",
            Self::Byod => "3-2",
            Self::Lines => "3-3",
            Self::Conference => "4",
            Self::Body => "5",
            Self::Us => "us",
        }
    }
}

/// Which document a row is drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Document {
    /// The front page of 2020-06-11.
    FrontPage,
    /// 資料1, to government bodies.
    Gov,
    /// 資料2, for operators of critical infrastructure.
    Ci,
    /// The annex of 資料1: an excerpt of the Unified Standards.
    Clauses,
}

/// The number of a clause in another edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// The edition (`R3`, `R5`).
    pub edition: String,
    /// The clause's number there.
    pub clause: String,
    /// First day of the edition.
    pub from: Date,
    /// First day on which it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Whether the number was read in the edition itself. Where not, it must not be printed as a
    /// fact.
    pub verified: bool,
}

/// Where a row comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The document.
    pub document: Document,
    /// The place in it: section, paragraph, item.
    pub clause: String,
    /// Its number in other editions.
    pub aliases: Vec<Alias>,
}

/// What has to come together for a row to be in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parts {
    /// Machine evidence alone.
    Machine,
    /// An attestation alone: no machine can see it.
    Attestation,
    /// Both; the attestation never overrides the machine part.
    Both,
}

/// The subjects that a row speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subjects {
    /// The organisation as one.
    Body,
    /// Active issued devices.
    IssuedDevices,
    /// Active devices that are not issued.
    ByodDevices,
    /// Every active device.
    Devices,
    /// Units.
    Units,
}

/// One requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its stable id.
    pub id: RequirementId,
    /// The section; filled in from the file.
    #[serde(default = "Row::no_section")]
    pub section: Section,
    /// How strongly the source asks.
    pub force: Force,
    /// Who must act.
    pub owner: Vec<Role>,
    /// Whether the source names no role and the owner is our default.
    #[serde(default)]
    pub presumed: bool,
    /// What must be true, in our own words.
    pub text: Both,
    /// Where it comes from.
    pub source: Source,
    /// What shows it.
    pub evidence: Both,
    /// The registers and checks that carry it.
    pub carried_by: Vec<String>,
    /// What a human attests; none where nothing is left to attest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<Both>,
    /// What has to come together.
    pub parts: Parts,
    /// Whether the source asks only to confirm whether it is so (requirements.md 1.0).
    #[serde(default)]
    pub confirm: bool,
    /// Whether the dated declaration of the person who uses a device counts, where no program looks
    /// (requirements.md 1.2, GOV-3-2-g: telephones without an agent). For every other row such a device
    /// is unknown.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub declared: bool,
    /// The subjects.
    pub scope: Subjects,
    /// Our own policy on top, which is never shown as the source's demand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ours: Option<Both>,
    /// The rows of 資料1 that a row of 資料2 answers to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub same_as: Vec<RequirementId>,
}

impl Row {
    // Replaced by the loader, which knows the file's section.
    const fn no_section() -> Section {
        Section::Public
    }

    /// The checks among the carriers (`CK-…`).
    pub fn checks(&self) -> impl Iterator<Item = &str> {
        self.carried_by
            .iter()
            .map(String::as_str)
            .filter(|carrier| carrier.starts_with("CK-"))
    }

    /// The carriers in one line.
    #[must_use]
    pub fn carriers(&self) -> String {
        self.carried_by.join(", ")
    }

    /// The carriers that are still to come: registers and permits that are kept already are not called
    /// missing. Where all are there, what is missing is that they are judged, and all are named.
    #[must_use]
    pub fn to_come(&self) -> Vec<&str> {
        let carriers = || self.carried_by.iter().map(String::as_str);
        let to_come: Vec<&str> = carriers().filter(|it| !is_kept(it)).collect();
        if to_come.is_empty() {
            carriers().collect()
        } else {
            to_come
        }
    }
}

/// Carriers that are kept as registers, beside the permits, which carry the codes of their kinds.
const REGISTERS: &[&str] = &[
    "ADV", "BYOD", "CONCERN", "CONF", "DEV", "EXC", "INC", "LINE", "PLAN", "POST", "PROFILE",
    "RISK", "RULE", "SVC", "SW", "SYS", "TASK",
];

fn is_kept(carrier: &str) -> bool {
    REGISTERS.contains(&carrier) || PermitKind::from_code(&carrier.to_lowercase()).is_some()
}

#[cfg(test)]
mod tests {
    use super::is_kept;

    #[test]
    fn registers_and_permits_that_work_were_called_missing() {
        for kept in ["PR", "PT", "PX", "CONF", "PLAN", "RISK", "RULE", "TASK"] {
            assert!(is_kept(kept), "{kept}");
        }
        for to_come in ["STOCK", "REV", "CK-SW-LIST"] {
            assert!(!is_kept(to_come), "{to_come}");
        }
    }
}
