//! What the standards hold beyond the rows of the catalogue: the other half of the map that PUB-5 asks for.

use serde::{Deserialize, Serialize};

use super::load::CatalogueError;
use super::row::Both;

const NAME: &str = "outside";
const TEXT: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../catalog/outside.toml"
));

/// Clauses of an edition that bear on telework and that no row of the catalogue stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outside {
    /// The edition, as the aliases of rows name it.
    pub edition: String,
    /// Its clauses.
    #[serde(rename = "clause")]
    pub clauses: Vec<OutsideClause>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutsideClause {
    /// Its number; none where it was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// What it is about, in our own words.
    pub text: Both,
    /// Whether that it stands there was read, and not only remembered.
    pub verified: bool,
}

pub(super) fn builtin() -> Result<Outside, CatalogueError> {
    toml::from_str(TEXT).map_err(|error| CatalogueError::Form {
        file: NAME.to_owned(),
        detail: error.to_string(),
    })
}
