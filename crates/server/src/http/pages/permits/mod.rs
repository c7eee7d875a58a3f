//! Permits: applying for one, deciding on it, and its life until it is closed.

pub(in crate::http) mod act;
mod acts;
pub(in crate::http) mod all;
pub(in crate::http) mod apply;
mod choices;
mod content;
pub(in crate::http) mod decide;
pub(in crate::http) mod deputies;
mod deputy_lists;
mod form;
mod history;
pub(in crate::http) mod kinds;
pub(in crate::http) mod mine;
pub(in crate::http::pages) mod named;
pub(in crate::http) mod owed;
pub(in crate::http) mod paper;
mod preview;
pub(in crate::http) mod rules;
pub(in crate::http) mod show;
pub(in crate::http) mod waiting;
mod weigh;
mod words;

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::id::PermitId;
use sekisho_domain::permit::{Permit, Route};
use sekisho_domain::world::World;

use super::super::ctx::Ctx;
use super::super::fault::Fault;
use super::person_name;
use super::register::referents::called;
use crate::console::permits::{Row, kind_name};

/// The permit that the path names, where the reader may read it.
pub(in crate::http::pages) fn asked(ctx: &Ctx) -> Result<Permit, Fault> {
    let id: PermitId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    // The gate comes first, so that nobody learns which ids exist.
    ctx.gate(Action::ReadPermit, Subject::Permit(id))?;
    let known = ctx.site.app.world().permits.get(id).cloned();
    known.ok_or_else(Fault::not_found)
}

/// The path of a permit.
pub(in crate::http::pages) fn path(id: PermitId) -> String {
    format!("/permits/{id}")
}

/// What a permit is called: its kind, and its number where it has one.
pub(in crate::http::pages) fn title(ctx: &Ctx, permit: &Permit) -> String {
    let kind = kind_name(ctx.lang, permit.kind());
    match permit.grant() {
        Some(grant) => format!("{kind} {}", grant.number),
        None => kind.into_owned(),
    }
}

/// The post that decides and who holds it, as far as the reader may know: the title of a post is no
/// secret of who decides, the name is for those who may read the directory and for the applicant.
fn decider(ctx: &Ctx, route: &Route) -> String {
    let (title, holders) = {
        let world = ctx.site.app.world();
        let title = post_called(ctx, &world, route.post);
        let holders: Vec<_> = world.holders(route.post, ctx.now).collect();
        (title, holders)
    };
    let names: Vec<String> = holders
        .into_iter()
        .filter_map(|person| person_name(ctx, person))
        .collect();
    if names.is_empty() {
        title
    } else {
        let names = names.into_iter().map(std::borrow::Cow::Owned);
        format!("{title} {}", crate::console::words::list(ctx.lang, names))
    }
}

/// The title of a post; empty where there is none.
fn post_called(ctx: &Ctx, world: &World, post: sekisho_domain::id::PostId) -> String {
    let known = world.posts.get(&post);
    known.map_or_else(String::new, |post| called(ctx, &post.title))
}

/// The name of an applicant. Whoever reads a permit knows whose it is.
pub(in crate::http::pages) fn applicant(ctx: &Ctx, permit: &Permit) -> String {
    person_name(ctx, permit.applicant).unwrap_or_else(|| permit.applicant.to_string())
}

/// What a list says of a permit.
fn row(ctx: &Ctx, permit: &Permit) -> Row {
    let term = permit.grant().map_or(permit.wanted, |grant| grant.term);
    Row {
        href: path(permit.id),
        kind: permit.kind(),
        number: permit.grant().map(|grant| grant.number.to_string()),
        applicant: applicant(ctx, permit),
        unit: {
            let world = ctx.site.app.world();
            let unit = world.unit_of_permit(permit, ctx.now);
            super::register::referents::unit_called(ctx, &world, unit)
        },
        about: about(ctx, permit),
        grade: permit.grade,
        term,
        status: permit.status(ctx.now),
        overdue: permit.is_overdue(ctx.now),
        asks_later_end: permit.waits(ctx.now) && permit.asked_until().is_some(),
        applied_at: permit.applied_at,
    }
}

/// What a permit is about in a few words: what its first reference or line names.
fn about(ctx: &Ctx, permit: &Permit) -> Option<String> {
    use crate::console::fields::Referents as _;
    let things = named::Named(super::register::referents::Things { ctx });
    let refers = || {
        let first = permit.particulars.references().into_iter().next()?;
        things.get(first.prefix, &first.id).map(|it| it.name)
    };
    let values = permit.particulars.values();
    let says = || {
        let codes = ["name", "model", "requirement"];
        codes.iter().find_map(|code| match values.get(*code)? {
            sekisho_domain::field::Value::Text(text) => Some(text.clone()),
            _ => None,
        })
    };
    // Software is known by its own name, and not by the system on which it is to run.
    match permit.kind() {
        sekisho_domain::permit::PermitKind::Software => says().or_else(refers),
        _ => refers().or_else(says),
    }
}

/// The permit does not stand so that this could be done with it.
fn not_now(ctx: &Ctx, permit: &Permit, act: sekisho_domain::permit::ActKind) -> Fault {
    let status = crate::console::permits::status_word(ctx.lang, permit.status(ctx.now));
    let act = sekisho_messages::text(ctx.lang, format!("permits.act.{}", act.code()), &[]);
    Fault::new(axum::http::StatusCode::CONFLICT, "permit.not-now")
        .with("status", &status)
        .with("act", &act)
}
