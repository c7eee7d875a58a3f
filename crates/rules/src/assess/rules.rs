//! Rows of section 2 and of the clauses that rules answer: that there are clauses, that it was looked at
//! whether they work, that measures stand in them, that staff have read them, and that what was found wanting
//! is revised.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_domain::check::Outcome;
use sekisho_domain::code::Reason;
use sekisho_domain::id::{PersonId, RuleId};
use sekisho_domain::role::Role;
use sekisho_domain::rule::{
    Clause, ClauseRef, Finding, MeasureRef, RULE_CHECK_DAYS, RuleDocument, RuleVersion,
};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::{Counts, Evidence, Verdict};

use super::Ground;
use super::concerned::{CONCERNED, Concerned, Thing};
use super::part::Part;
use super::plan::evaluated_lately;
use crate::catalogue::Row;

/// A clause answers the row, in a rule whose owner is in post.
const EXISTS: &str = "CK-RULE-EXISTS";
/// It was looked at whether each rule works, within a year.
const USED: &str = "CK-RULE-USED";
/// Every measure decided in assessing a risk stands in a clause.
const MEASURES: &str = "CK-MEASURE-IN-RULE";
/// A clause on the use of conferences is there, and its readers have read it.
const CONFERENCE: &str = "CK-CONF-RULE";
/// The register itself.
pub(super) const REGISTER: &str = "RULE";

/// The row that asks for technical safeguards: its clause is bound to checks.
const SAFEGUARDS: &str = "US-7.1.1-4-a-ア";
/// The row that asks for safeguards in use: its clause says what staff do.
const DUTIES: &str = "US-7.1.1-4-a-イ";

/// Whether rules answer a check.
pub(super) fn answers(check: &str) -> bool {
    matches!(check, EXISTS | USED | MEASURES | CONFERENCE)
}

/// Whether a row asks that rules found wanting be revised, which no other review row does.
pub(super) fn asks_revision(row: &Row) -> bool {
    row.carried_by.iter().any(|carrier| carrier == REGISTER)
}

/// What rules say; none where they do not answer the check.
pub(super) fn judge(row: &Row, check: &str, ground: &Ground<'_>) -> Option<Part> {
    let mut part = match check {
        EXISTS => exists(row, ground),
        USED => used(ground),
        MEASURES => measures(ground),
        CONFERENCE => conference(row, ground),
        _ => return None,
    };
    part.evidence.extend(evidence(ground));
    Some(part)
}

/// When a version last came, of all rules.
fn evidence(ground: &Ground<'_>) -> Option<Evidence> {
    let documents = ground.world.rules.documents.values();
    let newest = documents.filter_map(|it| it.newest().map(|newest| newest.at));
    Some(Evidence {
        source: "rules".to_owned(),
        at: newest.max()?,
        digest: None,
    })
}

fn counted(counts: Counts, reason: Reason) -> Part {
    let mut part = Part::of(counts.verdict(), reason);
    part.counts = counts;
    part
}

fn one(verdict: Verdict, reason: Reason) -> Part {
    let counts = match verdict {
        Verdict::Met => Counts {
            pass: 1,
            ..Counts::default()
        },
        Verdict::NotMet => Counts {
            fail: 1,
            ..Counts::default()
        },
        _ => Counts::default(),
    };
    let mut part = Part::of(verdict, reason);
    part.counts = counts;
    part
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The clauses in force that answer a row, or the row of the other notice that it stands for.
fn answering<'a>(row: &Row, ground: &Ground<'a>) -> Vec<(ClauseRef, &'a Clause)> {
    let clauses = ground.world.rules.clauses(ground.now);
    clauses
        .filter(|(_, clause)| {
            let rows = &clause.terms.rows;
            rows.contains(&row.id) || row.same_as.iter().any(|twin| rows.contains(twin))
        })
        .collect()
}

/// Why nothing can be said yet: no rule is in force at all.
fn none_in_force(ground: &Ground<'_>) -> Option<Part> {
    let none = ground.world.rules.in_force(ground.now).next().is_none();
    none.then(|| Part::of(Verdict::Unknown, Reason::new("rule.none")))
}

/// Whether a holder of the row's own role answers for a rule.
fn owner_in_post(row: &Row, rule: RuleId, ground: &Ground<'_>) -> bool {
    let document = ground.world.rules.documents.get(&rule);
    let version = document.and_then(|it| it.in_force(ground.now));
    let owner = version.map(|it| it.content.head.owner);
    owner.is_some_and(|owner| {
        let post = ground.world.posts.get(&owner);
        let role = post.is_some_and(|post| post.roles.iter().any(|it| row.owner.contains(it)));
        let by_us = !row.owner.contains(&Role::Hiso) || role;
        by_us && ground.world.holders(owner, ground.now).next().is_some()
    })
}

fn exists(row: &Row, ground: &Ground<'_>) -> Part {
    if let Some(none) = none_in_force(ground) {
        return none;
    }
    let clauses = answering(row, ground);
    let Some((of, _)) = clauses.first() else {
        return one(Verdict::NotMet, Reason::new("rule.no-clause"));
    };
    let mut owned = rules_of(&clauses, ground);
    owned.retain(|(document, _)| owner_in_post(row, document.rule, ground));
    if owned.is_empty() {
        let mut part = one(Verdict::NotMet, Reason::new("rule.owner-vacant"));
        part.concerned = vec![concerned(of.rule, "rule.owner-vacant")];
        return part;
    }
    let is_bound = |code: &'static str, bound: fn(&Clause) -> bool| {
        let bound = clauses.iter().any(|(_, clause)| bound(clause));
        (!bound).then(|| one(Verdict::NotMet, Reason::new(code)))
    };
    let missing = match row.id.as_str() {
        SAFEGUARDS => is_bound("rule.no-checks-bound", |it| !it.terms.checks.is_empty()),
        DUTIES => is_bound("rule.no-duties", |it| !it.terms.duties.is_empty()),
        _ => None,
    };
    let met = || one(Verdict::Met, Reason::new("rule.clause-in-force"));
    let left_out = || {
        let concerned = concerned_by(&owned, ground);
        let (all, left) = (concerned.len(), number(lacking(&concerned)));
        (left > 0).then(|| {
            let counts = Counts {
                pass: number(all) - left,
                fail: left,
                ..Counts::default()
            };
            counted(counts, not_for_all(left, all))
        })
    };
    missing.or_else(left_out).unwrap_or_else(met)
}

/// The rules of clauses, each once, with their versions in force.
fn rules_of<'a>(
    clauses: &[(ClauseRef, &Clause)],
    ground: &Ground<'a>,
) -> Vec<(&'a RuleDocument, &'a RuleVersion)> {
    let rules: BTreeSet<RuleId> = clauses.iter().map(|(of, _)| of.rule).collect();
    let in_force = ground.world.rules.in_force(ground.now);
    in_force
        .filter(|(document, _)| rules.contains(&document.rule))
        .collect()
}

/// Every member, with the places in the list of the rules that concern them: a rule for some units answers for
/// those alone.
fn concerned_by(
    rules: &[(&RuleDocument, &RuleVersion)],
    ground: &Ground<'_>,
) -> BTreeMap<PersonId, Vec<usize>> {
    let (world, now) = (ground.world, ground.now);
    let people = world.people.keys().filter(|it| world.is_member(**it, now));
    let mut members: BTreeMap<PersonId, Vec<usize>> =
        people.map(|person| (*person, Vec::new())).collect();
    for (place, (_, version)) in rules.iter().enumerate() {
        for person in world.rule_readers(version, now) {
            members.entry(person).or_default().push(place);
        }
    }
    members
}

/// How many members no rule concerns.
fn lacking(members: &BTreeMap<PersonId, Vec<usize>>) -> usize {
    members.values().filter(|rules| rules.is_empty()).count()
}

fn not_for_all(left: u32, all: usize) -> Reason {
    Reason::new("rule.not-for-all")
        .with("n", left)
        .with("all", all)
}

fn concerned(rule: RuleId, code: &'static str) -> Concerned {
    Concerned {
        what: Thing::Rule(rule),
        person: None,
        outcome: Outcome::Fail,
        reason: Reason::new(code),
    }
}

/// How it stands with looking whether one rule works. A look at an earlier text says nothing of one that came
/// after it.
fn looked_at(document: &RuleDocument, version: &RuleVersion, now: Timestamp) -> Outcome {
    let span = Span::days(RULE_CHECK_DAYS);
    let begun = version.from.max(version.at);
    let unseen_since = match document.last_checked() {
        Some(last) if last.checked.version < version.version && begun > last.at => begun,
        Some(last) if now.since(last.at) <= span => return Outcome::Pass,
        Some(_) => return Outcome::Fail,
        None => first_in_force(document).unwrap_or(version.from),
    };
    if now.since(unseen_since) > span {
        Outcome::Fail
    } else {
        Outcome::Unknown
    }
}

/// When the rule first came into force.
fn first_in_force(document: &RuleDocument) -> Option<Timestamp> {
    document.versions.first().map(|it| it.from)
}

fn used(ground: &Ground<'_>) -> Part {
    if let Some(none) = none_in_force(ground) {
        return none;
    }
    let mut counts = Counts::default();
    let mut late = Vec::new();
    for (document, version) in ground.world.rules.in_force(ground.now) {
        match looked_at(document, version, ground.now) {
            Outcome::Pass => counts.pass += 1,
            Outcome::Fail => {
                counts.fail += 1;
                late.push(concerned(document.rule, "rule.not-checked"));
            }
            Outcome::Unknown => counts.unknown += 1,
        }
    }
    let all = counts.total();
    let reason = if counts.fail > 0 {
        Reason::new("rule.unchecked")
            .with("n", counts.fail)
            .with("all", all)
    } else if counts.unknown > 0 {
        Reason::new("rule.to-be-checked").with("n", counts.unknown)
    } else {
        Reason::new("rule.checked").with("n", all)
    };
    let mut part = counted(counts, reason);
    late.truncate(CONCERNED);
    part.concerned = late;
    part
}

fn measures(ground: &Ground<'_>) -> Part {
    let decided = ground.world.measures_in_force();
    if decided.is_empty() {
        // That no measure was decided says something only where somebody lately looked whether anything calls
        // for an assessment, and somebody made one.
        let world = ground.world;
        let mut cases = world.plan.cases.values();
        let assessed = world.risks.in_force().next().is_some()
            || cases.any(|case| case.reassessed().is_some());
        let unknown = if world.plan.current().is_none() {
            Some("plan.none")
        } else if evaluated_lately(ground).is_none() {
            Some("plan.not-evaluated")
        } else {
            (!assessed).then_some("risk.none")
        };
        return match unknown {
            Some(code) => Part::of(Verdict::Unknown, Reason::new(code)),
            None => Part::of(Verdict::Met, Reason::new("rule.no-measures")),
        };
    }
    let clauses = ground.world.rules.clauses(ground.now);
    let carried: Vec<MeasureRef> = clauses
        .flat_map(|(_, clause)| clause.terms.measures.iter().copied())
        .collect();
    let missing: Vec<_> = decided
        .iter()
        .filter(|it| !carried.contains(&it.measure))
        .collect();
    let counts = Counts {
        fail: number(missing.len()),
        pass: number(decided.len() - missing.len()),
        ..Counts::default()
    };
    if missing.is_empty() {
        let reason = Reason::new("rule.measures-carried").with("n", decided.len());
        return counted(counts, reason);
    }
    let reason = Reason::new("rule.measures-missing").with("n", missing.len());
    let mut part = counted(counts, reason.with("all", decided.len()));
    let named = missing.iter().map(|it| in_no_clause(it.measure));
    part.concerned = named.take(CONCERNED).collect();
    part
}

/// A measure that no clause carries: a case, or a risk assessment with the number of its treatment.
fn in_no_clause(measure: MeasureRef) -> Concerned {
    let (what, reason) = match measure {
        MeasureRef::Case(case) => (Thing::Case(case), Reason::new("rule.measure-in-no-clause")),
        MeasureRef::Treatment(risk, number) => {
            let reason = Reason::new("rule.treatment-in-no-clause");
            (Thing::Risk(risk), reason.with("number", number.get()))
        }
    };
    Concerned {
        what,
        person: None,
        outcome: Outcome::Fail,
        reason,
    }
}

fn conference(row: &Row, ground: &Ground<'_>) -> Part {
    if let Some(none) = none_in_force(ground) {
        return none;
    }
    let mut rules = rules_of(&answering(row, ground), ground);
    if rules.is_empty() {
        return one(Verdict::NotMet, Reason::new("rule.no-clause"));
    }
    rules.retain(|(_, version)| version.content.head.acknowledge);
    if rules.is_empty() {
        return one(Verdict::NotMet, Reason::new("rule.not-acknowledged-at-all"));
    }
    let members = concerned_by(&rules, ground);
    if members.is_empty() {
        return Part::of(Verdict::Unknown, Reason::new("rule.concerns-nobody"));
    }
    let left = number(lacking(&members));
    let reading = reading(&rules, &members, ground);
    let counts = Counts {
        pass: reading.read,
        fail: reading.late + left,
        unknown: reading.in_time,
        ..Counts::default()
    };
    let all = members.len();
    let reason = if left > 0 {
        not_for_all(left, all)
    } else if reading.late > 0 {
        Reason::new("rule.read-late")
            .with("n", reading.late)
            .with("all", all)
    } else if let Some(due) = reading.due {
        Reason::new("rule.being-read")
            .with("n", reading.in_time)
            .with("due", due)
    } else {
        Reason::new("rule.read-by-all").with("n", all)
    };
    counted(counts, reason)
}

/// How far members have read every rule that concerns them.
#[derive(Default)]
struct Reading {
    read: u32,
    late: u32,
    in_time: u32,
    /// When the first of those who are still in time are late.
    due: Option<Timestamp>,
}

fn reading(
    rules: &[(&RuleDocument, &RuleVersion)],
    members: &BTreeMap<PersonId, Vec<usize>>,
    ground: &Ground<'_>,
) -> Reading {
    let by: Vec<Timestamp> = rules
        .iter()
        .map(|(_, version)| ground.world.rule_read_by(version))
        .collect();
    let mut reading = Reading::default();
    for (person, places) in members.iter().filter(|(_, places)| !places.is_empty()) {
        let unread = places.iter().filter(|place| {
            let (document, version) = rules[**place];
            !document.is_acknowledged(*person, version.version)
        });
        match unread.map(|place| by[*place]).min() {
            None => reading.read += 1,
            Some(by) if by <= ground.now => reading.late += 1,
            Some(by) => {
                reading.in_time += 1;
                reading.due = Some(reading.due.map_or(by, |due| due.min(by)));
            }
        }
    }
    reading
}

/// Rules found wanting are revised in time (GOV-2-e). Where nobody looked whether they work, nobody knows
/// whether any is wanting.
pub(super) fn revised(ground: &Ground<'_>) -> Part {
    if let Some(none) = none_in_force(ground) {
        return none;
    }
    let documents = ground.world.rules.documents.values();
    let mut counts = Counts::default();
    let mut late = Vec::new();
    let mut due: Option<Timestamp> = None;
    for document in documents {
        let wanting = document.checked.iter();
        let wanting = wanting.filter(|it| it.checked.finding == Finding::Wanting);
        let open: Vec<_> = document.to_revise(ground.now).collect();
        counts.pass += number(wanting.count() - open.len());
        for finding in open {
            let by = finding.checked.due.unwrap_or(ground.now);
            if by <= ground.now {
                counts.fail += 1;
                late.push(concerned(document.rule, "rule.revision-late"));
            } else {
                counts.pass += 1;
                due = Some(due.map_or(by, |due| due.min(by)));
            }
        }
    }
    let mut part = if counts.fail > 0 {
        counted(
            counts,
            Reason::new("rule.revisions-late").with("n", counts.fail),
        )
    } else {
        let looked = used(ground);
        match (looked.verdict, due) {
            // What was not looked at may be wanting.
            (Verdict::Met, None) if counts.total() == 0 => {
                Part::of(Verdict::Met, Reason::new("rule.none-wanting"))
            }
            (Verdict::Met, None) => {
                counted(counts, Reason::new("rule.revised").with("n", counts.pass))
            }
            (Verdict::Met, Some(due)) => {
                counted(counts, Reason::new("rule.to-revise").with("due", due))
            }
            _ => {
                let reason = looked.reason;
                Part::of(Verdict::Unknown, reason)
            }
        }
    };
    late.truncate(CONCERNED);
    part.concerned = late;
    part.evidence.extend(evidence(ground));
    part
}
