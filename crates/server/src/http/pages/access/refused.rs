//! Who was refused: shown for a stated purpose, and that it was read is a record (decision 7).

use axum::http::StatusCode;
use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::Command;
use sekisho_domain::id::{DeviceId, PersonId};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{number, t, text};
use sekisho_store::observations::Refused;

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::line;
use super::refusals::{RuleWords, resource, rows};
use super::{Sight, device, person};
use crate::app::READING_PURPOSE;
use crate::console::access::{AccessPage, Tab, page};
use crate::console::components::{
    Column, Field, Input, cell, csrf_field, empty_state, error_summary, field, instant_with_age,
    row_header, submit, table,
};
use crate::console::layout::Place;

/// How the ledger names what was read.
const SUBJECT: &str = "access:refusals";
/// Refusals on one page, equal ones of one person together.
const PER_PAGE: usize = 200;

/// The form that asks for the purpose, for whoever may read it.
pub(super) fn form(ctx: &Ctx, entered: &str, error: Option<&str>) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    if !ctx.may(Action::ReadPersonal, Subject::Body) {
        let who = crate::console::words::who_may(lang, Action::ReadPersonal);
        return Ok(
            markup! { p class="small muted" { (t!(lang, "access-page.refused_who_may", roles = who.as_str())) } },
        );
    }
    let errors: Vec<(&str, &str)> = error.iter().map(|it| ("purpose", *it)).collect();
    Ok(markup! {
        details open[error.is_some()] {
            summary { (t!(lang, "access-page.refused_who")) }
            (error_summary(lang, &errors))
            form method="post" action="/access/refused" class="form" {
                (csrf_field(&ctx.live()?.csrf()))
                (field(lang, &Field {
                    name: "purpose", label: t!(lang, "personal.purpose"), support: Some(t!(lang, "personal.purpose_support")),
                    required: true, input: Input::Text, value: entered, error, autocomplete: "off", lang: None,
                }))
                (submit(&t!(lang, "access-page.refused_show")))
            }
        }
    })
}

pub(in crate::http) fn read(ctx: &Ctx, form: &Form) -> Answer {
    ctx.gate(Action::ReadPersonal, Subject::Body)?;
    let sight = Sight::of(ctx)?;
    let entered = form.get("purpose");
    let purpose = match line(ctx.lang, entered) {
        Ok(purpose) => purpose,
        Err(error) => {
            let body = self::form(ctx, entered, Some(&error))?;
            let mut response = html(render(ctx, body));
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(response);
        }
    };
    let app = &ctx.site.app;
    let reader = ctx.live()?.person;
    let command = Command::ReadPersonal {
        subject: SUBJECT.to_owned(),
        purpose: app.seal(reader, READING_PURPOSE, purpose.as_str().as_bytes())?,
    };
    // Durable first, shown afterwards: no reading goes unrecorded.
    app.command_blocking(ctx.actor()?, command, Vec::new())?;
    let rows = rows(ctx, &sight)?;
    let last = rows.len().div_ceil(PER_PAGE).max(1);
    let at = form.get("page").parse::<usize>();
    let at = at.unwrap_or(1).clamp(1, last);
    let from = (at - 1) * PER_PAGE;
    let shown = &rows[from..rows.len().min(from + PER_PAGE)];
    let body = markup! {
        (named(ctx, shown))
        @if last > 1 {
            nav class="pages" aria-label=(t!(ctx.lang, "console.pages.label")) {
                @if at > 1 { (turn(ctx, entered, at - 1, "console.pages.previous")?) }
                span { (t!(ctx.lang, "console.pages.shown", first = from + 1, last = from + shown.len(), total = rows.len())) }
                @if at < last { (turn(ctx, entered, at + 1, "console.pages.next")?) }
            }
        }
    };
    Ok(html(render(ctx, body)))
}

/// Turns to another page, for the same purpose: that it was read is a record as well.
fn turn(ctx: &Ctx, purpose: &str, to: usize, label: &'static str) -> Result<Markup, Fault> {
    Ok(markup! {
        form method="post" action="/access/refused" {
            (csrf_field(&ctx.live()?.csrf()))
            input type="hidden" name="purpose" value=(purpose);
            input type="hidden" name="page" value=(to);
            button class="button button--secondary" type="submit" { (text(ctx.lang, label, &[])) }
        }
    })
}

fn render(ctx: &Ctx, body: Markup) -> Markup {
    let lang = ctx.lang;
    let view = AccessPage {
        trail: vec![(
            t!(lang, "access-page.title").into_owned(),
            "/access".to_owned(),
        )],
        title: t!(lang, "access-page.refused_title").into_owned(),
        lead: markup! { (t!(lang, "access-page.refused_lead")) },
        tab: Some(Tab::Overview),
        body,
    };
    let mut frame = ctx.frame(Place::Access);
    frame.path = "/access".to_owned();
    page(&frame, &view)
}

fn named(ctx: &Ctx, rows: &[Refused]) -> Markup {
    let lang = ctx.lang;
    if rows.is_empty() {
        return empty_state(
            &t!(lang, "access-page.no_refusals"),
            &t!(lang, "access-page.no_refusals_how"),
        );
    }
    let words = RuleWords::of(ctx);
    let columns = [
        Column::text(t!(lang, "access-page.person")),
        Column::text(t!(lang, "access-page.device")),
        Column::text(t!(lang, "access-page.wanted")),
        Column::text(t!(lang, "access-page.why")),
        Column::number(t!(lang, "access-page.times")),
        Column::text(t!(lang, "access-page.last_at")),
    ];
    let [who, with, wanted, why, times, at] = &columns;
    let row = |it: &Refused| {
        let id: Option<PersonId> = it.person.parse().ok();
        let on: Option<DeviceId> = it.device.as_ref().and_then(|it| it.parse().ok());
        vec![
            row_header(
                who,
                &markup! {
                    @match id {
                        Some(id) => (person(ctx, id)),
                        None if it.person.is_empty() => span class="muted" { (t!(lang, "access-page.in_nobodys_name")) },
                        None => (it.person),
                    }
                },
            ),
            cell(
                with,
                &markup! { @match on { Some(id) => (device(ctx, id)), None => span class="muted" { (t!(lang, "access-page.no_device")) } } },
            ),
            cell(wanted, &markup! { (resource(ctx, &it.resource)) }),
            cell(why, &words.list(lang, &it.rules)),
            cell(
                times,
                &markup! { (number(i64::try_from(it.times).unwrap_or(i64::MAX))) },
            ),
            cell(
                at,
                &instant_with_age(lang, Timestamp::from_millis(it.last_at), ctx.now),
            ),
        ]
    };
    let list: Vec<Vec<Markup>> = rows.iter().map(row).collect();
    table(&t!(lang, "access-page.refused_title"), &columns, &list)
}
