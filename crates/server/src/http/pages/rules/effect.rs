//! What was counted under the clauses of a rule, the conclusion, and the table as a file.

use axum::http::StatusCode;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::rule::{EffectReport, Finding, RuleDocument};
use sekisho_domain::time::Timestamp;
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::{form_refusal, line, person_name, sentence};
use super::conflicts::saved;
use super::words::actor;
use super::{asked, link, path, title_of};
use crate::console::layout::Place;
use crate::console::rules::{EffectLine, EffectView, effect_page};
use crate::rule::{EffectError, counted};

/// Most people who have still to read a rule that are named.
const UNREAD: usize = 50;
/// What is wrong, with the id it is about.
type Errors = Vec<(String, String)>;

fn report(ctx: &Ctx, document: &RuleDocument) -> Result<EffectReport, Fault> {
    let days = ctx.query("days").and_then(|days| days.parse().ok());
    match counted(&ctx.site.app, document.rule, days) {
        Ok(report) => Ok(report),
        Err(EffectError::NotInForce) => Err(Fault::not_found()),
        Err(EffectError::Store(error)) => Err(error.into()),
    }
}

fn lines(document: &RuleDocument, report: &EffectReport) -> Vec<EffectLine> {
    let version = document.versions.iter();
    let content = version
        .filter(|it| it.version == report.version)
        .map(|it| &it.content)
        .next();
    report
        .clauses
        .iter()
        .filter_map(|(number, effect)| {
            let clause = content?.clause(*number)?;
            Some(EffectLine {
                label: clause.terms.label.as_str().to_owned(),
                href: format!("{}#clause-{}", path(document.rule), number.0),
                effect: effect.clone(),
            })
        })
        .collect()
}

/// Who has still to read the version in force, how many are not named, and by when.
fn unread(ctx: &Ctx, document: &RuleDocument) -> (Vec<String>, usize, Option<Timestamp>) {
    let (mut people, by) = {
        let world = ctx.site.app.world();
        let version = document.in_force(ctx.now);
        let Some(version) = version.filter(|it| it.content.head.acknowledge) else {
            return (Vec::new(), 0, None);
        };
        let readers = world.rule_readers(version, ctx.now);
        let unread = readers.filter(|it| !document.is_acknowledged(*it, version.version));
        (unread.collect::<Vec<_>>(), world.rule_read_by(version))
    };
    people.sort_unstable();
    let named = people.iter().take(UNREAD).filter_map(|person| {
        let may = ctx.may(Action::ReadDirectory, Subject::Person(*person));
        may.then(|| person_name(ctx, *person))?
    });
    let names: Vec<String> = named.collect();
    let more = people.len() - names.len();
    (names, more, Some(by))
}

fn render(ctx: &Ctx, document: &RuleDocument, note: &str, errors: Errors) -> Answer {
    let report = report(ctx, document)?;
    let readers = {
        let world = ctx.site.app.world();
        let version = document.in_force(ctx.now);
        let version = version.filter(|it| it.content.head.acknowledge);
        version.map(|it| world.rule_read(document, it, ctx.now))
    };
    let unread = unread(ctx, document);
    let wrong = !errors.is_empty();
    let concluded = document.checked.iter().rev().map(|it| {
        (
            it.at,
            actor(ctx, &it.by),
            it.checked.finding.code(),
            it.checked.note.as_str().to_owned(),
            it.checked.due,
        )
    });
    let href = path(document.rule);
    let view = EffectView {
        rule: (title_of(ctx, document), href.clone()),
        within: (report.from, report.until),
        lines: lines(document, &report),
        readers: readers.map(|it| (it.concerned, it.read)),
        unread,
        concluded: concluded.collect(),
        concludes: if ctx.may(Action::CheckRule, Subject::Body) {
            Some(ctx.live()?.csrf())
        } else {
            None
        },
        errors,
        note: note.to_owned(),
        links: vec![
            link(
                ctx,
                "rule.effect.quarter",
                format!("{href}/effect?days=91"),
                false,
            ),
            link(ctx, "rule.effect.year", format!("{href}/effect"), false),
            link(ctx, "rule.export-csv", format!("{href}/effect/file"), false),
        ],
    };
    let mut frame = ctx.frame(Place::Rules);
    frame.path = format!("{href}/effect");
    let mut response = html(effect_page(&frame, &view));
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// `GET /rules/{id}/effect`
pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadRuleEffect, Subject::Body)?;
    render(ctx, &asked(ctx)?, "", Vec::new())
}

/// `POST /rules/{id}/effect`
pub(in crate::http) fn conclude(ctx: &Ctx, form: &Form) -> Answer {
    ctx.gate(Action::CheckRule, Subject::Body)?;
    let document = asked(ctx)?;
    let entered = form.get("note");
    let mut errors = Errors::new();
    let finding = Finding::from_code(form.get("finding"));
    if finding.is_none() {
        let said = sentence(ctx.lang, "case.choose", &[]);
        errors.push(("finding".to_owned(), said));
    }
    let note = line(ctx.lang, entered);
    if let Err(said) = &note {
        errors.push(("note".to_owned(), said.clone()));
    }
    let (Some(finding), Ok(note)) = (finding, note) else {
        return render(ctx, &document, entered, errors);
    };
    let app = &ctx.site.app;
    match app.conclude_rule(ctx.actor()?, document.rule, finding, note) {
        Ok(_) => Ok(redirect(&format!("{}/effect", path(document.rule)))),
        Err(error) => {
            let (_, said) = form_refusal(ctx.lang, error)?;
            render(ctx, &document, entered, vec![("main".to_owned(), said)])
        }
    }
}

/// `GET /rules/{id}/effect/file`: the table as CSV in UTF-8.
pub(in crate::http) fn export(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadRuleEffect, Subject::Body)?;
    let document = asked(ctx)?;
    let report = report(ctx, &document)?;
    let heads = [
        "rule.clause",
        "rule.effect.given",
        "rule.effect.refused",
        "rule.effect.ended",
        "rule.effect.forbidden",
        "rule.effect.exceptions",
        "rule.effect.failing",
        "rule.effect.breaches",
        "rule.effect.use",
    ];
    let mut text = String::from('\u{FEFF}');
    let mut row = |cells: Vec<String>| {
        let quoted = cells.iter().map(|it| quoted(it));
        text.push_str(&quoted.collect::<Vec<_>>().join(","));
        text.push_str("\r\n");
    };
    row(heads
        .iter()
        .map(|key| t!(ctx.lang, *key).into_owned())
        .collect());
    for it in lines(&document, &report) {
        let effect = &it.effect;
        let known = |value: Option<u64>| value.map_or_else(String::new, |it| it.to_string());
        let used = match effect.is_unused() {
            Some(true) => "rule.effect.never",
            Some(false) => "rule.effect.used",
            None => "rule.effect.not-told",
        };
        row(vec![
            it.label.clone(),
            effect.given.to_string(),
            effect.refused.to_string(),
            effect.ended.to_string(),
            known(effect.forbidden),
            effect.exceptions.to_string(),
            known(effect.failing),
            effect.breaches.to_string(),
            t!(ctx.lang, used).into_owned(),
        ]);
    }
    Ok(saved(
        text.into_bytes(),
        "text/csv; charset=utf-8",
        "rule-effect.csv",
    ))
}

/// A cell that no spreadsheet takes for a formula.
fn quoted(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}
