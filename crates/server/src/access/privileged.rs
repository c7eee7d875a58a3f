//! Which access is privileged: by those who administer what they reach. It is recorded in the ledger
//! also where it is allowed.

use sekisho_domain::register::System;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_rules::decide::{Act, Question};

/// Whether the person holds the post of the system's officer or administrator.
pub(super) fn is_privileged(world: &World, question: &Question, now: Timestamp) -> bool {
    let Act::Reach { system, .. } = &question.act else {
        return false;
    };
    let Some((_, system)) = world.registers.get::<System>(*system) else {
        return false;
    };
    let Some(person) = question.person else {
        return false;
    };
    let holds = |post| world.holders(post, now).any(|holder| holder == person);
    holds(system.officer) || system.administrator.is_some_and(holds)
}
