//! Words for what assessments hold: subjects, treatments, why a weakness is what it is.

use std::borrow::Cow;

use maud::{Markup, html};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{GatewayId, TaskId};
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::risk::{
    Answer, Bind, Condition, FactKind, Inputs, Rank, RiskSubject, RiskVersion, Scenario,
    ScenarioRow, ThreatFact, Treatment,
};
use sekisho_messages::{Lang, date, t, text};

use super::super::super::ctx::Ctx;
use super::super::plan::words::scope;
use crate::console::words as console_words;

pub(super) fn scenario(lang: Lang, it: Scenario) -> String {
    text(lang, format!("risk.scenario.{}", it.code()), &[]).into_owned()
}

pub(super) fn place(lang: Lang, it: TeleworkPlace) -> String {
    text(
        lang,
        format!("register.plan_line.places.{}", it.code()),
        &[],
    )
    .into_owned()
}

/// Words one after another.
fn listed(lang: Lang, all: Vec<String>) -> String {
    console_words::list(lang, all.into_iter().map(Cow::Owned))
}

pub(super) fn places(lang: Lang, all: &[TeleworkPlace]) -> String {
    listed(lang, all.iter().map(|it| place(lang, *it)).collect())
}

/// What is assessed, as far as the reader may know it: a task by its name, or all tasks of a scope.
pub(in crate::http) fn subject(ctx: &Ctx, it: RiskSubject) -> String {
    match it {
        RiskSubject::Task(task) => named_task(ctx, task),
        RiskSubject::Tasks(of) => {
            let of = scope(ctx, of);
            t!(ctx.lang, "risk.all-tasks", scope = of.as_str()).into_owned()
        }
    }
}

fn named_task(ctx: &Ctx, task: TaskId) -> String {
    let id = EntryId::Task(task);
    let world = ctx.site.app.world();
    let title = world
        .registers
        .entry(id)
        .map(|entry| super::super::register::title(ctx.lang, entry));
    drop(world);
    let may = ctx.may(Action::ReadRegisters, Subject::Body);
    title.filter(|_| may).unwrap_or_else(|| task.to_string())
}

fn ceiling(lang: Lang, it: Option<Grade>) -> Option<String> {
    let it = it?.to_string();
    Some(t!(lang, "risk.said.ceiling", grade = it.as_str()).into_owned())
}

fn only_at(lang: Lang, all: &[TeleworkPlace]) -> Option<String> {
    if all.is_empty() {
        return None;
    }
    let all = places(lang, all);
    Some(t!(lang, "risk.said.places", places = all.as_str()).into_owned())
}

fn condition(lang: Lang, it: &Condition) -> Vec<String> {
    let hours = (it.from_hour.is_some() || it.until_hour.is_some()).then(|| {
        let (from, until) = (it.from_hour.unwrap_or(0), it.until_hour.unwrap_or(24));
        t!(lang, "risk.said.hours", from = from, until = until).into_owned()
    });
    let flag = |is: bool, key: &str| is.then(|| t!(lang, key).into_owned());
    [
        ceiling(lang, it.ceiling),
        only_at(lang, &it.places),
        hours,
        flag(it.working_days_only, "risk.further.working_days_only"),
        flag(it.two_persons, "risk.further.two_persons"),
        flag(it.closed_room, "risk.further.closed_room"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What is done about a risk, in words.
pub(in crate::http) fn treatment(lang: Lang, it: &Treatment) -> String {
    let named = text(lang, format!("risk.treatment-kind.{}", it.code()), &[]).into_owned();
    let more = match it {
        Treatment::Stop => Vec::new(),
        Treatment::Limit(limit) => [ceiling(lang, limit.ceiling), only_at(lang, &limit.places)]
            .into_iter()
            .flatten()
            .collect(),
        Treatment::Measure { check } => vec![console_words::check(lang, *check).into_owned()],
        Treatment::Condition(it) => condition(lang, it),
        Treatment::Accept { until } => {
            let until = date(lang, *until);
            vec![t!(lang, "risk.said.until", until = until.as_str()).into_owned()]
        }
    };
    if more.is_empty() {
        return named;
    }
    format!("{named}{}{}", t!(lang, "console.colon"), listed(lang, more))
}

pub(super) fn treatments(lang: Lang, all: &[Treatment]) -> Vec<String> {
    all.iter().map(|it| treatment(lang, it)).collect()
}

/// Of an approved assessment: those that stand now.
pub(super) fn standing(ctx: &Ctx, it: &RiskVersion) -> Vec<String> {
    let standing = it.treatments(ctx.now);
    standing.map(|it| treatment(ctx.lang, it)).collect()
}

/// Why threat and weakness of a scenario are what they are.
pub(super) fn why(lang: Lang, inputs: &Inputs, row: &ScenarioRow) -> Vec<String> {
    let mut said = Vec::new();
    let facts = inputs.facts.get(&row.code).map_or(0, Vec::len);
    if facts > 0 {
        said.push(t!(lang, "risk.why.facts", n = facts).into_owned());
    }
    if inputs.bound.get(&row.code).is_none_or(Vec::is_empty) {
        said.push(t!(lang, "risk.why.unmeasured").into_owned());
    } else if inputs.devices == 0 && !row.checks.is_empty() {
        said.push(t!(lang, "risk.why.no-devices").into_owned());
    }
    for question in &row.questions {
        if inputs.answers.get(question) != Some(&Answer::No) {
            let key = format!("risk.why.{}", question.code());
            said.push(text(lang, key, &[]).into_owned());
        }
    }
    for it in inputs.raised.iter().filter(|it| it.scenario == row.code) {
        let (to, reason) = (u32::from(it.to.number()), it.reason.as_str());
        said.push(t!(lang, "risk.why.raised", to = to, reason = reason).into_owned());
    }
    for it in inputs.lowered.iter().filter(|it| it.scenario == row.code) {
        let to = u32::from(it.to.number());
        said.push(t!(lang, "risk.why.lowered", to = to).into_owned());
    }
    said
}

/// What a weakness was measured by.
pub(super) fn bind(lang: Lang, it: &Bind) -> Markup {
    match it {
        Bind::Device(check) => html! { (console_words::check(lang, *check)) },
        Bind::Row(row) => html! { a href={ "/requirements/" (row) } { (row) } },
    }
}

/// What raised a threat, as far as the reader may know it.
pub(super) fn fact(ctx: &Ctx, it: &ThreatFact) -> Markup {
    let kind = text(ctx.lang, format!("risk.fact.{}", it.kind.code()), &[]);
    let href = match it.kind {
        FactKind::Exploited => it.subject.parse().ok().and_then(|device| {
            let may = ctx.may(Action::ReadDevice, Subject::Device(device));
            may.then(|| format!("/devices/{device}"))
        }),
        FactKind::Gateway => it.subject.parse::<GatewayId>().ok().and_then(|gateway| {
            let may = ctx.may(Action::ReadRegisters, Subject::Body);
            may.then(|| super::super::register::entry_path(Register::Gateway, gateway.into()))
        }),
        FactKind::Incident | FactKind::Detection => None,
    };
    html! { @match href { Some(href) => a href=(href) { (kind) }, None => (kind) } }
}

pub(super) fn rank(lang: Lang, it: Rank) -> String {
    text(lang, format!("risk.rank.{}", it.number()), &[]).into_owned()
}
