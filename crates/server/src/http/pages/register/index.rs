//! All registers, in groups, with what each is for.

use maud::html as markup;
use sekisho_domain::register::Register;
use sekisho_messages::{number, t, text};

use super::super::super::ctx::{Answer, Ctx, html};
use super::sight::Sight;
use super::{name, path, words};
use crate::console::layout::{Place, heading, page};
use crate::console::navigation::REGISTER_GROUPS;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.live()?;
    let lang = ctx.lang;
    let title = t!(lang, "register.all");
    let item = |register: Register| {
        let sight = Sight::of_register(ctx, register).ok()?;
        let shelves = ctx.site.app.shelves();
        let shelf = shelves.register(register)?;
        let (active, _) = shelf.count(&|row| sight.sees(row));
        Some(markup! {
            li {
                p class="card-head" {
                    a href=(path(register)) { (name(lang, register)) }
                    " " span class="num muted" { (number(i64::try_from(active).unwrap_or(i64::MAX))) }
                }
                p class="small muted" { (words(register).lead(lang)) }
            }
        })
    };
    let main = markup! {
        (heading(&[], &markup! { (title) }, &markup! { (t!(lang, "register.all_lead")) }))
        @for (group, registers) in REGISTER_GROUPS {
            section aria-labelledby={ "group-" (group) } {
                h2 id={ "group-" (group) } { (text(lang, format!("register.group.{group}"), &[])) }
                ul class="cards" { @for register in *registers { @if let Some(item) = item(*register) { (item) } } }
            }
        }
    };
    Ok(html(page(&ctx.frame(Place::Registers), &title, &main)))
}
