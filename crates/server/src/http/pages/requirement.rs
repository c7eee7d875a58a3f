//! One requirement with its evidence and history.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::check::Outcome;
use sekisho_domain::device::{DeviceClass, DeviceState};
use sekisho_domain::event::Event;
use sekisho_domain::posture::Standing;
use sekisho_domain::requirement::RequirementId;
use sekisho_domain::verdict::{RowVerdict, Verdict};
use sekisho_messages::{contains, next_step, reason, text};
use sekisho_rules::assess::{RowAssessment, checks_of};
use sekisho_rules::catalogue::{Parts, Row, Subjects};

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::fault::Fault;
use super::{both, owner, standing};
use crate::app::stored;
use crate::console::layout::Place;
use crate::console::requirement::{
    EvidenceItem, FindingView, Part, RequirementView, SubjectItem, Transition, page,
};
use crate::console::words::{self, Localised};

/// Subjects that are shown.
const SUBJECTS: usize = 20;
/// Changes of the verdict that are shown.
const HISTORY: usize = 50;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadStatus, Subject::Body)?;
    let Some(assessment) = standing(ctx) else {
        return Ok(redirect("/set-up"));
    };
    let id: RequirementId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    let row = ctx.site.catalogue.row(&id).ok_or_else(Fault::not_found)?;
    let assessed = assessment
        .rows
        .iter()
        .find(|known| known.id == id)
        .ok_or_else(Fault::not_found)?;
    let step = &assessed.next_step;
    let view = RequirementView {
        id: id.to_string(),
        text: both(&row.text),
        source: source(row),
        aliases: row
            .source
            .aliases
            .iter()
            .filter(|alias| alias.verified)
            .map(|alias| (alias.edition.clone(), alias.clause.clone()))
            .collect(),
        force: row.force_for(assessment.profile),
        owner: owner(row),
        owner_is_default: row.presumed,
        own_policy: row.ours.as_ref().map(both),
        verdict: assessed.verdict.verdict,
        reason: reason(ctx.lang, &assessed.verdict.reason),
        next_step: (step.code != "nothing").then(|| next_step(ctx.lang, step)),
        parts: parts(ctx, row, assessed),
        counts: assessed.verdict.counts,
        finding: finding(ctx, &assessed.verdict),
        subjects: subjects(ctx, row),
        evidence: evidence(ctx, &assessed.verdict),
        history: history(ctx, &id)?,
    };
    Ok(html(page(&ctx.live_frame(Place::Requirements), &view)))
}

fn source(row: &Row) -> Localised {
    Localised {
        ja: row.source.clause.clone(),
        en: None,
    }
}

/// The verdict as the outcome of the part that carries it.
fn outcome(verdict: Verdict) -> Outcome {
    match verdict {
        Verdict::Met | Verdict::Attested | Verdict::NotApplicable => Outcome::Pass,
        Verdict::NotMet => Outcome::Fail,
        Verdict::Unknown => Outcome::Unknown,
    }
}

fn parts(ctx: &Ctx, row: &Row, assessed: &RowAssessment) -> Vec<Part> {
    let known = &assessed.verdict;
    let why = reason(ctx.lang, &known.reason);
    let is_word = known.reason.code.starts_with("attestation.");
    let name = |carrier: &str| {
        let key = format!("requirement.carrier.{carrier}");
        if contains(&key) {
            text(ctx.lang, key, &[]).into_owned()
        } else {
            carrier.to_owned()
        }
    };
    let mut parts = Vec::new();
    if row.parts != Parts::Attestation {
        // Where the word is what is lacking, the machine part has been passed already.
        let (outcome, reason) = if is_word {
            (Outcome::Pass, String::new())
        } else {
            (outcome(known.verdict), why.clone())
        };
        let names: Vec<String> = row.carried_by.iter().map(|carrier| name(carrier)).collect();
        parts.push(Part {
            name: names.join(", "),
            machine: true,
            outcome,
            reason,
        });
    }
    if row.parts != Parts::Machine {
        let what = row.attestation.as_ref().unwrap_or(&row.evidence);
        let (outcome, reason) = if is_word {
            (outcome(known.verdict), why)
        } else {
            (Outcome::Unknown, String::new())
        };
        let name = both(what).get(ctx.lang).to_owned();
        parts.push(Part {
            name,
            machine: false,
            outcome,
            reason,
        });
    }
    parts
}

fn finding(ctx: &Ctx, known: &RowVerdict) -> Option<FindingView> {
    let finding = known.finding.as_ref()?;
    let text = match &finding.reason {
        Some(why) => reason(ctx.lang, why),
        None => text(ctx.lang, "requirement.finding_none", &[]).into_owned(),
    };
    Some(FindingView {
        text,
        adverse: finding.reason.is_some(),
    })
}

/// Devices that fail or of which too little is known, as far as the reader may see them.
fn subjects(ctx: &Ctx, row: &Row) -> Vec<SubjectItem> {
    let wanted = |class: DeviceClass| match row.scope {
        Subjects::Devices => true,
        Subjects::IssuedDevices => class == DeviceClass::Issued,
        Subjects::ByodDevices => class == DeviceClass::Byod,
        Subjects::Body | Subjects::Units => false,
    };
    let checks: Vec<_> = row
        .checks()
        .filter_map(checks_of)
        .flatten()
        .copied()
        .collect();
    if checks.is_empty() {
        return Vec::new();
    }
    let app = &ctx.site.app;
    let devices: Vec<_> = {
        let world = app.world();
        let active =
            |d: &&sekisho_domain::device::Device| d.state == DeviceState::Active && wanted(d.class);
        world.devices.iter().filter(active).map(|d| d.id).collect()
    };
    let mut failing = Vec::new();
    let mut unknown = Vec::new();
    for device in devices {
        if failing.len() >= SUBJECTS {
            break;
        }
        let posture = app.posture();
        let found =
            checks
                .iter()
                .find_map(|check| match posture.standing(device, *check, ctx.now) {
                    Standing::Fresh(Outcome::Pass, _, _) => None,
                    Standing::Fresh(outcome, why, _) => Some((*check, outcome, Some(why.clone()))),
                    Standing::Stale(_) | Standing::Absent => Some((*check, Outcome::Unknown, None)),
                });
        drop(posture);
        let Some((check, outcome, why)) = found else {
            continue;
        };
        let list = if outcome == Outcome::Fail {
            &mut failing
        } else {
            &mut unknown
        };
        if list.len() < SUBJECTS && ctx.may(Action::ReadDevice, Subject::Device(device)) {
            let why = why.unwrap_or_else(|| sekisho_domain::code::Reason::new("check.stale"));
            list.push(SubjectItem {
                name: super::devices::name(ctx, device),
                href: format!("/devices/{device}"),
                outcome,
                reason: format!(
                    "{}: {}",
                    words::check(ctx.lang, check),
                    reason(ctx.lang, &why)
                ),
            });
        }
    }
    failing.append(&mut unknown);
    failing.truncate(SUBJECTS);
    failing
}

fn evidence(ctx: &Ctx, known: &RowVerdict) -> Vec<EvidenceItem> {
    known
        .evidence
        .iter()
        .map(|item| {
            let key = format!("requirement.evidence_source.{}", item.source);
            let check = sekisho_domain::check::DeviceCheck::from_code(&item.source);
            let words = match check {
                Some(check) => words::check(ctx.lang, check).into_owned(),
                None if contains(&key) => text(ctx.lang, key, &[]).into_owned(),
                None => item.source.clone(),
            };
            EvidenceItem {
                source: words,
                at: item.at,
                fresh_until: check.map(|check| item.at.after(check.freshness())),
                digest: item.digest.clone(),
            }
        })
        .collect()
}

/// Every change of the row's verdict that the ledger holds, newest first.
fn history(ctx: &Ctx, id: &RequirementId) -> Result<Vec<Transition>, Fault> {
    let store = ctx.site.app.open_ledger()?;
    let view = store.view()?;
    let needle = format!("\"{id}\"");
    let mut changes: Vec<Transition> = Vec::new();
    view.range(0, u64::MAX, &mut |entry| {
        let text = String::from_utf8_lossy(entry.record);
        // A cheap look first: most records speak of something else.
        if !text.contains("verdict.changed") || !text.contains(&needle) {
            return Ok(());
        }
        if let Ok(event) = stored::event(entry.record)
            && let Event::VerdictChanged { change } = event.event
            && change.row == *id
        {
            changes.push(Transition {
                at: event.recorded_at,
                from: changes.last().map(|last| last.to),
                to: change.verdict.verdict,
                reason: reason(ctx.lang, &change.verdict.reason),
                sequence: entry.seq,
            });
        }
        Ok(())
    })?;
    changes.reverse();
    changes.truncate(HISTORY);
    Ok(changes)
}
