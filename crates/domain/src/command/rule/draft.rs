//! Drafts.

use std::collections::BTreeSet;

use super::Refusal;
use crate::command::current;
use crate::event::Event;
use crate::id::RuleId;
use crate::opinion::Subject;
use crate::register::is_in_force;
use crate::rule::{CLAUSES_MAX, Clause, RuleContent, RuleDocument, RuleDrafted, TEXT_MAX};
use crate::time::Timestamp;
use crate::world::World;

pub(super) fn write(
    world: &World,
    rule: RuleId,
    content: &RuleContent,
    expected: Option<u64>,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    // An opinion on a draft that was dropped says nothing of another under its id.
    let mut about = world.opinions.about(Subject::Rule(rule));
    if !world.rules.documents.contains_key(&rule) && about.next().is_some() {
        return Err(Refusal::new("rule.not-in-work"));
    }
    let begun = RuleDocument::begun(rule);
    let document = world.rules.documents.get(&rule).unwrap_or(&begun);
    current(document.revision, expected)?;
    if let Some(work) = &document.work {
        if work.proposed.is_some() {
            return Err(Refusal::new("rule.is-proposed"));
        }
        if *work.content == *content {
            return Ok(Vec::new());
        }
    }
    check(world, document, content, now)?;
    let drafted = Box::new(RuleDrafted {
        rule,
        content: content.clone(),
    });
    Ok(vec![Event::RuleDrafted { drafted }])
}

/// Everything it names is in use, numbers are given as they may be, and no label stands twice.
pub(super) fn check(
    world: &World,
    document: &RuleDocument,
    content: &RuleContent,
    now: Timestamp,
) -> Result<(), Refusal> {
    if content.clauses.len() > CLAUSES_MAX || content.length() > TEXT_MAX {
        return Err(Refusal::new("rule.too-long").at("clauses"));
    }
    if !world.post_in_force(content.head.owner, now) {
        return Err(unknown("owner", &content.head.owner));
    }
    if let Some(unit) = content
        .head
        .units
        .iter()
        .find(|it| !world.unit_in_force(**it, now))
    {
        return Err(unknown("units", unit));
    }
    let (mut numbers, mut labels) = (BTreeSet::new(), BTreeSet::new());
    for clause in &content.clauses {
        let of_clause = |mut refusal: Refusal| {
            let label = clause.terms.label.as_str().to_owned();
            refusal.reason = refusal.reason.with("clause", label);
            refusal
        };
        if !numbers.insert(clause.number) {
            return Err(of_clause(Refusal::new("rule.number-twice")));
        }
        if !labels.insert(clause.terms.label.as_str()) {
            return Err(of_clause(Refusal::new("rule.label-twice").at("label")));
        }
        check_clause(world, document, clause, now).map_err(of_clause)?;
    }
    Ok(())
}

fn check_clause(
    world: &World,
    document: &RuleDocument,
    clause: &Clause,
    now: Timestamp,
) -> Result<(), Refusal> {
    let newest = document.newest().map(|newest| &newest.content);
    let stands = newest.is_some_and(|newest| newest.clause(clause.number).is_some());
    if document.has_adopted(clause.number) && !stands {
        // A number is never given again: whoever names it means the clause that went.
        return Err(Refusal::new("rule.number-gone"));
    }
    let most = u64::from(document.last_clause) + CLAUSES_MAX as u64 * 10;
    if u64::from(clause.number.0.get()) > most {
        return Err(Refusal::new("rule.number-far"));
    }
    if let Some(fault) = clause.terms.fault() {
        return Err(Refusal::new(fault.code).at(fault.field));
    }
    let terms = &clause.terms;
    if let Some(task) = terms
        .task
        .filter(|task| !is_in_force(world, &task.to_string(), now))
    {
        return Err(unknown("task", &task));
    }
    let mut measures = terms.measures.iter();
    match measures.find(|measure| !world.knows_measure(**measure)) {
        Some(measure) => Err(unknown("measures", measure)),
        None => Ok(()),
    }
}

fn unknown(field: &str, id: &dyn std::fmt::Display) -> Refusal {
    let mut refusal = Refusal::new("rule.reference-unknown").at(field);
    refusal.reason = refusal.reason.with("id", id.to_string());
    refusal
}
