//! Functions (機能追加): systems, services, conference tools, lines, gateways, kinds of media and platforms
//! that were not there, major versions of them, and what is used without standing in a register. Platforms are
//! rolled out everywhere at once and are told for the whole alone.

use sekisho_domain::id::UnitId;
use sekisho_domain::plan::{CaseScope, Figure, Measure, Trigger};

use super::{AcceptedSubjects, Found, Ground};

/// For how many days something unlisted may be used before it fires: the time to enter or bar it.
const UNLISTED_DAYS: u64 = 7;

/// For the whole, and for the units that answer for it or use it: in each where nobody accepted it. What one unit
/// accepted of what it uses says nothing of another that uses it too.
fn tell<'a>(
    ground: &Ground<'_>,
    found: &mut Found,
    units: impl Iterator<Item = &'a UnitId>,
    (figure, accepted): (&Figure, &AcceptedSubjects<'_>),
) {
    let subject = figure.subject.as_deref().unwrap_or_default();
    let units = units.filter(|it| ground.sums.places.contains_key(it));
    let scopes = std::iter::once(CaseScope::Body).chain(units.map(|it| CaseScope::Unit(*it)));
    for scope in scopes.filter(|it| !accepted.has(*it, subject)) {
        found.add(Trigger::Functions, scope, figure.clone());
    }
}

pub(super) fn find(ground: &Ground<'_>, found: &mut Found) {
    let known = &ground.against.baseline.functions;
    let accepted = ground.against.accepted_subjects(Measure::FunctionAdded);
    for function in ground.usage.functions.difference(known) {
        let figure = Figure::found(Measure::FunctionAdded, function.clone());
        let units = ground.usage.units_of.get(function).into_iter().flatten();
        tell(ground, found, units, (&figure, &accepted));
    }
    let accepted = ground.against.accepted_subjects(Measure::FunctionUnlisted);
    for unlisted in &ground.usage.unlisted {
        if unlisted.days >= UNLISTED_DAYS {
            let figure = Figure {
                value: unlisted.days,
                ..Figure::found(Measure::FunctionUnlisted, unlisted.name.clone())
            };
            tell(ground, found, unlisted.units.iter(), (&figure, &accepted));
        }
    }
}
