//! One requirement with its evidence and history.

use std::collections::BTreeSet;

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::{Device, DeviceClass, DeviceState, StateSource};
use sekisho_domain::event::Event;
use sekisho_domain::id::DeviceId;
use sekisho_domain::posture::Standing;
use sekisho_domain::requirement::RequirementId;
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::{Counts, RowVerdict, Verdict};
use sekisho_messages::{Lang, contains, next_step, text};
use sekisho_rules::assess::{Cause, RowAssessment, checks_of};
use sekisho_rules::catalogue::{Alias, OutsideClause, Parts, Row, Subjects};
use sekisho_rules::check::{WORD_NOT_ENOUGH, lacking, put_to};
use sekisho_rules::transitions::says_otherwise;

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::fault::Fault;
use super::{both, owner, standing};
use crate::console::layout::Place;
use crate::console::requirement::{
    AliasItem, AttestForm, CauseItem, EvidenceItem, FindingView, MachinePart, MayAttest,
    PeriodView, RequirementView, SubjectCheck, SubjectItem, Transition, page,
};
use crate::console::words;

/// Subjects that are shown.
const SUBJECTS: usize = 20;
/// Changes of the verdict that are shown.
const HISTORY: usize = 50;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    render(ctx, None)
}

/// The page, with the form of the attestation as it was entered where something is wrong with it.
pub(super) fn render(ctx: &Ctx, entered: Option<AttestForm>) -> Answer {
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
        source: words::source(ctx.lang, &row.source),
        aliases: aliases(ctx, row),
        outside: outside(ctx, row),
        force: row.force_for(assessment.profile),
        owner: owner(row),
        owner_is_default: row.presumed,
        own_policy: row.ours.as_ref().map(both),
        verdict: assessed.verdict.verdict,
        reason: words::reason(ctx.lang, &assessed.verdict.reason),
        next_step: (step.code != "nothing").then(|| next_step(ctx.lang, step)),
        machine: machine(ctx, row, assessed),
        attestation: super::attestation::part(ctx, row, entered)?,
        counts: counts(&assessed.verdict),
        finding: finding(ctx, &assessed.verdict, assessment.at),
        causes: causes(ctx, assessed),
        subjects: if assessed.concerned.is_empty() {
            subjects(ctx, row)
        } else {
            super::concerned::list(ctx, row, &assessed.concerned)
        },
        evidence: evidence(ctx, &assessed.verdict),
        history: history(ctx, &id)?,
    };
    // Who writes a statement must not have the page change below it.
    let writes = matches!(
        view.attestation.as_ref().map(|part| &part.may),
        Some(MayAttest::Form(_))
    );
    let mut frame = ctx.frame(Place::Requirements);
    frame.live = !writes;
    frame.path = crate::console::requirements::href(&view.id);
    Ok(html(page(&frame, &view)))
}

/// An edition in words.
fn edition(ctx: &Ctx, code: &str) -> String {
    let key = format!("requirement.edition.{code}");
    if contains(&key) {
        text(ctx.lang, key, &[]).into_owned()
    } else {
        code.to_owned()
    }
}

/// What the row on clauses outside the catalogue has to be answered for.
fn outside(ctx: &Ctx, row: &Row) -> Vec<AliasItem> {
    let Some(known) = ctx.site.catalogue.outside_for(row) else {
        return Vec::new();
    };
    let clauses = known.clauses.iter();
    let item = |clause: &OutsideClause| {
        let number = clause.number.as_deref().unwrap_or("–");
        let about = match ctx.lang {
            Lang::Ja => &clause.text.ja,
            Lang::En => &clause.text.en,
        };
        AliasItem {
            edition: edition(ctx, &known.edition),
            clause: format!("{number} {about}"),
            verified: clause.verified,
        }
    };
    clauses.map(item).collect()
}

fn aliases(ctx: &Ctx, row: &Row) -> Vec<AliasItem> {
    let item = |alias: &Alias| AliasItem {
        edition: edition(ctx, &alias.edition),
        clause: alias.clause.clone(),
        verified: alias.verified,
    };
    row.source.aliases.iter().map(item).collect()
}

/// The verdict as the outcome of the part that carries it.
fn outcome(verdict: Verdict) -> Outcome {
    match verdict {
        Verdict::Met | Verdict::Attested | Verdict::NotApplicable => Outcome::Pass,
        Verdict::NotMet => Outcome::Fail,
        Verdict::Unknown => Outcome::Unknown,
    }
}

/// What machines check. Where the word is what is lacking, this part has been passed already.
fn machine(ctx: &Ctx, row: &Row, assessed: &RowAssessment) -> Option<MachinePart> {
    if row.parts == Parts::Attestation {
        return None;
    }
    let known = &assessed.verdict;
    let passed = known.reason.code.starts_with("attestation.");
    let names = row
        .carried_by
        .iter()
        .map(|code| words::carrier(ctx.lang, code));
    Some(MachinePart {
        name: words::list(ctx.lang, names),
        outcome: if passed {
            Outcome::Pass
        } else {
            outcome(known.verdict)
        },
        reason: if passed {
            String::new()
        } else {
            words::reason(ctx.lang, &known.reason)
        },
    })
}

/// The subjects by what was found of them: in rows that ask only to confirm, one that was
/// confirmed and fails must not be counted as passing.
fn counts(known: &RowVerdict) -> Counts {
    let found = known.finding.as_ref().map(|finding| finding.counts);
    found
        .filter(|counts| counts.total() > 0)
        .unwrap_or(known.counts)
}

fn finding(ctx: &Ctx, known: &RowVerdict, at: Timestamp) -> Option<FindingView> {
    let finding = known.finding.as_ref()?;
    let text = match &finding.reason {
        Some(why) => words::reason(ctx.lang, why),
        None => text(ctx.lang, "requirement.finding_none", &[]).into_owned(),
    };
    Some(FindingView {
        text,
        adverse: finding.is_adverse(),
        period: PeriodView::of(finding, at),
    })
}

/// Why devices do not pass, where more than one is judged: one speaks for itself.
fn causes(ctx: &Ctx, assessed: &RowAssessment) -> Vec<CauseItem> {
    if counts(&assessed.verdict).total() < 2 {
        return Vec::new();
    }
    let item = |cause: &Cause| CauseItem {
        outcome: cause.outcome,
        name: text(ctx.lang, format!("cause.{}", cause.code), &[]).into_owned(),
        results: cause.results,
    };
    assessed.causes.iter().map(item).collect()
}

/// The devices of a row's scope, and the checks that it rests on.
fn scope(ctx: &Ctx, row: &Row) -> (Vec<DeviceId>, BTreeSet<DeviceCheck>) {
    let wanted = |class: DeviceClass| match row.scope {
        Subjects::Devices => true,
        Subjects::IssuedDevices => class == DeviceClass::Issued,
        Subjects::ByodDevices => class == DeviceClass::Byod,
        Subjects::Body | Subjects::Units => false,
    };
    let checks = row.checks().filter_map(checks_of).flatten().copied();
    let world = ctx.site.app.world();
    let active = |d: &&Device| d.state == DeviceState::Active && wanted(d.class);
    let devices = world.devices.iter().filter(active).map(|d| d.id).collect();
    (devices, checks.collect())
}

/// Devices that fail or of which too little is known, as far as the reader may see them, with
/// every check of the row that they do not pass.
fn subjects(ctx: &Ctx, row: &Row) -> Vec<SubjectItem> {
    let (devices, checks) = scope(ctx, row);
    let mut failing = Vec::new();
    let mut unknown = Vec::new();
    for device in devices {
        if failing.len() >= SUBJECTS {
            break;
        }
        let open = open_checks(ctx, device, &checks, row.declared);
        let fails = open.iter().any(|check| check.outcome == Outcome::Fail);
        let list = if fails { &mut failing } else { &mut unknown };
        let shown = !open.is_empty() && list.len() < SUBJECTS;
        if shown && ctx.may(Action::ReadDevice, Subject::Device(device)) {
            list.push(SubjectItem {
                name: super::devices::name(ctx, device),
                href: format!("/devices/{device}"),
                person: None,
                checks: open,
            });
        }
    }
    failing.append(&mut unknown);
    failing.truncate(SUBJECTS);
    failing
}

/// The checks that a device does not pass now, failing ones first. `word` says whether what is declared
/// of it counts.
fn open_checks(
    ctx: &Ctx,
    device: DeviceId,
    checks: &BTreeSet<DeviceCheck>,
    word: bool,
) -> Vec<SubjectCheck> {
    let source = ctx.site.app.world().device(device).map(|it| it.source);
    let source = source.unwrap_or_default();
    let no_word =
        |check: DeviceCheck| !word && source == StateSource::Declared && check.is_told_by(source);
    let checks: Vec<DeviceCheck> = checks.iter().copied().collect();
    let posture = ctx.site.app.posture();
    let mut open: Vec<_> = put_to(&checks, source)
        .filter_map(|check| {
            let (outcome, why) = match posture.standing(device, check, ctx.now) {
                Standing::Fresh(Outcome::Fail, why, _) => (Outcome::Fail, why.clone()),
                _ if no_word(check) => (Outcome::Unknown, Reason::new(WORD_NOT_ENOUGH)),
                Standing::Fresh(Outcome::Pass, _, _) => return None,
                Standing::Fresh(outcome, why, _) => (outcome, why.clone()),
                Standing::Stale(_) => (Outcome::Unknown, Reason::new(lacking(check, source, true))),
                Standing::Absent => (Outcome::Unknown, Reason::new(lacking(check, source, false))),
            };
            Some(SubjectCheck {
                name: words::check(ctx.lang, check).into_owned(),
                href: format!("/devices/{device}#check-{}", check.code()),
                outcome,
                reason: words::reason(ctx.lang, &why),
            })
        })
        .collect();
    open.sort_by_key(|check| check.outcome != Outcome::Fail);
    open
}

fn evidence(ctx: &Ctx, known: &RowVerdict) -> Vec<EvidenceItem> {
    let freshness = |source: &str| {
        let (told, code) = source.split_once(':')?;
        let check = DeviceCheck::from_code(code)?;
        match told {
            "check" => Some(check.freshness()),
            "declaration" => Some(check.freshness_of(StateSource::Declared)),
            _ => None,
        }
    };
    known
        .evidence
        .iter()
        .map(|item| {
            let (name, detail) = words::evidence_source(ctx.lang, &item.source);
            EvidenceItem {
                source: name.into_owned(),
                detail,
                at: item.at,
                fresh_until: freshness(&item.source).map(|span| item.at.after(span)),
                digest: item.digest.clone(),
            }
        })
        .collect()
}

/// The newest changes of the row's verdict, newest first. Records of numbers that moved under the
/// same verdict and reason stay in the ledger and are no change here.
fn history(ctx: &Ctx, id: &RequirementId) -> Result<Vec<Transition>, Fault> {
    let app = &ctx.site.app;
    // One more than is shown: it says from what the oldest shown one changed.
    let numbers = app.index().verdicts(id, HISTORY + 1);
    let cut = numbers.len() > HISTORY;
    let mut changes: Vec<Transition> = Vec::with_capacity(numbers.len());
    let mut before: Option<RowVerdict> = None;
    for (sequence, event) in app.records(&numbers)? {
        let Event::VerdictChanged { change } = event.event else {
            continue;
        };
        let verdict = change.verdict;
        let last = before.as_ref();
        if last.is_none_or(|last| says_otherwise(last, &verdict)) {
            changes.push(Transition {
                at: event.recorded_at,
                from: last.map(|last| last.verdict),
                to: verdict.verdict,
                reason: what_changed(ctx, last, &verdict),
                sequence,
            });
        }
        before = Some(verdict);
    }
    changes.reverse();
    if cut {
        changes.pop();
    }
    Ok(changes)
}

/// The reason of a verdict; where verdict and reason stayed, what is now found or no longer is.
fn what_changed(ctx: &Ctx, last: Option<&RowVerdict>, verdict: &RowVerdict) -> String {
    let same = |last: &RowVerdict| {
        last.verdict == verdict.verdict && last.reason.code == verdict.reason.code
    };
    if !last.is_some_and(same) {
        return words::reason(ctx.lang, &verdict.reason);
    }
    let finding = verdict.finding.as_ref();
    match finding.and_then(|finding| finding.reason.as_ref()) {
        Some(found) => words::reason(ctx.lang, found),
        None => text(ctx.lang, "requirement.finding_none", &[]).into_owned(),
    }
}
