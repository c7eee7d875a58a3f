//! The exception that one goes on with: what was found of it, and what was measured then. What is measured of the
//! later one begins with its own term.

use maud::{Markup, html as markup};
use sekisho_domain::exception::{Review, decode_effect};
use sekisho_domain::permit::Permit;
use sekisho_messages::{day, t, text};

use super::super::super::ctx::Ctx;
use super::super::super::fault::Fault;
use super::super::permits::title;
use super::{figures, named_permit};
use crate::console::components::{Tone, alert};

/// The exception that one goes on with, where there is one: by its number, and for whoever may read it with its page,
/// its newest review and the figures that were frozen then.
pub(super) fn fact(ctx: &Ctx, permit: &Permit) -> Result<Option<Markup>, Fault> {
    let before = {
        let world = ctx.site.app.world();
        let follows = world.exception_record(permit.id).follows;
        follows.and_then(|id| {
            let before = world.permits.get(id).cloned()?;
            Some((before, world.exception_record(id)))
        })
    };
    let Some((before, record)) = before else {
        return Ok(None);
    };
    let Some((name, href)) = named_permit(ctx, before.id) else {
        return Ok(Some(markup! { (title(ctx, &before)) }));
    };
    let found = match record.reviews.last() {
        Some(review) => found_in(ctx, &before, review)?,
        None => markup! { (t!(ctx.lang, "exception.no-reviews")) },
    };
    Ok(Some(markup! {
        a href=(href) { (name) }
        div class="muted small" { (found) }
    }))
}

/// What was found in a review, with the figures that it was found by.
fn found_in(ctx: &Ctx, before: &Permit, review: &Review) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    let word = text(
        lang,
        format!("exception.judgement.{}", review.judgement.code()),
        &[],
    );
    let on = day(lang, review.at);
    let document = ctx.site.app.document(&review.effect)?;
    let effect = document.as_deref().and_then(decode_effect);
    Ok(markup! {
        p { (t!(lang, "exception.before-found", day = on, found = word)) }
        @if let Some(effect) = &effect {
            p { (t!(lang, "exception.before-measured", days = effect.days())) }
            (figures::uses(ctx, before, effect.uses.as_ref()))
        }
    })
}

/// That one before it was found to work, where it was: this one runs on as an exception.
pub(super) fn proved(ctx: &Ctx, permit: &Permit) -> Option<Markup> {
    let lang = ctx.lang;
    let earlier = {
        let world = ctx.site.app.world();
        let by = world.exception_confirmed(permit.id);
        let by = by.filter(|by| *by != permit.id);
        by.and_then(|by| world.permits.get(by).cloned())
    }?;
    let name = title(ctx, &earlier);
    let body = markup! {
        p { (t!(lang, "exception.proved-how", name = &name)) }
        @if let Some((_, href)) = named_permit(ctx, earlier.id) {
            p { a href=(href) { (name) } }
        }
    };
    Some(alert(Tone::Warning, &t!(lang, "exception.proved"), &body))
}
