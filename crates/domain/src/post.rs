//! Posts (官職): roles belong to posts, not to people.

use serde::{Deserialize, Serialize};

use crate::id::{PostId, UnitId};
use crate::name::Name;
use crate::role::Role;
use crate::time::Timestamp;

/// One post in a unit, with the roles it carries there and below.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Its id.
    pub id: PostId,
    /// The unit it stands in. A post ends with its unit: authority over the heir is given anew, by
    /// moving the post before or creating one there.
    pub unit: UnitId,
    /// Its title.
    pub title: Name,
    /// The roles it carries, each once, sorted.
    pub roles: Vec<Role>,
    /// The first instant at which it is abolished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// How often it was changed since it was created.
    #[serde(default, skip_serializing_if = "crate::unit::is_zero")]
    pub version: u64,
}

impl Post {
    /// A post as it is created.
    #[must_use]
    pub const fn created(id: PostId, unit: UnitId, title: Name, roles: Vec<Role>) -> Self {
        Self {
            id,
            unit,
            title,
            roles,
            until: None,
            version: 0,
        }
    }

    /// Whether it has been abolished by an instant.
    #[must_use]
    pub fn is_abolished(&self, at: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= at)
    }
}
