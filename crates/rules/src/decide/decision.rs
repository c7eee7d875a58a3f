//! What comes of a question.

use std::sync::Arc;

use sekisho_domain::id::PermitId;
use sekisho_domain::permit::Particulars;
use sekisho_domain::permit::Permit;
use sekisho_domain::restriction::Restriction;
use sekisho_domain::time::Timestamp;

use super::checks::{Counted, Inspection};
use super::fix::{Fix, Grantor};
use super::risk::RiskBar;
use super::rulebook::Rule;

/// Allow or deny.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may be done.
    Allow(Allowed),
    /// It may not.
    Deny(Denied),
}

impl Decision {
    /// Whether it may be done.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allow(_))
    }
}

/// On what it may be done, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The permits that carry it, exceptions included.
    pub permits: Vec<PermitId>,
    /// The handling restrictions of the system, of those permits and of their conditions: the union.
    pub restrictions: Vec<Restriction>,
    /// The first instant at which it has to be asked again: a permit or its hours end, evidence is no longer fresh, the
    /// person leaves, or rules of the organisation's own that go by the time may forbid it. None where nothing ends by
    /// itself.
    pub until: Option<Timestamp>,
    /// The first instant at which one of those permits or its hours end, whatever evidence is renewed until then.
    pub permits_until: Option<Timestamp>,
    /// Whether the device's state is only what its user declares of it.
    pub declared: bool,
}

/// Why it may not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Everything that is missing, by the built-in rules and by the organisation's own.
    Missing(Vec<Missing>),
    /// The rules could not be evaluated. Nothing is allowed then.
    Failed(String),
}

/// One thing that is missing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Missing {
    /// The rule that names it: what is missing, on which clause, in both languages.
    pub rule: Arc<Rule>,
    /// Whether it is a rule of the organisation's own: those promise no fix.
    pub own: bool,
    /// The checks that do not pass, where they are what is missing.
    pub failing: Vec<Counted>,
    /// The whole inspection, where that is what is missing.
    pub inspection: Option<Inspection>,
    /// The nearest permit, where one speaks of it.
    pub permit: Option<PermitId>,
    /// From when on that permit holds by itself, where waiting is enough.
    pub from: Option<Timestamp>,
    /// The risk assessments that are in the way, each with what of it.
    pub risks: Vec<RiskBar>,
    /// Who can grant it.
    pub grantor: Option<Grantor>,
    /// What can be done; all of it is needed.
    pub fixes: Vec<Fix>,
}

impl Missing {
    /// Whether there is a permit, and it is for a named part of the system where the whole of it is asked for, or
    /// another part.
    #[must_use]
    pub fn is_of_part(&self) -> bool {
        let whole = |fix: &Fix| matches!(fix, Fix::ApplyWhole(_));
        self.fixes.iter().any(whole)
    }
}

/// The handling restrictions that a permit carries: those of what is handled and its conditions.
pub(super) fn restrictions_of(permit: &Permit) -> Vec<Restriction> {
    let mut all = match permit.particulars.as_ref() {
        Particulars::OffSite(it) => it.restrictions.clone(),
        Particulars::Byod(it) => it.restrictions.clone(),
        _ => Vec::new(),
    };
    let conditions = permit.grant().and_then(|grant| grant.conditions.as_deref());
    all.extend(
        conditions
            .into_iter()
            .flat_map(|it| it.restrictions.iter().cloned()),
    );
    all
}
