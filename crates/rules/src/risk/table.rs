//! The table, read from `catalog/risk.toml`.

use sekisho_domain::risk::RiskTable;

/// The table that this program brings.
const TABLE: &str = include_str!("../../../../catalog/risk.toml");

/// Why a table cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Not of the form.
    #[error("the table of risk cannot be read: {0}")]
    Form(String),
    /// It contradicts itself.
    #[error("the table of risk is not sound: {0}")]
    Unsound(&'static str),
}

/// Reads a table; with it the SHA-256 in hex of its text.
///
/// # Errors
/// [`TableError`] says what is wrong.
pub fn read_table(text: &str) -> Result<(RiskTable, String), TableError> {
    let table: RiskTable =
        toml::from_str(text).map_err(|error| TableError::Form(error.to_string()))?;
    match table.fault() {
        Some(what) => Err(TableError::Unsound(what)),
        None => Ok((table, crate::digest::hex(text.as_bytes()))),
    }
}

/// The table that this program brings.
///
/// # Errors
/// None where the tests pass: they read it.
pub fn built_in_table() -> Result<(RiskTable, String), TableError> {
    read_table(TABLE)
}
