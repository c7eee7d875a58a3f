//! The stand-ins and delegations in force or to come, as far as the reader may name or end them.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::delegation::Delegation;
use sekisho_domain::permit::PermitKind;
use sekisho_domain::stand_in::StandIn;
use sekisho_domain::time::Span;
use sekisho_messages::{day as day_words, t, text};

use super::super::super::ctx::Ctx;
use super::super::super::fault::Fault;
use super::super::person_name;
use super::post_called;
use crate::console::components::{Column, cell, csrf_field, empty_state, row_header, table};
use crate::console::fields::grade_badge;
use crate::console::permits::{kind_name, term_words};
use crate::console::words::list;

fn kinds_words(ctx: &Ctx, kinds: &[PermitKind]) -> String {
    if kinds.is_empty() {
        return t!(ctx.lang, "permits.all_kinds").into_owned();
    }
    list(ctx.lang, kinds.iter().map(|it| kind_name(ctx.lang, *it)))
}

fn end_button(ctx: &Ctx, action: &str) -> Result<Markup, Fault> {
    Ok(markup! {
        form method="post" action=(action) {
            (csrf_field(&ctx.live()?.csrf()))
            button class="button button--quiet" type="submit" { (t!(ctx.lang, "permits.end_it")) }
        }
    })
}

pub(super) fn stand_ins(ctx: &Ctx) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    let all: Vec<StandIn> = {
        let world = ctx.site.app.world();
        let all = world.stand_ins.iter();
        let mut open: Vec<StandIn> = all.filter(|it| it.valid.until > ctx.now).cloned().collect();
        open.sort_by_key(|it| (it.valid.from, it.id));
        open
    };
    let columns = [
        Column::text(t!(lang, "permits.post")),
        Column::text(t!(lang, "permits.stands_in")),
        Column::text(t!(lang, "permits.term")),
        Column::text(t!(lang, "permits.for_kinds")),
        Column::text(t!(lang, "permits.end")),
    ];
    let mut rows = Vec::new();
    for it in &all {
        let own = ctx.live()?.person == it.person;
        let may = ctx.may(Action::NameStandIn, Subject::StandIn(it.id));
        if !own && !may {
            continue;
        }
        let title = post_called(ctx, &ctx.site.app.world(), it.post);
        let absence = text(
            lang,
            format!("permit.any.absence.{}", it.absence.code()),
            &[],
        );
        let end = if may {
            end_button(ctx, &format!("/permits/stand-ins/{}/end", it.id))?
        } else {
            markup! {}
        };
        rows.push(vec![
            row_header(
                &columns[0],
                &markup! { (title) span class="todo" { (absence) } },
            ),
            cell(
                &columns[1],
                &markup! { (person_name(ctx, it.person).unwrap_or_default()) },
            ),
            cell(&columns[2], &term_words(lang, it.valid)),
            cell(&columns[3], &markup! { (kinds_words(ctx, &it.kinds)) }),
            cell(&columns[4], &end),
        ]);
    }
    Ok(if rows.is_empty() {
        empty_state(
            &t!(lang, "permits.no_stand_ins"),
            &t!(lang, "permits.no_stand_ins_how"),
        )
    } else {
        table(&t!(lang, "permits.stand_ins"), &columns, &rows)
    })
}

pub(super) fn delegations(ctx: &Ctx) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    let all: Vec<Delegation> = {
        let world = ctx.site.app.world();
        let all = world.delegations.iter();
        let open = |it: &&Delegation| it.valid.until.is_none_or(|until| until > ctx.now);
        let mut open: Vec<Delegation> = all.filter(open).cloned().collect();
        open.sort_by_key(|it| (it.valid.from, it.id));
        open
    };
    let columns = [
        Column::text(t!(lang, "permits.post")),
        Column::text(t!(lang, "permits.delegated_to")),
        Column::text(t!(lang, "permits.term")),
        Column::text(t!(lang, "permits.for_kinds")),
        Column::text(t!(lang, "permits.end")),
    ];
    let mut rows = Vec::new();
    for it in &all {
        if !ctx.may(Action::Delegate, Subject::Delegation(it.id)) {
            continue;
        }
        let (post, to) = {
            let world = ctx.site.app.world();
            (
                post_called(ctx, &world, it.post),
                post_called(ctx, &world, it.to),
            )
        };
        let last = it.valid.until.map(|until| until.before(Span::seconds(1)));
        rows.push(vec![
            row_header(&columns[0], &markup! { (post) }),
            cell(&columns[1], &markup! { (to) }),
            cell(&columns[2], &markup! {
                (day_words(lang, it.valid.from)) (t!(lang, "permits.to"))
                @if let Some(last) = last { (day_words(lang, last)) }
            }),
            cell(&columns[3], &markup! {
                (kinds_words(ctx, &it.kinds))
                @if let Some(ceiling) = it.ceiling { span class="todo" { (t!(lang, "permits.up_to")) " " (grade_badge(lang, ceiling)) } }
            }),
            cell(&columns[4], &end_button(ctx, &format!("/permits/delegations/{}/end", it.id))?),
        ]);
    }
    Ok(if rows.is_empty() {
        empty_state(
            &t!(lang, "permits.no_delegations"),
            &t!(lang, "permits.no_delegations_how"),
        )
    } else {
        table(&t!(lang, "permits.delegations"), &columns, &rows)
    })
}
