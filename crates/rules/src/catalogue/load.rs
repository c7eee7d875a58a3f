//! Reading the catalogue's files.

use sekisho_domain::requirement::RequirementId;
use serde::Deserialize;

use super::row::{Parts, Row, Section};
use super::{Catalogue, outside};

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$((
            $name,
            include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../catalog/requirements/",
                $name,
                ".toml"
            )),
        )),+]
    };
}

/// Every file, in the order of the rows.
const FILES: &[(&str, &str)] = files![
    "public", "gov-1", "gov-2", "gov-3-1", "gov-3-2", "gov-3-3", "gov-4", "gov-5", "ci-1", "ci-2",
    "ci-3-1", "ci-3-2", "ci-3-3", "ci-4", "ci-5", "us"
];

/// Version of the data. It changes with every change of a row.
const VERSION: &str = "2026.11-3";

/// Why the catalogue cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// A file is not of the form.
    #[error("{file}: {detail}")]
    Form {
        /// The file.
        file: String,
        /// What is wrong, and where.
        detail: String,
    },
    /// An id stands twice.
    #[error("{id} stands twice")]
    Duplicate {
        /// The id.
        id: RequirementId,
    },
    /// A row answers to a row that is not there.
    #[error("{id} answers to {twin}, which is not there")]
    UnknownTwin {
        /// The row.
        id: RequirementId,
        /// What it names.
        twin: RequirementId,
    },
    /// A row lacks what its kind must have.
    #[error("{id}: {lacks} is missing")]
    Incomplete {
        /// The row.
        id: RequirementId,
        /// What it lacks.
        lacks: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    section: Section,
    row: Vec<Row>,
}

pub(super) fn builtin() -> Result<Catalogue, CatalogueError> {
    let mut rows = Vec::new();
    for (name, text) in FILES {
        rows.extend(read(name, text)?);
    }
    let mut catalogue = Catalogue::from_rows(VERSION.to_owned(), rows)?;
    catalogue.outside = Some(outside::builtin()?);
    Ok(catalogue)
}

fn read(name: &str, text: &str) -> Result<Vec<Row>, CatalogueError> {
    let file: File = toml::from_str(text).map_err(|error| CatalogueError::Form {
        file: name.to_owned(),
        detail: error.to_string(),
    })?;
    let mut rows = file.row;
    for row in &mut rows {
        row.section = file.section;
        whole(row)?;
    }
    Ok(rows)
}

/// What serde cannot see: nothing empty, and an attestation exactly where one is asked for.
fn whole(row: &Row) -> Result<(), CatalogueError> {
    let mut texts = vec![&row.text, &row.evidence];
    texts.extend(&row.attestation);
    texts.extend(&row.ours);
    let blank = |text: &String| text.trim().is_empty();
    let lacks = if texts.iter().any(|both| blank(&both.ja) || blank(&both.en)) {
        "text"
    } else if row.owner.is_empty() {
        "owner"
    } else if blank(&row.source.clause) {
        "source.clause"
    } else if row.parts != Parts::Machine && row.attestation.is_none() {
        "attestation"
    } else if row.parts != Parts::Attestation && row.carried_by.is_empty() {
        "carried_by"
    } else {
        return Ok(());
    };
    Err(CatalogueError::Incomplete {
        id: row.id.clone(),
        lacks,
    })
}
