//! Lists of personnel moves from a file (発令の名簿).

use std::collections::BTreeSet;

use sekisho_domain::actor::Actor;
use sekisho_domain::command::check_moves;
use sekisho_domain::field::{Value, Values};
use sekisho_domain::fold;
use sekisho_domain::id::{AppointmentId, PersonId, PostId, UnitId};
use sekisho_domain::moves::{MoveKind, MoveLine};
use sekisho_domain::time::{Span, Timestamp, parse_date};
use sekisho_domain::world::World;
use sekisho_tabular::Fault;
use sekisho_tabular::values::{Lost, Reading, References};

use super::columns::Columns;
use super::import::Found;
use super::plan::Plan;
use super::references::{Names, titled_in, unit_path};
use super::row::Row;
use crate::app::{App, fresh};

/// A list of today begins a moment after it is accepted: a day has begun before anyone loads its list.
pub(super) fn not_before(at: Timestamp, now: Timestamp) -> Timestamp {
    if at < now && at.jst_date() == now.jst_date() {
        now.after(Span::minutes(1))
    } else {
        at
    }
}

/// What a line says, by the fields of its table; posts by their units and titles.
#[must_use]
pub fn values(world: &World, line: &MoveLine, now: Timestamp) -> Values {
    let mut values = Values::new();
    let mut put = |field: &str, text: String| values.insert(field.to_owned(), Value::Text(text));
    put("kind", line.kind.code().to_owned());
    put("person", line.person.to_string());
    for (field, post) in [("from", line.from), ("to", line.to)] {
        if let Some(post) = post.and_then(|post| world.posts.get(&post)) {
            let unit = unit_path(world, post.unit, now);
            put(field, format!("{unit}/{}", post.title.ja.as_str()));
        }
    }
    if let Some(unit) = line.unit {
        put("unit", unit.to_string());
    }
    values
}

/// The lines of a list, with every cell at fault.
pub(super) fn found(
    app: &App,
    actor: &Actor,
    columns: &Columns,
    names: &Names,
    (readings, given): (Vec<Reading>, Option<Timestamp>),
) -> Found {
    let now = app.now();
    let mut faults = Vec::new();
    let day = match day(columns, &readings, given) {
        Ok(day) => day,
        Err(wrong) => {
            faults.extend(wrong);
            None
        }
    };
    // Where the day is at fault the names are looked up all the same, as of today.
    let at = not_before(day.unwrap_or(now), now);
    let world = app.world_apart();
    let mut lines = Vec::with_capacity(readings.len());
    let mut rows = Vec::with_capacity(readings.len());
    for reading in &readings {
        match line(&world, columns, names, (reading, at)) {
            Ok(line) => {
                lines.push(line);
                rows.push(reading.row);
            }
            Err(fault) => faults.push(fault),
        }
    }
    // Without its day nobody can say what a line does; nothing but faulty lines say it themselves.
    if day.is_some() && (!lines.is_empty() || faults.is_empty()) {
        let wrong = check_moves(&world, actor, at, &lines, now);
        faults.extend(columns.all_refused(wrong, &rows));
    }
    Found {
        plan: Plan::Moves { at, lines },
        lines: rows,
        unchanged: 0,
        faults,
    }
}

/// The day of the list: said beside the file, or the same in every row.
fn day(
    columns: &Columns,
    readings: &[Reading],
    given: Option<Timestamp>,
) -> Result<Option<Timestamp>, Vec<Fault>> {
    let of_row = |reading: &Reading| {
        let text = Row { reading, columns }.text("on")?.to_owned();
        let day = parse_date(&text).ok()?;
        Some((reading.row, Timestamp::start_of_jst_day(day).ok()?))
    };
    let said: Vec<(u32, Timestamp)> = readings.iter().filter_map(of_row).collect();
    let Some(day) = given.or_else(|| said.first().map(|(_, day)| *day)) else {
        let missing = !readings.is_empty();
        return if missing {
            Err(vec![Fault::file("moves.day-missing")])
        } else {
            Ok(None)
        };
    };
    let others = said.into_iter().filter(|(_, other)| *other != day);
    let faults: Vec<Fault> = others
        .map(|(row, _)| {
            let fault = columns.fault(row, "on", "cell.other-day");
            fault.with("day", day.jst_date().to_string())
        })
        .collect();
    if faults.is_empty() {
        Ok(Some(day))
    } else {
        Err(faults)
    }
}

fn line(
    world: &World,
    columns: &Columns,
    names: &Names,
    (reading, at): (&Reading, Timestamp),
) -> Result<MoveLine, Fault> {
    let row = Row { reading, columns };
    let fault = |field: &str, code: &'static str| row.fault_of(field, code);
    let kind = row.text("kind").and_then(MoveKind::from_code);
    let kind = kind.ok_or_else(|| fault("kind", "cell.unknown-choice"))?;
    let person: PersonId = row
        .id("person")
        .ok_or_else(|| fault("person", "cell.unknown-reference"))?;
    let unit: Option<UnitId> = row.id("unit");
    let post = |field: &str, near: &dyn Fn(&str) -> BTreeSet<PostId>| {
        let Some(text) = row.text(field) else {
            return Ok(None);
        };
        match post(names, text, near) {
            Ok(post) => Ok(Some(post)),
            Err(Lost::Unknown) => Err(fault(field, "cell.unknown-reference")),
            Err(Lost::Several) => Err(fault(field, "cell.ambiguous-reference")),
        }
    };
    let from = post("from", &|title| held(world, person, title, at))?;
    let to = post("to", &|title| titled_in(world, unit, title, at))?;
    let appointment = match to {
        Some(_) => Some(AppointmentId::new(
            fresh().map_err(|_| Fault::file("file.no-entropy"))?,
        )),
        None => None,
    };
    Ok(MoveLine {
        kind,
        person,
        from,
        to,
        unit,
        appointment,
    })
}

/// The post that a text names: by itself, or among those near by where it is a title that others have
/// too.
fn post(
    names: &Names,
    text: &str,
    near: &dyn Fn(&str) -> BTreeSet<PostId>,
) -> Result<PostId, Lost> {
    let titled = near(&fold::search(text));
    if titled.len() == 1
        && let Some(post) = titled.first()
    {
        return Ok(*post);
    }
    let id = names.find(PostId::PREFIX, text)?;
    id.parse().map_err(|_| Lost::Unknown)
}

/// The posts with a title that a person holds.
fn held(world: &World, person: PersonId, title: &str, at: Timestamp) -> BTreeSet<PostId> {
    let held = world.posts_held(person, at);
    held.filter(|(_, post)| fold::search(post.title.ja.as_str()) == title)
        .map(|(_, post)| post.id)
        .collect()
}
