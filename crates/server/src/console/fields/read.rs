//! From what was entered to plain values.

use sekisho_domain::field::{Field, FieldFault, FieldKind, Value, Values};
use sekisho_messages::{Lang, error_text, t};

use super::entered::{Entered, input_name};
use super::reference::Referents;
use super::{Words, date, grade};

/// Why a field cannot be read, or does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// As the domain says.
    Field(FieldFault),
    /// Several things fit what was searched for; one must be picked.
    Several,
    /// Nothing fits what was searched for.
    NoneFound,
}

/// What could be read, and what could not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// The values, without those at fault.
    pub values: Values,
    /// What is wrong, by the code of the field.
    pub faults: Vec<(String, Fault)>,
}

impl Read {
    /// Adds what the noun itself finds wrong. What could not be read at all is not told twice.
    pub fn judge(&mut self, errors: &[sekisho_domain::field::FieldError]) {
        for error in errors {
            if !self.faults.iter().any(|(code, _)| *code == error.field) {
                self.faults
                    .push((error.field.clone(), Fault::Field(error.fault)));
            }
        }
    }
}

/// Reads every field. Whether something must stand there is for the noun to say.
#[must_use]
pub fn read(fields: &[Field], entered: &Entered, referents: &dyn Referents) -> Read {
    let mut out = Read::default();
    for field in fields {
        match value(field, entered, referents) {
            Ok(value) if value.is_empty() => {}
            Ok(value) => {
                out.values.insert(field.code.to_owned(), value);
            }
            Err(fault) => out.faults.push((field.code.to_owned(), fault)),
        }
    }
    out
}

fn value(field: &Field, entered: &Entered, referents: &dyn Referents) -> Result<Value, Fault> {
    let name = input_name(field.code);
    let text = entered.get(&name).trim();
    let stable = |found: Option<String>| found.map_or(Value::Empty, Value::Text);
    match field.kind {
        FieldKind::Reference(prefix) => reference(field, prefix, entered, referents),
        FieldKind::Choice(_) if field.many => {
            Ok(many(entered.all(&name).iter().map(String::as_str)))
        }
        FieldKind::Flag => Ok(Value::Flag(text == "yes")),
        _ if field.many => Ok(many(entered.get(&name).lines())),
        FieldKind::Date => date::read(entered, field.code)
            .map(stable)
            .map_err(Fault::Field),
        FieldKind::Grade => grade::read(entered, field.code)
            .map(stable)
            .map_err(Fault::Field),
        FieldKind::Number if text.is_empty() => Ok(Value::Empty),
        FieldKind::Number => sekisho_domain::fold::width(text)
            .replace(',', "")
            .parse()
            .map(Value::Number)
            .map_err(|_| Fault::Field(FieldFault::Form)),
        FieldKind::Line | FieldKind::Restriction | FieldKind::Choice(_) => Ok(Value::text(text)),
    }
}

fn many<'a>(texts: impl Iterator<Item = &'a str>) -> Value {
    let list: Vec<String> = texts
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
        .collect();
    Value::Many(list)
}

/// What was picked; else, where only one thing fits what was searched for, that one.
fn reference(
    field: &Field,
    prefix: &str,
    entered: &Entered,
    referents: &dyn Referents,
) -> Result<Value, Fault> {
    let name = input_name(field.code);
    let mut picked: Vec<String> = entered
        .all(&name)
        .iter()
        .filter(|id| !id.is_empty())
        .cloned()
        .collect();
    let query = entered.part(field.code, "q").trim();
    if !query.is_empty() {
        let found = referents.find(prefix, query);
        let known = found.list.iter().any(|it| picked.contains(&it.id));
        match found.list.as_slice() {
            // What was picked is among what was found: the search led to it.
            _ if known => {}
            [] => return Err(Fault::NoneFound),
            [one] if !found.more => {
                if !field.many {
                    picked.clear();
                }
                picked.push(one.id.clone());
            }
            _ => return Err(Fault::Several),
        }
    }
    if field.many {
        return Ok(Value::Many(picked));
    }
    Ok(picked.into_iter().next().map_or(Value::Empty, Value::Text))
}

/// What is wrong as a sentence, with what to do.
#[must_use]
pub fn sentence(lang: Lang, words: Words, field: &str, fault: Fault) -> String {
    let label = words.label(lang, field);
    match fault {
        Fault::Several => t!(lang, "field.reference.several", field = label).into_owned(),
        Fault::NoneFound => t!(lang, "field.reference.nothing", field = label).into_owned(),
        Fault::Field(fault) => {
            let said = error_text(lang, fault.code(), &[("field", label.into())]);
            match lang {
                Lang::Ja => format!("{}{}", said.what, said.todo),
                Lang::En => format!("{} {}", said.what, said.todo),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::reference::{Found, Referent};
    use super::*;

    struct Two;

    fn thing(id: &str, name: &str) -> Referent {
        Referent {
            id: id.to_owned(),
            name: name.to_owned(),
            more: None,
            href: None,
        }
    }

    impl Referents for Two {
        fn get(&self, _: &str, id: &str) -> Option<Referent> {
            let known = [thing("psn_a", "田中"), thing("psn_b", "田村")];
            known.into_iter().find(|it| it.id == id)
        }

        fn few(&self, _: &str) -> Option<Vec<Referent>> {
            None
        }

        fn find(&self, _: &str, query: &str) -> Found {
            let known = [thing("psn_a", "田中"), thing("psn_b", "田村")];
            let list = known.into_iter().filter(|it| it.name.contains(query));
            Found {
                list: list.collect(),
                more: false,
            }
        }
    }

    const fn field(code: &'static str, kind: FieldKind, many: bool) -> Field {
        Field {
            code,
            kind,
            required: false,
            many,
        }
    }

    const FIELDS: &[Field] = &[
        field("name", FieldKind::Line, false),
        field("count", FieldKind::Number, false),
        field("lit", FieldKind::Flag, false),
        field("tags", FieldKind::Line, true),
        field("colours", FieldKind::Choice(&["red", "blue"]), true),
        field("user", FieldKind::Reference("psn"), false),
        field("units", FieldKind::Reference("unt"), true),
    ];

    #[test]
    fn every_kind_of_field_is_read() {
        let entered = Entered::of_pairs([
            ("f-name", " 門 "),
            ("f-count", "１,２００"),
            ("f-lit", "yes"),
            ("f-tags", "a\r\n\r\n b\r\n"),
            ("f-colours", "red"),
            ("f-colours", "blue"),
            ("f-user", "psn_a"),
            ("f-units", "unt_a"),
            ("f-units", "unt_b"),
            ("other", "x"),
        ]);
        let found = read(FIELDS, &entered, &Two);
        assert_eq!(found.faults, []);
        let many = |a: &str, b: &str| Value::Many(vec![a.to_owned(), b.to_owned()]);
        let expected = Values::from([
            ("name".to_owned(), Value::Text("門".to_owned())),
            ("count".to_owned(), Value::Number(1200)),
            ("lit".to_owned(), Value::Flag(true)),
            ("tags".to_owned(), many("a", "b")),
            ("colours".to_owned(), many("red", "blue")),
            ("user".to_owned(), Value::Text("psn_a".to_owned())),
            ("units".to_owned(), many("unt_a", "unt_b")),
        ]);
        assert_eq!(found.values, expected);
    }

    #[test]
    fn a_search_picks_the_only_one_and_asks_among_several() {
        let user = |pairs: &[(&str, &str)]| {
            let entered = Entered::of_pairs(pairs.iter().copied());
            let found = read(&FIELDS[5..6], &entered, &Two);
            let fault = found.faults.first().map(|(_, fault)| *fault);
            (found.values.get("user").cloned(), fault)
        };
        let text = |id: &str| Some(Value::Text(id.to_owned()));
        assert_eq!(user(&[("f-user-q", "村")]), (text("psn_b"), None));
        assert_eq!(user(&[("f-user-q", "田")]), (None, Some(Fault::Several)));
        assert_eq!(
            user(&[("f-user-q", "鈴木")]),
            (None, Some(Fault::NoneFound))
        );
        // Picked from what was found.
        let picked = [("f-user-q", "田"), ("f-user", "psn_b")];
        assert_eq!(user(&picked), (text("psn_b"), None));
        // Another name was typed than the one that had been picked.
        let changed = [("f-user-q", "村"), ("f-user", "psn_a")];
        assert_eq!(user(&changed), (text("psn_b"), None));
    }

    #[test]
    fn what_is_no_number_is_said_once() {
        let entered = Entered::of_pairs([("f-count", "many")]);
        let mut found = read(FIELDS, &entered, &Two);
        found.judge(&[sekisho_domain::field::FieldError {
            field: "count".to_owned(),
            fault: FieldFault::Missing,
        }]);
        let fault = Fault::Field(FieldFault::Form);
        assert_eq!(found.faults, [("count".to_owned(), fault)]);
    }
}
