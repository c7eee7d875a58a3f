//! Posts from a file and to one.

use std::collections::HashMap;

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{PostRow, RosterCommand, check_roster};
use sekisho_domain::field::{Value, Values};
use sekisho_domain::fold;
use sekisho_domain::id::{PostId, UnitId};
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_tabular::Fault;
use sekisho_tabular::layout::ID;
use sekisho_tabular::values::Reading;

use super::columns::Columns;
use super::import::{Found, Told};
use super::plan::Plan;
use super::row::{Row, put_name};
use crate::app::{App, fresh};

/// What a file of posts comes to.
pub(super) fn found(
    app: &App,
    actor: &Actor,
    columns: &Columns,
    (readings, told): (&[Reading], &Told<'_>),
) -> Found {
    let now = app.now();
    let world = app.world_apart();
    let (mut rows, mut lines, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    let mut unchanged = 0;
    let mut places: HashMap<PostId, u32> = HashMap::new();
    let mut titles: HashMap<(UnitId, String), PostId> = HashMap::new();
    for (place, reading) in readings.iter().enumerate() {
        let row = Row { reading, columns };
        let read = post(&world, row, &mut titles, now).and_then(|row_of| {
            match places.insert(row_of.post.id, reading.row) {
                None => Ok(row_of),
                Some(other) => Err(row
                    .fault(ID, "row.twice")
                    .with("other", i64::from(other) + 1)),
            }
        });
        match read {
            Ok(found) if is_as_it_is(&world, &found, now) => unchanged += 1,
            Ok(found) => {
                rows.push(found);
                lines.push(reading.row);
            }
            Err(fault) => faults.push(fault),
        }
        told.done(place + 1);
    }
    let command = RosterCommand::Posts { rows: rows.clone() };
    if !rows.is_empty() {
        let wrong = check_roster(&world, actor, &command, now);
        faults.extend(columns.all_refused(wrong, &lines));
    }
    Found {
        plan: Plan::Posts(rows),
        lines,
        unchanged,
        faults,
    }
}

fn is_as_it_is(world: &World, row: &PostRow, now: Timestamp) -> bool {
    let known = world.posts.get(&row.post.id);
    known.is_some_and(|known| {
        let mut roles = row.post.roles.clone();
        roles.sort_unstable();
        roles.dedup();
        !known.is_abolished(now)
            && known.unit == row.post.unit
            && known.title == row.post.title
            && known.roles == roles
    })
}

fn post(
    world: &World,
    row: Row<'_>,
    titles: &mut HashMap<(UnitId, String), PostId>,
    now: Timestamp,
) -> Result<PostRow, Fault> {
    let own: Option<PostId> = row.own_id()?;
    let unit: UnitId = row
        .id("unit")
        .ok_or_else(|| row.fault_of("unit", "cell.unknown-reference"))?;
    let known = own.and_then(|id| world.posts.get(&id));
    let mut title = row.name("title", known.map(|post| &post.title))?;
    let folded = fold::search(title.ja.as_str());
    let id = match own {
        Some(id) => id,
        None => match titled(world, unit, &folded, now).as_slice() {
            [] => match titles.get(&(unit, folded.clone())) {
                // A post may have several holders, so that it stands in a table once.
                Some(twin) => *twin,
                None => PostId::new(fresh().map_err(|_| Fault::file("file.no-entropy"))?),
            },
            [id] => {
                if let Some(known) = world.posts.get(id) {
                    title = row.name("title", Some(&known.title))?;
                }
                *id
            }
            _ => {
                let several = row.fault("title_ja", "cell.ambiguous-reference");
                return Err(several.with("value", title.ja.as_str()));
            }
        },
    };
    titles.insert((unit, folded), id);
    let roles = row.many("roles").into_iter().filter_map(Role::from_code);
    Ok(PostRow {
        post: Post::created(id, unit, title, roles.collect()),
        expected: world.posts.get(&id).map(|post| post.version),
    })
}

/// The posts of a unit with a title.
fn titled(world: &World, unit: UnitId, title: &str, now: Timestamp) -> Vec<PostId> {
    let there = world.posts_in.get(&unit).into_iter().flatten();
    there
        .filter_map(|id| world.posts.get(id))
        .filter(|post| !post.is_abolished(now))
        .filter(|post| fold::search(post.title.ja.as_str()) == title)
        .map(|post| post.id)
        .collect()
}

/// What a post is, by the fields of its table.
#[must_use]
pub fn post_values(post: &Post) -> Values {
    let mut values = Values::new();
    put_name(&mut values, "title", &post.title);
    values.insert("unit".to_owned(), Value::Text(post.unit.to_string()));
    let roles = post.roles.iter().map(|role| role.code().to_owned());
    values.insert("roles".to_owned(), Value::Many(roles.collect()));
    values
}
