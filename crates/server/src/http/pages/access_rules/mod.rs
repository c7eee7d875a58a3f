//! The organisation's own rules of access.

pub(in crate::http) mod trial;

use std::time::Duration;

use axum::http::StatusCode;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::id::PersonId;
use sekisho_messages::{t, text};
use sekisho_protocol::access_rules::RulesVersion;
use sekisho_rules::decide::EXAMPLE;
use similar::{Algorithm, ChangeTag, TextDiff};

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use super::{person_name, sentence, service_name};
use crate::access::own::{check as read_text, read};
use crate::console::access_rules::{
    DiffLine, Editor, VersionLine, VersionView, View, days_of, page, version_page,
};
use crate::console::layout::Place;

/// Lines around a change that are shown.
const AROUND: usize = 3;
/// How long differences are looked for; what is found by then is shown.
const PATIENCE: Duration = Duration::from_millis(500);
/// How many days are looked at unless something else is entered.
const DAYS: &str = "28";

/// Who set a version, in words.
fn by(ctx: &Ctx, id: &str) -> String {
    if id == "operator" {
        return t!(ctx.lang, "own-rules.operator").into_owned();
    }
    if let Ok(person) = id.parse::<PersonId>() {
        let may = ctx.may(Action::ReadDirectory, Subject::Person(person));
        let name = may.then(|| person_name(ctx, person)).flatten();
        return name.unwrap_or_else(|| id.to_owned());
    }
    id.parse()
        .map_or_else(|_| id.to_owned(), |token| service_name(ctx, token))
}

fn line(ctx: &Ctx, version: &RulesVersion) -> VersionLine {
    VersionLine {
        version: version.version,
        at: version.at,
        by: version
            .by
            .as_deref()
            .map_or_else(String::new, |id| by(ctx, id)),
        note: version.note.clone().unwrap_or_default(),
    }
}

/// What changed between two texts, with a few lines around it.
pub(super) fn differences(before: &str, after: &str) -> Vec<DiffLine> {
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Myers)
        .timeout(PATIENCE)
        .diff_lines(before, after);
    let mut lines = Vec::new();
    for (number, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if number > 0 {
            lines.push((' ', "…".to_owned()));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let mark = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            lines.push((mark, change.value().trim_end_matches('\n').to_owned()));
        }
    }
    lines
}

fn render(ctx: &Ctx, editor: Editor) -> Answer {
    let app = &ctx.site.app;
    let shown = app.access_rules(None)?.ok_or_else(Fault::not_found)?;
    let history = app.access_rules_history();
    let view = View {
        csrf: ctx.live()?.csrf(),
        shown,
        history: history.iter().map(|it| line(ctx, it)).collect(),
        editor: ctx
            .may(Action::SetAccessRules, Subject::Body)
            .then_some(editor),
    };
    Ok(html(page(&ctx.frame(Place::AccessRules), &view)))
}

/// `GET /access/rules`
pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadAccessRules, Subject::Body)?;
    let text = if ctx.query("example").is_some() {
        EXAMPLE.to_owned()
    } else {
        let shown = ctx.site.app.access_rules(None)?;
        shown.map_or_else(String::new, |it| it.text)
    };
    render(
        ctx,
        Editor {
            text,
            days: DAYS.to_owned(),
            error: None,
            checked: None,
        },
    )
}

/// `POST /access/rules`: checks what was entered, or tries it.
pub(in crate::http) fn enter(ctx: &Ctx, form: &Form) -> Answer {
    ctx.gate(Action::SetAccessRules, Subject::Body)?;
    // Browsers send lines with both characters.
    let entered = form.get("text").replace("\r\n", "\n");
    let days = days_of(form.get("days"));
    let mut editor = Editor {
        text: entered.clone(),
        days: form.get("days").to_owned(),
        error: None,
        checked: Some(read_text(&entered)),
    };
    if form.get("do") != "try" {
        return render(ctx, editor);
    }
    let Some(days) = days else {
        editor.error = Some(sentence(ctx.lang, "own-rules.days", &[]));
        return wrong(render(ctx, editor));
    };
    let Ok(rules) = read(&entered) else {
        return wrong(render(ctx, editor));
    };
    let app = &ctx.site.app;
    let expected = app.access_rules_history();
    let expected = expected.first().map_or(0, |it| it.version);
    let author = ctx.live()?.person;
    let on_trial = (entered, rules.book);
    let begun = ctx
        .site
        .trials
        .begin(app, on_trial, author, (days, expected))?;
    match begun {
        Some(id) => Ok(redirect(&format!("/access/rules/trials/{}", id.as_str()))),
        None => {
            editor.error = Some(text(ctx.lang, "own-rules.trial-full", &[]).into_owned());
            wrong(render(ctx, editor))
        }
    }
}

/// The same page, which says that it was not done.
fn wrong(answer: Answer) -> Answer {
    let mut response = answer?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// `GET /access/rules/versions/{version}`
pub(in crate::http) fn version(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadAccessRules, Subject::Body)?;
    let app = &ctx.site.app;
    let number = ctx.parameter("version").parse::<u32>().ok();
    let number = number.ok_or_else(Fault::not_found)?;
    let found = app.access_rules(Some(number))?;
    let found = found.ok_or_else(Fault::not_found)?;
    let before = match number {
        1 => None,
        _ => app.access_rules(Some(number - 1))?,
    };
    let before = before.map_or_else(String::new, |it| it.text);
    let newest = app.access_rules_history().first().map(|it| it.version);
    let may = ctx.may(Action::SetAccessRules, Subject::Body);
    let view = VersionView {
        csrf: if may { Some(ctx.live()?.csrf()) } else { None },
        line: line(ctx, &found.version),
        diff: differences(&before, &found.text),
        text: found.text,
        in_force: newest == Some(number),
    };
    let frame = ctx.frame(Place::AccessRules);
    Ok(html(version_page(&frame, &view)))
}
