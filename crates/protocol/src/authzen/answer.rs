//! Answers.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Whether it may be done.
    pub decision: bool,
    /// Why, for people and programs; an object where it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Value>,
}

/// The answers to several questions, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// One for each question that was evaluated.
    pub evaluations: Vec<Answer>,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found<T> {
    /// The results, in the order of their ids or names.
    pub results: Vec<T>,
    /// Where to go on.
    pub page: NextPage,
}

/// Where a search goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextPage {
    /// What to send as `page.token` for the next page; empty where there is none.
    pub next_token: String,
    /// How many results this page has.
    pub count: usize,
}

impl<T> Found<T> {
    /// A page, with the token of the next one.
    #[must_use]
    pub fn new(results: Vec<T>, next: Option<String>) -> Self {
        let page = NextPage {
            next_token: next.unwrap_or_default(),
            count: results.len(),
        };
        Self { results, page }
    }
}
