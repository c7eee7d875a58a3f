//! One service that is used: the evidence, and what can be said of it in one step.

use axum::http::StatusCode;
use maud::{Markup, html as markup};
use sekisho_domain::authorise::Action;
use sekisho_domain::command::{Command, SightingCommand, keeps, sighting_subject};
use sekisho_domain::sighting::{NotOurs, Sighted};
use sekisho_messages::{number, t, text};

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::organisation::somewhere;
use super::super::{optional_line, refused_with};
use super::list::asked;
use super::{PATH, called, entry, kind, people, register_for, standing, unit};
use crate::app::CommandError;
use crate::console::components::{
    Choice, Column, Definitions, Field, Input, Tone, alert, cell, choices, csrf_field, definitions,
    error_summary, field, instant_with_age, row_header, submit, table,
};
use crate::console::fields::input_name;
use crate::console::layout::{Place, heading, page as frame_page, percent_encode};
use crate::service_use::{NOTE_PURPOSE, ServiceInUse, Standing, UnitUse};

/// What was entered to disown a service, and what is wrong with it.
#[derive(Default)]
struct Entered {
    why: String,
    note: String,
    errors: Vec<(&'static str, String)>,
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let it = asked(ctx)?;
    Ok(html(render(ctx, &it, &Entered::default(), None)?))
}

/// The page; with who used it where that has just been recorded.
pub(super) fn shown(ctx: &Ctx, it: &ServiceInUse, who: Option<Markup>) -> Result<Markup, Fault> {
    render(ctx, it, &Entered::default(), who)
}

fn render(
    ctx: &Ctx,
    it: &ServiceInUse,
    entered: &Entered,
    who: Option<Markup>,
) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    let name = called(lang, &it.known.name);
    let trail = [(t!(lang, "services.title").into_owned(), PATH.to_owned())];
    let sighted = ctx.site.app.world().sightings.get(&it.service).cloned();
    let main = markup! {
        (heading(&trail, &markup! { (name) }, &markup! { (kind(lang, it.known.kind.as_str())) " " (standing(ctx, it)) }))
        (notice(ctx, it, sighted.as_ref())?)
        @if matches!(it.standing, Standing::Open(_)) { (settle(ctx, it, sighted.as_ref(), entered)?) }
        section aria-labelledby="evidence" {
            h2 id="evidence" { (t!(lang, "services.evidence")) }
            (definitions(&evidence(ctx, it, sighted.as_ref())))
        }
        section aria-labelledby="units" {
            h2 id="units" { (t!(lang, "services.by_unit")) }
            @if it.units.is_empty() { p class="muted" { (t!(lang, "services.not_lately")) } }
            @else { (units(ctx, &it.units)) }
        }
        section aria-labelledby="people" {
            h2 id="people" { (t!(lang, "services.by_person")) }
            @match who { Some(who) => (who), None => (people::form(ctx, it, "", None)?) }
        }
    };
    let mut frame = ctx.frame(Place::Services);
    frame.path = format!("{PATH}/{}", it.service);
    Ok(frame_page(&frame, &name, &main))
}

/// What became of it, where something was said.
fn notice(ctx: &Ctx, it: &ServiceInUse, sighted: Option<&Sighted>) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    Ok(match &it.standing {
        Standing::Registered(id) => {
            let body = markup! { p { (t!(lang, "services.registered_as")) " " (entry(ctx, *id)) } };
            alert(Tone::Success, &t!(lang, "services.is_registered"), &body)
        }
        Standing::NotOurs(why) => {
            let word = sighted.and_then(|it| it.disowned.as_ref());
            let note = match word.and_then(|word| word.note.as_ref()) {
                Some(note) => ctx.site.app.unseal(NOTE_PURPOSE, note)?,
                None => None,
            };
            let body = markup! {
                p { (text(lang, format!("services.why.{}", why.code()), &[])) }
                @if let Some(note) = note { p { (note) } }
                @if let Some(word) = word { p class="small muted" { (instant_with_age(lang, word.at, ctx.now)) } }
                @if why.is_an_end() { p class="small" { (text(lang, format!("services.why.{}_help", why.code()), &[])) } }
                @else { p class="small" { (t!(lang, "services.comes_back")) } }
            };
            alert(
                Tone::Info,
                &text(lang, format!("services.is_{}", it.standing.code()), &[]),
                &body,
            )
        }
        Standing::Open(lack) => {
            let key = format!("services.open.{}", lack.code());
            alert(
                Tone::Warning,
                &text(lang, key, &[]),
                &markup! { p { (t!(lang, "services.open_how")) } },
            )
        }
    })
}

fn evidence(ctx: &Ctx, it: &ServiceInUse, sighted: Option<&Sighted>) -> Definitions {
    let lang = ctx.lang;
    let mut sources: Vec<String> = it.units.iter().flat_map(|it| it.sources.clone()).collect();
    let mut list: Definitions = Vec::new();
    if let Some(sighted) = sighted {
        let known = sighted.sighting.sources.iter();
        sources.extend(known.map(|it| it.as_str().to_owned()));
        list.push((
            t!(lang, "services.opened_at"),
            instant_with_age(lang, sighted.opened_at, ctx.now),
        ));
    }
    sources.sort_unstable();
    sources.dedup();
    let count = |n: u64| markup! { (number(i64::try_from(n).unwrap_or(i64::MAX))) };
    list.push((
        t!(lang, "services.first_at"),
        instant_with_age(lang, it.first_at, ctx.now),
    ));
    list.push((
        t!(lang, "services.last_at"),
        instant_with_age(lang, it.last_at, ctx.now),
    ));
    list.push((t!(lang, "services.times_28"), count(it.times)));
    list.push((t!(lang, "services.people_28"), count(u64::from(it.people))));
    if it.bytes > 0 {
        list.push((
            t!(lang, "services.bytes_28"),
            markup! { (crate::console::access::size(it.bytes)) },
        ));
    }
    if let Some(sighted) = sighted {
        let ways = markup! {
            ul class="values" { @for way in &sighted.sighting.ways { li { (text(lang, format!("services.way.{}", way.code()), &[])) } } }
        };
        list.push((t!(lang, "services.ways"), ways));
    }
    list.push((
        t!(lang, "services.sources"),
        markup! { (sources.join(", ")) },
    ));
    let domains = markup! {
        ul class="values" { @for domain in &it.known.domains { li { code { (domain.as_str()) } } } }
    };
    list.push((t!(lang, "services.domains"), domains));
    list
}

fn units(ctx: &Ctx, list: &[UnitUse]) -> Markup {
    let lang = ctx.lang;
    let columns = [
        Column::text(t!(lang, "domain.unit")),
        Column::number(t!(lang, "services.people")),
        Column::number(t!(lang, "services.times")),
        Column::text(t!(lang, "services.first_at")),
        Column::text(t!(lang, "services.last_at")),
        Column::text(t!(lang, "services.source")),
    ];
    let [who, people, times, first, last, from] = &columns;
    let count = |n: u64| markup! { (number(i64::try_from(n).unwrap_or(i64::MAX))) };
    let row = |it: &UnitUse| {
        vec![
            row_header(who, &markup! { (unit(ctx, it.unit)) }),
            cell(people, &count(u64::from(it.people))),
            cell(times, &count(it.times)),
            cell(first, &instant_with_age(lang, it.first_at, ctx.now)),
            cell(last, &instant_with_age(lang, it.last_at, ctx.now)),
            cell(from, &markup! { (it.sources.join(", ")) }),
        ]
    };
    let rows: Vec<Vec<Markup>> = list.iter().map(row).collect();
    table(&t!(lang, "services.by_unit"), &columns, &rows)
}

/// The address of the form that enters it, filled in as far as the logs tell.
fn entering(ctx: &Ctx, it: &ServiceInUse) -> String {
    let register = register_for(it.known.is_conference());
    let domains: Vec<&str> = it.known.domains.iter().map(|it| it.as_str()).collect();
    let pair = |code: &str, value: &str| format!("{}={}", input_name(code), percent_encode(value));
    let mut pairs = vec![
        pair("name", &called(ctx.lang, &it.known.name)),
        pair("domains", &domains.join("\n")),
    ];
    if !it.known.is_conference() {
        pairs.push(pair("kind", "terms"));
    }
    format!("/registers/{}/new?{}", register.code(), pairs.join("&"))
}

/// The two things that can be said: it is ours, or it is not.
fn settle(
    ctx: &Ctx,
    it: &ServiceInUse,
    sighted: Option<&Sighted>,
    entered: &Entered,
) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    let conference = it.known.is_conference();
    let register = register_for(conference);
    let keeps = keeps(conference);
    let enters = super::super::register::list::may_enter(ctx, register);
    let unit = ctx.site.app.world().finding_unit(&it.service, ctx.now);
    let disowns = sighted.is_some() && ctx.may(keeps, sighting_subject(unit));
    let errors: Vec<(&str, &str)> = entered
        .errors
        .iter()
        .map(|(at, said)| (*at, said.as_str()))
        .collect();
    let wrong = |name: &str| {
        errors
            .iter()
            .find(|(at, _)| *at == name)
            .map(|(_, said)| *said)
    };
    let list = NotOurs::SAID.into_iter().map(|it| Choice {
        value: it.code(),
        label: text(lang, format!("services.why.{}", it.code()), &[]),
        support: text(lang, format!("services.why.{}_help", it.code()), &[]),
    });
    let list: Vec<Choice> = list.collect();
    Ok(markup! {
        section aria-labelledby="settle" {
            h2 id="settle" { (t!(lang, "services.settle")) }
            @if enters {
                p class="small" { (t!(lang, "services.register_how")) }
                p class="actions" { a class="button" href=(entering(ctx, it)) { (t!(lang, "services.register_it")) } }
            }
            @if disowns {
                details open[!errors.is_empty()] {
                    summary { (t!(lang, "services.disown")) }
                    (error_summary(lang, &errors))
                    form method="post" action={ (PATH) "/" (it.service) "/not-ours" } class="form" {
                        (csrf_field(&ctx.live()?.csrf()))
                        @if let Some(sighted) = sighted { input type="hidden" name="expected" value=(sighted.version); }
                        (choices(lang, "why", &t!(lang, "services.why"), &list, &entered.why, wrong("why")))
                        (field(lang, &Field {
                            name: "note", label: t!(lang, "services.note"), support: Some(t!(lang, "services.note_support")),
                            required: false, input: Input::Text, value: &entered.note, error: wrong("note"), autocomplete: "off", lang: None,
                        }))
                        (submit(&t!(lang, "services.disown_do")))
                    }
                }
            }
            @if enters && !disowns && sighted.is_some() {
                p class="small muted" { (t!(lang, "services.disown_beyond")) }
            }
            @if !enters && !disowns {
                p class="muted" { (t!(lang, "services.who_may", roles = crate::console::words::who_may(lang, keeps).as_str())) }
            }
        }
    })
}

pub(in crate::http) fn disown(ctx: &Ctx, form: &Form) -> Answer {
    // Which of the two registers it is of, only the service says; whoever keeps neither learns nothing.
    if !somewhere(ctx, keeps(true)) && !somewhere(ctx, keeps(false)) {
        ctx.gate(keeps(false), sighting_subject(None))?;
    }
    let it = asked(ctx)?;
    let conference = it.known.is_conference();
    let unit = ctx.site.app.world().finding_unit(&it.service, ctx.now);
    ctx.gate(keeps(conference), sighting_subject(unit))?;
    let lang = ctx.lang;
    let mut entered = Entered {
        why: form.get("why").to_owned(),
        note: form.get("note").to_owned(),
        errors: Vec::new(),
    };
    let why = NotOurs::said(&entered.why);
    if why.is_none() {
        entered
            .errors
            .push(("why", t!(lang, "services.why_missing").into_owned()));
    }
    let note = match optional_line(lang, &entered.note) {
        Ok(note) => note,
        Err(error) => {
            entered.errors.push(("note", error));
            None
        }
    };
    let (Some(why), true) = (why, entered.errors.is_empty()) else {
        return wrong(ctx, &it, &entered);
    };
    let app = &ctx.site.app;
    let person = ctx.live()?.person;
    let seal =
        |note: sekisho_domain::name::Line| app.seal(person, NOTE_PURPOSE, note.as_str().as_bytes());
    let service = sekisho_domain::name::Line::parse(&it.service).map_err(|_| Fault::not_found())?;
    let command = SightingCommand::Disown {
        service,
        conference,
        unit,
        why,
        note: note.map(seal).transpose()?,
        expected: form.get("expected").parse().ok(),
    };
    match app.command_blocking(
        ctx.actor()?,
        Command::Sighting(Box::new(command)),
        Vec::new(),
    ) {
        Ok(_) => Ok(redirect(PATH)),
        Err(error @ CommandError::Refused(_)) if !error.code().starts_with("authorise.") => {
            let (at, said) = refused_with(lang, &error, &|_, _| None);
            let at = if at.as_deref() == Some("note") {
                "note"
            } else {
                "why"
            };
            entered.errors.push((at, said));
            wrong(ctx, &it, &entered)
        }
        Err(error) => Err(error.into()),
    }
}

fn wrong(ctx: &Ctx, it: &ServiceInUse, entered: &Entered) -> Answer {
    let mut response = html(render(ctx, it, entered, None)?);
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// What a page needs to say who may see who it was.
pub(super) const READS: Action = Action::ReadPersonal;
