//! Whether clauses work in practice (GOV-2-a): what happened under each within a period.
//!
//! Permits are counted by the kinds that a clause names: given by when their term began, refused by when that
//! was recorded, ended by their end. Refusals of the decision point come counted, by policy, from whoever
//! keeps its answers. Exceptions are those that depart from a row which the clause answers.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::exception::NamedClause;
use sekisho_domain::id::RuleId;
use sekisho_domain::permit::{Life, Particulars, Permit, PermitKind};
use sekisho_domain::register::Incident;
use sekisho_domain::register::incident::IncidentKind;
use sekisho_domain::rule::{
    Clause, ClauseEffect, ClauseNumber, ClauseRef, ClauseTerms, RuleContent,
};
use sekisho_domain::time::{Interval, Timestamp};
use sekisho_domain::world::World;

use crate::assess::checks_of;

/// How often policies forbade something within a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forbidden {
    /// How often, by policy.
    pub counts: BTreeMap<String, u64>,
    /// Whether that is all of the period: answers are kept for a time only, so that none among those kept
    /// proves nothing of what was before.
    pub whole: bool,
}

/// Counts what happened under every clause.
#[must_use]
pub fn effect(
    world: &World,
    (rule, content): (RuleId, &RuleContent),
    within: &Interval,
    forbidden: Option<&Forbidden>,
) -> Vec<(ClauseNumber, ClauseEffect)> {
    let clauses = content.clauses.iter();
    let counted = clauses.map(|clause| {
        let of = (rule, clause);
        (clause.number, of_clause(world, of, within, forbidden))
    });
    counted.collect()
}

fn of_clause(
    world: &World,
    (rule, clause): (RuleId, &Clause),
    within: &Interval,
    forbidden: Option<&Forbidden>,
) -> ClauseEffect {
    let terms = &clause.terms;
    let of = ClauseRef {
        rule,
        clause: clause.number,
    };
    let failing = failing(world, terms);
    let mut counted = ClauseEffect {
        forbidden: refusals(terms, forbidden),
        failing,
        exceptions: exceptions(world, (of, terms), within),
        breaches: breaches(world, terms, within),
        countable: is_countable(terms, failing),
        ..ClauseEffect::default()
    };
    for kind in &terms.permits {
        for permit in world.permits.of_kind(*kind) {
            if terms
                .task
                .is_some_and(|task| !permit.particulars.tasks().contains(&task))
            {
                continue;
            }
            count(permit, within, &mut counted);
        }
    }
    counted
}

fn count(permit: &Permit, within: &Interval, counted: &mut ClauseEffect) {
    if matches!(permit.life, Life::Refused(_)) && within.holds(permit.changed_at) {
        counted.refused += 1;
    }
    let Some(grant) = permit.grant() else { return };
    counted.given += u64::from(within.holds(grant.term.from));
    let by = within.until.unwrap_or(Timestamp::from_millis(i64::MAX));
    let ended = grant.end(by).is_some_and(|end| within.holds(end.at));
    counted.ended += u64::from(ended);
}

/// Whether anything can show that a clause was used. A check that no device ever reported shows nothing.
const fn is_countable(terms: &ClauseTerms, failing: Option<u64>) -> bool {
    !terms.permits.is_empty() || !terms.policies.is_empty() || failing.is_some()
}

fn refusals(terms: &ClauseTerms, forbidden: Option<&Forbidden>) -> Option<u64> {
    if terms.policies.is_empty() {
        return Some(0);
    }
    let forbidden = forbidden?;
    let policies = terms.policies.iter();
    let sum: u64 = policies
        .filter_map(|it| forbidden.counts.get(it.as_str()))
        .sum();
    (sum > 0 || forbidden.whole).then_some(sum)
}

/// How many devices fail a check of the clause, as recorded; none where no check of it was ever seen.
fn failing(world: &World, terms: &ClauseTerms) -> Option<u64> {
    let checks = terms.checks.iter().filter_map(|it| checks_of(it.as_str()));
    let mut failing = RoaringBitmap::new();
    let mut seen = false;
    for check in checks.flatten() {
        let outcomes = world.checks.get::<DeviceCheck>(check);
        for (outcome, devices) in outcomes.into_iter().flatten() {
            seen |= *outcome != Outcome::Unknown && !devices.is_empty();
            if *outcome == Outcome::Fail {
                failing |= devices;
            }
        }
    }
    seen.then(|| failing.len())
}

/// Exceptions that were given and depart from the clause, or from a row which it answers.
fn exceptions(world: &World, (of, terms): (ClauseRef, &ClauseTerms), within: &Interval) -> u64 {
    let all = world.permits.of_kind(PermitKind::Exception);
    let departs = all.filter(|permit| match permit.particulars.as_ref() {
        Particulars::Exception(it) => {
            let named = it.requirement.as_str();
            it.clause == Some(NamedClause(of)) || terms.rows.iter().any(|row| row.as_str() == named)
        }
        _ => false,
    });
    let begun = |permit: &&Permit| {
        let grant = permit.grant();
        grant.is_some_and(|grant| within.holds(grant.term.from))
    };
    departs.filter(begun).count() as u64
}

/// Incidents in which a rule was broken and that touch the clause's task.
fn breaches(world: &World, terms: &ClauseTerms, within: &Interval) -> u64 {
    let Some(task) = terms.task else { return 0 };
    let incidents = world.registers.nouns::<Incident>();
    let broken = incidents.filter(|(entry, incident)| {
        incident.kind == IncidentKind::Misuse
            && incident.tasks.contains(&task)
            && within.holds(entry.entered_at)
    });
    broken.count() as u64
}
