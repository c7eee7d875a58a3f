//! Subject, action and resource: the information model.

use serde::{Deserialize, Serialize};

use super::Properties;
use super::malformed::Malformed;
use super::part::Parts;

/// A subject or a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// What kind of thing it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// Which one, within the kind.
    pub id: String,
    /// What the enforcement point says of it.
    #[serde(default, skip_serializing_if = "Properties::is_empty")]
    pub properties: Properties,
}

/// A kind of subject or resource, where it is searched for which ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// What kind of thing.
    pub kind: String,
    /// What the enforcement point says of all of them.
    pub properties: Properties,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Its name.
    pub name: String,
    /// How it is to be done.
    #[serde(default, skip_serializing_if = "Properties::is_empty")]
    pub properties: Properties,
}

/// One question: may this subject do this with that resource?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// Who.
    pub subject: Entity,
    /// What.
    pub action: Action,
    /// With what.
    pub resource: Entity,
    /// Under which circumstances.
    pub context: Properties,
}

impl Evaluation {
    /// Reads a request of the evaluation endpoint.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        Parts::parse(body)?.evaluation()
    }
}
