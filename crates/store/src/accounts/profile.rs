//! Profiles: how an office's own table is read into a register, under a name.

use rusqlite::params;

use super::{Accounts, sql};
use crate::db;
use crate::error::{Result, StoreCode, StoreError};

/// Most profiles of one register.
pub const PROFILES_MAX: i64 = 100;
/// Longest profile that is kept, in bytes.
const MAPPING_MAX: usize = 256 * 1024;

/// A profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportProfile {
    /// Its name.
    pub name: String,
    /// The mapping, in the caller's form.
    pub mapping: String,
    /// When it was last saved.
    pub saved_at: i64,
}

impl Accounts {
    /// Saves a profile of a register; the one of that name is replaced.
    ///
    /// # Errors
    /// `bad-input` for a mapping that is too long to keep, or one profile too many; the codes of
    /// the database.
    pub fn save_profile(&self, register: &str, profile: &ImportProfile) -> Result<()> {
        if profile.mapping.len() > MAPPING_MAX {
            return Err(StoreError::refused(StoreCode::BadInput, "mapping"));
        }
        let saved = self.run(
            "INSERT INTO import_profiles (register, name, mapping, saved_at)
             SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (
                SELECT 1 FROM import_profiles WHERE register = ?1 AND name = ?2
             ) OR (SELECT count(*) FROM import_profiles WHERE register = ?1) < ?5
             ON CONFLICT (register, name) DO UPDATE
             SET mapping = excluded.mapping, saved_at = excluded.saved_at",
            params![
                register,
                profile.name,
                profile.mapping,
                profile.saved_at,
                PROFILES_MAX
            ],
        )?;
        match saved {
            0 => Err(StoreError::refused(StoreCode::BadInput, "profiles")),
            _ => Ok(()),
        }
    }

    /// The profiles of a register, by name.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn profiles(&self, register: &str) -> Result<Vec<ImportProfile>> {
        let conn = db::lock(&self.conn);
        let mut statement = conn
            .prepare_cached(
                "SELECT name, mapping, saved_at FROM import_profiles
                 WHERE register = ?1 ORDER BY name",
            )
            .map_err(sql)?;
        let rows = statement.query_map([register], |r| {
            Ok(ImportProfile {
                name: r.get(0)?,
                mapping: r.get(1)?,
                saved_at: r.get(2)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(sql)
    }

    /// Removes a profile. Removing it twice is no error.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn remove_profile(&self, register: &str, name: &str) -> Result<()> {
        self.run(
            "DELETE FROM import_profiles WHERE register = ?1 AND name = ?2",
            [register, name],
        )?;
        Ok(())
    }
}
