//! The organisation that keeps the ledger.

use serde::{Deserialize, Serialize};

use crate::id::{OrganisationId, UnitId};
use crate::name::Name;
use crate::profile::Profile;

/// The organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: Name,
    /// Which notice it answers to.
    pub profile: Profile,
    /// Whether the clauses annexed to 資料1 are judged although the profile does not ask it.
    #[serde(default)]
    pub clauses_opted_in: bool,
    /// The unit at the root of its tree.
    pub root: UnitId,
    /// Whether this ledger holds a made-up organisation for demonstration.
    #[serde(default)]
    pub demo: bool,
}
