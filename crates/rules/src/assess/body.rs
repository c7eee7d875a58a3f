//! Rows of section 5: the promotion body takes part in what is decided under 1 to 4, confirms that it goes
//! together with the rules, and confirms its technical side.

use sekisho_domain::check::Outcome;
use sekisho_domain::code::Reason;
use sekisho_domain::opinion::{Given, Heard, Proposal, Subject};
use sekisho_domain::permit::PermitKind;
use sekisho_domain::plan::Cause;
use sekisho_domain::register::conference_tool::ConferenceScope;
use sekisho_domain::register::{ConferenceTool, EntryId};
use sekisho_domain::time::Span;
use sekisho_domain::verdict::{Counts, Evidence, Verdict};

use super::Ground;
use super::concerned::{CONCERNED, Concerned, Thing};
use super::part::Part;
use crate::bearing::{on_rule, spoken_of};
use crate::catalogue::Row;
use crate::conflict::{Supposed, conflicts};

/// Every change carries an opinion from before its approval.
const INVOLVED: &str = "CK-BODY-INVOLVED";
/// Nothing in force contradicts a rule, and the body has confirmed that.
const CONSISTENT: &str = "CK-RULE-CONSIST";
/// The last letter of the rows that ask for the technical side.
const TECHNICAL: &str = "-c";

/// How far back changes are looked at. What is in force is looked at whatever its age.
const LOOKED_BACK: Span = Span::days(366);

/// Whether opinions answer a check.
pub(super) fn answers(check: &str) -> bool {
    matches!(check, INVOLVED | CONSISTENT)
}

/// What opinions say; none where they do not answer the check.
pub(super) fn judge(row: &Row, check: &str, ground: &Ground<'_>) -> Option<Part> {
    let mut part = match check {
        INVOLVED => involved(row, ground),
        CONSISTENT => consistent(ground),
        _ => return None,
    };
    let newest = ground.world.opinions.given.last();
    part.evidence.extend(newest.map(|it| Evidence {
        source: "opinions".to_owned(),
        at: it.at,
        digest: Some(it.opinion.consistency.blob.clone()),
    }));
    Some(part)
}

/// Something that was decided.
struct Change {
    subject: Subject,
    /// The state of it that was approved; none where that is not of record.
    approved: Option<Proposal>,
    /// Whether there is a row of which checks could say something. A rule that is bound to nothing has no technical side.
    technical: bool,
}

/// What is in force, and what was approved within a year; of exceptions those in force.
fn changes(ground: &Ground<'_>) -> Vec<Change> {
    let (world, now) = (ground.world, ground.now);
    let since = now.before(LOOKED_BACK);
    let mut found = Vec::new();
    let newest = world.plan.versions.iter();
    let newest = newest.rev().find(|it| it.cause == Cause::Approved);
    let newest = newest.map(|it| it.plan);
    for version in &world.plan.versions {
        let counts = since <= version.at || newest == Some(version.plan);
        if version.cause == Cause::Approved && counts {
            found.push(by_subject(ground, Subject::Plan(version.plan)));
        }
    }
    for document in world.rules.documents.values() {
        let in_force = document.in_force(now).map(|it| it.version);
        for (place, version) in document.versions.iter().enumerate() {
            if version.at < since && Some(version.version) != in_force {
                continue;
            }
            let content = spoken_of(&version.content, &document.versions[..place]);
            let mut rows = ground.catalogue.rows().iter();
            let subject = Subject::Rule(document.rule);
            let approved = Some(Proposal {
                subject,
                state: version.revision,
            });
            found.push(Change {
                subject,
                approved,
                technical: rows.any(|row| on_rule(row, content)),
            });
        }
    }
    let exceptions = world.permits.of_kind(PermitKind::Exception);
    for permit in exceptions.filter(|permit| permit.is_in_force(now)) {
        found.push(by_subject(ground, Subject::Exception(permit.id)));
    }
    for version in world.risks.approved.values() {
        let in_force = world.risks.current.get(&version.content.subject) == Some(&version.risk);
        if in_force || since <= version.approved_at {
            found.push(by_subject(ground, Subject::Risk(version.risk)));
        }
    }
    for (entry, tool) in world.registers.nouns::<ConferenceTool>() {
        if let (EntryId::ConferenceTool(id), true) =
            (entry.id, tool.scope != ConferenceScope::Others)
        {
            let subject = Subject::Conference(id);
            let approved = world.tool_proposal(id);
            found.push(Change {
                subject,
                approved,
                technical: true,
            });
        }
    }
    found
}

/// A change of which the approval says at which state it was made.
fn by_subject(ground: &Ground<'_>, subject: Subject) -> Change {
    let mut weighed = ground.world.opinions.weighed.iter().rev();
    let weighed = weighed.find(|it| it.weighed.proposal.subject == subject);
    Change {
        subject,
        approved: weighed.map(|it| it.weighed.proposal),
        technical: true,
    }
}

/// The opinion on which a change rested. A conference tool is not approved as such: what counts is an opinion
/// on it as it is.
fn opinion_of<'a>(ground: &Ground<'a>, change: &Change) -> Option<&'a Given> {
    let proposal = change.approved?;
    let world = ground.world;
    if !matches!(change.subject, Subject::Conference(_)) {
        let weighed = world.opinions.weighed(proposal)?;
        if weighed.weighed.heard != Heard::Opinion {
            return None;
        }
    }
    world.opinion_on(proposal)
}

fn involved(row: &Row, ground: &Ground<'_>) -> Part {
    let technical = row.id.as_str().ends_with(TECHNICAL);
    let changes = changes(ground);
    if changes.is_empty() {
        return Part::of(Verdict::Unknown, Reason::new("opinion.no-changes"));
    }
    let mut counts = Counts::default();
    let mut lacking = Vec::new();
    for change in &changes {
        let opinion = opinion_of(ground, change);
        if opinion.is_some_and(|it| !technical || !change.technical || it.opinion.results > 0) {
            counts.pass += 1;
        } else {
            counts.fail += 1;
            lacking.push(Concerned {
                what: Thing::Subject(change.subject),
                person: None,
                outcome: Outcome::Fail,
                reason: Reason::new(if opinion.is_some() {
                    "opinion.without-checks"
                } else {
                    "opinion.none-given"
                }),
            });
        }
    }
    let reason = if counts.fail == 0 {
        Reason::new("opinion.on-all").with("n", counts.pass)
    } else if !ground.world.has_promotion_body(ground.now) {
        Reason::new("opinion.no-body").with("n", counts.fail)
    } else {
        let reason = Reason::new("opinion.missing-on").with("n", counts.fail);
        reason.with("all", changes.len())
    };
    let mut part = Part::of(counts.verdict(), reason);
    part.counts = counts;
    lacking.truncate(CONCERNED);
    part.concerned = lacking;
    part
}

fn consistent(ground: &Ground<'_>) -> Part {
    let world = ground.world;
    let in_force: Vec<_> = world.rules.in_force(ground.now).collect();
    if in_force.is_empty() {
        return Part::of(Verdict::Unknown, Reason::new("rule.none"));
    }
    let policies = ground.access.policies();
    let found = conflicts(
        world,
        ground.catalogue,
        policies,
        Supposed::default(),
        ground.now,
    );
    let contradictions = u32::try_from(found.contradictions()).unwrap_or(u32::MAX);
    let unheard: Vec<_> = in_force
        .iter()
        .filter(|(document, version)| {
            let proposal = Proposal {
                subject: Subject::Rule(document.rule),
                state: version.revision,
            };
            world.opinion_on(proposal).is_none()
        })
        .collect();
    let mut counts = Counts {
        fail: contradictions.saturating_add(u32::try_from(unheard.len()).unwrap_or(u32::MAX)),
        pass: u32::try_from(in_force.len() - unheard.len()).unwrap_or(u32::MAX),
        ..Counts::default()
    };
    let reason = if contradictions > 0 {
        Reason::new("conflict.found").with("n", contradictions)
    } else if !unheard.is_empty() {
        Reason::new("conflict.unheard").with("n", unheard.len())
    } else if found.policies_unseen {
        counts.unknown += 1;
        Reason::new("conflict.policies-unseen")
    } else {
        Reason::new("conflict.none").with("n", in_force.len())
    };
    let mut part = Part::of(counts.verdict(), reason);
    part.counts = counts;
    let of_rules = unheard.iter().map(|(document, _)| Concerned {
        what: Thing::Rule(document.rule),
        person: None,
        outcome: Outcome::Fail,
        reason: Reason::new("opinion.none-given"),
    });
    part.concerned = of_rules.take(CONCERNED).collect();
    part
}
