//! Lines of the decision table, as people read them.

use maud::{Markup, html};
use sekisho_domain::field::{Field, Noun, Value};
use sekisho_domain::plan::PlanLine;
use sekisho_messages::t;

use super::super::super::ctx::Ctx;
use super::super::register::referents::Things;
use crate::console::fields::{Words, show};
use crate::console::plan::{DRAFT_PATH, TableLine};

/// The words of a line's fields.
pub(super) const LINE_WORDS: Words = Words::register("plan_line");

fn value(ctx: &Ctx, line: &PlanLine, code: &str) -> Markup {
    let things = Things { ctx };
    let field = PlanLine::FIELDS.iter().find(|field| field.code == code);
    field.map_or_else(
        || html! {},
        |field: &Field| {
            let value = line.value(code);
            let value = (!value.is_empty()).then_some(&value);
            show(ctx.lang, LINE_WORDS, field, value, &things)
        },
    )
}

/// The limits of a line, one by one.
fn limits(ctx: &Ctx, line: &PlanLine) -> Vec<Markup> {
    let named = ["units", "places"].into_iter();
    let named = named.filter(|code| !line.value(code).is_empty());
    let mut limits: Vec<Markup> = named.map(|code| value(ctx, line, code)).collect();
    if let Some(people) = line.people {
        limits.push(html! { (t!(ctx.lang, "plan.people-at-most", n = people)) });
    }
    if let Some(days) = line.person_days {
        limits.push(html! { (t!(ctx.lang, "plan.days-at-most", n = days)) });
    }
    limits
}

fn functions(ctx: &Ctx, line: &PlanLine) -> Markup {
    let codes = ["systems", "services", "tools"];
    let named: Vec<_> = codes
        .into_iter()
        .filter(|code| !line.value(code).is_empty())
        .collect();
    html! {
        @if named.is_empty() { span class="muted" { "–" } }
        @for code in named { (value(ctx, line, code)) }
    }
}

/// The lines; with where each is changed, in a draft.
pub(super) fn shown(ctx: &Ctx, lines: &[PlanLine], changeable: bool) -> Vec<TableLine> {
    let shown = lines.iter().map(|line| TableLine {
        // A link of its own would stand inside the one by which the line is changed.
        task: if changeable {
            plain(ctx, line)
        } else {
            value(ctx, line, "task")
        },
        decision: line.decision.code(),
        highest: value(ctx, line, "highest"),
        limits: limits(ctx, line),
        functions: functions(ctx, line),
        reason: line.reason.as_str().to_owned(),
        href: changeable.then(|| format!("{DRAFT_PATH}/lines/{}", line.task)),
    });
    shown.collect()
}

/// The name of a line's task alone.
pub(super) fn plain(ctx: &Ctx, line: &PlanLine) -> Markup {
    let world = ctx.site.app.world();
    let title = world.registers.entry(line.task).map(|entry| {
        let field = sekisho_domain::register::Particulars::title_field(entry.register());
        entry.particulars.value(field)
    });
    match title {
        Some(Value::Text(name)) => html! { (name) },
        _ => html! { (line.task) },
    }
}
