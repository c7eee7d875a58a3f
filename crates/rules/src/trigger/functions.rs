//! Functions (機能追加): systems, services, conference tools, lines, gateways, kinds of media and platforms
//! that were not there, and what is used without standing in a register.

use sekisho_domain::plan::{CaseScope, Figure, Measure, Trigger};

use super::{Found, Ground};

/// For how many days something unlisted may be used before it fires: the time to enter or bar it.
const UNLISTED_DAYS: u64 = 7;

pub(super) fn find(ground: &Ground<'_>, found: &mut Found) {
    let known = &ground.against.baseline.functions;
    let accepted = ground.against.accepted_subjects(Measure::FunctionAdded);
    for function in ground.usage.functions.difference(known) {
        if !accepted.contains(function.as_str()) {
            let figure = Figure::found(Measure::FunctionAdded, function.clone());
            found.add(Trigger::Functions, CaseScope::Body, figure);
        }
    }
    let accepted = ground.against.accepted_subjects(Measure::FunctionUnlisted);
    for unlisted in &ground.usage.unlisted {
        if unlisted.days >= UNLISTED_DAYS && !accepted.contains(unlisted.name.as_str()) {
            let figure = Figure {
                value: unlisted.days,
                ..Figure::found(Measure::FunctionUnlisted, unlisted.name.clone())
            };
            found.add(Trigger::Functions, CaseScope::Body, figure);
        }
    }
}
