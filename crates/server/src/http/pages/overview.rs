//! The overview.

use std::collections::BTreeMap;

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::{RowVerdict, Scope, Verdict};
use sekisho_messages::next_step;
use sekisho_rules::assess::{Assessment, RowAssessment};
use sekisho_rules::catalogue::Row;

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::requirements::{needs_someone, with_findings};
use super::{both, owner, standing, tally};
use crate::console::layout::Place;
use crate::console::overview::{Need, Overview, Section, SectionRow, page};
use crate::console::requirements::href;
use crate::console::svg::{Day, VerdictCounts};
use crate::console::words;

/// Needs that are shown one by one.
const NEEDS: usize = 5;
/// Days of the trend.
const DAYS: u32 = 30;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    if ctx.session.is_none() && ctx.site.app.world().organisation.is_none() {
        return Ok(redirect("/set-up"));
    }
    ctx.gate(Action::ReadStatus, Subject::Body)?;
    let Some(assessment) = standing(ctx) else {
        return Ok(redirect("/set-up"));
    };
    let tally = tally::devices(&ctx.site.app.world());
    let open = open(ctx, &assessment);
    let mut counts = VerdictCounts::default();
    let mut findings = VerdictCounts::default();
    for row in &assessment.rows {
        tally_row(&mut counts, &mut findings, &row.verdict);
    }
    let view = Overview {
        profile: assessment.profile,
        assessed_at: Some(assessment.at),
        counts,
        sections: sections(ctx, &assessment),
        trend: trend(ctx, &assessment)?,
        findings,
        needs: needs(ctx, &open),
        waiting: count(&open, |(_, assessed)| waits(assessed)),
        needs_total: u32::try_from(open.len()).unwrap_or(u32::MAX),
        devices: tally.all(),
        failing_devices: tally.failing,
        unknown_devices: tally.unknown,
    };
    Ok(html(page(&ctx.live_frame(Place::Overview), &view)))
}

/// Counts a row, and again where its confirmation found something adverse.
fn tally_row(counts: &mut VerdictCounts, findings: &mut VerdictCounts, known: &RowVerdict) {
    counts.add(known.verdict);
    if with_findings(known) {
        findings.add(known.verdict);
    }
}

/// The rows that the profile judges, with their verdicts.
fn rows<'a>(ctx: &'a Ctx, assessment: &'a Assessment) -> impl Iterator<Item = Judged<'a>> {
    ctx.site.catalogue.rows().iter().zip(&assessment.rows)
}

fn sections(ctx: &Ctx, assessment: &Assessment) -> Vec<SectionRow> {
    let opted = ctx
        .site
        .app
        .world()
        .organisation
        .as_ref()
        .is_some_and(|o| o.clauses_opted_in);
    let mut sections: BTreeMap<Section, SectionRow> = BTreeMap::new();
    for (row, assessed) in rows(ctx, assessment) {
        let Some(section) = Section::of(row.id.as_str()) else {
            continue;
        };
        if !row.judged_by(assessment.profile, opted) {
            continue;
        }
        let entry = sections.entry(section).or_insert(SectionRow {
            section,
            counts: VerdictCounts::default(),
            findings: VerdictCounts::default(),
            evidence_at: None,
        });
        tally_row(&mut entry.counts, &mut entry.findings, &assessed.verdict);
        let newest = assessed
            .verdict
            .evidence
            .iter()
            .map(|evidence| evidence.at)
            .max();
        entry.evidence_at = entry.evidence_at.max(newest);
    }
    sections.into_values().collect()
}

type Judged<'a> = (&'a Row, &'a RowAssessment);

fn count<T>(list: &[T], wanted: impl Fn(&T) -> bool) -> u32 {
    u32::try_from(list.iter().filter(|item| wanted(item)).count()).unwrap_or(u32::MAX)
}

/// Whether a row waits for a register or check that does not exist yet.
fn waits(assessed: &RowAssessment) -> bool {
    assessed.verdict.reason.code == words::NOT_YET
}

/// What needs someone: what is not met first, then adverse findings, then what is unknown;
/// binding rows before others.
fn open<'a>(ctx: &'a Ctx, assessment: &'a Assessment) -> Vec<Judged<'a>> {
    let mut open: Vec<_> = rows(ctx, assessment)
        .filter(|(_, assessed)| needs_someone(&assessed.verdict))
        .collect();
    open.sort_by_key(|(row, assessed)| {
        let grade = match assessed.verdict.verdict {
            Verdict::NotMet => 0,
            Verdict::Unknown => 2,
            _ => 1,
        };
        (grade, !row.force_for(assessment.profile).is_binding())
    });
    open
}

fn needs(ctx: &Ctx, open: &[Judged<'_>]) -> Vec<Need> {
    let world = ctx.site.app.world();
    open.iter()
        .filter(|(_, assessed)| !waits(assessed))
        .take(NEEDS)
        .map(|(row, assessed)| {
            let known = &assessed.verdict;
            let findings = with_findings(known);
            let adverse = known
                .finding
                .as_ref()
                .and_then(|found| found.reason.as_ref());
            let why = adverse.filter(|_| findings).unwrap_or(&known.reason);
            Need {
                requirement: row.id.to_string(),
                text: both(&row.text),
                verdict: known.verdict,
                findings,
                reason: words::reason(ctx.lang, why),
                next_step: next_step(ctx.lang, &assessed.next_step),
                owner: owner(row),
                since: world
                    .verdicts
                    .get(&(row.id.clone(), Scope::Body))
                    .map(|known| known.since),
                href: href(row.id.as_str()),
            }
        })
        .collect()
}

/// The newest counts of each day (JST), from the points that assessments leave.
fn trend(ctx: &Ctx, assessment: &Assessment) -> Result<Vec<Day>, super::super::fault::Fault> {
    let from = ctx.now.before(Span::days(DAYS - 1));
    let points = ctx
        .site
        .app
        .observations()
        .trend(assessment.profile.code(), from.as_millis())?;
    let mut newest: BTreeMap<(i64, String), (i64, VerdictCounts)> = BTreeMap::new();
    for point in points {
        let day = day_number(Timestamp::from_millis(point.at));
        let mut counts = VerdictCounts::default();
        for verdict in Verdict::ALL {
            let n = point
                .counts
                .get(verdict.code())
                .and_then(serde_json::Value::as_u64);
            for _ in 0..n.unwrap_or_default().min(10_000) {
                counts.add(verdict);
            }
        }
        let slot = newest
            .entry((day, point.section))
            .or_insert((point.at, counts));
        if point.at >= slot.0 {
            *slot = (point.at, counts);
        }
    }
    let mut days: BTreeMap<i64, VerdictCounts> = BTreeMap::new();
    for ((day, _), (_, counts)) in newest {
        let sum = days.entry(day).or_default();
        sum.met += counts.met;
        sum.not_met += counts.not_met;
        sum.attested += counts.attested;
        sum.unknown += counts.unknown;
        sum.not_applicable += counts.not_applicable;
    }
    let last = day_number(ctx.now);
    Ok((last - i64::from(DAYS) + 1..=last)
        .map(|day| Day {
            at: Timestamp::from_millis(day * 86_400_000 - JST),
            counts: days.get(&day).copied(),
        })
        .collect())
}

/// Japan's offset in milliseconds.
const JST: i64 = 9 * 3_600_000;

/// Days since the epoch by Japan's calendar.
fn day_number(at: Timestamp) -> i64 {
    (at.as_millis() + JST).div_euclid(86_400_000)
}
