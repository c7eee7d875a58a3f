//! What the page of a service or conference tool says besides its fields: the judgement of the terms, the
//! matrix, the checklist of settings, and the use that logs show.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::id::PostId;
use sekisho_domain::register::conference_tool::{ConferenceMeasure, MeetingHost};
use sekisho_domain::register::service::{Judgement, ServiceKind, TermsState};
use sekisho_domain::register::{ConferenceTool, Entry, EntryId, Particulars, Register, Service};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t, text};

use super::super::super::ctx::Ctx;
use super::super::super::fault::Fault;
use super::super::register::entry_path;
use super::matrix::{host_of, of_host};
use super::{PATH, called, clients};
use crate::console::components::{
    Column, Definitions, cell, definitions, instant_with_age, row_header, table,
};
use crate::service_use::{Standing, in_use};

/// The sections of an entry.
///
/// # Errors
/// The codes of the store.
pub(in crate::http::pages) fn sections(
    ctx: &Ctx,
    entry: &Entry,
) -> Result<Vec<(String, Markup)>, Fault> {
    let lang = ctx.lang;
    let mut list = Vec::new();
    match &*entry.particulars {
        Particulars::Service(service) if service.kind == ServiceKind::Terms => {
            let heading = t!(lang, "services.terms_heading").into_owned();
            list.push((heading, terms(ctx, entry, service)));
        }
        Particulars::Service(_) => {}
        Particulars::ConferenceTool(tool) => {
            list.push((t!(lang, "services.matrix").into_owned(), matrix(lang, tool)));
            list.push((
                t!(lang, "services.checklist").into_owned(),
                checklist(lang, tool),
            ));
            if let EntryId::ConferenceTool(id) = entry.id {
                let heading = t!(lang, "services.clients").into_owned();
                list.push((heading, clients::section(ctx, id, tool)));
            }
        }
        _ => return Ok(list),
    }
    if ctx.may(Action::ReadServiceUse, Subject::Body) {
        list.push((
            t!(lang, "services.seen_use").into_owned(),
            seen(ctx, entry)?,
        ));
    }
    Ok(list)
}

fn terms(ctx: &Ctx, entry: &Entry, service: &Service) -> Markup {
    let lang = ctx.lang;
    let state = service.terms_state();
    let (class, key) = match state {
        TermsState::Judged(Judgement::Acceptable) => ("state--good", "services.terms.acceptable"),
        TermsState::Judged(Judgement::Conditional) => ("state--good", "services.terms.conditional"),
        TermsState::Judged(Judgement::Unacceptable) => {
            ("state--bad", "services.terms.unacceptable")
        }
        TermsState::Changed => ("state--bad", "services.terms.changed"),
        TermsState::Unjudged => ("state--bad", "services.terms.unjudged"),
        TermsState::Unread => ("state--bad", "services.terms.unread"),
    };
    let mut facts: Definitions = vec![(
        t!(lang, "services.terms_state"),
        markup! { span class={ "state " (class) } { (text(lang, key, &[])) } },
    )];
    let edition = |version: Option<&str>, digest: Option<&str>| {
        markup! {
            @match version { Some(version) => (version), None => span class="muted" { "–" } }
            @if let Some(digest) = digest { br; code class="digest" { (digest) } }
        }
    };
    let digest = service.terms_sha256.as_ref().map(|it| it.as_str());
    facts.push((
        t!(lang, "services.terms_now"),
        edition(service.terms_version.as_ref().map(|it| it.as_str()), digest),
    ));
    if service.judgement.is_some() {
        let digest = service.judged_sha256.as_ref().map(|it| it.as_str());
        facts.push((
            t!(lang, "services.terms_judged"),
            edition(service.judged_terms.as_ref().map(|it| it.as_str()), digest),
        ));
        facts.push((
            t!(lang, "services.terms_by"),
            by(
                ctx,
                service.judged_by,
                service
                    .judged_on
                    .and_then(|day| Timestamp::start_of_jst_day(day).ok()),
            ),
        ));
    }
    let may = entry.is_active() && ctx.may(Register::Service.keep(), Subject::Entry(entry.id));
    markup! {
        (definitions(&facts))
        @if may {
            p class="actions" {
                a class="button" href={ (entry_path(Register::Service, entry.id)) "/terms" } { (t!(lang, "services.judge")) }
            }
        }
    }
}

fn by(ctx: &Ctx, post: Option<PostId>, on: Option<Timestamp>) -> Markup {
    let title = post.and_then(|post| {
        let world = ctx.site.app.world();
        world
            .posts
            .get(&post)
            .map(|post| called(ctx.lang, &post.title))
    });
    markup! {
        @if let Some(title) = title { (title) " " }
        @if let Some(on) = on { (sekisho_messages::day(ctx.lang, on)) }
    }
}

fn matrix(lang: Lang, tool: &ConferenceTool) -> Markup {
    let facts: Definitions = MeetingHost::ALL
        .iter()
        .map(|host| (host_of(lang, *host), of_host(lang, tool, *host)))
        .collect();
    markup! {
        (definitions(&facts))
        p { a href="/conferences" { (t!(lang, "services.matrix_all")) } }
    }
}

fn checklist(lang: Lang, tool: &ConferenceTool) -> Markup {
    let columns = [
        Column::text(t!(lang, "services.setting")),
        Column::text(t!(lang, "services.answer")),
        Column::text(t!(lang, "services.looked_at")),
    ];
    let [setting, answer, at] = &columns;
    let row = |measure: &ConferenceMeasure| {
        let name = text(
            lang,
            format!("register.conference_tool.measures.{}", measure.code()),
            &[],
        );
        let (class, key) = match tool.setting(*measure) {
            Some(true) => ("state state--good", "services.setting.on"),
            Some(false) => ("state state--warn", "services.setting.off"),
            None => ("state state--bad", "services.setting.open"),
        };
        let day = tool
            .settings_reviewed
            .filter(|_| tool.setting(*measure).is_some());
        let day = day.and_then(|day| Timestamp::start_of_jst_day(day).ok());
        vec![
            row_header(setting, &markup! { (name) }),
            cell(
                answer,
                &markup! { span class=(class) { (text(lang, key, &[])) } },
            ),
            cell(
                at,
                &markup! { @match day { Some(day) => (sekisho_messages::day(lang, day)), None => span class="muted" { "–" } } },
            ),
        ]
    };
    let rows: Vec<Vec<Markup>> = ConferenceMeasure::ALL.iter().map(row).collect();
    markup! {
        (table(&t!(lang, "services.checklist"), &columns, &rows))
        @if let Some(instead) = &tool.measures_instead {
            p { strong { (t!(lang, "services.instead")) } (t!(lang, "console.colon")) (instead.as_str()) }
        }
    }
}

/// The use that logs show of an entry.
fn seen(ctx: &Ctx, entry: &Entry) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    let all = in_use(&ctx.site.app)?;
    let of: Vec<_> = all
        .iter()
        .filter(|it| it.standing == Standing::Registered(entry.id))
        .collect();
    Ok(markup! {
        @if of.is_empty() { p class="muted" { (t!(lang, "services.not_seen")) } }
        @else {
            ul class="plain-list" {
                @for it in of {
                    li {
                        a href={ (PATH) "/" (it.service) } { (called(lang, &it.known.name)) }
                        " " span class="small muted" { (t!(lang, "services.last_at")) " " (instant_with_age(lang, it.last_at, ctx.now)) }
                    }
                }
            }
        }
    })
}
