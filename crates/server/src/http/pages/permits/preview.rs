//! Who would decide on what stands in a form.

use maud::{Markup, html as markup};
use sekisho_domain::permit::{Particulars, route};
use sekisho_messages::t;

use super::super::super::ctx::Ctx;
use super::super::super::fault::Fault;
use super::{decider, words};
use crate::console::components::{Tone, alert};
use crate::console::permits::clause_word;

/// Which post would decide, and on what ground; or what is missing.
pub(super) fn preview(ctx: &Ctx, particulars: &Particulars) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    let person = ctx.live()?.person;
    let (grade, found) = {
        let world = ctx.site.app.world();
        let grade = world.grade_of(particulars);
        let unit = world.unit_of(person, ctx.now);
        let found = unit.map(|unit| route(&world, person, unit, particulars, grade, ctx.now));
        (grade, found)
    };
    Ok(match found {
        Some(Ok(found)) => {
            let body = markup! {
                p { (t!(lang, "permits.would_decide_on", clause = clause_word(lang, found.clause))) }
                @if let Some(grade) = grade {
                    p { (t!(lang, "permits.grade_that_counts")) " " (crate::console::fields::grade_badge(lang, grade)) }
                }
            };
            let who = decider(ctx, &found);
            alert(
                Tone::Info,
                &t!(lang, "permits.would_decide", who = who),
                &body,
            )
        }
        Some(Err(fault)) => {
            let body = markup! { p { (words::unrouted(ctx, fault)) } };
            alert(Tone::Warning, &t!(lang, "permits.nobody_decides"), &body)
        }
        None => {
            let body = markup! { p { (t!(lang, "permits.no_unit")) } };
            alert(Tone::Warning, &t!(lang, "permits.nobody_decides"), &body)
        }
    })
}
