//! What a shelf keeps of an entry and of a person.

use sekisho_domain::arrival::Arrival;
use sekisho_domain::field::{Field, FieldKind, Value, Values};
use sekisho_domain::fold::search;
use sekisho_domain::id::{PersonId, UnitId};
use sekisho_domain::register::{Entry, EntryId, ImportRow, Particulars, Register};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

use super::columns::{Columns, columns};
use super::{NO_FACET, Row};
use crate::app::directory::{Directory, PersonProfile};
use crate::console::fields::sort_key;

/// People are sorted by their reading.
pub(super) const PEOPLE_COLUMNS: usize = 1;

/// A field of a register by its code.
pub(super) fn field(register: Register, code: &str) -> Option<&'static Field> {
    register.fields().iter().find(|field| field.code == code)
}

/// An entry. What it refers to is not part of what it is searched by: names change and are not told
/// to everyone who may read the register.
pub(super) fn entry(entry: &Entry) -> Row {
    let active = entry.is_active();
    let row = laid_out(entry.id, entry.unit, &entry.particulars, active);
    written(row, &when(entry.changed_at))
}

/// An entry that an import writes, but for when: that is the writer's to say.
pub(super) fn imported(row: &ImportRow) -> Row {
    // Only what is in use can be changed, and what is new is in use.
    laid_out(row.id, row.unit, &row.particulars, true)
}

fn laid_out(id: EntryId, unit: Option<UnitId>, particulars: &Particulars, active: bool) -> Row {
    let register = particulars.register();
    let Columns { sorted, facets, .. } = columns(register);
    let values = particulars.values();
    let choice = |code: &str| choice_of(register, code, &values);
    let key = |code: &&str| {
        let chosen = choice(code).map(|place| format!("{place:03}"));
        Box::from(chosen.unwrap_or_else(|| sort_key(values.get(*code))))
    };
    Row {
        id: id.to_string().into(),
        unit,
        active,
        text: text(register, &values),
        keys: sorted.iter().map(key).chain([Box::default()]).collect(),
        facets: facets
            .iter()
            .map(|code| choice(code).unwrap_or(NO_FACET))
            .collect(),
    }
}

/// With when the entry was last written, which is what the last column is sorted by.
pub(super) fn written(mut row: Row, when: &str) -> Row {
    if let Some(last) = row.keys.last_mut() {
        *last = when.into();
    }
    row
}

/// An instant as what is sorted by.
pub(super) fn when(at: Timestamp) -> String {
    format!("{:020}", at.as_millis())
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
    let active = !world.left.contains_key(&person);
    Some(by_name(person, unit, active, known))
}

/// A person who comes.
pub(super) fn arriving(arrival: &Arrival, profile: &PersonProfile) -> Row {
    by_name(arrival.person, Some(arrival.unit), true, profile)
}

fn by_name(person: PersonId, unit: Option<UnitId>, active: bool, known: &PersonProfile) -> Row {
    let name = search(known.name.ja.as_str());
    let kana = known.name.kana.as_ref().map(|kana| search(kana.as_str()));
    let en = known.name.en.as_ref().map(|en| search(en.as_str()));
    let mail = known.mail.as_deref().map(search);
    let key = kana.clone().unwrap_or_else(|| name.clone());
    let parts: Vec<String> = [Some(name), kana, en, mail].into_iter().flatten().collect();
    Row {
        id: person.to_string().into(),
        unit,
        active,
        text: parts.join("\n").into(),
        keys: [key.into()].into(),
        facets: Box::default(),
    }
}
