//! What a shelf keeps of an entry and of a person.

use sekisho_domain::field::{Field, FieldKind, Value, Values};
use sekisho_domain::fold::search;
use sekisho_domain::id::PersonId;
use sekisho_domain::register::{Entry, Register};
use sekisho_domain::world::World;

use super::{NO_FACET, Row};
use crate::app::directory::Directory;
use crate::console::fields::sort_key;

/// People are sorted by their reading.
pub(super) const PEOPLE_COLUMNS: usize = 1;

/// The columns of a register's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The fields shown, the one that names the entry first.
    pub shown: &'static [&'static str],
    /// Those among them that the list can be sorted by, in the order of the shelf's columns. After
    /// them comes when the entry was last written.
    pub sorted: &'static [&'static str],
    /// Fields of choices to filter by, in the order of the shelf's facets.
    pub facets: &'static [&'static str],
    /// Whether what was written last comes first unless another order is asked for.
    pub newest_first: bool,
}

const fn by_name(
    shown: &'static [&'static str],
    sorted: &'static [&'static str],
    facets: &'static [&'static str],
) -> Columns {
    Columns {
        shown,
        sorted,
        facets,
        newest_first: false,
    }
}

const fn newest_first(
    shown: &'static [&'static str],
    sorted: &'static [&'static str],
    facets: &'static [&'static str],
) -> Columns {
    Columns {
        shown,
        sorted,
        facets,
        newest_first: true,
    }
}

const CONFERENCE_TOOL: &[&str] = &[
    "name",
    "scope",
    "own",
    "contractor",
    "external",
    "individual",
];

/// What the list of a register shows, sorts and filters by.
#[must_use]
pub const fn columns(register: Register) -> Columns {
    match register {
        Register::IssuedDevice => by_name(
            &["asset", "form", "model", "user", "place"],
            &["asset", "form", "model", "place"],
            &["form"],
        ),
        Register::ByodDevice => by_name(
            &["model", "form", "owner", "os", "agreed"],
            &["model", "form", "os", "agreed"],
            &["form"],
        ),
        Register::Medium => by_name(
            &["number", "kind", "highest", "encrypted", "keeper"],
            &["number", "kind", "highest", "encrypted"],
            &["kind"],
        ),
        Register::Software => by_name(
            &["name", "list", "versions", "publisher", "review_by"],
            &["name", "list", "publisher", "review_by"],
            &["list"],
        ),
        Register::Line => by_name(
            &["name", "kind", "encrypted", "officer"],
            &["name", "kind", "encrypted"],
            &["kind"],
        ),
        Register::System => by_name(
            &["name", "highest", "host", "remote", "officer"],
            &["name", "highest", "host", "remote"],
            &["host"],
        ),
        Register::Service => by_name(
            &["name", "kind", "highest", "ismap", "provider"],
            &["name", "kind", "highest", "ismap", "provider"],
            &["kind", "ismap"],
        ),
        Register::ConferenceTool => by_name(CONFERENCE_TOOL, &["name", "scope"], &["scope"]),
        Register::Task => by_name(
            &["name", "grade", "state", "systems", "planned_people"],
            &["name", "grade", "state", "planned_people"],
            &["state"],
        ),
        Register::Incident => newest_first(
            &["kind", "found", "severity", "state", "leaked"],
            &["kind", "found", "severity", "state"],
            &["kind", "severity", "state"],
        ),
        Register::Concern => newest_first(
            &["kind", "task", "state"],
            &["kind", "state"],
            &["kind", "state"],
        ),
    }
}

/// A field of a register by its code.
pub(super) fn field(register: Register, code: &str) -> Option<&'static Field> {
    register.fields().iter().find(|field| field.code == code)
}

/// An entry. What it refers to is not part of what it is searched by: names change and are not told
/// to everyone who may read the register.
pub(super) fn entry(entry: &Entry) -> Row {
    let register = entry.register();
    let Columns { sorted, facets, .. } = columns(register);
    let values = entry.particulars.values();
    let choice = |code: &str| choice_of(register, code, &values);
    let key = |code: &&str| {
        let chosen = choice(code).map(|place| format!("{place:03}"));
        Box::from(chosen.unwrap_or_else(|| sort_key(values.get(*code))))
    };
    let written = format!("{:020}", entry.changed_at.as_millis());
    Row {
        id: entry.id.to_string().into(),
        unit: entry.unit,
        active: entry.is_active(),
        text: text(register, &values),
        keys: sorted.iter().map(key).chain([written.into()]).collect(),
        facets: facets
            .iter()
            .map(|code| choice(code).unwrap_or(NO_FACET))
            .collect(),
    }
}

/// The place of what is chosen in a field of choices.
fn choice_of(register: Register, code: &str, values: &Values) -> Option<u8> {
    let FieldKind::Choice(codes) = field(register, code)?.kind else {
        return None;
    };
    let Some(Value::Text(chosen)) = values.get(code) else {
        return None;
    };
    let place = codes.iter().position(|known| known == chosen)?;
    u8::try_from(place).ok()
}

fn text(register: Register, values: &Values) -> Box<str> {
    let mut out = String::new();
    for field in register.fields() {
        if field.kind != FieldKind::Line {
            continue;
        }
        let mut add = |text: &str| {
            out.push_str(&search(text));
            // No word that is searched for holds a line's end.
            out.push('\n');
        };
        match values.get(field.code) {
            Some(Value::Text(text)) => add(text),
            Some(Value::Many(list)) => list.iter().for_each(|text| add(text)),
            _ => {}
        }
    }
    out.into()
}

/// A person; none whose name is not known.
pub(super) fn person(world: &World, directory: &Directory, person: PersonId) -> Option<Row> {
    let known = directory.get(person)?;
    let unit = world.people.get(&person).copied();
    let name = search(known.name.ja.as_str());
    let kana = known.name.kana.as_ref().map(|kana| search(kana.as_str()));
    let en = known.name.en.as_ref().map(|en| search(en.as_str()));
    let mail = known.mail.as_deref().map(search);
    let key = kana.clone().unwrap_or_else(|| name.clone());
    let parts: Vec<String> = [Some(name), kana, en, mail].into_iter().flatten().collect();
    Some(Row {
        id: person.to_string().into(),
        unit,
        active: !world.left.contains_key(&person),
        text: parts.join("\n").into(),
        keys: [key.into()].into(),
        facets: Box::default(),
    })
}
