//! Whether clauses work in practice (GOV-2-a): what happened under each within a period.
//!
//! Permits are counted by the kinds that a clause names: given by when their term began, refused by when that
//! was recorded, ended by their end. Refusals of the decision point come counted, by policy, from whoever
//! keeps its answers. Exceptions are those that depart from a row which the clause answers. Of a rule for some
//! units only what theirs have and do counts; refusals, which are kept by policy alone, are then not known.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use roaring::RoaringBitmap;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::exception::NamedClause;
use sekisho_domain::id::{RuleId, UnitId};
use sekisho_domain::permit::{Life, Particulars, Permit, PermitKind};
use sekisho_domain::register::incident::IncidentKind;
use sekisho_domain::register::{EntryId, Incident};
use sekisho_domain::rule::{
    Clause, ClauseEffect, ClauseNumber, ClauseRef, ClauseTerms, RuleContent,
};
use sekisho_domain::time::{Interval, Timestamp};
use sekisho_domain::world::World;

use crate::assess::checks_of;
use crate::conflict::whom::Whom;

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
    let at = within.until.unwrap_or(within.from);
    let concerned = Concerned::of(world, Whom::named(world, &content.head.units, at), at);
    let clauses = content.clauses.iter();
    let counted = clauses.map(|clause| {
        let of = (rule, clause);
        (clause.number, of_clause(&concerned, of, within, forbidden))
    });
    counted.collect()
}

/// Whom a rule is for, at the end of the period.
struct Concerned<'w> {
    world: &'w World,
    whom: Whom,
    at: Timestamp,
    /// Whether each unit is one of theirs: it is asked of every permit and device.
    units: HashMap<UnitId, bool>,
    /// Their devices, by place: found once, however many clauses and checks ask.
    devices: OnceCell<RoaringBitmap>,
}

impl<'w> Concerned<'w> {
    fn of(world: &'w World, whom: Whom, at: Timestamp) -> Self {
        let units = world.units.keys();
        let units = units.map(|unit| (*unit, whom.holds(world, *unit, at)));
        Self {
            world,
            units: units.collect(),
            whom,
            at,
            devices: OnceCell::new(),
        }
    }

    fn is_theirs(&self, unit: UnitId) -> bool {
        let known = self.units.get(&unit).copied();
        known.unwrap_or_else(|| self.whom.holds(self.world, unit, self.at))
    }

    /// Whether a permit runs, or ran, under a unit that the rule is for.
    fn holds(&self, permit: &Permit) -> bool {
        self.is_theirs(permit.unit)
    }

    /// Whether something of a register is of such a unit, or of none that is known.
    fn has(&self, entry: EntryId) -> bool {
        let unit = self.world.unit_of_entry(entry, self.at);
        unit.is_none_or(|unit| self.is_theirs(unit))
    }

    fn devices(&self) -> &RoaringBitmap {
        self.devices.get_or_init(|| {
            let all = self.world.devices.iter().zip(0_u32..);
            let theirs = all.filter(|(device, _)| self.has(EntryId::Device(device.id)));
            theirs.map(|(_, place)| place).collect()
        })
    }

    fn is_everyone(&self) -> bool {
        self.whom == Whom::Everyone
    }
}

fn of_clause(
    concerned: &Concerned<'_>,
    (rule, clause): (RuleId, &Clause),
    within: &Interval,
    forbidden: Option<&Forbidden>,
) -> ClauseEffect {
    let terms = &clause.terms;
    let of = ClauseRef {
        rule,
        clause: clause.number,
    };
    let failing = failing(concerned, terms);
    let mut counted = ClauseEffect {
        forbidden: refusals(concerned, terms, forbidden),
        failing,
        exceptions: exceptions(concerned, (of, terms), within),
        breaches: breaches(concerned, terms, within),
        countable: is_countable(terms, failing),
        ..ClauseEffect::default()
    };
    for kind in &terms.permits {
        let permits = concerned.world.permits.of_kind(*kind);
        for permit in permits.filter(|permit| concerned.holds(permit)) {
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

fn refusals(
    concerned: &Concerned<'_>,
    terms: &ClauseTerms,
    forbidden: Option<&Forbidden>,
) -> Option<u64> {
    if terms.policies.is_empty() {
        return Some(0);
    }
    let forbidden = forbidden?;
    let policies = terms.policies.iter();
    let sum: u64 = policies
        .filter_map(|it| forbidden.counts.get(it.as_str()))
        .sum();
    // Whose they were is not kept: of a rule for some units only that there were none at all is known.
    if sum > 0 {
        concerned.is_everyone().then_some(sum)
    } else {
        forbidden.whole.then_some(0)
    }
}

/// How many devices fail a check of the clause, as recorded; none where no check of it was ever seen.
fn failing(concerned: &Concerned<'_>, terms: &ClauseTerms) -> Option<u64> {
    let world = concerned.world;
    let checks = terms.checks.iter().filter_map(|it| checks_of(it.as_str()));
    let mut failing = RoaringBitmap::new();
    let mut seen = false;
    for check in checks.flatten() {
        let outcomes = world.checks.get::<DeviceCheck>(check);
        for (outcome, devices) in outcomes.into_iter().flatten() {
            if *outcome == Outcome::Unknown {
                continue;
            }
            let devices = theirs(concerned, devices);
            seen |= !devices.is_empty();
            if *outcome == Outcome::Fail {
                failing |= &*devices;
            }
        }
    }
    seen.then(|| failing.len())
}

/// Of devices, by their places, those of units that the rule is for.
fn theirs<'d>(concerned: &Concerned<'_>, devices: &'d RoaringBitmap) -> Cow<'d, RoaringBitmap> {
    if concerned.is_everyone() {
        return Cow::Borrowed(devices);
    }
    Cow::Owned(devices & concerned.devices())
}

/// Exceptions that were given and depart from the clause, or from a row which it answers. One that names the clause
/// or is for everybody counts whoever applied for it.
fn exceptions(
    concerned: &Concerned<'_>,
    (of, terms): (ClauseRef, &ClauseTerms),
    within: &Interval,
) -> u64 {
    let all = concerned.world.permits.of_kind(PermitKind::Exception);
    let departs = all.filter(|permit| match permit.particulars.as_ref() {
        Particulars::Exception(it) => {
            let named = it.requirement.as_str();
            let of_row = || terms.rows.iter().any(|row| row.as_str() == named);
            let theirs = || permit.is_for_everybody() || concerned.holds(permit);
            it.clause == Some(NamedClause(of)) || (of_row() && theirs())
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
fn breaches(concerned: &Concerned<'_>, terms: &ClauseTerms, within: &Interval) -> u64 {
    let Some(task) = terms.task else { return 0 };
    let incidents = concerned.world.registers.nouns::<Incident>();
    let broken = incidents.filter(|(entry, incident)| {
        incident.kind == IncidentKind::Misuse
            && incident.tasks.contains(&task)
            && within.holds(entry.entered_at)
            && concerned.has(entry.id)
    });
    broken.count() as u64
}
