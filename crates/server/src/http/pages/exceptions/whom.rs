//! For whom an exception counts, for its own page and for whoever decides on it.

use std::collections::BTreeSet;

use maud::{Markup, html as markup};
use sekisho_domain::id::{DeviceId, PersonId};
use sekisho_domain::permit::Permit;
use sekisho_domain::permit::particulars::Exception;
use sekisho_messages::t;

use super::super::super::ctx::Ctx;
use super::super::register::referents::unit_called;
use crate::console::components::{Tone, alert};

/// The name of the box that makes an exception one for everybody.
pub(super) const EVERYBODY: &str = "for_everybody";

/// The members of the unit that an exception names, or of the whole.
fn members(ctx: &Ctx, exception: &Exception) -> usize {
    let (world, now) = (ctx.site.app.world(), ctx.now);
    let is_of_it = |person: &PersonId| {
        let within = |above| {
            let unit = world.unit_of(*person, now);
            unit.is_some_and(|unit| world.unit_is_within(unit, above, now))
        };
        world.is_member(*person, now) && exception.unit.is_none_or(within)
    };
    world.people.keys().filter(|it| is_of_it(it)).count()
}

/// For whom and how many an exception counts as it is worded.
fn decided(ctx: &Ctx, permit: &Permit, exception: &Exception) -> String {
    let lang = ctx.lang;
    let said = if exception.is_open() {
        let n = members(ctx, exception);
        match exception.unit {
            None => t!(lang, "exception.whom.everybody", n = n),
            Some(unit) => {
                let unit = unit_called(ctx, &ctx.site.app.world(), unit);
                t!(lang, "exception.whom.unit", unit = unit, n = n)
            }
        }
    } else if exception.people.is_empty() {
        let devices: BTreeSet<DeviceId> = exception.named_devices().collect();
        t!(lang, "exception.whom.devices", n = devices.len())
    } else {
        let people = exception.people.iter().chain([&permit.applicant]);
        let people: BTreeSet<&PersonId> = people.collect();
        t!(lang, "exception.whom.people", n = people.len())
    };
    said.into_owned()
}

/// For whom and how many an exception counts now.
pub(super) fn now(ctx: &Ctx, permit: &Permit, exception: &Exception) -> String {
    if permit.is_for_its_applicant_alone() {
        t!(ctx.lang, "exception.whom.applicant").into_owned()
    } else {
        decided(ctx, permit, exception)
    }
}

/// That it counts for its applicant alone although it names neither people nor devices, where it does.
pub(super) fn alone(ctx: &Ctx, permit: &Permit) -> Option<Markup> {
    let lang = ctx.lang;
    let alone = permit.is_for_its_applicant_alone();
    alone.then(|| {
        let body = markup! { p { (t!(lang, "exception.alone-how")) } };
        alert(Tone::Warning, &t!(lang, "exception.alone"), &body)
    })
}

/// For whom and how many an exception will count, for whoever decides on it: said loudly where it is for everybody.
/// Nothing of other permits.
pub(in crate::http::pages) fn for_decision(ctx: &Ctx, permit: &Permit) -> Markup {
    let Some(exception) = permit.exception() else {
        return markup! {};
    };
    let tone = if permit.is_for_everybody() {
        Tone::Warning
    } else {
        Tone::Info
    };
    let body = markup! { p { (now(ctx, permit, exception)) } };
    alert(tone, &t!(ctx.lang, "exception.for-whom"), &body)
}

/// The box by which one that counts for its applicant alone becomes one for everybody, where it is decided again.
pub(super) fn everybody(ctx: &Ctx, permit: &Permit, checked: bool) -> Markup {
    let alone = permit.is_for_its_applicant_alone();
    let Some(exception) = permit.exception().filter(|_| alone) else {
        return markup! {};
    };
    markup! {
        fieldset class="field choices" {
            legend { (t!(ctx.lang, "exception.widen")) }
            p class="field-support" { (decided(ctx, permit, exception)) }
            div class="choice" {
                input type="checkbox" id=(EVERYBODY) name=(EVERYBODY) value="yes" checked[checked];
                div { label for=(EVERYBODY) { (t!(ctx.lang, "exception.widen-yes")) } }
            }
        }
    }
}
