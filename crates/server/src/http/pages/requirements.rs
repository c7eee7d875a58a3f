//! The list of requirements.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::verdict::Verdict;
use sekisho_messages::reason;

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::{both, owner, standing};
use crate::console::layout::Place;
use crate::console::overview::Section;
use crate::console::requirements::{Item, Requirements, page};
use crate::console::svg::VerdictCounts;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadStatus, Subject::Body)?;
    let Some(assessment) = standing(ctx) else {
        return Ok(redirect("/set-up"));
    };
    let section = ctx
        .query("section")
        .and_then(|code| Section::from_code(&code));
    let chosen = ctx.query("verdict");
    let verdict = Verdict::ALL
        .into_iter()
        .find(|v| chosen.as_deref() == Some(v.code()));
    let open_only = ctx.query("open").is_some();
    let mut counts = VerdictCounts::default();
    let mut items = Vec::new();
    for (row, assessed) in ctx.site.catalogue.rows().iter().zip(&assessment.rows) {
        if section.is_some() && Section::of(row.id.as_str()) != section {
            continue;
        }
        let known = &assessed.verdict;
        counts.add(known.verdict);
        let wanted =
            verdict.is_none_or(|v| v == known.verdict) && (!open_only || known.verdict.is_open());
        if wanted {
            items.push(Item {
                id: row.id.to_string(),
                text: both(&row.text),
                force: row.force_for(assessment.profile),
                owner: owner(row),
                verdict: known.verdict,
                reason: reason(ctx.lang, &known.reason),
                evidence_at: known.evidence.iter().map(|evidence| evidence.at).max(),
            });
        }
    }
    let view = Requirements {
        section,
        verdict,
        open_only,
        counts,
        items,
    };
    Ok(html(page(&ctx.live_frame(Place::Requirements), &view)))
}
