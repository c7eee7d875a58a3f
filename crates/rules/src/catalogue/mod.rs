//! The requirement catalogue: what the notices ask, as data in our own words.
//!
//! The rows stand in `catalog/requirements/*.toml`, one file a section, and are compiled in.

mod load;
mod outside;
mod row;

use std::collections::BTreeMap;

use sekisho_domain::profile::Profile;
use sekisho_domain::requirement::{Force, RequirementId};

pub use load::CatalogueError;
pub use outside::{Outside, OutsideClause};
pub use row::{Alias, Both, Document, Parts, Row, Section, Source, Subjects};

/// The catalogue, in the order of the notices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    version: String,
    rows: Vec<Row>,
    places: BTreeMap<RequirementId, usize>,
    outside: Option<Outside>,
}

impl Catalogue {
    /// The catalogue built into this program.
    ///
    /// # Errors
    /// [`CatalogueError`] when a file is not of the form; never in a program whose tests passed.
    pub fn builtin() -> Result<Self, CatalogueError> {
        load::builtin()
    }

    pub(crate) fn from_rows(version: String, rows: Vec<Row>) -> Result<Self, CatalogueError> {
        let mut places = BTreeMap::new();
        for (place, row) in rows.iter().enumerate() {
            if places.insert(row.id.clone(), place).is_some() {
                return Err(CatalogueError::Duplicate { id: row.id.clone() });
            }
        }
        for row in &rows {
            if let Some(twin) = row.same_as.iter().find(|twin| !places.contains_key(*twin)) {
                return Err(CatalogueError::UnknownTwin {
                    id: row.id.clone(),
                    twin: twin.clone(),
                });
            }
        }
        Ok(Self {
            version,
            rows,
            places,
            outside: None,
        })
    }

    /// The version of the data.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Every row, in the order of the notices.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// What the standards hold beyond these rows; none where nobody named it.
    #[must_use]
    pub const fn outside(&self) -> Option<&Outside> {
        self.outside.as_ref()
    }

    /// The same, for the row that asks for it (PUB-5) alone.
    #[must_use]
    pub fn outside_for(&self, row: &Row) -> Option<&Outside> {
        let asks = row.checks().any(|it| it == crate::assess::COVERAGE);
        self.outside().filter(|_| asks)
    }

    /// A row by id.
    #[must_use]
    pub fn row(&self, id: &RequirementId) -> Option<&Row> {
        self.places.get(id).map(|place| &self.rows[*place])
    }

    /// Whether a row, or a check of devices, goes by a code.
    #[must_use]
    pub fn knows_check(&self, check: &str) -> bool {
        let mut rows = self.rows.iter();
        crate::assess::checks_of(check).is_some()
            || rows.any(|row| row.carried_by.iter().any(|it| it == check))
    }

    /// SHA-256 in hex of the canonical form: what a ledger adopts.
    #[must_use]
    pub fn digest(&self) -> String {
        crate::digest::hex(&self.canonical())
    }

    /// The canonical form: JSON of the version and the rows in order.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        // Serialising plain data with string keys into memory cannot fail.
        serde_json::to_vec(&(&self.version, &self.rows)).unwrap_or_default()
    }
}

impl Row {
    /// Whether a profile judges this row (decision 5): gov the front page, 資料1 and the annexed
    /// clauses; ci the front page but for the annex's own request, 資料2, and the clauses where
    /// opted in; general all of them.
    #[must_use]
    pub fn judged_by(&self, profile: Profile, clauses_opted_in: bool) -> bool {
        match (profile, self.source.document) {
            (Profile::General, _)
            | (Profile::Gov, Document::FrontPage | Document::Gov | Document::Clauses)
            | (Profile::Ci, Document::FrontPage | Document::Ci) => true,
            (Profile::Ci, Document::Clauses) => clauses_opted_in && self.section == Section::Us,
            (Profile::Gov, Document::Ci) | (Profile::Ci, Document::Gov) => false,
        }
    }

    /// The force of this row for a profile: its own, and for general always guidance.
    #[must_use]
    pub const fn force_for(&self, profile: Profile) -> Force {
        match profile {
            Profile::General => Force::G,
            Profile::Gov | Profile::Ci => self.force,
        }
    }
}
