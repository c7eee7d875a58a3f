//! All units, as the tree they are.

use std::collections::HashMap;

use maud::html as markup;
use sekisho_domain::id::UnitId;
use sekisho_domain::world::World;
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::person::trail;
use super::super::register::import::place::files;
use super::super::register::referents::{called, folded_words};
use crate::console::components::{Column, cell, empty_state, row_header, table};
use crate::console::layout::{Place, heading, page};
use crate::tables::TableOf;

/// Deepest level that is set apart.
const DEEPEST: usize = 6;

struct Line {
    id: UnitId,
    name: String,
    depth: usize,
    people: usize,
    posts: usize,
}

/// The units that exist now, each after the one above it.
fn lines(ctx: &Ctx, world: &World) -> Vec<Line> {
    let mut below: HashMap<Option<UnitId>, Vec<(String, UnitId)>> = HashMap::new();
    for unit in world.units.values() {
        if world.unit_in_force(unit.id, ctx.now) {
            let name = called(ctx, unit.name_at(ctx.now));
            let above = unit
                .parent_at(ctx.now)
                .map(|parent| world.unit_now(parent, ctx.now));
            below.entry(above).or_default().push((name, unit.id));
        }
    }
    let mut people: HashMap<UnitId, usize> = HashMap::new();
    for unit in world.people.values() {
        *people.entry(world.unit_now(*unit, ctx.now)).or_default() += 1;
    }
    let mut posts: HashMap<UnitId, usize> = HashMap::new();
    for post in world.posts.values() {
        if world.post_in_force(post.id, ctx.now) {
            *posts.entry(post.unit).or_default() += 1;
        }
    }
    for list in below.values_mut() {
        list.sort();
        list.reverse();
    }
    let mut out = Vec::new();
    let mut open: Vec<(usize, String, UnitId)> = Vec::new();
    let take = |below: &mut HashMap<Option<UnitId>, Vec<(String, UnitId)>>, above, depth| {
        let list = below.remove(&above).unwrap_or_default();
        list.into_iter().map(move |(name, id)| (depth, name, id))
    };
    open.extend(take(&mut below, None, 0));
    while let Some((depth, name, id)) = open.pop() {
        out.push(Line {
            id,
            name,
            depth,
            people: people.get(&id).copied().unwrap_or_default(),
            posts: posts.get(&id).copied().unwrap_or_default(),
        });
        open.extend(take(&mut below, Some(id), depth + 1));
    }
    out
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.live()?;
    let lang = ctx.lang;
    let asked = ctx.query("q").unwrap_or_default();
    let words = folded_words(&asked);
    let all = lines(ctx, &ctx.site.app.world());
    let fits = |line: &&Line| {
        let name = sekisho_domain::fold::search(&line.name);
        words.iter().all(|word| name.contains(word.as_str()))
    };
    let title = t!(lang, "register.unit");
    let name = Column::text(t!(lang, "register.unit.name_ja"));
    let posts = Column::number(t!(lang, "register.unit.posts_count"));
    let people = Column::number(t!(lang, "register.unit.people_count"));
    let rows: Vec<_> = all
        .iter()
        .filter(fits)
        .map(|line| {
            let depth = if words.is_empty() { line.depth.min(DEEPEST) } else { 0 };
            vec![
                row_header(
                    &name,
                    &markup! { span class={ "depth depth--" (depth) } { a href={ "/organisation/units/" (line.id) } { (line.name) } } },
                ),
                cell(&posts, &markup! { (line.posts) }),
                cell(&people, &markup! { (line.people) }),
            ]
        })
        .collect();
    let above: Vec<_> = trail(lang).into_iter().take(1).collect();
    let main = markup! {
        (heading(&above, &markup! { (title) }, &markup! { (t!(lang, "register.unit_lead")) }))
        form method="get" action="/organisation/units" class="search search--list" role="search" {
            div class="field" {
                label for="q" { (t!(lang, "register.search")) }
                input id="q" name="q" type="search" value=(asked) maxlength="200" autocomplete="off";
            }
            button class="button button--secondary" type="submit" { (t!(lang, "register.search_do")) }
        }
        @if rows.is_empty() { (empty_state(&t!(lang, "register.not_found"), &t!(lang, "register.not_found_how"))) }
        @else { (table(&title, &[name, posts, people], &rows)) }
        (files(ctx, TableOf::Units))
    };
    Ok(html(page(&ctx.frame(Place::Organisation), &title, &main)))
}
