//! Judging the terms of a service as they are now (4.1.2(2)(a)): whoever keeps the entry says in one step
//! what came of it. Version, digest, day and post are put in by the program.

use axum::http::StatusCode;
use maud::html as markup;
use sekisho_domain::authorise::Subject;
use sekisho_domain::command::RegisterCommand;
use sekisho_domain::id::PostId;
use sekisho_domain::register::service::Judgement;
use sekisho_domain::register::sha256::Sha256;
use sekisho_domain::register::{Entry, EntryId, Particulars, Register, Service};
use sekisho_messages::{Lang, t, text};

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::optional_line;
use super::super::register::change::{Fail, commanded, keeper_of};
use super::super::register::{entry_path, title, trail};
use crate::console::components::{
    Choice, Field, Input, choices, csrf_field, error_summary, field, submit,
};
use crate::console::layout::{Place, heading, page as frame_page};

/// What was entered, and what is wrong with it.
#[derive(Default)]
struct Entered {
    version: String,
    sha256: String,
    judgement: String,
    conditions: String,
    errors: Vec<(&'static str, String)>,
}

/// The entry that is asked for. The gate is asked for keeping it before anything else.
fn kept(ctx: &Ctx) -> Result<Entry, Fault> {
    let id: EntryId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    ctx.gate(Register::Service.keep(), Subject::Entry(id))?;
    keeper_of(ctx, Register::Service)
}

fn service_of(entry: &Entry) -> Result<&Service, Fault> {
    match &*entry.particulars {
        Particulars::Service(service) => Ok(service),
        _ => Err(Fault::not_found()),
    }
}

pub(in crate::http) fn ask(ctx: &Ctx) -> Answer {
    let entry = kept(ctx)?;
    let service = service_of(&entry)?;
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let entered = Entered {
        version: text(service.terms_version.as_ref().map(|it| it.as_str())),
        sha256: text(service.terms_sha256.as_ref().map(|it| it.as_str())),
        conditions: text(service.conditions.as_ref().map(|it| it.as_str())),
        ..Entered::default()
    };
    render(ctx, &entry, &entered)
}

pub(in crate::http) fn judge(ctx: &Ctx, form: &Form) -> Answer {
    let entry = kept(ctx)?;
    let mut entered = Entered {
        version: form.get("version").to_owned(),
        sha256: form.get("sha256").trim().to_owned(),
        judgement: form.get("judgement").to_owned(),
        conditions: form.get("conditions").to_owned(),
        errors: Vec::new(),
    };
    let Some(service) = understood(ctx, service_of(&entry)?, &mut entered)? else {
        return render(ctx, &entry, &entered);
    };
    let command = RegisterCommand::Change {
        id: entry.id,
        unit: entry.unit,
        particulars: Particulars::Service(service),
        remark: None,
        expected: form.get("expected").parse().ok(),
    };
    match commanded(ctx, Register::Service, command) {
        Ok(()) => Ok(redirect(&entry_path(Register::Service, entry.id))),
        Err(Fail::Wrong(wrong)) => {
            entered
                .errors
                .extend(wrong.into_iter().map(|(_, said)| ("version", said)));
            render(ctx, &entry, &entered)
        }
        Err(Fail::Fault(fault)) => Err(fault),
    }
}

/// The post for which the reader judges: the responsible person's where the reader holds it.
fn post_of(ctx: &Ctx, service: &Service) -> Result<Option<PostId>, Fault> {
    let person = ctx.live()?.person;
    let world = ctx.site.app.world();
    let held: Vec<PostId> = world
        .posts_held(person, ctx.now)
        .map(|(_, post)| post.id)
        .collect();
    let owner = service.owner.filter(|owner| held.contains(owner));
    Ok(owner.or_else(|| held.first().copied()))
}

/// The service as judged; none where something is wrong with what was entered.
fn understood(
    ctx: &Ctx,
    service: &Service,
    entered: &mut Entered,
) -> Result<Option<Service>, Fault> {
    let lang = ctx.lang;
    let mut wrong = |at: &'static str, said: String| entered.errors.push((at, said));
    let version = match optional_line(lang, &entered.version) {
        Ok(Some(version)) => Some(version),
        Ok(None) => {
            wrong("version", t!(lang, "services.version_missing").into_owned());
            None
        }
        Err(said) => {
            wrong("version", said);
            None
        }
    };
    let sha256 = (!entered.sha256.is_empty()).then(|| Sha256::parse(&entered.sha256));
    if sha256 == Some(None) {
        wrong("sha256", t!(lang, "services.sha256_form").into_owned());
    }
    let judgement = Judgement::from_code(&entered.judgement);
    if judgement.is_none() {
        wrong(
            "judgement",
            t!(lang, "services.judgement_missing").into_owned(),
        );
    }
    let conditions = optional_line(lang, &entered.conditions).unwrap_or_else(|said| {
        wrong("conditions", said);
        None
    });
    if judgement == Some(Judgement::Conditional) && conditions.is_none() {
        wrong(
            "conditions",
            t!(lang, "services.conditions_missing").into_owned(),
        );
    }
    let judged_by = post_of(ctx, service)?;
    if judged_by.is_none() {
        wrong("judgement", t!(lang, "services.no_post").into_owned());
    }
    if !entered.errors.is_empty() {
        return Ok(None);
    }
    let today = ctx.now.jst_date();
    let sha256 = sha256.flatten();
    Ok(Some(Service {
        terms_version: version.clone(),
        terms_seen: Some(today),
        terms_sha256: sha256.clone(),
        judged_terms: version,
        judged_sha256: sha256,
        judged_on: Some(today),
        judged_by,
        judgement,
        conditions,
        ..service.clone()
    }))
}

/// What can come of a judgement.
fn conclusions(lang: Lang) -> Vec<Choice> {
    let choice = |it: &Judgement| {
        let code = it.code();
        Choice {
            value: code,
            label: text(lang, format!("register.service.judgement.{code}"), &[]),
            support: text(lang, format!("services.judgement.{code}_help"), &[]),
        }
    };
    Judgement::ALL.iter().map(choice).collect()
}

fn render(ctx: &Ctx, entry: &Entry, entered: &Entered) -> Answer {
    let lang = ctx.lang;
    let service = service_of(entry)?;
    let back = entry_path(Register::Service, entry.id);
    let mut trail = trail(lang, Register::Service);
    trail.push((title(lang, entry), back.clone()));
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
    let list = conclusions(lang);
    let input = |name: &'static str, label, support, required, value| {
        field(
            lang,
            &Field {
                name,
                label,
                support,
                required,
                input: Input::Text,
                value,
                error: wrong(name),
                autocomplete: "off",
                lang: None,
            },
        )
    };
    let main = markup! {
        (heading(&trail, &markup! { (t!(lang, "services.judge")) }, &markup! { (t!(lang, "services.judge_lead")) }))
        @if let Some(address) = &service.terms_address {
            p { (t!(lang, "register.service.terms_address")) (t!(lang, "console.colon")) code { (address.as_str()) } }
        }
        (error_summary(lang, &errors))
        form method="post" action={ (back) "/terms" } class="form" {
            (csrf_field(&ctx.live()?.csrf()))
            input type="hidden" name="expected" value=(entry.version);
            (input("version", t!(lang, "services.version"), Some(t!(lang, "services.version_support")), true, &entered.version))
            (input("sha256", t!(lang, "register.service.terms_sha256"), Some(t!(lang, "register.service.terms_sha256_help")), false, &entered.sha256))
            (choices(lang, "judgement", &t!(lang, "register.service.judgement"), &list, &entered.judgement, wrong("judgement")))
            (input("conditions", t!(lang, "register.service.conditions"), Some(t!(lang, "services.conditions_support")), false, &entered.conditions))
            div class="form-end" { (submit(&t!(lang, "services.judge_do"))) a href=(back) { (t!(lang, "register.cancel")) } }
        }
    };
    let mut frame = ctx.frame(Place::Register(Register::Service));
    frame.path = back;
    let mut response = html(frame_page(&frame, &t!(lang, "services.judge"), &main));
    if !entered.errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}
