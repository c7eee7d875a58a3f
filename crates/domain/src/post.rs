//! Posts (官職): roles belong to posts, not to people.

use serde::{Deserialize, Serialize};

use crate::id::{PostId, UnitId};
use crate::name::Name;
use crate::role::Role;

/// One post in a unit, with the roles it carries there and below.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Its id.
    pub id: PostId,
    /// The unit it stands in.
    pub unit: UnitId,
    /// Its title.
    pub title: Name,
    /// The roles it carries, each once, sorted.
    pub roles: Vec<Role>,
}
