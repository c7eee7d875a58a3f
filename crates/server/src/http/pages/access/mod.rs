//! The pages of access: who reaches what and why, tunnels that stand, and cutting them off.

pub(in crate::http::pages) mod answered;
pub(in crate::http) mod cut;
pub(in crate::http) mod effect;
pub(in crate::http) mod mine;
pub(in crate::http) mod overview;
pub(in crate::http) mod people;
pub(in crate::http::pages) mod places;
mod refusals;
pub(in crate::http) mod refused;
pub(in crate::http) mod systems;
mod tunnels;

use std::ops::Range;

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Denied, Reached, Subject, reached};
use sekisho_domain::id::{DeviceId, PersonId, SystemId, UnitId};
use sekisho_domain::register::EntryId;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

use super::super::ctx::Ctx;
use super::super::fault::Fault;
use super::person::shown_name;
use super::register::list::address;
use super::register::title;
use crate::console::components::Pages;

/// Of whom the reader may see what they reach: the gate's table, asked once for a whole list.
pub(in crate::http) struct Sight {
    reached: Reached,
    reader: PersonId,
}

impl Sight {
    /// For whoever sees the access of others.
    ///
    /// # Errors
    /// The reader sees what is his own alone.
    fn of(ctx: &Ctx) -> Result<Self, Fault> {
        let actor = ctx.actor()?;
        let reader = ctx.live()?.person;
        let reached = reached(&ctx.site.app.world(), &actor, Action::ReadAccess, ctx.now);
        if !reached.body && reached.units.is_empty() {
            let why = if reached.own {
                Denied::OutOfReach
            } else {
                Denied::NoAuthority
            };
            return Err(Fault::denied(why, Action::ReadAccess));
        }
        Ok(Self { reached, reader })
    }

    fn sees(&self, world: &World, person: PersonId, now: Timestamp) -> bool {
        self.reached.body
            || person == self.reader
            || self.sees_unit(world, world.unit_of(person, now), now)
    }

    fn sees_unit(&self, world: &World, unit: Option<UnitId>, now: Timestamp) -> bool {
        unit.is_some_and(|unit| {
            let mut units = self.reached.units.iter();
            units.any(|above| world.unit_is_within(unit, *above, now))
        })
    }

    /// Whether the reader sees what was answered to a person; where it was in nobody's name, to a device, which stands
    /// for the unit that has it.
    fn sees_answer(
        &self,
        world: &World,
        (person, device): (&str, Option<&str>),
        now: Timestamp,
    ) -> bool {
        if self.reached.body {
            return true;
        }
        if person.is_empty() {
            let device: Option<DeviceId> = device.and_then(|it| it.parse().ok());
            let unit = device.and_then(|it| world.unit_of_entry(EntryId::Device(it), now));
            return self.sees_unit(world, unit, now);
        }
        let person: Option<PersonId> = person.parse().ok();
        person.is_some_and(|person| self.sees(world, person, now))
    }
}

/// Of a list the part that the query asks for by its number, and the links to the others; none where there are none.
/// `kept` is what else the address says.
fn paged(
    ctx: &Ctx,
    (path, anchor): (&str, &str),
    (name, kept): (&str, &[&str]),
    (total, per_page): (usize, usize),
) -> (Range<usize>, Option<Pages>) {
    let last = total.div_ceil(per_page).max(1);
    let asked: Option<usize> = ctx.query(name).and_then(|it| it.parse().ok());
    let at = asked.unwrap_or(1).clamp(1, last);
    let from = (at - 1) * per_page;
    let shown = from..total.min(from + per_page);
    let said: Vec<String> = kept
        .iter()
        .map(|it| ctx.query(it).unwrap_or_default())
        .collect();
    let href = |page: usize| {
        let page = page.to_string();
        let mut pairs: Vec<(&str, &str)> = kept
            .iter()
            .copied()
            .zip(said.iter().map(String::as_str))
            .collect();
        pairs.push((name, &page));
        format!("{}{anchor}", address(path, &pairs))
    };
    let pages = (last > 1).then(|| Pages {
        previous: (at > 1).then(|| href(at - 1)),
        next: (at < last).then(|| href(at + 1)),
        first: from as u64 + 1,
        last: shown.end as u64,
        total: total as u64,
    });
    (shown, pages)
}

/// Whether the reader sees the access of others.
pub(in crate::http) fn sees_others(ctx: &Ctx) -> bool {
    Sight::of(ctx).is_ok()
}

/// A person by name, with what that person reaches.
fn person(ctx: &Ctx, id: PersonId) -> Markup {
    markup! { a href={ "/access/people/" (id) } { (shown_name(ctx, id)) } }
}

/// What a device is called: in its register, else as it calls itself.
fn device_name(ctx: &Ctx, id: DeviceId) -> String {
    let entry = {
        let world = ctx.site.app.world();
        world.registers.entry(EntryId::Device(id)).cloned()
    };
    entry.map_or_else(
        || super::devices::name(ctx, id),
        |entry| title(ctx.lang, &entry),
    )
}

/// A device, with its page where the reader may see it.
pub(in crate::http::pages) fn device(ctx: &Ctx, id: DeviceId) -> Markup {
    let name = device_name(ctx, id);
    let there = ctx.site.app.world().device(id).is_some();
    markup! {
        @if there && ctx.may(Action::ReadDevice, Subject::Device(id)) { a href={ "/devices/" (id) } { (name) } }
        @else { (name) }
    }
}

/// What an entry of a register is called; its id where it is not there any more.
pub(in crate::http::pages) fn entry_name(ctx: &Ctx, id: EntryId) -> String {
    let entry = ctx.site.app.world().registers.entry(id).cloned();
    entry.map_or_else(|| id.to_string(), |entry| title(ctx.lang, &entry))
}

/// A system, with who reaches it for those who may see that.
fn system(ctx: &Ctx, id: SystemId, others: bool) -> Markup {
    let name = entry_name(ctx, id.into());
    markup! {
        @if others { a href={ "/access/systems/" (id) } { (name) } } @else { (name) }
    }
}
