//! The services that are really used: what waits first, and whether logs are read at all.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::code::{Param, Reason};
use sekisho_domain::command::{Command, SightingCommand};
use sekisho_domain::name::Line;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Arg, Lang, error_text, number, t, text};
use sekisho_rules::access::LOGS_FRESH;
use sekisho_store::observations::ServiceSource;

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::{PATH, called, kind, standing};
use crate::console::components::{
    Column, Tone, alert, cell, csrf_field, empty_state, instant_with_age, row_header, submit, table,
};
use crate::console::layout::{Place, page as frame_page, titled};
use crate::console::listed::files;
use crate::console::register::links;
use crate::service_use::lists::ServiceLists;
use crate::service_use::watched::WatchedSource;
use crate::service_use::{ServiceInUse, Standing, in_use};

/// What can be looked at.
const STATES: [&str; 5] = ["open", "registered", "not_ours", "ended", "all"];

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadServiceUse, Subject::Body)?;
    let lang = ctx.lang;
    let all = in_use(&ctx.site.app)?;
    let sources = ctx.site.app.observations().service_sources()?;
    let waits = all
        .iter()
        .any(|it| matches!(it.standing, Standing::Open(_)));
    let asked = ctx.query("state").unwrap_or_default();
    let state = STATES.into_iter().find(|it| *it == asked);
    let state = state.unwrap_or(if waits { "open" } else { "all" });
    let shown: Vec<&ServiceInUse> = all
        .iter()
        .filter(|it| state == "all" || it.standing.code() == state)
        .collect();
    let title = t!(lang, "services.title");
    let beside = markup! { @if !all.is_empty() { (links(&files(lang, PATH))) } };
    let main = markup! {
        (titled(&[], &markup! { (title) }, &markup! { (t!(lang, "services.lead")) }, &beside))
        (logs(ctx, &sources))
        nav class="filters" aria-label=(t!(lang, "services.filter")) {
            ul {
                @for it in STATES {
                    @let n = all.iter().filter(|one| it == "all" || one.standing.code() == it).count();
                    li {
                        a href={ (PATH) "?state=" (it) } aria-current=[(it == state).then_some("page")] {
                            (text(lang, format!("services.state.{it}"), &[])) " " span class="nav-count" { (n) }
                        }
                    }
                }
            }
        }
        @if shown.is_empty() {
            @if sources.is_empty() { (empty_state(&t!(lang, "services.empty"), &t!(lang, "services.empty_how"))) }
            @else { (empty_state(&t!(lang, "services.none_of_state"), &t!(lang, "services.none_of_state_how"))) }
        } @else { (rows(ctx, &shown)) }
        p class="actions" { a class="button button--secondary" href="/conferences" { (t!(lang, "services.matrix")) } }
        section aria-labelledby="list" {
            h2 id="list" { (t!(lang, "services.list.title")) }
            @match ServiceLists::of(&ctx.site.app) {
                Ok(lists) => (super::catalogue::in_use(ctx, &lists)),
                Err(error) => p class="muted" { (t!(lang, "services.list.unusable")) " " code { (error.told().0) } },
            }
            p { a href=(super::catalogue::PATH) { (t!(lang, "services.list.open")) } }
        }
        @if !sources.is_empty() { (read(ctx, &sources)) }
        (watched(ctx))
    };
    Ok(html(frame_page(
        &ctx.live_frame(Place::Services),
        &title,
        &main,
    )))
}

fn rows(ctx: &Ctx, shown: &[&ServiceInUse]) -> Markup {
    let lang = ctx.lang;
    let columns = [
        Column::text(t!(lang, "services.service")),
        Column::text(t!(lang, "services.kind")),
        Column::text(t!(lang, "services.standing")),
        Column::number(t!(lang, "services.units")),
        Column::number(t!(lang, "services.people")),
        Column::number(t!(lang, "services.times")),
        Column::text(t!(lang, "services.last_at")),
    ];
    let [name, what, how, units, people, times, last] = &columns;
    let row = |it: &&ServiceInUse| {
        let count = |n: u64| markup! { (number(i64::try_from(n).unwrap_or(i64::MAX))) };
        vec![
            row_header(
                name,
                &markup! { a href={ (PATH) "/" (it.service) } { (called(lang, &it.known.name)) } },
            ),
            cell(what, &markup! { (kind(lang, it.known.kind.as_str())) }),
            cell(how, &standing(ctx, it)),
            cell(
                units,
                &count(it.units.iter().filter(|it| it.unit.is_some()).count() as u64),
            ),
            cell(people, &count(u64::from(it.people))),
            cell(times, &count(it.times)),
            cell(last, &instant_with_age(lang, it.last_at, ctx.now)),
        ]
    };
    let list: Vec<Vec<Markup>> = shown.iter().map(row).collect();
    table(&t!(lang, "services.title"), &columns, &list)
}

/// Whether an officer has said that a source is none any more, and it was not read since.
fn is_retired(ctx: &Ctx, source: &ServiceSource) -> bool {
    let world = ctx.site.app.world();
    let given_up = world.retired_sources.get(&source.source);
    given_up.is_some_and(|at| source.taken_at <= at.as_millis())
}

/// The form by which a source that has fallen silent is given up.
fn gives_up(lang: Lang, csrf: &str, source: &ServiceSource) -> Markup {
    markup! {
        details {
            summary { (t!(lang, "services.source_retire")) }
            form method="post" action={ (PATH) "/sources/retire" } {
                (csrf_field(csrf))
                input type="hidden" name="source" value=(source.source);
                p class="small" { (t!(lang, "services.source_retire_sure")) }
                (submit(&t!(lang, "services.source_retire")))
            }
        }
    }
}

/// `POST /services/sources/retire`
pub(in crate::http) fn retire(ctx: &Ctx, form: &Form) -> Answer {
    ctx.gate(Action::KeepServices, Subject::Body)?;
    let app = &ctx.site.app;
    let known = app.observations().service_sources()?;
    let source = Line::parse(form.get("source")).ok();
    let source = source.filter(|it| known.iter().any(|one| one.source == it.as_str()));
    let source = source.ok_or_else(Fault::not_found)?;
    let command = Command::Sighting(Box::new(SightingCommand::RetireSource { source }));
    app.command_blocking(ctx.actor()?, command, Vec::new())?;
    Ok(redirect(PATH))
}

/// Whether a source has not been read for too long.
fn is_stale(source: &ServiceSource, now: Timestamp) -> bool {
    source
        .through_at
        .is_none_or(|at| Timestamp::from_millis(at).after(LOGS_FRESH) <= now)
}

/// Whether anything is seen: without logs the list shows nothing, and proves nothing.
fn logs(ctx: &Ctx, sources: &[ServiceSource]) -> Markup {
    let lang = ctx.lang;
    let stale: Vec<&str> = sources
        .iter()
        .filter(|it| is_stale(it, ctx.now) && !is_retired(ctx, it))
        .map(|it| it.source.as_str())
        .collect();
    markup! {
        @if sources.is_empty() {
            (alert(Tone::Warning, &t!(lang, "services.no_logs"), &markup! { p { (t!(lang, "services.no_logs_how")) } pre { code { "sekisho discover --into-server --source dns /var/log/dnsmasq.log" } } }))
        } @else if !stale.is_empty() {
            (alert(Tone::Warning, &t!(lang, "services.stale_logs", names = stale.join(", ")), &markup! { p { (t!(lang, "services.stale_logs_how")) } }))
        }
    }
}

/// The sources, with how far each was read.
fn read(ctx: &Ctx, sources: &[ServiceSource]) -> Markup {
    let lang = ctx.lang;
    let columns = [
        Column::text(t!(lang, "services.source")),
        Column::text(t!(lang, "services.through")),
        Column::number(t!(lang, "services.lines")),
        Column::number(t!(lang, "services.matched")),
        Column::number(t!(lang, "services.skipped")),
    ];
    let [name, through, lines, matched, skipped] = &columns;
    let count = |n: u64| markup! { (number(i64::try_from(n).unwrap_or(i64::MAX))) };
    let csrf = ctx.live().map(|live| live.csrf()).ok();
    let keeps = ctx.may(Action::KeepServices, Subject::Body);
    let row = |it: &ServiceSource| {
        let silent = is_stale(it, ctx.now) && keeps && !is_retired(ctx, it);
        vec![
            row_header(
                name,
                &markup! {
                    (it.source)
                    @if is_retired(ctx, it) { " " span class="state" { (t!(lang, "services.source_retired")) } }
                    @if let (true, Some(csrf)) = (silent, &csrf) { (gives_up(lang, csrf, it)) }
                },
            ),
            cell(
                through,
                &markup! {
                    @match it.through_at {
                        Some(at) => (instant_with_age(lang, Timestamp::from_millis(at), ctx.now)),
                        None => span class="muted" { (t!(lang, "services.through_unknown")) },
                    }
                    @if is_stale(it, ctx.now) && !is_retired(ctx, it) { " " span class="state state--warn" { (t!(lang, "services.stale")) } }
                },
            ),
            cell(lines, &count(it.lines)),
            cell(matched, &count(it.matched)),
            cell(skipped, &count(it.skipped)),
        ]
    };
    let list: Vec<Vec<Markup>> = sources.iter().map(row).collect();
    markup! {
        section aria-labelledby="sources" {
            h2 id="sources" { (t!(lang, "services.sources")) }
            (table(&t!(lang, "services.sources"), &columns, &list))
        }
    }
}

/// The logs that the server reads itself, with how that goes; nothing where it reads none.
fn watched(ctx: &Ctx) -> Markup {
    let lang = ctx.lang;
    let all = ctx.site.app.watched().all();
    let columns = [
        Column::text(t!(lang, "services.source")),
        Column::text(t!(lang, "services.watched.paths")),
        Column::text(t!(lang, "services.watched.last")),
        Column::number(t!(lang, "services.lines")),
        Column::text(t!(lang, "services.watched.state")),
    ];
    let [name, paths, last, lines, state] = &columns;
    let row = |it: &WatchedSource| {
        let read = it.last.as_ref();
        let every = t!(lang, "services.watched.every", n = it.every);
        vec![
            row_header(name, &markup! { (it.source) }),
            cell(
                paths,
                &markup! { (it.paths.join(", ")) br; span class="muted" { (every) } },
            ),
            cell(
                last,
                &markup! {
                    @match read {
                        Some(read) => (instant_with_age(lang, read.at, ctx.now)),
                        None => span class="muted" { (t!(lang, "services.watched.never")) },
                    }
                },
            ),
            cell(
                lines,
                &markup! { @if let Some(read) = read { (number(i64::try_from(read.lines).unwrap_or(i64::MAX))) } },
            ),
            cell(
                state,
                &markup! { @if let Some(read) = read { (faults(lang, &read.faults)) } },
            ),
        ]
    };
    let list: Vec<Vec<Markup>> = all.iter().map(row).collect();
    markup! {
        @if !list.is_empty() {
            section aria-labelledby="watched" {
                h2 id="watched" { (t!(lang, "services.watched.title")) }
                (table(&t!(lang, "services.watched.title"), &columns, &list))
            }
        }
    }
}

/// What could not be read, of what, and what to do.
fn faults(lang: Lang, all: &[Reason]) -> Markup {
    let detail = |reason: &Reason| match reason.params.get("detail") {
        Some(Param::Text(detail)) => detail.clone(),
        _ => String::new(),
    };
    let said = |reason: &Reason| {
        let detail = detail(reason);
        let said = error_text(
            lang,
            &reason.code,
            &[("detail", Arg::from(detail.as_str()))],
        );
        (detail, said)
    };
    markup! {
        @if all.is_empty() { span class="state state--good" { (t!(lang, "services.watched.good")) } }
        @for (detail, it) in all.iter().map(said) {
            p {
                span class="state state--warn" { (it.what) }
                @if !it.what.contains(&detail) { " " code { (detail) } }
                " " (it.todo)
            }
        }
    }
}

/// A service that is in use, by the path.
pub(super) fn asked(ctx: &Ctx) -> Result<ServiceInUse, Fault> {
    ctx.gate(Action::ReadServiceUse, Subject::Body)?;
    let id = ctx.parameter("id");
    let all = in_use(&ctx.site.app)?;
    all.into_iter()
        .find(|it| it.service == id)
        .ok_or_else(Fault::not_found)
}
