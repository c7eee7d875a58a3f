//! One appointment, and ending it.

use axum::http::StatusCode;
use maud::html as markup;
use sekisho_domain::appointment::Appointment;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::Command;
use sekisho_domain::id::AppointmentId;
use sekisho_domain::role::Role;
use sekisho_domain::time::Span;
use sekisho_messages::t;

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use super::organisation::{Wrong, carry_out, day};
use super::person::{shown_name, trail};
use super::{localised, sentence, unit_name};
use crate::console::components::{
    Field, Input, Tone, alert, confirmation, csrf_field, definitions, error_summary, field,
    instant, submit,
};
use crate::console::layout::{Place, heading, page};
use crate::console::words;

/// How long a command may wait for the writer before "at once" would lie in the past.
const AT_ONCE: Span = Span::seconds(2);

fn asked(ctx: &Ctx) -> Result<Appointment, Fault> {
    ctx.gate(Action::Appoint, Subject::Body)?;
    let id: AppointmentId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    let world = ctx.site.app.world();
    world
        .appointments
        .get(&id)
        .cloned()
        .ok_or_else(Fault::not_found)
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let held = asked(ctx)?;
    render(ctx, &held, "", &[])
}

/// The role among those of the post that nobody else holds and that others depend on to appoint.
fn last_of(ctx: &Ctx, held: &Appointment) -> Option<Role> {
    let world = ctx.site.app.world();
    let roles = &world.posts.get(&held.post)?.roles;
    let others = |role: Role| {
        world.appointments.values().any(|other| {
            let post = world.posts.get(&other.post);
            other.id != held.id
                && other.in_force(ctx.now)
                && post.is_some_and(|post| post.roles.contains(&role))
        })
    };
    let needed = [Role::Hiso, Role::Ciso];
    needed
        .into_iter()
        .find(|role| roles.contains(role) && !others(*role))
}

fn render(
    ctx: &Ctx,
    held: &Appointment,
    last_day: &str,
    wrong: &[(&'static str, String)],
) -> Answer {
    let lang = ctx.lang;
    let name = shown_name(ctx, held.person);
    let (post, unit) = {
        let world = ctx.site.app.world();
        let post = world.posts.get(&held.post);
        let unit = post
            .map(|post| unit_name(&world, post.unit))
            .unwrap_or_default();
        (
            post.map(|post| localised(&post.title)).unwrap_or_default(),
            unit,
        )
    };
    let errors: Vec<(&str, &str)> = wrong.iter().map(|(n, e)| (*n, e.as_str())).collect();
    let at = |field: &str| errors.iter().find(|(n, _)| *n == field).map(|(_, e)| *e);
    let csrf = ctx.live()?.csrf();
    let mut trail = trail(lang);
    trail.push((
        name.clone(),
        format!("/organisation/people/{}", held.person),
    ));
    let title = t!(lang, "people.end_title");
    let over = held.valid.until.is_some_and(|until| until <= ctx.now);
    let main = markup! {
        (heading(&trail, &markup! { (title) }, &markup! { (t!(lang, "people.end_lead")) }))
        (error_summary(lang, &errors))
        (definitions(&[
            (t!(lang, "people.name"), markup! { (name) }),
            (t!(lang, "domain.post"), markup! { (unit.show(lang)) " " (post.show(lang)) }),
            (t!(lang, "people.from"), instant(lang, held.valid.from)),
            (t!(lang, "people.until"), markup! {
                @if let Some(until) = held.valid.until { (instant(lang, until)) } @else { (t!(lang, "people.open")) }
            }),
        ]))
        @if over { p { (t!(lang, "people.over")) } }
        @else {
            @if let Some(role) = last_of(ctx, held) {
                (alert(Tone::Warning, &t!(lang, "people.last_of", role = words::role(lang, role)), &markup! { p { (t!(lang, "people.last_of_how")) } }))
            }
            form method="post" action={ "/organisation/appointments/" (held.id) } class="form" {
                (csrf_field(&csrf))
                (field(lang, &Field {
                    name: "last_day", label: t!(lang, "people.end_last_day"), support: Some(t!(lang, "people.end_last_day_support")),
                    required: false, input: Input::Date, value: last_day, error: at("last_day"), autocomplete: "off", lang: None,
                }))
                (confirmation(lang, "confirmed", &t!(lang, "people.end_confirm"), at("confirmed")))
                (submit(&t!(lang, "people.end_do")))
            }
        }
    };
    let mut response = html(page(&ctx.frame(Place::Organisation), &title, &main));
    if !wrong.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

pub(in crate::http) fn end(ctx: &Ctx, form: &Form) -> Answer {
    let held = asked(ctx)?;
    let entered = form.get("last_day");
    let work = || {
        // Entered is the last day; the interval ends where the next day begins (decision 9).
        let until = match day(ctx, form, "last_day")? {
            Some(last) => last.after(Span::days(1)),
            None => ctx.now.after(AT_ONCE),
        };
        if form.get("confirmed") != "yes" {
            return Err(Wrong::At(
                "confirmed",
                sentence(ctx.lang, "form.confirm", &[]),
            ));
        }
        let command = Command::EndAppointment {
            appointment: held.id,
            until,
        };
        carry_out(ctx, command, &[("until", "last_day")], "last_day")
    };
    match work() {
        Ok(()) => {
            ctx.site.app.judge_anew();
            Ok(redirect(&format!("/organisation/people/{}", held.person)))
        }
        Err(Wrong::At(field, said)) => render(ctx, &held, entered, &[(field, said)]),
        Err(Wrong::Fault(fault)) => Err(fault),
    }
}
