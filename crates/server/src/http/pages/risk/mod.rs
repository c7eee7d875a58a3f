//! Risk assessments: the list with matrix and trend, and the file of it.

pub(in crate::http) mod annex;
mod entered;
pub(in crate::http) mod form;
pub(in crate::http) mod show;
pub(in crate::http) mod treat;
pub(in crate::http) mod words;

use sekisho_domain::authorise::{Action, Subject, reached};
use sekisho_domain::command::risk_subject;
use sekisho_domain::id::RiskId;
use sekisho_domain::plan::RiskLevel;
use sekisho_domain::risk::{RiskContent, RiskResult, RiskVersion, RiskWork};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{t, text};
use sekisho_rules::risk::{built_in_table, five_levels};

use super::super::attachment::attachment;
use super::super::ctx::{Answer, Ctx, html};
use super::super::fault::Fault;
use super::organisation::somewhere;
use super::plan::words::actor;
use crate::console::layout::Place;
use crate::console::register::LinkTo;
use crate::console::risk::{ListView, Month, PATH, RiskRow, list_page};
use crate::risk::{RiskLine, export, newest_first};
use crate::tables::FileFormat;

/// How many ends of months the trend shows.
const MONTHS: u32 = 12;

/// Whether the reader reads any assessment at all: else nothing is told of what the path names.
pub(super) fn reads_somewhere(ctx: &Ctx) -> Result<(), Fault> {
    if somewhere(ctx, Action::ReadRisks) {
        return Ok(());
    }
    ctx.gate(Action::ReadRisks, Subject::Body)
}

/// What is worked on, and what was approved.
type Readable = (Vec<(RiskId, RiskWork)>, Vec<RiskVersion>);

/// Everything that the reader may read: what is worked on, and what was approved, the newest first.
pub(in crate::http) fn readable(ctx: &Ctx) -> Result<Readable, Fault> {
    reads_somewhere(ctx)?;
    let person = ctx.actor()?;
    let world = ctx.site.app.world();
    let reach = reached(&world, &person, Action::ReadRisks, ctx.now);
    // A program is asked about each thing by itself; what is reached of nothing needs the whole.
    let all = reach.body;
    let whole = !all && reach.is_nothing();
    if whole {
        drop(world);
        ctx.gate(Action::ReadRisks, Subject::Body)?;
        let world = ctx.site.app.world();
        let work = world.risks.work.iter();
        let work = work.map(|(id, it)| (*id, it.clone())).collect();
        return Ok((work, newest_first(world.risks.approved.values().cloned())));
    }
    let within = |content: &RiskContent| {
        let unit = world.risk_unit(content, ctx.now);
        let mut units = reach.units.iter();
        all || unit
            .is_some_and(|unit| units.any(|above| world.unit_is_within(unit, *above, ctx.now)))
    };
    let work = world.risks.work.iter();
    let work = work.filter(|(_, it)| within(&it.content));
    let work = work.map(|(id, it)| (*id, it.clone())).collect();
    let approved = world.risks.approved.values();
    let approved = approved.filter(|it| within(&it.content)).cloned();
    Ok((work, newest_first(approved)))
}

/// The page of an assessment, for who may read it.
pub(in crate::http) fn href(ctx: &Ctx, risk: RiskId) -> Option<String> {
    let unit = {
        let world = ctx.site.app.world();
        let approved = world.risks.approved.get(&risk).map(|it| &it.content);
        let content = approved.or_else(|| world.risks.work.get(&risk).map(|it| &it.content))?;
        world.risk_unit(content, ctx.now)
    };
    let may = ctx.may(Action::ReadRisks, risk_subject(unit));
    may.then(|| format!("{PATH}/{risk}"))
}

/// What an assessment is of and where its page is, for who may read it.
pub(in crate::http) fn named_risk(ctx: &Ctx, risk: RiskId) -> Option<(String, String)> {
    let subject = {
        let world = ctx.site.app.world();
        world.risks.approved.get(&risk)?.content.subject
    };
    Some((words::subject(ctx, subject), href(ctx, risk)?))
}

fn row(ctx: &Ctx, risk: RiskId, content: &RiskContent, result: &RiskResult) -> RiskRow {
    RiskRow {
        id: risk.to_string(),
        subject: words::subject(ctx, content.subject),
        grade: content.grade.to_string(),
        numbers: (result.importance, result.likelihood(), result.risk),
        level: result.level,
        treatments: words::treatments(ctx.lang, &content.treatments),
        at: ctx.now,
        proposed: false,
        open: false,
    }
}

/// The ends of the last months, and now.
fn months(ctx: &Ctx, all: &[RiskVersion]) -> Vec<Month> {
    let mut ends: Vec<Timestamp> = Vec::new();
    let mut day = ctx.now.jst_date().first_of_month();
    for _ in 1..MONTHS {
        ends.extend(
            Timestamp::start_of_jst_day(day).map(|it| Timestamp::from_millis(it.as_millis() - 1)),
        );
        let Ok(before) = day.yesterday() else { break };
        day = before.first_of_month();
    }
    ends.reverse();
    ends.push(ctx.now);
    ends.into_iter()
        .map(|at| {
            let mut counts = [0u32; 3];
            let stood = |it: &&RiskVersion| {
                it.approved_at <= at && it.superseded_at.is_none_or(|end| at < end)
            };
            for it in all.iter().filter(stood) {
                let place = match it.result.level {
                    RiskLevel::Low => 0,
                    RiskLevel::Medium => 1,
                    RiskLevel::High => 2,
                };
                counts[place] += 1;
            }
            Month { at, counts }
        })
        .collect()
}

fn links(ctx: &Ctx, any: bool) -> Vec<LinkTo> {
    let link = |key: &str, href: String, primary| LinkTo {
        label: t!(ctx.lang, key).into_owned(),
        href,
        primary,
    };
    let mut links = Vec::new();
    if somewhere(ctx, Action::DraftRisk) {
        links.push(link("risk.new", format!("{PATH}/new"), true));
    }
    if any {
        let file = |format: &str| format!("{PATH}/table?format={format}");
        links.push(link("plan.export-xlsx", file("xlsx"), false));
        links.push(link("plan.export-csv", file("csv"), false));
    }
    links
}

/// Whether one counts as high and nothing is done about it.
pub(super) fn is_open(ctx: &Ctx, risk: &RiskVersion) -> bool {
    let world = ctx.site.app.world();
    !risk.is_acted_on(&world, ctx.now)
}

/// `GET /risks`
pub(in crate::http) fn list(ctx: &Ctx) -> Answer {
    let (work, approved) = readable(ctx)?;
    let (table, _) = built_in_table().map_err(|error| Fault::internal(error.to_string()))?;
    let mut in_force: Vec<&RiskVersion> = approved
        .iter()
        .filter(|it| it.superseded_at.is_none())
        .collect();
    in_force.sort_by_key(|it| std::cmp::Reverse((it.result.risk, it.approved_at)));
    let view = ListView {
        work: work
            .iter()
            .map(|(id, it)| RiskRow {
                at: it.frozen_at,
                proposed: it.proposed.is_some(),
                ..row(ctx, *id, &it.content, &it.result)
            })
            .collect(),
        in_force: in_force
            .into_iter()
            .map(|it| RiskRow {
                at: it.approved_at,
                open: is_open(ctx, it),
                treatments: words::standing(ctx, it),
                ..row(ctx, it.risk, &it.content, &it.result)
            })
            .collect(),
        months: months(ctx, &approved),
        table,
        links: links(ctx, !approved.is_empty()),
    };
    Ok(html(list_page(&ctx.frame(Place::Risks), &view)))
}

fn line(ctx: &Ctx, it: &RiskVersion) -> RiskLine {
    let lang = ctx.lang;
    let result = &it.result;
    let gravest = result.gravest();
    RiskLine {
        id: it.risk.to_string(),
        subject: words::subject(ctx, it.content.subject),
        grade: it.content.grade.to_string(),
        places: words::places(lang, &it.content.places),
        numbers: [
            result.importance.number(),
            result.likelihood().number(),
            result.risk,
        ],
        level: text(lang, format!("case.level.{}", result.level.code()), &[]).into_owned(),
        five: five_levels(result),
        gravest: gravest.map_or_else(String::new, |it| words::scenario(lang, it.scenario)),
        treatments: words::treatments(lang, &it.content.treatments).join("; "),
        reason: it.content.reason.as_str().to_owned(),
        people: [actor(ctx, &it.by), actor(ctx, &it.approved_by)],
        days: [it.frozen_at, it.approved_at].map(|at| at.jst_date().to_string()),
        superseded: it.superseded_at.is_some(),
        digest: it.frozen.blob.clone(),
    }
}

/// The approved assessments that the reader may read, as a file.
pub(in crate::http) fn file(ctx: &Ctx, format: FileFormat) -> Answer {
    let (_, approved) = readable(ctx)?;
    let lines: Vec<RiskLine> = approved.iter().map(|it| line(ctx, it)).collect();
    match export(ctx.lang, &lines, format) {
        Ok(bytes) => Ok(attachment(format, "risks", bytes)),
        Err(faults) => Err(Fault::internal(format!("{} cells", faults.len()))),
    }
}

/// `GET /risks/table`
pub(in crate::http) fn of_list(ctx: &Ctx) -> Answer {
    let code = ctx.query("format").unwrap_or_else(|| "xlsx".to_owned());
    let format = FileFormat::from_code(&code).ok_or_else(Fault::not_found)?;
    file(ctx, format)
}
