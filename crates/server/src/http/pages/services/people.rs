//! Who used a service: shown for a stated purpose, and that it was read is a record (decision 7).

use axum::http::StatusCode;
use maud::{Markup, html as markup};
use sekisho_domain::authorise::Subject;
use sekisho_domain::command::Command;
use sekisho_domain::id::PersonId;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{number, t};
use sekisho_store::observations::ServiceUser;

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::line;
use super::super::person::shown_name;
use super::list::asked;
use super::show::{READS, shown};
use super::{PATH, unit};
use crate::app::READING_PURPOSE;
use crate::console::components::{
    Column, Field, Input, cell, csrf_field, empty_state, error_summary, field, instant_with_age,
    row_header, submit, table,
};
use crate::service_use::{ServiceInUse, last_day, reading_of};

/// Most people and clients that are shown.
const SHOWN: usize = 500;
/// The first day: what is kept of persons is what may be known.
const FROM: &str = "0000-01-01";

/// Where that form stands.
pub(in crate::http::pages) fn place(it: &ServiceInUse) -> String {
    format!("{PATH}/{}#people", it.service)
}

/// The form that asks for the purpose, for whoever may read it.
pub(super) fn form(
    ctx: &Ctx,
    it: &ServiceInUse,
    entered: &str,
    error: Option<&str>,
) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    if !ctx.may(READS, Subject::Body) {
        let who = crate::console::words::who_may(lang, READS);
        return Ok(markup! {
            p class="small muted" { (t!(lang, "services.people_who_may", roles = who.as_str())) }
        });
    }
    let errors: Vec<(&str, &str)> = error.iter().map(|it| ("purpose", *it)).collect();
    Ok(markup! {
        p class="small" { (t!(lang, "services.people_kept")) }
        details open[error.is_some()] {
            summary { (t!(lang, "services.people_show")) }
            (error_summary(lang, &errors))
            form method="post" action={ (PATH) "/" (it.service) "/people" } class="form" {
                (csrf_field(&ctx.live()?.csrf()))
                (field(lang, &Field {
                    name: "purpose", label: t!(lang, "personal.purpose"), support: Some(t!(lang, "personal.purpose_support")),
                    required: true, input: Input::Text, value: entered, error, autocomplete: "off", lang: None,
                }))
                (submit(&t!(lang, "services.people_do")))
            }
        }
    })
}

pub(in crate::http) fn read(ctx: &Ctx, entered: &Form) -> Answer {
    ctx.gate(READS, Subject::Body)?;
    let it = asked(ctx)?;
    let text = entered.get("purpose");
    let purpose = match line(ctx.lang, text) {
        Ok(purpose) => purpose,
        Err(error) => {
            let again = form(ctx, &it, text, Some(&error))?;
            let mut response = html(shown(ctx, &it, Some(again))?);
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(response);
        }
    };
    let app = &ctx.site.app;
    let reader = ctx.live()?.person;
    let command = Command::ReadPersonal {
        subject: reading_of(&it.service),
        purpose: app.seal(reader, READING_PURPOSE, purpose.as_str().as_bytes())?,
    };
    // Durable first, shown afterwards: no reading goes unrecorded.
    app.command_blocking(ctx.actor()?, command, Vec::new())?;
    let days = (FROM, last_day(ctx.now));
    let users = app
        .observations()
        .service_users(Some(&it.service), (days.0, &days.1), SHOWN)?;
    Ok(html(shown(ctx, &it, Some(named(ctx, &users)))?))
}

fn named(ctx: &Ctx, users: &[ServiceUser]) -> Markup {
    let lang = ctx.lang;
    if users.is_empty() {
        return empty_state(
            &t!(lang, "services.nobody"),
            &t!(lang, "services.nobody_how"),
        );
    }
    let columns = [
        Column::text(t!(lang, "services.who")),
        Column::text(t!(lang, "domain.unit")),
        Column::number(t!(lang, "services.days")),
        Column::number(t!(lang, "services.times")),
        Column::text(t!(lang, "services.last_at")),
    ];
    let [who, of, days, times, last] = &columns;
    let row = |it: &ServiceUser| {
        let id: Option<PersonId> = it.who.parse().ok();
        let name = match id {
            Some(id) => shown_name(ctx, id),
            None => it.who.strip_prefix("client:").unwrap_or(&it.who).to_owned(),
        };
        vec![
            row_header(
                who,
                &markup! {
                    @if name.is_empty() { (t!(lang, "services.clients_unknown")) }
                    @else if id.is_some() { (name) }
                    @else { code { (name) } }
                },
            ),
            cell(of, &markup! { (unit(ctx, it.unit.parse().ok())) }),
            cell(days, &markup! { (it.days) }),
            cell(
                times,
                &markup! { (number(i64::try_from(it.times).unwrap_or(i64::MAX))) },
            ),
            cell(
                last,
                &instant_with_age(lang, Timestamp::from_millis(it.last_at), ctx.now),
            ),
        ]
    };
    let rows: Vec<Vec<Markup>> = users.iter().map(row).collect();
    markup! {
        p class="small" { (t!(lang, "services.reading_recorded")) }
        (table(&t!(lang, "services.by_person"), &columns, &rows))
    }
}
