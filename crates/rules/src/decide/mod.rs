//! The decision point: may this person, with this device, from here, reach or join this now?
//!
//! [`Facts`] says what is true, by register, permits, posture and place. The [`Rulebook`] combines the
//! facts: Cedar policies that an auditor can read, each resting on a clause. [`decide`] asks both and
//! says what is missing, who can grant it and what can be done ([`Missing`]). Permission and posture
//! are both needed, and neither stands in for the other (requirements.md 1.7).
//!
//! Permits are data and never policies: what it costs to evaluate policies grows with their number.

mod built_in;
mod checks;
mod context;
mod decision;
mod deep;
mod explain;
mod facts;
mod fix;
mod held;
mod hours;
mod lack;
mod memory;
mod more;
mod next_hour;
mod own;
mod question;
mod risk;
mod rulebook;
mod seen;
mod stated;
mod supposed;
mod taken_out;
mod whereabouts;

use std::borrow::Borrow;

use sekisho_domain::device::{DeviceClass, StateSource};
use sekisho_domain::permit::{Access, Needed, Particulars, Permit, PermitKind, Setting};
use sekisho_domain::restriction::union;

pub use checks::{CheckSetError, CheckSets, Counted, Inspection, Put};
pub use decision::{Allowed, Decision, Denied, Missing};
pub use facts::{DeviceFacts, Facts, Ground, LineFacts, TaskFacts};
pub use fix::{Fix, Grantor};
pub use held::{Held, HeldPermits, Shortfall};
pub use lack::{CheckSet, Lack, LackError, LaterCheck};
pub use own::{EXAMPLE, FACTS, OwnFact, OwnRuleFault, OwnRules, read_own_rules};
pub use question::{Act, Origin, Outing, Question};
pub use risk::{Bar, RiskBar};
pub use rulebook::{
    OWN_RULES_COUNT_MAX, OWN_RULES_MAX, OWN_RULES_STACK, Rule, Rulebook, RulebookError, UNUSABLE,
    built_in_policies, schema,
};
pub use seen::{OwnAnswer, Seen, Then, decide_seen};
pub use supposed::Supposed;

pub(crate) use facts::grade_of;
pub(crate) use held::speaks_of;

pub use taken_out::{SIGN_IN, SILENCE, TakenOut};
pub use whereabouts::{ByGateway, Whereabouts};

use explain::Case;
use memory::Answer;
use more::More;
use rulebook::Asked;
use stated::Stated;

/// Answers one question.
#[must_use]
pub fn decide(book: &Rulebook, ground: Ground<'_>, question: &Question) -> Decision {
    let facts = Facts::of(ground, book.sets(), question);
    decide_on(book, ground, question, &facts)
}

/// As [`decide`], on facts that are computed already.
#[must_use]
pub fn decide_on(
    book: &Rulebook,
    ground: Ground<'_>,
    question: &Question,
    facts: &Facts,
) -> Decision {
    let stated = stated(book, ground, question, facts);
    let case = Case {
        book,
        ground,
        question,
        facts,
    };
    case.decide(stated, || More::of(ground, question, facts))
}

impl Case<'_> {
    /// Puts what is stated to the built-in rules, and what more there is to the organisation's own.
    fn decide<M: Borrow<More>>(&self, stated: Stated, more: impl FnOnce() -> M) -> Decision {
        let book = self.book;
        let mut missing = Vec::new();
        match book.ask_built_in(stated) {
            Ok(Answer::Allowed) => {}
            Ok(Answer::Forbidden(bits)) => {
                let rules = book.places().of_bits(bits);
                missing.extend(rules.map(|rule| self.missing(rule, false)));
            }
            Err(error) => return Decision::Deny(Denied::Failed(error)),
        }
        if book.has_own() {
            let more = more();
            let more: &More = more.borrow();
            let asked = match book.request(self.question, stated, more) {
                Ok(request) => book.ask_own(&request),
                Err(error) => Asked::Failed(error),
            };
            match asked {
                Asked::Allowed if missing.is_empty() => {
                    let mut allowed = allowed(self);
                    allowed.until = self.asked_again_at(stated, more, allowed.until);
                    return Decision::Allow(allowed);
                }
                Asked::Allowed => {}
                Asked::Forbidden(rules) => {
                    missing.extend(rules.into_iter().map(|rule| self.missing(rule, true)));
                }
                Asked::Failed(error) => return Decision::Deny(Denied::Failed(error)),
            }
        }
        if missing.is_empty() {
            Decision::Allow(allowed(self))
        } else {
            Decision::Deny(Denied::Missing(missing))
        }
    }
}

/// The request as Cedar sees it, for comparison in tests and benches: what [`decide_on`] puts to the
/// policies, with everything that an organisation's own rules may look at.
///
/// # Errors
/// What Cedar says of it, in its words.
pub fn cedar_request(
    book: &Rulebook,
    ground: Ground<'_>,
    question: &Question,
) -> Result<cedar_policy::Request, String> {
    let facts = Facts::of(ground, book.sets(), question);
    let stated = stated(book, ground, question, &facts);
    let more = More::of(ground, question, &facts);
    book.request(question, stated, &more)
}

/// What the built-in rulebook is told.
fn stated(book: &Rulebook, ground: Ground<'_>, question: &Question, facts: &Facts) -> Stated {
    let rows = exceptions(ground, facts);
    let excused = rows.fold(0, |bits, row| bits | book.places().of_row(row));
    Stated::of(question, facts, excused)
}

/// The rows from which exceptions in force depart.
fn exceptions<'a>(ground: Ground<'a>, facts: &'a Facts) -> impl Iterator<Item = &'a str> {
    let permits = facts.held.exceptions().iter();
    permits.filter_map(move |id| match ground.permit(*id)?.particulars.as_ref() {
        Particulars::Exception(it) => Some(it.requirement.as_str()),
        _ => None,
    })
}

/// The kinds of permit that carry an access.
fn needed(question: &Question, facts: &Facts) -> Vec<PermitKind> {
    let access = match question.act {
        Act::Join { .. } => Access::Joining,
        Act::Reach { .. } if facts.off_site => Access::Remote,
        Act::Reach { .. } => Access::Local,
    };
    let class = if facts.device.issued {
        DeviceClass::Issued
    } else {
        DeviceClass::Byod
    };
    let setting = Setting {
        grade: facts.grade,
        place: question.origin.place,
        device: question.device.map(|_| class),
    };
    match access.needed(setting, facts.line.listed) {
        Needed::Permits(kinds) => kinds,
        Needed::Forbidden | Needed::NoSuchAccess => Vec::new(),
    }
}

fn allowed(case: &Case<'_>) -> Allowed {
    let Ground { posture, now, .. } = case.ground;
    let kinds = needed(case.question, case.facts);
    let held = &case.facts.held;
    let exceptions = held.exceptions().iter();
    let covering = held.covering_in(case.ground);
    let permits: Vec<&Permit> = covering
        .filter(|permit| kinds.contains(&permit.kind()))
        .chain(exceptions.filter_map(|id| case.ground.permit(*id)))
        .collect();
    // Of what is bundled, the union (requirements.md 2.3): what the system holds, and what permits add to it.
    let mut restrictions = facts::restrictions_of_system(case.ground.world, case.question).to_vec();
    // What departs from a row on which none of the rules rests carries nothing.
    let carries = |it: &&&Permit| {
        let departs = it.exception().map(|it| it.requirement.as_str());
        departs.is_none_or(|row| case.book.places().of_row(row) != 0)
    };
    let carrying = permits.iter().filter(carries);
    let ends = carrying.filter_map(|it| hours::ends(case.ground.world, it, now));
    let permits_until = ends.min();
    let mut until = permits.iter().filter_map(|it| hours::closes(it, now)).min();
    let mut earlier = |at: Option<_>| {
        until = match (until, at) {
            (Some(known), Some(at)) => Some(std::cmp::min(known, at)),
            (known, at) => known.or(at),
        };
    };
    let person = case.question.person;
    earlier(person.and_then(|person| case.ground.world.leaves_at(person)));
    for permit in &permits {
        restrictions.extend(decision::restrictions_of(permit));
    }
    if case.facts.off_site && matches!(case.question.act, Act::Reach { .. }) {
        let device = case.question.device;
        earlier(risk::holds_until(case.ground, case.question.task, device));
        for permit in &permits {
            if let Particulars::Telework(it) = permit.particulars.as_ref() {
                earlier(risk::holds_until(case.ground, Some(it.task), device));
            }
        }
    }
    let sets = case.book.sets();
    for set in CheckSet::ALL.iter().filter(|set| **set != CheckSet::Alarm) {
        if let Some(device) = case
            .question
            .device
            .filter(|_| case.facts.passes[*set as usize])
        {
            let put = Put {
                device,
                source: case.facts.device.source,
                since: None,
            };
            earlier(sets.proven_until(*set, posture, put, now));
        }
    }
    Allowed {
        permits: permits.iter().map(|permit| permit.id).collect(),
        restrictions: union(&restrictions).into_iter().collect(),
        until,
        permits_until,
        declared: case.facts.device.source == StateSource::Declared,
    }
}
