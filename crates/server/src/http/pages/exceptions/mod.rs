//! Exceptions: the list, one with what was measured of it, and what is done with it.

pub(in crate::http) mod act;
mod before;
mod figures;
pub(in crate::http) mod show;
pub(in crate::http::pages) mod whom;

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::exception::{LONG, MeasureStanding, RENEWALS};
use sekisho_domain::id::PermitId;
use sekisho_domain::permit::{Permit, PermitKind};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{day, t};
use sekisho_rules::exception::Standings;

use super::super::attachment::{asked_format, list_file};
use super::super::ctx::{Answer, Ctx, html};
use super::super::fault::Fault;
use super::permits::{applicant, path as permit_path, title};
use super::register::referents::unit_called;
use crate::console::exceptions::{ExceptionLine, ExceptionsView, PATH, exceptions_page};
use crate::console::layout::Place;
use crate::console::permits::term_words;
use crate::console::register::LinkTo;
use crate::exception::{ExceptionState, ExceptionTable};

/// Exceptions that are over and listed.
const OVER: usize = 200;

/// The path of an exception.
fn path(id: PermitId) -> String {
    format!("{PATH}/{id}")
}

/// The exceptions that were given and that the reader may read, the newest first: those in reach, those that
/// the reader decides on, and the reader's own.
pub(in crate::http) fn readable(ctx: &Ctx) -> Result<Vec<Permit>, Fault> {
    ctx.actor()?;
    let all: Vec<Permit> = {
        let world = ctx.site.app.world();
        let all = world.permits.of_kind(PermitKind::Exception);
        all.filter(|permit| permit.grant().is_some())
            .cloned()
            .collect()
    };
    let may = |permit: &Permit| ctx.may(Action::ReadPermit, Subject::Permit(permit.id));
    Ok(all.into_iter().filter(may).collect())
}

/// The name of a permit and its page, for who may read it.
pub(super) fn named_permit(ctx: &Ctx, id: PermitId) -> Option<(String, String)> {
    let permit = ctx.site.app.world().permits.get(id).cloned()?;
    let may = ctx.may(Action::ReadPermit, Subject::Permit(id));
    let href = match permit.kind() {
        PermitKind::Exception => path(id),
        _ => permit_path(id),
    };
    may.then(|| (title(ctx, &permit), href))
}

fn review(ctx: &Ctx, permit: &Permit, state: ExceptionState) -> Markup {
    let on = ctx.site.app.world().exception_review_on(permit);
    let on = on.filter(|_| state.is_live());
    let on = on.and_then(|day| Timestamp::start_of_jst_day(day).ok());
    markup! {
        @match on {
            Some(on) => {
                (day(ctx.lang, on))
                @if state == ExceptionState::Late { " " span class="state state--bad" { (t!(ctx.lang, "permits.overdue")) } }
            },
            None => { span class="muted" { "–" } },
        }
    }
}

/// How the measures of exceptions stand, in their order.
fn standings(ctx: &Ctx, all: &[Permit]) -> Vec<MeasureStanding> {
    let world = ctx.site.app.world();
    let posture = ctx.site.app.posture();
    let mut standings = Standings::new(&world, &posture, ctx.now);
    let standing = |permit| standings.gravest(permit);
    all.iter().map(standing).collect()
}

fn line(
    ctx: &Ctx,
    permit: &Permit,
    standing: MeasureStanding,
) -> Option<(ExceptionState, ExceptionLine)> {
    let lang = ctx.lang;
    let (state, unit, record) = {
        let world = ctx.site.app.world();
        let unit = unit_called(ctx, &world, world.unit_of_permit(permit, ctx.now));
        let state = ExceptionState::of(&world, permit, ctx.now)?;
        (state, unit, world.exception_record(permit.id))
    };
    let exception = permit.exception()?;
    let (_, until) = permit.life_until(ctx.now)?;
    let (began, to_settle, proved) = {
        let world = ctx.site.app.world();
        let began = world.exception_began(permit)?;
        let by = world.exception_confirmed(permit.id);
        let earlier = by.filter(|by| *by != permit.id);
        let earlier = earlier.and_then(|by| world.permits.get(by)?.grant());
        let proved = earlier.map(|grant| grant.number.to_string());
        let to_settle = world.is_exception_to_settle(permit, ctx.now);
        (began, to_settle, proved)
    };
    let ran = until.since(began);
    let whose = applicant(ctx, permit);
    let shown = ExceptionLine {
        href: path(permit.id),
        name: title(ctx, permit),
        requirement: exception.requirement.as_str().to_owned(),
        who: markup! { span class="nowrap" { (whose) } span class="todo" { (unit) } },
        state: state.code(),
        urgent: exception.urgent,
        term: permit
            .grant()
            .map_or_else(|| markup! {}, |grant| term_words(lang, grant.term)),
        review: review(ctx, permit, state),
        renewed: (record.renewed, to_settle && record.renewed >= RENEWALS),
        days: (ran.whole_days().max(0), to_settle && ran > LONG),
        standing: standing.code(),
        judgement: record.reviews.last().map(|it| it.judgement.code()),
        proved: proved.filter(|_| state.is_live()),
    };
    Some((state, shown))
}

/// `GET /exceptions`
pub(in crate::http) fn list(ctx: &Ctx) -> Answer {
    let mut all = readable(ctx)?;
    let late = |permit: &Permit| ctx.site.app.world().exception_review_late(permit);
    all.sort_by_cached_key(late);
    let (mut live, mut over) = (Vec::new(), Vec::new());
    for (permit, standing) in all.iter().zip(standings(ctx, &all)) {
        match line(ctx, permit, standing) {
            Some((state, line)) if state.is_live() => live.push(line),
            Some((_, line)) => over.push((permit.changed_at, line)),
            None => {}
        }
    }
    over.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    over.truncate(OVER);
    let link = |key: &str, format: &str| LinkTo {
        label: t!(ctx.lang, key).into_owned(),
        href: format!("{PATH}/table?format={format}"),
        primary: false,
    };
    let view = ExceptionsView {
        links: vec![
            link("plan.export-xlsx", "xlsx"),
            link("plan.export-csv", "csv"),
        ],
        live,
        over: over.into_iter().map(|(_, line)| line).collect(),
    };
    Ok(html(exceptions_page(&ctx.frame(Place::Exceptions), &view)))
}

/// `GET /exceptions/table`
pub(in crate::http) fn table(ctx: &Ctx) -> Answer {
    let all = readable(ctx)?;
    let format = asked_format(ctx)?;
    let written = ExceptionTable::export(&ctx.site.app, &all, format, ctx.lang);
    list_file((format, "exceptions"), written)
}
