//! The list of requirements.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::verdict::{RowVerdict, Verdict};

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::{both, owner, standing};
use crate::console::layout::Place;
use crate::console::overview::Section;
use crate::console::requirements::{Item, Only, Requirements, page};
use crate::console::svg::VerdictCounts;
use crate::console::words;

/// Whether a row is met and its confirmation found something adverse.
pub(super) fn with_findings(known: &RowVerdict) -> bool {
    let adverse = known
        .finding
        .as_ref()
        .is_some_and(|found| found.reason.is_some());
    adverse && matches!(known.verdict, Verdict::Met | Verdict::Attested)
}

/// Whether somebody must act on a row: it is not met, unknown, or met with findings.
pub(super) fn needs_someone(known: &RowVerdict) -> bool {
    known.verdict.is_open() || with_findings(known)
}

/// Which rows the query asks for.
fn only(ctx: &Ctx) -> Only {
    let chosen = ctx.query("verdict");
    let verdict = Verdict::ALL
        .into_iter()
        .find(|v| chosen.as_deref() == Some(v.code()));
    match verdict {
        Some(verdict) => Only::Verdict(verdict),
        None if ctx.query("open").is_some() => Only::Open,
        None if ctx.query("findings").is_some() => Only::Findings,
        None if ctx.query("waiting").is_some() => Only::Waiting,
        None => Only::All,
    }
}

fn is_wanted(only: Only, known: &RowVerdict) -> bool {
    match only {
        Only::All => true,
        Only::Verdict(verdict) => verdict == known.verdict,
        Only::Open => needs_someone(known),
        Only::Findings => with_findings(known),
        Only::Waiting => known.reason.code == words::NOT_YET,
    }
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadStatus, Subject::Body)?;
    let Some(assessment) = standing(ctx) else {
        return Ok(redirect("/set-up"));
    };
    let section = ctx
        .query("section")
        .and_then(|code| Section::from_code(&code));
    let only = only(ctx);
    let mut with = 0;
    let mut counts = VerdictCounts::default();
    let mut items = Vec::new();
    for (row, assessed) in ctx.site.catalogue.rows().iter().zip(&assessment.rows) {
        if section.is_some() && Section::of(row.id.as_str()) != section {
            continue;
        }
        let known = &assessed.verdict;
        counts.add(known.verdict);
        with += u32::from(with_findings(known));
        if is_wanted(only, known) {
            items.push(Item {
                id: row.id.to_string(),
                text: both(&row.text),
                force: row.force_for(assessment.profile),
                owner: owner(row),
                verdict: known.verdict,
                findings: with_findings(known),
                reason: words::reason(ctx.lang, &known.reason),
                evidence_at: known.evidence.iter().map(|evidence| evidence.at).max(),
            });
        }
    }
    let view = Requirements {
        section,
        only,
        counts,
        with_findings: with,
        items,
    };
    Ok(html(page(&ctx.live_frame(Place::Requirements), &view)))
}
