//! What clauses are bound to and cannot be: policies that are not in force, checks and rows that nothing
//! knows, tasks that are gone, owners that nobody is.

use sekisho_domain::id::RuleId;
use sekisho_domain::register::is_in_force;
use sekisho_domain::rule::RuleContent;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

use super::{Conflict, ConflictCode, Found, Placed, Side};
use crate::access::Policies;
use crate::catalogue::Catalogue;

pub(super) fn of_rule(
    world: &World,
    rule: RuleId,
    content: &RuleContent,
    now: Timestamp,
    found: &mut Found,
) {
    let owner = content.head.owner;
    if !content.clauses.is_empty() && world.holders(owner, now).next().is_none() {
        let sides = (Side::Rule(rule), Side::Post(owner));
        found.push(Conflict::new(ConflictCode::OwnerVacant, sides.0, sides.1));
    }
}

pub(super) fn of_clause(
    world: &World,
    catalogue: &Catalogue,
    policies: Option<&Policies>,
    placed: Placed<'_>,
    now: Timestamp,
    found: &mut Found,
) {
    let terms = &placed.clause.terms;
    let conflict = |code, other| Conflict::new(code, Side::Clause(placed.of), other);
    for row in terms.rows.iter().filter(|row| catalogue.row(row).is_none()) {
        found.push(conflict(ConflictCode::RowUnknown, Side::Row(row.clone())));
    }
    let checks = terms.checks.iter();
    for check in checks.filter(|it| !catalogue.knows_check(it.as_str())) {
        found.push(conflict(
            ConflictCode::CheckUnknown,
            Side::Check(check.clone()),
        ));
    }
    if let Some(task) = terms
        .task
        .filter(|it| !is_in_force(world, &it.to_string(), now))
    {
        found.push(conflict(ConflictCode::TaskGone, Side::Task(task)));
    }
    if terms.policies.is_empty() {
        return;
    }
    let Some(policies) = policies else {
        found.policies_unseen = true;
        return;
    };
    for policy in &terms.policies {
        let id = policy.as_str();
        if policies.ids.contains(id) {
            continue;
        }
        // Where the organisation's own cannot be read, nobody knows whether it is among them.
        let code = if policies.unusable {
            ConflictCode::PoliciesUnusable
        } else {
            ConflictCode::PolicyMissing
        };
        found.push(conflict(code, Side::Policy(id.to_owned())));
    }
}
