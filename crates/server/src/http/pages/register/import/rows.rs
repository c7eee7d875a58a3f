//! The rows that a file adds or changes, with what is in them before and after.

use sekisho_domain::command::{PostRow, UnitRow};
use sekisho_domain::field::{Value, Values};
use sekisho_domain::register::ImportRow;

use super::super::super::super::ctx::Ctx;
use super::super::super::person_name;
use super::super::{entry_path, title_of};
use crate::tables::{
    PersonPlan, Plan, Prepared, TableOf, move_values, person_now, person_values, post_values,
    unit_now, unit_values,
};

/// One row.
pub(super) struct Row {
    /// Its number in the file, from 1.
    pub(super) line: u32,
    /// What the thing is called.
    pub(super) title: String,
    /// Where it stands, where it is there already.
    pub(super) href: Option<String>,
    /// Whether the thing is new, so that everything in it is.
    pub(super) is_new: bool,
    /// What is in it now.
    pub(super) before: Values,
    /// What will be.
    pub(super) after: Values,
}

impl Row {
    /// The fields that change; of a new thing none by itself.
    pub(super) fn differences(
        &self,
        of: TableOf,
    ) -> Vec<(&'static str, Option<&Value>, Option<&Value>)> {
        if self.is_new {
            return Vec::new();
        }
        // The unit that answers for an entry is no field of the register.
        let unit = matches!(of, TableOf::Register(_)).then_some("unit");
        let codes = unit.into_iter().chain(of.fields().iter().map(|it| it.code));
        codes
            .map(|code| (code, self.before.get(code), self.after.get(code)))
            .filter(|(_, before, after)| before != after)
            .collect()
    }
}

/// A row by its place among those that add or change.
pub(super) fn row(ctx: &Ctx, prepared: &Prepared, place: usize) -> Option<Row> {
    let line = prepared.lines.get(place)? + 1;
    match &prepared.plan {
        Plan::Entries { rows, .. } => Some(entry(ctx, rows.get(place)?, line)),
        Plan::Units(rows) => unit(ctx, rows.get(place)?, line),
        Plan::Posts(rows) => post(ctx, rows.get(place)?, line),
        Plan::People(rows) => person(ctx, rows.get(place)?, line),
        Plan::Moves { lines, .. } => {
            let of = lines.get(place)?;
            let after = move_values(&ctx.site.app.world(), of, ctx.now);
            let name = person_name(ctx, of.person);
            Some(Row {
                line,
                title: name.unwrap_or_else(|| of.person.to_string()),
                href: Some(format!("/organisation/people/{}", of.person)),
                is_new: false,
                before: Values::new(),
                after,
            })
        }
    }
}

fn unit(ctx: &Ctx, row: &UnitRow, line: u32) -> Option<Row> {
    let world = ctx.site.app.world();
    let before = row.expected.and_then(|_| unit_now(&world, row.id, ctx.now));
    Some(Row {
        line,
        title: row.name.ja.as_str().to_owned(),
        href: row
            .expected
            .map(|_| format!("/organisation/units/{}", row.id)),
        is_new: before.is_none(),
        before: before.unwrap_or_default(),
        after: unit_values(&world, (&row.name, Some(row.parent)), ctx.now),
    })
}

fn post(ctx: &Ctx, row: &PostRow, line: u32) -> Option<Row> {
    let world = ctx.site.app.world();
    let id = row.post.id;
    let before = row
        .expected
        .and_then(|_| world.posts.get(&id).map(post_values));
    Some(Row {
        line,
        title: row.post.title.ja.as_str().to_owned(),
        href: row.expected.map(|_| format!("/organisation/posts/{id}")),
        is_new: before.is_none(),
        before: before.unwrap_or_default(),
        after: post_values(&row.post),
    })
}

fn person(ctx: &Ctx, plan: &PersonPlan, line: u32) -> Option<Row> {
    let id = plan.row.id;
    let world = ctx.site.app.world();
    let directory = ctx.site.app.directory();
    let known = directory.get(id);
    let profile = plan.profile.as_ref().or(known);
    let held = world.posts_held(id, ctx.now).map(|(_, post)| post.id);
    let posts = held.chain(plan.row.posts.iter().map(|(_, post)| *post));
    let before = plan
        .row
        .expected
        .map(|_| person_now(&world, &directory, id, ctx.now));
    Some(Row {
        line,
        title: profile.map_or_else(|| id.to_string(), |it| it.name.ja.as_str().to_owned()),
        href: plan
            .row
            .expected
            .map(|_| format!("/organisation/people/{id}")),
        is_new: before.is_none(),
        before: before.unwrap_or_default(),
        after: person_values(profile, Some(plan.row.unit), posts),
    })
}

fn entry(ctx: &Ctx, row: &ImportRow, line: u32) -> Row {
    let register = row.particulars.register();
    let with_unit = |unit: Option<sekisho_domain::id::UnitId>, mut values: Values| {
        if let Some(unit) = unit {
            values.insert("unit".to_owned(), Value::Text(unit.to_string()));
        }
        values
    };
    let title = title_of(ctx.lang, &row.particulars);
    // The World is let go before names are looked up in it again.
    let before = row.expected.and_then(|_| {
        let world = ctx.site.app.world();
        let known = world.registers.entry(row.id)?;
        Some(with_unit(known.unit, known.particulars.values()))
    });
    Row {
        line,
        title: title.unwrap_or_else(|| row.id.to_string()),
        href: row.expected.map(|_| entry_path(register, row.id)),
        is_new: before.is_none(),
        before: before.unwrap_or_default(),
        after: with_unit(row.unit, row.particulars.values()),
    }
}
