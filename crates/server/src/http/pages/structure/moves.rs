//! Lists of personnel moves (発令の名簿): what was loaded and how far it is.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, MovesCommand};
use sekisho_domain::id::MoveListId;
use sekisho_domain::moves::{MoveList, MoveState};
use sekisho_messages::{Lang, day, error_text, t};

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::person::trail;
use super::super::register::import::open_at;
use crate::console::components::{
    Column, cell, csrf_field, empty_state, instant, row_header, table,
};
use crate::console::layout::{Place, heading, page};
use crate::tables::TableOf;

/// Lists that the page shows, the newest first.
const SHOWN: usize = 200;
/// Lines that are named where they could not be carried out.
const SKIPPED: usize = 20;

fn state(lang: Lang, list: &MoveList) -> String {
    match list.state {
        MoveState::Accepted if list.done == 0 => t!(lang, "moves.state.accepted"),
        MoveState::Accepted => t!(lang, "moves.state.under_way"),
        MoveState::Withdrawn => t!(lang, "moves.state.withdrawn"),
        MoveState::Done => t!(lang, "moves.state.done"),
    }
    .into_owned()
}

/// Lines that could not be carried out any more, and why.
fn skipped(lang: Lang, list: &MoveList) -> Markup {
    markup! {
        @if list.skipped.is_empty() { span class="muted" { "–" } }
        @else {
            ul {
                @for it in list.skipped.iter().take(SKIPPED) {
                    li {
                        (t!(lang, "moves.line", n = it.line + 1)) (t!(lang, "console.colon"))
                        (error_text(lang, &it.code, &[]).what)
                    }
                }
                @if let Some(more) = list.skipped.len().checked_sub(SKIPPED).filter(|more| *more > 0) {
                    li { (t!(lang, "tables.more", n = more)) }
                }
            }
        }
    }
}

fn row(ctx: &Ctx, columns: &[Column; 5], list: &MoveList, csrf: &str) -> Vec<Markup> {
    let lang = ctx.lang;
    let [on, accepted, lines, how_far, left] = columns;
    let waits = list.state == MoveState::Accepted && ctx.now < list.at;
    let may = waits && ctx.may(Action::AcceptMoves, Subject::Body);
    vec![
        row_header(on, &markup! { (day(lang, list.at)) }),
        cell(accepted, &instant(lang, list.accepted_at)),
        cell(lines, &markup! { (list.count) }),
        cell(
            how_far,
            &markup! {
                (state(lang, list))
                @if list.state == MoveState::Accepted && list.done > 0 {
                    " " (t!(lang, "import.stage.counts", done = list.done, of = list.count))
                }
                @if may {
                    form method="post" action={ "/organisation/moves/" (list.id) "/withdraw" } {
                        (csrf_field(csrf))
                        button class="button button--quiet" type="submit" {
                            (t!(lang, "moves.withdraw"))
                            span class="visually-hidden" { " – " (day(lang, list.at)) }
                        }
                    }
                }
            },
        ),
        cell(left, &skipped(lang, list)),
    ]
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadDirectory, Subject::Body)?;
    let lang = ctx.lang;
    let csrf = ctx.live()?.csrf();
    let mut lists: Vec<MoveList> = {
        let world = ctx.site.app.world();
        world.moves.all().into_iter().cloned().collect()
    };
    lists.sort_by_key(|list| std::cmp::Reverse((list.at, list.accepted_at, list.id)));
    lists.truncate(SHOWN);
    let columns = [
        Column::text(t!(lang, "register.moves.on")),
        Column::text(t!(lang, "moves.accepted_at")),
        Column::number(t!(lang, "moves.lines")),
        Column::text(t!(lang, "moves.state")),
        Column::text(t!(lang, "moves.skipped")),
    ];
    let rows: Vec<Vec<Markup>> = lists
        .iter()
        .map(|list| row(ctx, &columns, list, &csrf))
        .collect();
    let title = t!(lang, "tables.of.moves");
    let above: Vec<_> = trail(lang).into_iter().take(1).collect();
    let main = markup! {
        (heading(&above, &markup! { (title) }, &markup! { (t!(lang, "moves.lead")) }))
        @if let Some(import) = open_at(ctx, TableOf::Moves) {
            p class="actions" { a class="button" href=(import) { (t!(lang, "tables.import")) } }
        }
        @if rows.is_empty() { (empty_state(&t!(lang, "moves.none"), &t!(lang, "moves.none_how"))) }
        @else { (table(&title, &columns, &rows)) }
    };
    Ok(html(page(&ctx.frame(Place::Organisation), &title, &main)))
}

/// Takes a list back before its day.
pub(in crate::http) fn withdraw(ctx: &Ctx, _form: &Form) -> Answer {
    ctx.gate(Action::AcceptMoves, Subject::Body)?;
    let list: MoveListId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    let command = Command::Moves(Box::new(MovesCommand::Withdraw { list }));
    let app = &ctx.site.app;
    app.command_blocking(ctx.actor()?, command, Vec::new())?;
    Ok(redirect("/organisation/moves"))
}
