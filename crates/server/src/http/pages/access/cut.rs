//! Cutting off: a page that names what would be cut, a reason, and the record.

use axum::http::StatusCode;
use maud::{Markup, html as markup};
use sekisho_domain::access::CutScope;
use sekisho_domain::authorise::Action;
use sekisho_domain::register::EntryId;
use sekisho_messages::{Lang, t, text};

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::person::shown_name;
use super::super::sentence;
use super::people::on;
use super::{device, person};
use crate::access::{CUT_REASON_MAX, CutFault, LiveTunnel};
use crate::console::components::{Tone, alert, confirmation};
use crate::console::layout::Place;
use crate::console::register::{FormView, Remark, form_page};

/// Tunnels that are named; of more the rest is counted.
const NAMED: usize = 100;

/// What is wrong, by its field.
type Wrong = Vec<(&'static str, String)>;

/// What the path names, where the reader may cut it.
fn asked(ctx: &Ctx) -> Result<CutScope, Fault> {
    let scope = CutScope::named(ctx.parameter("scope"), ctx.parameter("id"));
    let scope = scope.ok_or_else(Fault::not_found)?;
    ctx.gate(Action::CutAccess, ctx.site.app.cut_subject(scope)?)?;
    Ok(scope)
}

pub(in crate::http) fn ask(ctx: &Ctx) -> Answer {
    let scope = asked(ctx)?;
    let tunnels = ctx.site.app.tunnels_within(scope)?;
    Ok(html(render(ctx, scope, &tunnels, "", &Vec::new())))
}

pub(in crate::http) fn carry_out(ctx: &Ctx, form: &Form) -> Answer {
    let scope = asked(ctx)?;
    let lang = ctx.lang;
    let said = form.get("remark").trim();
    let mut wrong = Wrong::new();
    if said.is_empty() {
        wrong.push((
            "remark",
            t!(lang, "access-page.reason_missing").into_owned(),
        ));
    } else if said.chars().count() > CUT_REASON_MAX {
        let n = CUT_REASON_MAX;
        wrong.push((
            "remark",
            t!(lang, "permits.text_too_long", n = n).into_owned(),
        ));
    }
    if form.get("confirmed") != "yes" {
        wrong.push(("confirmed", sentence(lang, "form.confirm", &[])));
    }
    if wrong.is_empty() {
        let author = ctx.live()?.person;
        match ctx.site.app.cut_off(&ctx.actor()?, scope, (author, said)) {
            Ok(_) => return Ok(redirect("/access")),
            Err(CutFault::Command(error)) if error.code() == "access.nothing-to-cut" => {
                wrong.push(("main", sentence(lang, error.code(), &[])));
            }
            Err(CutFault::Command(error)) => {
                return Err(Fault::from(error).doing(Action::CutAccess));
            }
            Err(CutFault::Store(error)) => return Err(error.into()),
        }
    }
    let tunnels = ctx.site.app.tunnels_within(scope)?;
    let mut response = html(render(ctx, scope, &tunnels, said, &wrong));
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// What is cut, in words.
fn called(ctx: &Ctx, scope: CutScope) -> String {
    match scope {
        CutScope::Session(_) => String::new(),
        CutScope::Person(id) => shown_name(ctx, id),
        CutScope::Device(id) => on(ctx, EntryId::Device(id)),
        CutScope::System(id) => on(ctx, id.into()),
        CutScope::Gateway(id) => on(ctx, id.into()),
    }
}

fn title(ctx: &Ctx, lang: Lang, scope: CutScope) -> String {
    let key = format!("access-page.cut_title.{}", scope.code());
    text(lang, key, &[("what", called(ctx, scope).into())]).into_owned()
}

/// What keeps somebody away who was cut off: a cut alone does not.
fn remedy(ctx: &Ctx, scope: CutScope) -> Markup {
    let lang = ctx.lang;
    let key = format!("access-page.cut_remedy.{}", scope.code());
    let link = match scope {
        CutScope::Device(id) => Some(format!("/devices/{id}")),
        CutScope::System(id) => Some(format!("/registers/system/{id}")),
        CutScope::Gateway(id) => Some(format!("/registers/gateway/{id}")),
        CutScope::Person(id) => Some(format!("/access/people/{id}")),
        CutScope::Session(_) => None,
    };
    let body = markup! {
        p { (text(lang, key, &[])) }
        @if let Some(href) = link { p { a href=(href) { (t!(lang, "access-page.cut_remedy_go")) } } }
    };
    alert(Tone::Info, &t!(lang, "access-page.cut_means"), &body)
}

fn named(ctx: &Ctx, tunnels: &[LiveTunnel]) -> Markup {
    let lang = ctx.lang;
    let since = |it: &LiveTunnel| sekisho_messages::date(lang, it.open.confirmed_at);
    markup! {
        h2 { (t!(lang, "access-page.cut_names", n = tunnels.len())) }
        @if tunnels.is_empty() { p class="muted" { (t!(lang, "access-page.no_tunnels")) } }
        ul class="words" {
            @for it in tunnels.iter().take(NAMED) {
                li {
                    p { strong { (person(ctx, it.open.person)) } " / " (device(ctx, it.open.device)) }
                    p class="small muted" { (t!(lang, "access-page.since_line", at = since(it))) }
                }
            }
        }
        @if tunnels.len() > NAMED { p { (t!(lang, "access-page.and_so_many", n = tunnels.len() - NAMED)) } }
    }
}

fn render(ctx: &Ctx, scope: CutScope, tunnels: &[LiveTunnel], said: &str, wrong: &Wrong) -> Markup {
    let lang = ctx.lang;
    let at = |name: &str| {
        let found = wrong.iter().find(|(field, _)| *field == name);
        found.map(|(_, said)| said.as_str())
    };
    let csrf = ctx.live().map(crate::identity::session::Live::csrf);
    let view = FormView {
        trail: vec![(
            t!(lang, "access-page.title").into_owned(),
            "/access".to_owned(),
        )],
        title: title(ctx, lang, scope),
        lead: t!(lang, "access-page.cut_lead").into_owned(),
        note: markup! { (remedy(ctx, scope)) (named(ctx, tunnels)) },
        action: format!("/access/cut/{}/{}", scope.code(), ctx.parameter("id")),
        csrf: csrf.unwrap_or_default(),
        hidden: Vec::new(),
        inputs: confirmation(
            lang,
            "confirmed",
            &t!(lang, "access-page.cut_confirm"),
            at("confirmed"),
        ),
        remark: Some(Remark {
            label: t!(lang, "access-page.reason").into_owned(),
            support: Some(t!(lang, "access-page.reason_support").into_owned()),
            required: true,
            value: said.to_owned(),
            error: at("remark").map(str::to_owned),
        }),
        submit: t!(lang, "access-page.cut_do").into_owned(),
        danger: true,
        back: "/access".to_owned(),
        errors: wrong
            .iter()
            .map(|(field, said)| ((*field).to_owned(), said.clone()))
            .collect(),
    };
    form_page(&ctx.frame(Place::Access), &view)
}
