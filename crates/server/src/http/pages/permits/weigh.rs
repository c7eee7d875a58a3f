//! What matters for a decision: the state of the devices now, earlier permits, what is owed.

use maud::{Markup, html as markup};
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::id::DeviceId;
use sekisho_domain::permit::{Permit, Status};
use sekisho_messages::t;

use super::super::super::ctx::Ctx;
use super::row;
use crate::console::components::outcome_badge_worded;
use crate::console::permits::Row;
use crate::console::words::{check, list};

/// So many earlier permits are shown.
const EARLIER: usize = 5;

/// The checks of a device that fail now, and those whose state is not known.
pub(super) struct State {
    pub(super) failing: Vec<DeviceCheck>,
    pub(super) unknown: usize,
    pub(super) enrolled: bool,
}

impl State {
    pub(super) fn of(ctx: &Ctx, device: DeviceId) -> Self {
        let source = ctx.site.app.world().device(device).map(|it| it.source);
        let enrolled = source.is_some();
        let posture = ctx.site.app.posture();
        let outcome = |check| posture.standing(device, check, ctx.now).outcome();
        let all = DeviceCheck::ALL.into_iter();
        let failing = all.clone().filter(|it| outcome(*it) == Outcome::Fail);
        let told = all.filter(|it| it.is_told_by(source.unwrap_or_default()));
        let unknown = told.filter(|it| it.unknown_weighs() && outcome(*it) == Outcome::Unknown);
        Self {
            failing: failing.collect(),
            unknown: unknown.count(),
            enrolled,
        }
    }

    /// Its state in a badge, with the failing checks named.
    pub(super) fn badge(&self, ctx: &Ctx) -> Markup {
        let lang = ctx.lang;
        let (outcome, word) = if !self.enrolled {
            (Outcome::Unknown, t!(lang, "permits.posture_none"))
        } else if !self.failing.is_empty() {
            let n = self.failing.len();
            (Outcome::Fail, t!(lang, "permits.posture_failing", n = n))
        } else if self.unknown > 0 {
            (
                Outcome::Unknown,
                t!(lang, "permits.posture_unknown", n = self.unknown),
            )
        } else {
            (Outcome::Pass, t!(lang, "permits.posture_good"))
        };
        let names = list(lang, self.failing.iter().map(|it| check(lang, *it)));
        markup! {
            (outcome_badge_worded(outcome, &word))
            @if !names.is_empty() { span class="todo" { (names) } }
        }
    }
}

/// The section beside the decision.
pub(super) fn section(ctx: &Ctx, permit: &Permit) -> Markup {
    let lang = ctx.lang;
    let devices: Vec<(String, State)> = permit
        .particulars
        .devices()
        .into_iter()
        .map(|id| (super::super::devices::name(ctx, id), State::of(ctx, id)))
        .collect();
    let (overdue, earlier, in_force) = others(ctx, permit);
    markup! {
        @for (name, state) in &devices {
            p { strong { (name) } }
            p { (state.badge(ctx)) }
        }
        @if devices.is_empty() { p class="muted" { (t!(lang, "permits.no_device")) } }
        @if overdue.is_empty() { p { (t!(lang, "permits.nothing_overdue")) } }
        @else {
            p { span class="state state--bad" { (t!(lang, "permits.owes_overdue", n = overdue.len())) } }
            (short(ctx, &overdue))
        }
        p { (t!(lang, "permits.earlier", n = earlier.len(), active = in_force)) }
        (short(ctx, &earlier[..earlier.len().min(EARLIER)]))
    }
}

fn short(ctx: &Ctx, list: &[Row]) -> Markup {
    let lang = ctx.lang;
    markup! {
        @if !list.is_empty() {
            ul class="values" {
                @for row in list {
                    li {
                        a href=(row.href) { (crate::console::permits::kind_name(lang, row.kind)) @if let Some(number) = &row.number { " " (number) } }
                        " " (crate::console::permits::status_badge(lang, row.status))
                    }
                }
            }
        }
    }
}

/// The applicant's other permits: those overdue, the earlier ones, and how many hold now.
fn others(ctx: &Ctx, permit: &Permit) -> (Vec<Row>, Vec<Row>, usize) {
    let (overdue, earlier, in_force) = {
        let world = ctx.site.app.world();
        let overdue: Vec<Permit> = world
            .overdue_of(permit.applicant, ctx.now)
            .cloned()
            .collect();
        let own = || world.permits.of_person(permit.applicant);
        let earlier: Vec<Permit> = own()
            .filter(|it| it.id != permit.id)
            .take(50)
            .cloned()
            .collect();
        let active = |it: &&Permit| it.status(ctx.now) == Status::Active;
        (overdue, earlier, own().filter(active).count())
    };
    let rows = |list: Vec<Permit>| list.iter().map(|it| row(ctx, it)).collect();
    (rows(overdue), rows(earlier), in_force)
}
