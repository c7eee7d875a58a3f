//! Attestations: a dated statement by the right post, which expires.

use std::collections::HashMap;

use sekisho_domain::attestation::Attestation;
use sekisho_domain::code::Reason;
use sekisho_domain::command::speaks_for_the_body;
use sekisho_domain::requirement::RequirementId;
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::Evidence;
use sekisho_domain::world::World;

use crate::catalogue::Row;

/// The attestations, by row.
pub(super) struct Attestations<'a> {
    world: &'a World,
    now: Timestamp,
    by_row: HashMap<&'a RequirementId, Vec<&'a Attestation>>,
}

/// Whether a row is attested.
pub(super) enum Word {
    Given { reason: Reason, evidence: Evidence },
    Lacking { reason: Reason },
}

impl<'a> Attestations<'a> {
    pub(super) fn new(world: &'a World, now: Timestamp) -> Self {
        let mut by_row: HashMap<_, Vec<_>> = HashMap::new();
        for attestation in world.attestations.values() {
            by_row
                .entry(&attestation.row)
                .or_default()
                .push(attestation);
        }
        Self { world, now, by_row }
    }

    /// When the right post last confirmed a row, whether or not its word still holds: a word given
    /// while the machine part was not in order confirmed nothing.
    pub(super) fn last_confirmed(&self, row: &Row) -> Option<Timestamp> {
        let confirming = &self.world.confirming_words;
        self.given(row)
            .filter(|attestation| confirming.contains(&attestation.id))
            .map(|attestation| attestation.valid.from)
            .max()
    }

    fn newest(&self, row: &Row) -> Option<&'a Attestation> {
        self.given(row)
            .max_by_key(|attestation| (attestation.valid.from, attestation.id))
    }

    /// What the right posts have said of a row until now.
    fn given(&self, row: &Row) -> impl Iterator<Item = &'a Attestation> {
        self.by_row
            .get(&row.id)
            .into_iter()
            .flatten()
            .copied()
            .filter(|attestation| attestation.valid.from <= self.now)
            .filter(|attestation| self.by_right_post(attestation, row))
    }

    /// The newest word of the right post on a row.
    pub(super) fn word(&self, row: &Row) -> Word {
        let Some(attestation) = self.newest(row) else {
            return Word::Lacking {
                reason: Reason::new("attestation.missing"),
            };
        };
        // One without an end would never expire, and an attestation must: it counts as over.
        let until = attestation.valid.until.unwrap_or(attestation.valid.from);
        if self.now >= until {
            return Word::Lacking {
                reason: Reason::new("attestation.expired").with("until", until),
            };
        }
        Word::Given {
            reason: Reason::new("attestation.given").with("until", until),
            evidence: Evidence {
                source: format!("attestation:{}", attestation.id),
                at: attestation.valid.from,
                digest: None,
            },
        }
    }

    /// Whether the appointment it was given under was in force then and of a role that may speak
    /// for the row.
    fn by_right_post(&self, attestation: &Attestation, row: &Row) -> bool {
        let Some(appointment) = self.world.appointments.get(&attestation.appointment) else {
            return false;
        };
        let Some(post) = self.world.posts.get(&appointment.post) else {
            return false;
        };
        let may = attesters(row);
        appointment.in_force(attestation.valid.from)
            && post.roles.iter().any(|role| may.contains(role))
    }
}

/// The roles that may attest a row: its owners. Where the owner is the organisation as such the
/// CISO speaks for it; where it is each member of staff, no single one can speak for all, and the
/// section chief, the head officer or the system's security officer does. Where every owner
/// speaks for a unit only, the head officer, who directs them, speaks for the whole. All of this is
/// our own choice.
#[must_use]
pub fn attesters(row: &Row) -> Vec<Role> {
    let mut roles: Vec<Role> = row
        .owner
        .iter()
        .flat_map(|role| match role {
            Role::Organisation => vec![Role::Ciso],
            Role::Staff => vec![Role::Diso, Role::Hiso, Role::Isso],
            other => vec![*other],
        })
        .collect();
    if !roles.iter().copied().any(speaks_for_the_body) {
        roles.push(Role::Hiso);
    }
    roles.sort_unstable();
    roles.dedup();
    roles
}
