//! The organisation's own rules of access are put in force, by version.
//!
//! That the text holds is shown by whoever brings it: the decision point has read it before.

use serde::{Deserialize, Serialize};

use super::{Refusal, current};
use crate::access_rules::{ACCESS_RULES_MAX, AccessRules};
use crate::event::{BlobRef, Event};
use crate::name::Line;
use crate::world::World;

/// Rules to be put in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAccessRules {
    /// The text; none takes all rules back.
    pub document: Option<BlobRef>,
    /// Why.
    pub note: Line,
    /// The version that is in force as far as the author knows; 0 where there was never one.
    pub expected: Option<u32>,
}

pub(super) fn decide(world: &World, command: &SetAccessRules) -> Result<Vec<Event>, Refusal> {
    let newest = world.access_rules.last();
    let version = newest.map_or(0, |newest| newest.rules.version);
    current(u64::from(version), command.expected.map(u64::from))?;
    let size = command.document.as_ref().map_or(0, |it| it.size);
    if usize::try_from(size).map_or(true, |size| size > ACCESS_RULES_MAX) {
        return Err(Refusal::new("own-rules.too-long"));
    }
    let in_force = newest.and_then(|newest| newest.rules.document.as_ref());
    if command.document.as_ref() == in_force {
        return Err(Refusal::new("own-rules.unchanged"));
    }
    let rules = AccessRules {
        version: version.saturating_add(1),
        document: command.document.clone(),
        note: command.note.clone(),
    };
    Ok(vec![Event::AccessRulesSet { rules }])
}
