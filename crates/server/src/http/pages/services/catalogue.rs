//! The list of services that logs are looked through with: what is in use, and the organisation's own entries.

use std::borrow::Cow;
use std::collections::BTreeSet;

use axum::http::StatusCode;
use maud::{Markup, html as markup};
use sekisho_detect::discovery::{
    CatalogueError, HiddenService, ListChanges, ListedService, ServiceKind, ServiceList, Words,
};
use sekisho_domain::authorise::{Action, GRANTS, Reach, Subject};
use sekisho_messages::{Arg, Lang, error_text, t, text};

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::{PATH as SERVICES, kind};
use crate::console::components::{
    Choice, Column, Field, Input, Tone, alert, cell, choices, csrf_field, error_summary, field,
    instant_with_age, row_header, submit, table, text_area,
};
use crate::console::layout::{Place, heading, page as frame_page};
use crate::console::words::role;
use crate::knowledge::services::{OwnChange, ServicesError, change_own_services};
use crate::service_use::lists::{ListError, OWN_FILE, ServiceLists, recorded_feed};

/// The page.
pub(super) const PATH: &str = "/service-catalogue";
/// Longest list of domains that a form takes, in characters.
const DOMAINS_LONGEST: usize = 20_000;

/// What was entered, and what is wrong with it.
#[derive(Default)]
struct Entered {
    id: String,
    ja: String,
    en: String,
    kind: String,
    domains: String,
    errors: Vec<(&'static str, String)>,
}

impl Entered {
    fn of(service: &ListedService) -> Self {
        Self {
            id: service.id.clone(),
            ja: service.name.ja.clone(),
            en: service.name.en.clone(),
            kind: service.kind.code().to_owned(),
            domains: service.domains.join("\n"),
            errors: Vec::new(),
        }
    }
}

fn faulty(error: &ListError) -> Fault {
    Fault::internal(error)
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadServiceUse, Subject::Body)?;
    let lists = match ServiceLists::of(&ctx.site.app) {
        Ok(lists) => lists,
        Err(error) => return Ok(html(unusable(ctx, &error))),
    };
    let together = match lists.together() {
        Ok(together) => together,
        Err(error) => return Ok(html(unusable(ctx, &error))),
    };
    let asked = ctx.query("id").unwrap_or_default();
    let known = together.service.iter().find(|it| it.id == asked);
    let entered = known.map(Entered::of).unwrap_or_default();
    Ok(html(render(ctx, &lists, &together, &entered)?))
}

/// The page where a list lies that cannot be used: what is wrong with it, in the place of the list.
fn unusable(ctx: &Ctx, error: &ListError) -> Markup {
    let title = t!(ctx.lang, "services.list.title");
    let said = said(ctx.lang, error);
    let main = markup! {
        (heading(&trail(ctx), &markup! { (title) }, &markup! {}))
        (alert(Tone::Error, &t!(ctx.lang, "services.list.unusable"), &markup! { p { (said) } }))
    };
    frame_page(&ctx.frame(Place::Services), &title, &main)
}

fn trail(ctx: &Ctx) -> [(String, String); 1] {
    let services = t!(ctx.lang, "services.title").into_owned();
    [(services, SERVICES.to_owned())]
}

fn said(lang: Lang, error: &ListError) -> String {
    let (code, about) = error.told();
    error_text(lang, code, &[("detail", Arg::from(about))]).what
}

fn render(
    ctx: &Ctx,
    lists: &ServiceLists,
    together: &ServiceList,
    entered: &Entered,
) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    let title = t!(lang, "services.list.title");
    let main = markup! {
        (heading(&trail(ctx), &markup! { (title) }, &markup! { (t!(lang, "services.list.lead")) }))
        (in_use(ctx, lists))
        @if ctx.may(Action::KeepServices, Subject::Body) { (writes(ctx, entered)?) }
        @else {
            p class="muted" { (t!(lang, "services.list.who_may", roles = keepers(lang).as_str())) }
        }
        (services(ctx, lists, together)?)
    };
    let mut frame = ctx.frame(Place::Services);
    PATH.clone_into(&mut frame.path);
    Ok(frame_page(&frame, &title, &main))
}

/// The roles that keep the services of the whole, and with them its own entries.
fn keepers(lang: Lang) -> String {
    let grants = GRANTS.iter();
    let of_all = grants.filter(|it| it.action == Action::KeepServices && it.reach == Reach::Body);
    let names: Vec<Cow<'static, str>> = of_all.map(|it| role(lang, it.role)).collect();
    names.join(match lang {
        Lang::Ja => "、",
        Lang::En => ", ",
    })
}

/// Which list is in use: of when, how many services, and what came with it.
pub(super) fn in_use(ctx: &Ctx, lists: &ServiceLists) -> Markup {
    let lang = ctx.lang;
    let feed = recorded_feed(&ctx.site.app.world()).cloned();
    let own = lists.own.service.len();
    let file = lists.file.as_ref().map_or(0, |it| it.service.len());
    let in_use = lists.feed_in_use().is_ok_and(|it| it.is_some());
    let hidden = lists.hidden().unwrap_or_default();
    markup! {
        @match feed.filter(|_| in_use) {
            Some(feed) => {
                p {
                    (t!(lang, "services.list.feed", n = feed.entries)) " "
                    (instant_with_age(lang, feed.as_of, ctx.now))
                }
                @if !feed.is_fresh(ctx.now) {
                    (alert(Tone::Warning, &t!(lang, "services.list.old"), &markup! { p { (t!(lang, "services.list.old_how")) } }))
                }
                @if let (Some(now), Some(before)) = (&lists.feed, &lists.before) { (changes(lang, &now.since(before))) }
            },
            None => {
                @if let Ok(base) = lists.base() {
                    p { (t!(lang, "services.list.built_in", n = base.service.len(), day = base.as_of.as_deref().unwrap_or("–"))) }
                }
                @if lists.feed.is_some() { p class="muted" { (t!(lang, "services.list.overtaken")) } }
            }
        }
        @if own + file > 0 { p { (t!(lang, "services.list.own", own = own, file = file)) } }
        @if !hidden.is_empty() { (unseen(lang, &hidden)) }
        @if lists.unrecorded {
            (alert(Tone::Warning, &t!(lang, "services.list.unrecorded"), &markup! { p { (t!(lang, "services.list.unrecorded_how")) } }))
        }
    }
}

/// The services of the published list that own entries keep from being found, each with its domains.
fn unseen(lang: Lang, hidden: &[HiddenService]) -> Markup {
    let called = |it: &HiddenService| match lang {
        Lang::Ja => it.name.ja.clone(),
        Lang::En => it.name.en.clone(),
    };
    let title = t!(lang, "services.list.hidden", n = hidden.len());
    let list = markup! {
        p { (t!(lang, "services.list.hidden_how")) }
        ul { @for it in hidden { li { (called(it)) " " code { (it.domains.join(", ")) } } } }
    };
    alert(Tone::Warning, &title, &list)
}

/// By which services the feed differs from the one before.
fn changes(lang: Lang, changes: &ListChanges) -> Markup {
    let all = [
        ("added", &changes.added),
        ("removed", &changes.removed),
        ("changed", &changes.changed),
    ];
    markup! {
        @for (what, ids) in all.into_iter().filter(|(_, ids)| !ids.is_empty()) {
            p class="small" { (text(lang, format!("services.list.{what}"), &[("n", Arg::from(ids.len()))])) " " (ids.join(", ")) }
        }
    }
}

/// What a service can be for.
fn kinds(lang: Lang) -> Vec<Choice> {
    let all = ServiceKind::ALL.into_iter().map(|it| Choice {
        value: it.code(),
        label: kind(lang, it.code()).into(),
        support: "".into(),
    });
    all.collect()
}

/// The form that puts an entry in.
fn writes(ctx: &Ctx, entered: &Entered) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    let errors: Vec<(&str, &str)> = entered
        .errors
        .iter()
        .map(|(at, said)| (*at, said.as_str()))
        .collect();
    let wrong = |name: &str| {
        let mut found = errors.iter().filter(|(at, _)| *at == name);
        found.next().map(|(_, said)| *said)
    };
    let line = |name: &'static str,
                label: Cow<'static, str>,
                support: Option<Cow<'static, str>>,
                value: &str| {
        let field_of = Field {
            name,
            label,
            support,
            required: true,
            input: Input::Text,
            value,
            error: wrong(name),
            autocomplete: "off",
            lang: None,
        };
        field(lang, &field_of)
    };
    let domains = Field {
        name: "domains",
        label: t!(lang, "services.domains"),
        support: Some(t!(lang, "services.list.domains_support")),
        required: false,
        input: Input::Text,
        value: &entered.domains,
        error: wrong("domains"),
        autocomplete: "off",
        lang: None,
    };
    let shown = !errors.is_empty() || !entered.id.is_empty();
    Ok(markup! {
        details open[shown] {
            summary { (t!(lang, "services.list.write")) }
            (error_summary(lang, &errors))
            form method="post" action=(PATH) class="form" {
                (csrf_field(&ctx.live()?.csrf()))
                (line("id", t!(lang, "services.list.id"), Some(t!(lang, "services.list.id_support")), &entered.id))
                (line("ja", t!(lang, "services.list.ja"), None, &entered.ja))
                (line("en", t!(lang, "services.list.en"), None, &entered.en))
                (choices(lang, "kind", &t!(lang, "services.kind"), &kinds(lang), &entered.kind, wrong("kind")))
                (text_area(lang, &domains, DOMAINS_LONGEST))
                (submit(&t!(lang, "services.list.save")))
            }
        }
    })
}

/// Every service that is looked for, with where it is written.
fn services(ctx: &Ctx, lists: &ServiceLists, together: &ServiceList) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    let ids = |list: &ServiceList| -> BTreeSet<String> {
        list.service.iter().map(|it| it.id.clone()).collect()
    };
    let own = ids(&lists.own);
    let file = lists.file.as_ref().map(ids).unwrap_or_default();
    let may = ctx.may(Action::KeepServices, Subject::Body);
    let csrf = if may {
        ctx.live()?.csrf()
    } else {
        String::new()
    };
    let columns = [
        Column::text(t!(lang, "services.service")),
        Column::text(t!(lang, "services.kind")),
        Column::text(t!(lang, "services.domains")),
        Column::text(t!(lang, "services.list.origin")),
    ];
    let [name, what, domains, origin] = &columns;
    let row = |it: &ListedService| {
        let called = match lang {
            Lang::Ja => &it.name.ja,
            Lang::En => &it.name.en,
        };
        let (written, is_own) = match (file.contains(&it.id), own.contains(&it.id)) {
            (true, _) => (OWN_FILE.to_owned(), false),
            (false, true) => (t!(lang, "services.list.is_own").into_owned(), true),
            (false, false) => (t!(lang, "services.list.is_base").into_owned(), false),
        };
        vec![
            row_header(
                name,
                &markup! {
                    (called) " " code { (it.id) }
                    @if may { " " a href={ (PATH) "?id=" (it.id) } { (t!(lang, "services.list.edit")) } }
                },
            ),
            cell(what, &markup! { (kind(lang, it.kind.code())) }),
            cell(domains, &markup! { (it.domains.join(", ")) }),
            cell(
                origin,
                &markup! {
                    (written)
                    @if may && is_own { details {
                        summary { (t!(lang, "services.list.remove")) }
                        form method="post" action={ (PATH) "/remove" } {
                            (csrf_field(&csrf))
                            input type="hidden" name="id" value=(it.id);
                            p class="small" { (t!(lang, "services.list.remove_sure")) }
                            (submit(&t!(lang, "services.list.remove_do")))
                        }
                    } }
                },
            ),
        ]
    };
    let rows: Vec<Vec<Markup>> = together.service.iter().map(row).collect();
    Ok(table(&t!(lang, "services.list.title"), &columns, &rows))
}

/// A form as an entry, or where it is wrong.
fn read(ctx: &Ctx, entered: &mut Entered, lists: &ServiceLists) -> Option<ListedService> {
    let chosen = ServiceKind::ALL
        .into_iter()
        .find(|it| it.code() == entered.kind);
    let Some(kind) = chosen else {
        let missing = t!(ctx.lang, "services.list.kind_missing").into_owned();
        entered.errors.push(("kind", missing));
        return None;
    };
    let domains = entered.domains.split([',', '、', '\n', '\r', ' ', '\t']);
    Some(ListedService {
        id: entered.id.clone(),
        name: Words {
            ja: entered.ja.clone(),
            en: entered.en.clone(),
        },
        kind,
        domains: domains
            .filter(|it| !it.is_empty())
            .map(str::to_owned)
            .collect(),
        programs: lists.programs_of(&entered.id),
    })
}

/// `POST /service-catalogue`
pub(in crate::http) fn save(ctx: &Ctx, form: &Form) -> Answer {
    ctx.gate(Action::KeepServices, Subject::Body)?;
    let text = |name: &str| form.get(name).trim().to_owned();
    let mut entered = Entered {
        id: text("id"),
        ja: text("ja"),
        en: text("en"),
        kind: text("kind"),
        domains: text("domains"),
        errors: Vec::new(),
    };
    let app = &ctx.site.app;
    let lists = ServiceLists::of(app).map_err(|error| faulty(&error))?;
    if let Some(service) = read(ctx, &mut entered, &lists) {
        match change_own_services(app, ctx.actor()?, &OwnChange::Put(service)) {
            Ok(_) => return Ok(redirect(PATH)),
            Err(ServicesError::List(error @ ListError::Form(_))) => {
                entered.errors.push((place(&error), said(ctx.lang, &error)));
            }
            Err(error) => return Err(fault_of(error)),
        }
    }
    let together = lists.together().map_err(|error| faulty(&error))?;
    let mut response = html(render(ctx, &lists, &together, &entered)?);
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// The field that an error is about.
const fn place(error: &ListError) -> &'static str {
    match error {
        ListError::Form(CatalogueError::Id(_)) => "id",
        ListError::Form(CatalogueError::Name(_)) => "ja",
        _ => "domains",
    }
}

/// A change that was not made, as a page says it.
pub(in crate::http) fn fault_of(error: ServicesError) -> Fault {
    match error {
        ServicesError::Command(error) => error.into(),
        ServicesError::List(ListError::Store(error)) => error.into(),
        other => {
            let (code, about) = match &other {
                ServicesError::List(error) => {
                    let (code, about) = error.told();
                    (code.to_owned(), about)
                }
                other => (other.code().to_owned(), String::new()),
            };
            Fault::new(StatusCode::UNPROCESSABLE_ENTITY, &code).with("detail", &about)
        }
    }
}

/// `POST /service-catalogue/remove`
pub(in crate::http) fn remove(ctx: &Ctx, form: &Form) -> Answer {
    ctx.gate(Action::KeepServices, Subject::Body)?;
    let change = OwnChange::Remove(form.get("id").to_owned());
    match change_own_services(&ctx.site.app, ctx.actor()?, &change) {
        Ok(true) => Ok(redirect(PATH)),
        Ok(false) => Err(Fault::not_found()),
        Err(error) => Err(fault_of(error)),
    }
}
