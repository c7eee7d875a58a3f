//! What of a register the reader may see: the gate's table, asked once for a whole list.

use std::collections::HashSet;

use sekisho_domain::authorise::{Action, Denied, reached};
use sekisho_domain::id::UnitId;
use sekisho_domain::register::{Particulars, Register};

use super::super::super::ctx::Ctx;
use super::super::super::fault::Fault;
use crate::app::shelves::Row;

/// Sets of so many are looked through.
const FEW: usize = 4;

/// What may be seen.
pub(in crate::http) struct Sight {
    all: bool,
    units: HashSet<UnitId>,
    own: HashSet<String>,
}

impl Sight {
    /// Everything, or what belongs to some units.
    fn of(ctx: &Ctx, action: Action) -> Result<(Self, bool), Fault> {
        let actor = ctx.actor()?;
        let world = ctx.site.app.world();
        let reached = reached(&world, &actor, action, ctx.now);
        let mut units = HashSet::new();
        if !reached.body {
            for unit in &reached.units {
                units.extend(world.units_within(*unit, ctx.now));
            }
        }
        let sight = Self {
            all: reached.body,
            units,
            own: HashSet::new(),
        };
        Ok((sight, reached.own))
    }

    /// What the reader may see of a register.
    ///
    /// # Errors
    /// Nothing at all.
    pub(in crate::http) fn of_register(ctx: &Ctx, register: Register) -> Result<Self, Fault> {
        let action = register.read_action();
        let (mut sight, own) = Self::of(ctx, action)?;
        if own && !sight.all {
            let person = ctx.live()?.person;
            let world = ctx.site.app.world();
            let held = world.registers.of_person(person);
            let held = held.filter(|entry| entry.register() == register);
            sight.own.extend(held.map(|entry| entry.id.to_string()));
            if register == Register::Concern {
                let told = world.registers.all(register);
                let told = told.filter(|entry| entry.author == Some(person));
                sight.own.extend(told.map(|entry| entry.id.to_string()));
            }
        }
        if sight.all || own || !sight.units.is_empty() {
            return Ok(sight);
        }
        Err(Fault::denied(Denied::NoAuthority, action))
    }

    /// The people whose names the reader may know.
    pub(in crate::http) fn of_people(ctx: &Ctx) -> Result<Self, Fault> {
        let (mut sight, _) = Self::of(ctx, Action::ReadDirectory)?;
        sight.own.insert(ctx.live()?.person.to_string());
        Ok(sight)
    }

    /// The people of whom the reader may see what they reach.
    pub(in crate::http) fn of_access(ctx: &Ctx) -> Result<Self, Fault> {
        let (mut sight, _) = Self::of(ctx, Action::ReadAccess)?;
        sight.own.insert(ctx.live()?.person.to_string());
        Ok(sight)
    }

    pub(in crate::http) fn sees(&self, row: &Row) -> bool {
        self.all
            || row.unit.is_some_and(|unit| holds(&self.units, &unit))
            || holds(&self.own, &*row.id)
    }
}

/// Whether a set holds something: a list asks this of every row, and comparing with the one or two
/// things of most sets is quicker than hashing.
fn holds<T, Q>(set: &HashSet<T>, one: &Q) -> bool
where
    T: std::borrow::Borrow<Q> + std::hash::Hash + Eq,
    Q: std::hash::Hash + Eq + ?Sized,
{
    if set.len() <= FEW {
        set.iter().any(|known| known.borrow() == one)
    } else {
        set.contains(one)
    }
}

/// Whether who told of an unease is kept from the reader.
pub(in crate::http::pages) fn hides_author(ctx: &Ctx, particulars: &Particulars) -> bool {
    let Particulars::Concern(concern) = particulars else {
        return false;
    };
    let whole = sekisho_domain::authorise::Subject::Body;
    concern.anonymous && !ctx.may(Action::ReadConcerns, whole)
}
