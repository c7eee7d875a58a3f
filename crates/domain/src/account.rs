//! Accounts: means of signing in. Never an authority; hashes and secrets live elsewhere.

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, PersonId};

/// That a person can sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Whose it is.
    pub person: PersonId,
    /// Whether it has been closed.
    #[serde(default)]
    pub closed: bool,
}
