//! The language in which the holder of an account is written to.

use rusqlite::params;

use super::{Accounts, one};
use crate::error::Result;

impl Accounts {
    /// The tag of the language in which a person wants to be written to, once one was chosen.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn language_of(&self, person: &str) -> Result<Option<String>> {
        let found = self.find(
            "SELECT language FROM accounts WHERE person = ?1",
            [person],
            |r| r.get(0),
        )?;
        Ok(found.flatten())
    }

    /// Keeps the language that the holder of an account has chosen.
    ///
    /// # Errors
    /// `unknown`.
    pub fn set_language(&self, account: &str, tag: &str) -> Result<()> {
        let changed = self.run(
            "UPDATE accounts SET language = ?2 WHERE account = ?1",
            params![account, tag],
        )?;
        one(changed, account)
    }
}
