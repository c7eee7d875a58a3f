//! What a post attests of a requirement, and how its word stands.

use maud::{Markup, html};
use sekisho_domain::check::Outcome;
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t};

use super::components::{instant, outcome_badge};
use super::words::{self, Localised};

/// The part of a row that a post attests.
#[derive(Clone, Debug)]
pub struct AttestationPart {
    /// What is attested.
    pub what: Localised,
    /// Who may attest it.
    pub by: Vec<Role>,
    /// How the attestation stands.
    pub state: AttestationState,
}

/// How an attestation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttestationState {
    /// None was given.
    Missing,
    /// Given, and it holds.
    Given {
        /// When it was given.
        at: Timestamp,
        /// Until when it holds.
        until: Timestamp,
    },
    /// Given, and over.
    Expired {
        /// Since when.
        until: Timestamp,
    },
}

impl AttestationState {
    const fn outcome(self) -> Outcome {
        match self {
            Self::Given { .. } => Outcome::Pass,
            Self::Missing | Self::Expired { .. } => Outcome::Unknown,
        }
    }
}

/// The part as an item of the list of parts.
pub(super) fn part(lang: Lang, part: &AttestationPart) -> Markup {
    let by = words::list(lang, part.by.iter().map(|role| words::role(lang, *role)));
    html! {
        li {
            p class="part-head" {
                (outcome_badge(lang, part.state.outcome())) " " strong { (part.what.show(lang)) } " "
                span class="muted" { (t!(lang, "requirement.part.attestation")) }
            }
            p class="part-why" {
                (t!(lang, "requirement.attested_by")) (t!(lang, "console.colon")) (by)
                br;
                @match part.state {
                    AttestationState::Missing => (t!(lang, "requirement.attestation.missing")),
                    AttestationState::Given { at, until } => {
                        (t!(lang, "requirement.attestation.given")) (t!(lang, "console.colon")) (instant(lang, at))
                        " " (t!(lang, "requirement.attestation.until")) (t!(lang, "console.colon")) (instant(lang, until))
                    },
                    AttestationState::Expired { until } => {
                        span class="stale" { (t!(lang, "requirement.attestation.expired")) (t!(lang, "console.colon")) (instant(lang, until)) }
                    },
                }
            }
        }
    }
}
