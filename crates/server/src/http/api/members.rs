//! The members of a JSON object, read one by one with every fault named by its place.

use std::collections::BTreeSet;
use std::str::FromStr;

use sekisho_domain::name::{Line, Name};
use sekisho_domain::time::Timestamp;
use serde_json::{Map, Value};

use crate::http::fault::{Fault, Wrong};

/// The members of an object, taken one by one; what is wrong is gathered.
pub(super) struct Members<'a> {
    map: &'a Map<String, Value>,
    known: BTreeSet<&'a str>,
    wrong: Vec<Wrong>,
}

impl<'a> Members<'a> {
    /// The members of an object within the body; none where it is no object.
    pub(super) fn within(value: &'a Value) -> Option<Self> {
        Some(Self {
            map: value.as_object()?,
            known: BTreeSet::new(),
            wrong: Vec::new(),
        })
    }

    /// Takes in what is wrong with an object that lies at a place within this one.
    pub(super) fn take_in(&mut self, place: &str, inner: Members<'_>) {
        for mut wrong in inner.gathered() {
            let inside = wrong.pointer.unwrap_or_default();
            wrong.pointer = Some(format!("/{place}{inside}"));
            self.wrong.push(wrong);
        }
    }

    /// Whether a member is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// Whether a member is there and not null.
    pub(super) fn is_given(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(|value| !value.is_null())
    }

    /// A member as it is; null where it is missing.
    pub(super) fn value(&mut self, name: &'a str) -> &'a Value {
        self.known.insert(name);
        self.map.get(name).unwrap_or(&Value::Null)
    }

    /// Notes what is wrong with a member.
    pub(super) fn wrong(&mut self, name: &str, code: &str) {
        self.wrong
            .push(Wrong::at(format!("/{name}"), code.to_owned()));
    }

    /// A text; none, and a note, where it is missing or no text.
    pub(super) fn text(&mut self, name: &'a str) -> Option<&'a str> {
        let found = self.optional_text(name);
        if found.is_none() && !self.is_wrong(name) {
            self.wrong(name, "field.missing");
        }
        found
    }

    /// A text that may be missing.
    pub(super) fn optional_text(&mut self, name: &'a str) -> Option<&'a str> {
        match self.value(name) {
            Value::Null => None,
            Value::String(text) => Some(text),
            _ => {
                self.wrong(name, "field.form");
                None
            }
        }
    }

    fn is_wrong(&self, name: &str) -> bool {
        self.wrong.iter().any(|wrong| {
            let pointer = wrong.pointer.as_deref().unwrap_or_default();
            pointer.strip_prefix('/') == Some(name)
        })
    }

    fn parse<T: FromStr>(&mut self, name: &'a str, text: Option<&str>, code: &str) -> Option<T> {
        let parsed = text?.parse().ok();
        if parsed.is_none() {
            self.wrong(name, code);
        }
        parsed
    }

    /// An id.
    pub(super) fn id<T: FromStr>(&mut self, name: &'a str) -> Option<T> {
        let text = self.text(name);
        self.parse(name, text, "field.not-an-id")
    }

    /// An id that may be missing.
    pub(super) fn optional_id<T: FromStr>(&mut self, name: &'a str) -> Option<T> {
        let text = self.optional_text(name);
        self.parse(name, text, "field.not-an-id")
    }

    /// A list of ids.
    pub(super) fn ids<T: FromStr>(&mut self, name: &'a str) -> Option<Vec<T>> {
        let found = self.choices(name, |text| text.parse().ok());
        if let Some(last) = self.wrong.last_mut()
            && found.is_none()
            && last.code == "field.unknown-choice"
        {
            last.code = "field.not-an-id".to_owned();
        }
        found
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, name: &'a str) -> Option<bool> {
        match self.value(name) {
            Value::Bool(flag) => Some(*flag),
            other => {
                let missing = other.is_null();
                let code = if missing {
                    "field.missing"
                } else {
                    "field.form"
                };
                self.wrong(name, code);
                None
            }
        }
    }

    /// An instant.
    pub(super) fn instant(&mut self, name: &'a str) -> Option<Timestamp> {
        let found = self.optional_instant(name);
        if found.is_none() && !self.is_wrong(name) {
            self.wrong(name, "field.missing");
        }
        found
    }

    /// An instant that may be missing.
    pub(super) fn optional_instant(&mut self, name: &'a str) -> Option<Timestamp> {
        let text = self.optional_text(name)?;
        let parsed = Timestamp::parse(text).ok();
        if parsed.is_none() {
            self.wrong(name, "field.form");
        }
        parsed
    }

    /// A line of text that may be missing.
    pub(super) fn optional_line(&mut self, name: &'a str) -> Option<Line> {
        let text = self.optional_text(name)?;
        match Line::parse(text) {
            Ok(line) => Some(line),
            Err(error) => {
                self.wrong(name, error.code());
                None
            }
        }
    }

    /// A name: `{"ja": …, "en": …, "kana": …}`, of which only `ja` must be there.
    pub(super) fn name(&mut self, name: &'a str) -> Option<Name> {
        self.name_of(name, None)
    }

    /// The same of something that has a name already: its reading stays good as it is.
    pub(super) fn name_of(&mut self, name: &'a str, known: Option<&Name>) -> Option<Name> {
        let value = self.value(name).clone();
        if value.is_null() {
            self.wrong(name, "field.missing");
            return None;
        }
        let Ok(read) = serde_json::from_value::<Name>(value) else {
            self.wrong(name, "field.form");
            return None;
        };
        let known = known.and_then(|known| known.kana.as_ref());
        let kana = read.kana.as_ref();
        let reading = kana.map(|kana| Line::reading_or_known(kana.as_str(), known));
        if let Some(Err(error)) = reading {
            self.wrong(name, error.code());
            return None;
        }
        Some(read)
    }

    /// One of several codes.
    pub(super) fn choice<T>(
        &mut self,
        name: &'a str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(name)?;
        let found = read(text);
        if found.is_none() {
            self.wrong(name, "field.unknown-choice");
        }
        found
    }

    /// A list of codes, none of them twice.
    pub(super) fn choices<T>(
        &mut self,
        name: &'a str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Value::Array(list) = self.value(name) else {
            let missing = self.value(name).is_null();
            self.wrong(
                name,
                if missing {
                    "field.missing"
                } else {
                    "field.form"
                },
            );
            return None;
        };
        let found: Option<Vec<T>> = list.iter().map(|it| it.as_str().and_then(&read)).collect();
        if found.is_none() {
            self.wrong(name, "field.unknown-choice");
        }
        found
    }

    /// Ends the reading: everything that is wrong, members that nobody knows included.
    pub(super) fn end(self) -> Result<(), Fault> {
        let wrong = self.gathered();
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(Fault::unprocessable(wrong))
        }
    }

    fn gathered(mut self) -> Vec<Wrong> {
        for name in self.map.keys() {
            if !self.known.contains(name.as_str()) {
                let pointer = format!("/{}", escaped(name));
                self.wrong
                    .push(Wrong::at(pointer, "field.unknown".to_owned()));
            }
        }
        self.wrong
    }
}

/// RFC 6901, 3; bounded, since it is what somebody sent.
fn escaped(name: &str) -> String {
    let short: String = name.chars().take(80).collect();
    short.replace('~', "~0").replace('/', "~1")
}
