//! Who decides for whom: stand-ins, delegations, and the roles that the rules may choose.

use std::collections::BTreeMap;

use super::Refusal;
use crate::authorise::{Action, GRANTS};
use crate::delegation::Delegation;
use crate::event::Event;
use crate::id::{DelegationId, PostId, StandInId};
use crate::permit::{LONGEST, PermitKind};
use crate::role::Role;
use crate::stand_in::StandIn;
use crate::time::Timestamp;
use crate::world::{PermitRules, World};

pub(super) fn set_rules(
    world: &World,
    by_half: bool,
    approvers: &BTreeMap<PermitKind, Role>,
) -> Result<Vec<Event>, Refusal> {
    for (kind, role) in approvers {
        if !kind.choosable().contains(role) {
            let mut refusal = Refusal::new("permit.approver-settled").at("approvers");
            refusal.reason = refusal
                .reason
                .with("kind", kind.code())
                .with("role", role.code());
            return Err(refusal);
        }
    }
    let rules = PermitRules {
        by_half,
        approvers: approvers.clone(),
    };
    if rules == *world.permits.rules() {
        return Ok(Vec::new());
    }
    Ok(vec![Event::PermitRulesSet { rules }])
}

/// Whether the post decides anything that could be decided in its stead.
fn decides(world: &World, post: PostId, now: Timestamp) -> Result<(), Refusal> {
    let known = world
        .posts
        .get(&post)
        .filter(|known| world.post_in_force(known.id, now))
        .ok_or_else(|| Refusal::new("post.unknown").at("post"))?;
    let may = |role: &Role| {
        GRANTS
            .iter()
            .any(|grant| grant.role == *role && grant.action == Action::DecidePermit)
    };
    if known.roles.iter().any(may) {
        Ok(())
    } else {
        Err(Refusal::new("post.decides-nothing").at("post"))
    }
}

pub(super) fn name_stand_in(
    world: &World,
    stand_in: &StandIn,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    decides(world, stand_in.post, now)?;
    if !world.is_member(stand_in.person, now) {
        return Err(Refusal::new("person.unknown").at("person"));
    }
    stand_in
        .valid
        .check(now)
        .map_err(|fault| Refusal::new(fault.code()).at("valid"))?;
    if world.stand_in(stand_in.id).is_some() {
        return Err(Refusal::new("stand-in.exists").at("id"));
    }
    let mut holders = world.holders(stand_in.post, now);
    if holders.any(|holder| holder == stand_in.person) {
        return Err(Refusal::new("stand-in.holder").at("person"));
    }
    Ok(vec![Event::StandInNamed {
        stand_in: stand_in.clone(),
    }])
}

pub(super) fn end_stand_in(
    world: &World,
    stand_in: StandInId,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let known = world
        .stand_in(stand_in)
        .ok_or_else(|| Refusal::new("stand-in.unknown").at("stand_in"))?;
    if known.valid.until <= now {
        return Err(Refusal::new("stand-in.over").at("stand_in"));
    }
    Ok(vec![Event::StandInEnded {
        stand_in,
        until: now,
    }])
}

pub(super) fn delegate(
    world: &World,
    delegation: &Delegation,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    decides(world, delegation.post, now)?;
    let to = world
        .posts
        .get(&delegation.to)
        .ok_or_else(|| Refusal::new("post.unknown").at("to"))?;
    if delegation.to == delegation.post {
        return Err(Refusal::new("delegation.to-itself").at("to"));
    }
    if to.roles.contains(&Role::Auditor) {
        return Err(Refusal::new("delegation.to-auditor").at("to"));
    }
    if delegation.kinds.is_empty() {
        return Err(Refusal::new("delegation.no-kinds").at("kinds"));
    }
    if !delegation.valid.is_proper() {
        return Err(Refusal::new("interval.empty").at("valid"));
    }
    if delegation.valid.until.is_some_and(|until| until <= now) {
        return Err(Refusal::new("term.over").at("valid"));
    }
    if world.delegation(delegation.id).is_some() {
        return Err(Refusal::new("delegation.exists").at("id"));
    }
    let mut delegation = delegation.clone();
    delegation.kinds.sort_unstable();
    delegation.kinds.dedup();
    Ok(vec![Event::DelegationMade { delegation }])
}

pub(super) fn end_delegation(
    world: &World,
    delegation: DelegationId,
    until: Timestamp,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let known = world
        .delegation(delegation)
        .ok_or_else(|| Refusal::new("delegation.unknown").at("delegation"))?;
    if until < now {
        return Err(Refusal::new("term.over").at("until"));
    }
    if until > now.after(LONGEST) {
        return Err(Refusal::new("term.too-long").at("until"));
    }
    if known.valid.until.is_some_and(|end| end <= until) {
        return Err(Refusal::new("delegation.over").at("delegation"));
    }
    Ok(vec![Event::DelegationEnded { delegation, until }])
}
