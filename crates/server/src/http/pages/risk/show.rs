//! One assessment: what was found on what, that it comes out the same again, and what is decided about it.

use axum::http::StatusCode;
use maud::html as markup;
use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, RiskCommand, Weight, risk_subject};
use sekisho_domain::event::BlobRef;
use sekisho_domain::id::{RiskId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::plan::{Feed, RiskLevel};
use sekisho_domain::risk::{RiskContent, RiskResult, RiskVersion, RiskWork};
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_messages::t;
use sekisho_rules::risk::Replay;

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::organisation::somewhere;
use super::super::plan::words::{actor, feed};
use super::super::{line as read_line, optional_line, refused};
use super::entered::Errors;
use super::{is_open, reads_somewhere, treat, words};
use crate::app::CommandError;
use crate::console::components::{Definitions, instant};
use crate::console::layout::Place;
use crate::console::register::LinkTo;
use crate::console::risk::{BoundLine, FactLine, PATH, ScenarioLine, ShowView, show_page};
use crate::console::words as console_words;
use crate::risk::Reread;

/// An assessment, worked on or approved.
pub(in crate::http) enum Found {
    Work(Box<RiskWork>),
    Approved(Box<RiskVersion>),
}

impl Found {
    pub(in crate::http) fn content(&self) -> &RiskContent {
        match self {
            Self::Work(it) => &it.content,
            Self::Approved(it) => &it.content,
        }
    }

    pub(in crate::http) fn result(&self) -> &RiskResult {
        match self {
            Self::Work(it) => &it.result,
            Self::Approved(it) => &it.result,
        }
    }

    pub(in crate::http) fn frozen(&self) -> (&BlobRef, Timestamp) {
        match self {
            Self::Work(it) => (&it.frozen, it.frozen_at),
            Self::Approved(it) => (&it.frozen, it.frozen_at),
        }
    }

    fn work(&self) -> Option<&RiskWork> {
        match self {
            Self::Work(it) => Some(it),
            Self::Approved(_) => None,
        }
    }

    fn by(&self) -> &Actor {
        match self {
            Self::Work(it) => &it.by,
            Self::Approved(it) => &it.by,
        }
    }
}

/// The assessment that the path names, where the reader may read it, and the unit that the gate is asked about.
pub(in crate::http) fn asked(ctx: &Ctx) -> Result<(RiskId, Option<UnitId>, Found), Fault> {
    reads_somewhere(ctx)?;
    let risk: RiskId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    let (unit, found) = {
        let world = ctx.site.app.world();
        let work = world.risks.work.get(&risk).cloned();
        let work = work.map(|it| Found::Work(Box::new(it)));
        let approved = || {
            let approved = world.risks.approved.get(&risk).cloned();
            approved.map(|it| Found::Approved(Box::new(it)))
        };
        let found = work.or_else(approved).ok_or_else(Fault::not_found)?;
        (world.risk_unit(found.content(), ctx.now), found)
    };
    ctx.gate(Action::ReadRisks, risk_subject(unit))?;
    Ok((risk, unit, found))
}

fn facts(ctx: &Ctx, found: &Found, reread: &Reread) -> Definitions {
    let lang = ctx.lang;
    let content = found.content();
    let (frozen, at) = found.frozen();
    let digest = frozen.blob.get(..16).unwrap_or_default();
    let mut facts: Definitions = vec![
        (
            t!(lang, "risk.grade"),
            markup! { (content.grade.to_string()) },
        ),
        (
            t!(lang, "risk.places"),
            markup! { (words::places(lang, &content.places)) },
        ),
        (
            t!(lang, "risk.reason"),
            markup! { (content.reason.as_str()) },
        ),
        (
            t!(lang, "risk.author"),
            markup! { (actor(ctx, found.by())) },
        ),
        (t!(lang, "risk.frozen-at"), instant(lang, at)),
        (
            t!(lang, "risk.digest"),
            markup! { code title=(frozen.blob) { (digest) "…" } },
        ),
    ];
    if let Some(inputs) = &reread.inputs {
        let edition = inputs.table.edition.as_str();
        let table = inputs.table_digest.get(..8).unwrap_or_default();
        facts.push((
            t!(lang, "risk.table"),
            markup! { (edition) " " code title=(inputs.table_digest) { (table) "…" } },
        ));
        facts.push((
            t!(lang, "risk.in-scope"),
            markup! { (t!(lang, "risk.scope-counts", tasks = inputs.tasks, devices = inputs.devices)) },
        ));
    }
    if let Found::Approved(it) = found {
        facts.push((
            t!(lang, "risk.proposer"),
            markup! { (actor(ctx, &it.proposed_by)) },
        ));
        facts.push((
            t!(lang, "risk.approver"),
            markup! { (actor(ctx, &it.approved_by)) },
        ));
        facts.push((t!(lang, "risk.approved"), instant(lang, it.approved_at)));
    }
    facts.extend(cases(ctx, content));
    facts
}

/// The cases that it answers, as far as the reader may read them.
fn cases(ctx: &Ctx, content: &RiskContent) -> Definitions {
    let lang = ctx.lang;
    let cases = content.cases.iter();
    let cases: Vec<(String, String)> = cases
        .filter_map(|it| super::super::plan::named_case(ctx, it.case))
        .collect();
    if cases.is_empty() {
        return Vec::new();
    }
    vec![(
        t!(lang, "risk.cases"),
        markup! { ul class="values" { @for (name, href) in &cases { li { a href=(href) { (name) } } } } },
    )]
}

fn scenarios(ctx: &Ctx, result: &RiskResult, reread: &Reread) -> Vec<ScenarioLine> {
    let lines = result.scenarios.iter().map(|it| {
        let inputs = reread.inputs.as_ref();
        let row = inputs.and_then(|inputs| {
            let mut rows = inputs.table.scenario.iter();
            rows.find(|row| row.code == it.scenario)
        });
        ScenarioLine {
            name: words::scenario(ctx.lang, it.scenario),
            ranks: [it.threat, it.weakness, it.likelihood],
            risk: it.risk,
            level: inputs.map_or(result.level, |inputs| inputs.table.level(it.risk)),
            why: match (inputs, row) {
                (Some(inputs), Some(row)) => words::why(ctx.lang, inputs, row),
                _ => Vec::new(),
            },
        }
    });
    lines.collect()
}

fn bound(ctx: &Ctx, reread: &Reread) -> Vec<BoundLine> {
    let all = reread.inputs.iter().flat_map(|it| &it.bound);
    all.flat_map(|(scenario, list)| {
        list.iter().map(|it| BoundLine {
            scenario: words::scenario(ctx.lang, *scenario),
            what: words::bind(ctx.lang, &it.what),
            counts: [it.pass, it.fail, it.stale, it.unknown],
            oldest: it.oldest.map(|at| instant(ctx.lang, at)),
        })
    })
    .collect()
}

fn raised(ctx: &Ctx, reread: &Reread) -> Vec<FactLine> {
    let all = reread.inputs.iter().flat_map(|it| &it.facts);
    all.flat_map(|(scenario, list)| {
        list.iter().map(|it| FactLine {
            scenario: words::scenario(ctx.lang, *scenario),
            what: words::fact(ctx, it),
            at: instant(ctx.lang, it.at),
        })
    })
    .collect()
}

/// Whether the same number came out, in words.
fn replayed(ctx: &Ctx, reread: &Reread) -> (bool, String) {
    let lang = ctx.lang;
    match &reread.replay {
        Replay::Same => (true, t!(lang, "risk.replayed-same").into_owned()),
        Replay::Different(other) => {
            let risk = u32::from(other.risk);
            (
                false,
                t!(lang, "risk.replayed-other", risk = risk).into_owned(),
            )
        }
        Replay::OtherMethod(edition) => (
            false,
            t!(lang, "risk.replayed-method", edition = *edition).into_owned(),
        ),
        Replay::Unreadable => (false, t!(lang, "risk.replayed-none").into_owned()),
    }
}

/// Who decides on it.
fn decider(ctx: &Ctx, weight: Weight, unit: Option<UnitId>) -> String {
    let roles = match (weight, unit) {
        (Weight::Accepted, _) => vec![Role::Ciso],
        (Weight::High, _) | (Weight::Ordinary, None) => vec![Role::Ciso, Role::Hiso],
        (Weight::Ordinary, Some(_)) => vec![Role::Iso, Role::Diso],
    };
    let words = roles
        .into_iter()
        .map(|it| console_words::role(ctx.lang, it));
    console_words::list(ctx.lang, words)
}

fn links(ctx: &Ctx, risk: RiskId, found: &Found, drafts: bool) -> Vec<LinkTo> {
    let link = |key: &str, href: String| LinkTo {
        label: t!(ctx.lang, key).into_owned(),
        href,
        primary: false,
    };
    match found {
        Found::Work(it) if drafts && it.proposed.is_none() => {
            vec![link("risk.change", format!("{PATH}/{risk}/edit"))]
        }
        Found::Approved(it) if drafts => {
            let href = format!("{PATH}/new?subject={}", it.content.subject);
            vec![link("risk.again", href)]
        }
        _ => Vec::new(),
    }
}

/// Whether a high risk has nothing against it, and whether another took its place.
fn standing(ctx: &Ctx, found: &Found) -> (bool, bool) {
    match found {
        Found::Approved(it) => {
            let superseded = it.superseded_at.is_some();
            (!superseded && is_open(ctx, it), superseded)
        }
        Found::Work(it) => {
            let high = it.result.level == RiskLevel::High;
            (high && it.content.treatments.is_empty(), false)
        }
    }
}

pub(super) fn render(ctx: &Ctx, errors: Errors, treatment_errors: Errors) -> Answer {
    let (risk, unit, found) = asked(ctx)?;
    let lang = ctx.lang;
    let wrong = !errors.is_empty() || !treatment_errors.is_empty();
    let (frozen, _) = found.frozen();
    let reread = ctx.site.app.reread_risk(frozen, found.result())?;
    let drafts = ctx.may(Action::DraftRisk, risk_subject(unit));
    let weight = Weight::of(found.content(), found.result());
    let work = found.work();
    let proposed = work.is_some_and(|it| it.proposed.is_some());
    let form = match work.filter(|_| drafts && !proposed) {
        Some(work) => Some(treat::form(ctx, risk, work, treatment_errors.clone())?),
        None => None,
    };
    let unmeasured = reread.inputs.iter().flat_map(|it| &it.unmeasured);
    let unmeasured = unmeasured.filter(|code| Feed::from_code(code).is_some());
    let (open, superseded) = standing(ctx, &found);
    let view = ShowView {
        id: risk.to_string(),
        subject: words::subject(ctx, found.content().subject),
        result: found.result().clone(),
        facts: facts(ctx, &found, &reread),
        scenarios: scenarios(ctx, found.result(), &reread),
        bound: bound(ctx, &reread),
        raised: raised(ctx, &reread),
        unmeasured: unmeasured.map(|code| feed(lang, code)).collect(),
        treatments: words::treatments(lang, &found.content().treatments),
        replayed: replayed(ctx, &reread),
        open,
        superseded,
        sent_back: work.and_then(|it| it.sent_back.as_ref().map(|it| it.as_str().to_owned())),
        revision: work.map(|it| it.revision),
        proposed,
        csrf: ctx.live()?.csrf(),
        form,
        approves: ctx.may(weight.action(), risk_subject(unit)),
        decider: decider(ctx, weight, unit),
        links: links(ctx, risk, &found, drafts),
        errors: errors.into_iter().chain(treatment_errors).collect(),
    };
    let mut frame = ctx.frame(Place::Risks);
    frame.path = format!("{PATH}/{risk}");
    let mut response = html(show_page(&frame, &view));
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// `GET /risks/{id}`
pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    render(ctx, Errors::new(), Errors::new())
}

/// What an act on an assessment is as a command; none where there is no such act.
pub(in crate::http) fn command(
    act: &str,
    (risk, unit): (RiskId, Option<UnitId>),
    work: &RiskWork,
    (expected, answer): (Option<u64>, Option<Line>),
) -> Option<RiskCommand> {
    let weight = Weight::of(&work.content, &work.result);
    Some(match act {
        "propose" => RiskCommand::Propose {
            risk,
            unit,
            expected,
        },
        "drop" => RiskCommand::Drop { risk, unit },
        "approve" => RiskCommand::Approve {
            risk,
            unit,
            weight,
            expected,
            answer,
        },
        _ => return None,
    })
}

/// Whether the reader drafts or decides on any assessment at all.
fn acts_somewhere(ctx: &Ctx) -> Result<(), Fault> {
    let acts = [
        Action::DraftRisk,
        Action::ApproveRisk,
        Action::ApproveHighRisk,
        Action::AcceptRisk,
    ];
    if acts.into_iter().any(|action| somewhere(ctx, action)) {
        return Ok(());
    }
    ctx.gate(Action::DraftRisk, Subject::Body)
}

/// `POST /risks/{id}/{act}`
pub(in crate::http) fn act(ctx: &Ctx, entered: &Form) -> Answer {
    acts_somewhere(ctx)?;
    let (risk, unit, found) = asked(ctx)?;
    let Found::Work(work) = found else {
        return Err(Fault::not_found());
    };
    // A form that does not say what it saw has seen nothing.
    let expected = Some(entered.get("expected").parse().unwrap_or_default());
    let act = ctx.parameter("act");
    let command = if act == "send-back" {
        let reason = match read_line(ctx.lang, entered.get("reason")) {
            Ok(reason) => reason,
            Err(said) => {
                return render(ctx, vec![("reason".to_owned(), said)], Errors::new());
            }
        };
        let weight = Weight::of(&work.content, &work.result);
        RiskCommand::SendBack {
            risk,
            unit,
            weight,
            reason,
        }
    } else {
        let answer = match optional_line(ctx.lang, entered.get("answer")) {
            Ok(answer) => answer,
            Err(said) => {
                return render(ctx, vec![("answer".to_owned(), said)], Errors::new());
            }
        };
        let seen = (expected, answer);
        command(act, (risk, unit), &work, seen).ok_or_else(Fault::not_found)?
    };
    let to = match &command {
        RiskCommand::Drop { .. } => PATH.to_owned(),
        _ => format!("{PATH}/{risk}"),
    };
    let command = Command::Risk(Box::new(command));
    match ctx
        .site
        .app
        .command_blocking(ctx.actor()?, command, Vec::new())
    {
        Ok(_) => Ok(redirect(&to)),
        Err(error @ CommandError::Refused(_)) if !error.code().starts_with("authorise.") => {
            let (_, said) = refused(ctx.lang, &error);
            render(ctx, vec![("main".to_owned(), said)], Errors::new())
        }
        Err(error) => Err(error.into()),
    }
}
