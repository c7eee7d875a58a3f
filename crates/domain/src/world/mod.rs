//! World: what is true now, as the fold of every event.
//!
//! World holds opaque ids and never personal attributes; no decision or verdict depends on a
//! name. It is rebuilt from the ledger at any time, so a snapshot of it is only a cache.

pub mod apply;
mod apply_change;
mod apply_permits;
mod apply_register;
mod by_post;
mod checklist;
mod concerns;
mod confirmed;
mod deciders;
mod declared;
mod excepted;
mod exceptions;
mod failures;
mod former;
mod frozen;
mod marked;
pub mod moves;
mod opinion;
mod permit_search;
mod permits;
mod plan;
mod query;
pub mod registers;
mod risk;
mod rule;
mod sightings;
mod structure;
mod terms;
mod waiting;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

use crate::access::Cuts;
use crate::access_rules::AccessRulesVersion;
use crate::account::Account;
use crate::appointment::Appointment;
use crate::arrival::{Arrival, decode_arrivals};
use crate::attestation::Attestation;
use crate::break_glass::BreakGlass;
use crate::check::{DeviceCheck, Outcome};
use crate::delegation::Delegation;
use crate::device::Device;
use crate::event::{Assessment, EventError};
use crate::feed::FeedState;
use crate::id::{
    AccountId, ApiTokenId, AppointmentId, AttestationId, DeviceId, PersonId, PostId, ServiceId,
    UnitId,
};
use crate::name::Line;
use crate::opinion::Opinions;
use crate::organisation::Organisation;
use crate::post::Post;
use crate::register::{EntryId, ImportRows, decode_rows};
use crate::requirement::RequirementId;
use crate::sighting::Sighted;
use crate::stand_in::StandIn;
use crate::time::Timestamp;
use crate::token::KnownToken;
use crate::unit::{Follower, Unit};
use crate::verdict::{RowVerdict, Scope, Verdict};
use crate::working_day::Holidays;

pub use by_post::{ByPost, ForPost};
pub use checklist::ChecklistAnswers;
pub use concerns::Concerns;
pub use exceptions::Exceptions;
pub use failures::PastFailures;
use moves::Moves;
pub use permit_search::{PermitQuery, Within};
pub use permits::{PermitRules, Permits};
pub use plan::{Accepted, TeleworkPlan};
pub(crate) use registers::Registers;
pub use risk::Risks;
pub use rule::{Readers, Rules};
pub use sightings::Carrier;
pub use terms::TermsBytes;

/// The catalogue in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueInForce {
    /// Its version.
    pub version: String,
    /// SHA-256 in hex of its canonical form.
    pub digest: String,
    /// Since when.
    pub since: Timestamp,
}

/// A recorded verdict and since when it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedVerdict {
    /// The verdict.
    pub verdict: RowVerdict,
    /// When it was recorded.
    pub since: Timestamp,
}

impl RecordedVerdict {
    /// Whether the machine part of the row is in order, also where a post's word is lacking
    /// beside it.
    #[must_use]
    pub fn is_machine_part_in_order(&self) -> bool {
        match self.verdict.verdict {
            Verdict::Met | Verdict::Attested => true,
            Verdict::Unknown => matches!(
                self.verdict.reason.code.as_ref(),
                "attestation.missing" | "attestation.expired"
            ),
            Verdict::NotMet | Verdict::NotApplicable => false,
        }
    }
}

/// What is true now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct World {
    /// How many events were folded.
    pub events: u64,
    /// When the newest of them was recorded.
    pub recorded_at: Timestamp,
    /// The organisation; none before it is founded.
    pub organisation: Option<Organisation>,
    /// The catalogue in force.
    pub catalogue: Option<CatalogueInForce>,
    /// The bootstrap officer.
    pub bootstrap: Option<PersonId>,
    /// Units by id.
    pub units: HashMap<UnitId, Unit>,
    /// Posts by id.
    pub posts: HashMap<PostId, Post>,
    /// People and the unit each was last put into; see [`World::unit_of`].
    pub people: HashMap<PersonId, UnitId>,
    /// The people who were last put into each unit, abolished or not: [`World::people`] the other
    /// way round.
    #[serde(default)]
    pub people_in: HashMap<UnitId, BTreeSet<PersonId>>,
    /// Where people who were put into another unit were before, with until when, the oldest first.
    #[serde(default, skip_serializing_if = "HashMap::is_empty")]
    pub was_in: HashMap<PersonId, Vec<(Timestamp, UnitId)>>,
    /// People who left, and from when they are no longer there.
    #[serde(default)]
    pub left: HashMap<PersonId, Timestamp>,
    /// How often what is known of a person was changed; none who never was.
    #[serde(default)]
    pub person_versions: HashMap<PersonId, u64>,
    /// Of abolished units: what follows to another heir than the first.
    #[serde(default, with = "shares")]
    pub shares: HashMap<UnitId, HashMap<Follower, UnitId>>,
    /// The registers.
    #[serde(default)]
    pub registers: Registers,
    /// Lists of personnel moves.
    #[serde(default)]
    pub moves: Moves,
    /// Appointments by id.
    pub appointments: HashMap<AppointmentId, Appointment>,
    /// The appointments of each person.
    pub appointments_of: HashMap<PersonId, Vec<AppointmentId>>,
    /// The posts that stand in each unit.
    #[serde(default)]
    pub posts_in: HashMap<UnitId, Vec<PostId>>,
    /// The appointments to each post.
    #[serde(default)]
    pub appointments_to: HashMap<PostId, Vec<AppointmentId>>,
    /// Accounts by id.
    pub accounts: HashMap<AccountId, Account>,
    /// The accounts of each person, closed or not.
    #[serde(default)]
    pub accounts_of: HashMap<PersonId, Vec<AccountId>>,
    /// Devices in the order of enrolment.
    pub devices: Vec<Device>,
    /// Place of each device in that order.
    pub device_ordinals: HashMap<DeviceId, u32>,
    /// Keys that are bound to a device, so that none is enrolled twice.
    pub device_keys: HashSet<crate::device::DeviceKey>,
    /// Devices by check and recorded outcome; a device in no set has never had a result.
    pub checks: BTreeMap<DeviceCheck, BTreeMap<Outcome, RoaringBitmap>>,
    /// When devices last failed a check that they do not fail any more.
    pub past_failures: PastFailures,
    /// The recorded verdict of every row and scope.
    #[serde(with = "pairs")]
    pub verdicts: BTreeMap<(RequirementId, Scope), RecordedVerdict>,
    /// The newest assessment and when it was held.
    pub assessed: Option<(Timestamp, Assessment)>,
    /// Attestations by id.
    pub attestations: HashMap<AttestationId, Attestation>,
    /// Those given while the ledger had the machine part of their row as in order. Only such a
    /// word ends a period of confirmation: any other would pass over what was not known then.
    pub confirming_words: BTreeSet<AttestationId>,
    /// The newest import of each feed and part.
    pub feeds: BTreeMap<String, FeedState>,
    /// The most entries that each of them ever had, since one that lost most of them was insisted on.
    pub feed_most: BTreeMap<String, u32>,
    /// Where checkpoints leave to.
    pub checkpoint_targets: Vec<String>,
    /// The newest break-glass, open or over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<BreakGlass>,
    /// The table of holidays that was brought in, if one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holidays: Option<Holidays>,
    /// API tokens by id.
    #[serde(default, skip_serializing_if = "HashMap::is_empty")]
    pub tokens: HashMap<ApiTokenId, KnownToken>,
    /// Permits.
    #[serde(default)]
    pub permits: Permits,
    /// Tunnels that were cut off lately.
    #[serde(default, skip_serializing_if = "Cuts::is_empty")]
    pub cuts: Cuts,
    /// Stand-ins, by the post in whose stead they decide.
    #[serde(default)]
    pub stand_ins: ByPost<StandIn>,
    /// Delegations, by the post that delegates.
    #[serde(default)]
    pub delegations: ByPost<Delegation>,
    /// The versions of the organisation's own rules of access, oldest first; the last is in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access_rules: Vec<AccessRulesVersion>,
    /// The plan of telework, and the cases that call for a reassessment.
    #[serde(default)]
    pub plan: TeleworkPlan,
    /// Risk assessments.
    #[serde(default, skip_serializing_if = "Risks::is_empty")]
    pub risks: Risks,
    /// What happened to exceptions beside the steps of their permits.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub exceptions: Exceptions,
    /// Outside services that were used although no register carried them, by what the list of services
    /// calls them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sightings: BTreeMap<String, Sighted>,
    /// Sources of logs that an officer gave up, with when.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub retired_sources: BTreeMap<String, Timestamp>,
    /// Domains that entries of services and tools named once and name no more; see
    /// [`World::domains_dropped_by`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub former_domains: BTreeMap<EntryId, BTreeSet<Line>>,
    /// Bytes of services' terms beside what their entries say now.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub terms: BTreeMap<ServiceId, TermsBytes>,
    /// Rules with their clauses.
    #[serde(default)]
    pub rules: Rules,
    /// Opinions of the promotion body.
    #[serde(default)]
    pub opinions: Opinions,
    /// What happened to reports of unease.
    #[serde(default, skip_serializing_if = "Concerns::is_empty")]
    pub concerns: Concerns,
    /// Answers to the items of checklists.
    #[serde(default, skip_serializing_if = "ChecklistAnswers::is_empty")]
    pub checklist: ChecklistAnswers,
}

/// Why an event cannot be folded. Each of these stops the start: the ledger and this program do
/// not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    /// The stored form is not understood.
    #[error(transparent)]
    Event(#[from] EventError),
    /// An event speaks of something that no earlier event made.
    #[error("{kind} speaks of {subject}, which is not known")]
    UnknownSubject {
        /// Kind of the event.
        kind: &'static str,
        /// What it speaks of.
        subject: String,
    },
    /// An event makes something that is there already.
    #[error("{kind} makes {subject}, which is there already")]
    Duplicate {
        /// Kind of the event.
        kind: &'static str,
        /// What it makes.
        subject: String,
    },
    /// An event does not fit where what it speaks of stands.
    #[error("{kind} does not fit where {subject} stands")]
    Misplaced {
        /// Kind of the event.
        kind: &'static str,
        /// What it speaks of.
        subject: String,
    },
    /// A document that an event refers to is not there or not of its form.
    #[error("document {digest} is missing or damaged")]
    Document {
        /// Its digest.
        digest: String,
    },
}

/// Where the fold finds the documents that events refer to.
pub trait Documents {
    /// The document with this SHA-256 (hex); none when it is not there.
    fn document(&self, digest: &str) -> Option<Vec<u8>>;

    /// The rows of an import's document; none where it is not there or damaged. Whoever has them read
    /// already gives them as they are.
    fn import_rows(&self, digest: &str) -> Option<ImportRows> {
        decode_rows(&self.document(digest)?).map(ImportRows::from)
    }

    /// The people of a document who come; likewise.
    fn arrivals(&self, digest: &str) -> Option<Arc<[Arrival]>> {
        decode_arrivals(&self.document(digest)?).map(Arc::from)
    }
}

/// No documents at all.
#[derive(Clone, Copy, Debug)]
pub struct NoDocuments;

impl Documents for NoDocuments {
    fn document(&self, _digest: &str) -> Option<Vec<u8>> {
        None
    }
}

/// Maps whose keys are not text, as lists of pairs.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map.iter())
    }

    pub(super) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?
            .into_iter()
            .collect())
    }
}

/// What follows abolished units, as lists.
mod shares {
    use std::collections::{BTreeMap, HashMap};

    use serde::{Deserialize, Deserializer, Serializer};

    use crate::id::UnitId;
    use crate::unit::{Follower, Share};

    type Shares = HashMap<UnitId, HashMap<Follower, UnitId>>;

    pub(super) fn serialize<S: Serializer>(
        shares: &Shares,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let lists = shares.iter().map(|(unit, shares)| {
            let sorted: BTreeMap<_, _> = shares.iter().collect();
            let list = sorted.into_iter().map(|(what, to)| Share {
                what: *what,
                to: *to,
            });
            (unit, list.collect::<Vec<_>>())
        });
        serializer.collect_map(lists)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Shares, D::Error> {
        let lists = HashMap::<UnitId, Vec<Share>>::deserialize(deserializer)?;
        let shares = lists
            .into_iter()
            .map(|(unit, list)| (unit, list.into_iter().map(|it| (it.what, it.to)).collect()));
        Ok(shares.collect())
    }
}
