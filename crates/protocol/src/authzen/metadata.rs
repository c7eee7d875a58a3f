//! What the decision point says of itself.

use serde::{Deserialize, Serialize};

use super::{
    PATH_EVALUATION, PATH_EVALUATIONS, PATH_SEARCH_ACTION, PATH_SEARCH_RESOURCE,
    PATH_SEARCH_SUBJECT,
};

/// The document below [`super::PATH_METADATA`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Its address, without a path.
    pub policy_decision_point: String,
    /// Where one question is asked.
    pub access_evaluation_endpoint: String,
    /// Where several are.
    pub access_evaluations_endpoint: String,
    /// Where subjects are searched for.
    pub search_subject_endpoint: String,
    /// Where resources are.
    pub search_resource_endpoint: String,
    /// Where actions are.
    pub search_action_endpoint: String,
}

impl Metadata {
    /// Of a decision point at an address such as `https://sekisho.example.go.jp`.
    #[must_use]
    pub fn of(base: &str) -> Self {
        let at = |path: &str| format!("{base}{path}");
        Self {
            policy_decision_point: base.to_owned(),
            access_evaluation_endpoint: at(PATH_EVALUATION),
            access_evaluations_endpoint: at(PATH_EVALUATIONS),
            search_subject_endpoint: at(PATH_SEARCH_SUBJECT),
            search_resource_endpoint: at(PATH_SEARCH_RESOURCE),
            search_action_endpoint: at(PATH_SEARCH_ACTION),
        }
    }
}
