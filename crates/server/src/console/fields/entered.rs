//! What stands in a form, as it was entered.

use std::collections::BTreeMap;

use sekisho_domain::field::{Field, FieldKind, Value, Values};
use sekisho_messages::Lang;

use super::date;

/// The name of the button that searches for what a field may refer to; its value is the field's code.
pub const LOOK: &str = "look";

/// What a field is called in a form.
#[must_use]
pub fn input_name(code: &str) -> String {
    format!("f-{code}")
}

/// What is wrong by the codes of fields, as a summary links it: with the ids of their inputs. What is no field
/// has its code for an id, and what is wrong with the whole has `main`.
#[must_use]
pub fn anchored(fields: &[Field], wrong: &[(String, String)]) -> Vec<(String, String)> {
    let id = |code: &str| match code {
        "" => "main".to_owned(),
        code if fields.iter().any(|field| field.code == code) => input_name(code),
        code => code.to_owned(),
    };
    let wrong = wrong.iter();
    wrong.map(|(code, said)| (id(code), said.clone())).collect()
}

/// What stands in a form, by the names of its inputs. An input may stand there several times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entered(BTreeMap<String, Vec<String>>);

impl Entered {
    /// What a browser sent. Only inputs of fields and the search button are kept.
    pub fn of_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut entered = Self::default();
        for (name, value) in pairs {
            if name == LOOK || name.starts_with("f-") {
                entered.put(name, value);
            }
        }
        entered
    }

    /// What a noun looks like in its form.
    #[must_use]
    pub fn of_values(lang: Lang, fields: &[Field], values: &Values) -> Self {
        let mut entered = Self::default();
        for field in fields {
            let name = input_name(field.code);
            match values.get(field.code) {
                None | Some(Value::Empty) => {}
                Some(Value::Flag(flag)) => {
                    if *flag {
                        entered.put(&name, "yes");
                    }
                }
                Some(Value::Number(number)) => entered.put(&name, &number.to_string()),
                Some(Value::Many(list)) => {
                    for text in list {
                        match field.kind {
                            FieldKind::Restriction => {
                                entered.put(&name, &super::restriction::written(text));
                            }
                            _ => entered.put(&name, text),
                        }
                    }
                }
                Some(Value::Text(text)) => match field.kind {
                    FieldKind::Date => date::prefill(lang, &mut entered, &name, text),
                    FieldKind::Grade => super::grade::prefill(&mut entered, &name, text),
                    _ => entered.put(&name, text),
                },
            }
        }
        entered
    }

    /// Fills in what a field of one value holds in its plain form.
    pub fn choose(&mut self, code: &str, value: &str) {
        self.0.insert(input_name(code), vec![value.to_owned()]);
    }

    pub(super) fn put(&mut self, name: &str, value: &str) {
        let list = self.0.entry(name.to_owned()).or_default();
        if list.len() < sekisho_domain::field::MANY_MAX {
            list.push(value.to_owned());
        }
    }

    /// The first value of an input; empty where it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.all(name).first().map_or("", String::as_str)
    }

    /// Every value of an input.
    #[must_use]
    pub fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// A part of a field's input.
    #[must_use]
    pub fn part(&self, code: &str, part: &str) -> &str {
        self.get(&format!("f-{code}-{part}"))
    }

    /// The field whose search button was pressed; then nothing is to be carried out.
    #[must_use]
    pub fn looks_for(&self) -> Option<&str> {
        Some(self.get(LOOK)).filter(|code| !code.is_empty())
    }

    /// Whether nothing at all was entered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_leads_to_the_input_of_its_field() {
        let fields = [Field::new("label", FieldKind::Line, true, false)];
        let wrong = ["label", "words", ""].map(|code| (code.to_owned(), "wrong".to_owned()));
        let ids: Vec<String> = anchored(&fields, &wrong)
            .into_iter()
            .map(|it| it.0)
            .collect();
        assert_eq!(ids, ["f-label", "words", "main"]);
    }
}
