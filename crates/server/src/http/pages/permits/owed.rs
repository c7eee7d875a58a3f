//! What is overdue in the reader's units.

use maud::html as markup;
use sekisho_domain::permit::Permit;
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, html};
use super::all::Sight;
use super::row;
use crate::console::components::empty_state;
use crate::console::layout::{Place, heading, page};
use crate::console::permits::{Row, rows};

/// Cases that a page shows, the longest overdue first.
const SHOWN: usize = 200;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let lang = ctx.lang;
    let sight = Sight::of(ctx)?;
    let list: Vec<Permit> = {
        let world = ctx.site.app.world();
        let overdue = world.permits.overdue(ctx.now);
        overdue
            .filter(|it| sight.sees(ctx, &world, it))
            .take(SHOWN)
            .cloned()
            .collect()
    };
    let list: Vec<Row> = list.iter().map(|it| row(ctx, it)).collect();
    let title = t!(lang, "permits.owed");
    let main = markup! {
        (heading(&[], &markup! { (title) }, &markup! { (t!(lang, "permits.owed_lead")) }))
        @if list.is_empty() {
            (empty_state(&t!(lang, "permits.none_owed"), &t!(lang, "permits.none_owed_how")))
        } @else {
            p class="found" role="status" { (t!(lang, "permits.count", n = list.len())) }
            (rows(lang, &title, &list, ctx.now, true))
        }
    };
    Ok(html(page(&ctx.frame(Place::PermitsOwed), &title, &main)))
}
