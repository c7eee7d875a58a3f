//! One call of an operation: what came with it, read with every fault named by its place.

use std::collections::BTreeSet;
use std::str::FromStr;

use axum::http::StatusCode;
use sekisho_domain::actor::Actor;
use sekisho_domain::command::Command;
use sekisho_domain::event::Sealed;
use sekisho_domain::id::PersonId;
use sekisho_domain::name::{Line, Name};
use sekisho_domain::time::Timestamp;
use serde_json::{Map, Value};

use crate::app::{CommandError, Committed};
use crate::http::ctx::Ctx;
use crate::http::fault::Fault;

/// Entries of a page, unless fewer are asked for.
pub(super) const PAGE: usize = 50;
/// Most entries of a page.
pub(super) const PAGE_MAX: usize = 200;

/// One call.
pub(in crate::http) struct Call<'a> {
    pub(super) ctx: &'a Ctx,
    /// The JSON body; null where there is none.
    pub(super) body: Value,
    /// The version that `If-Match` names; none where it is `*`.
    pub(super) expected: Option<u64>,
}

impl<'a> Call<'a> {
    pub(super) const fn new(ctx: &'a Ctx) -> Self {
        Self {
            ctx,
            body: Value::Null,
            expected: None,
        }
    }

    /// Carries a command out as whoever the token acts for.
    pub(super) fn command(&self, command: Command) -> Result<Committed, Fault> {
        let actor = self.ctx.actor()?;
        let done = self
            .ctx
            .site
            .app
            .command_blocking(actor, command, Vec::new());
        done.map_err(|error| match error {
            CommandError::Refused(refusal) => Fault::of_refusal(&refusal),
            other => other.into(),
        })
    }

    /// The person for whom the token acts; a service account acts for none.
    pub(super) fn person(&self) -> Result<PersonId, Fault> {
        match self.ctx.actor()? {
            Actor::Person { person, .. } => Ok(person),
            _ => Err(Fault::new(StatusCode::FORBIDDEN, "api.no-person")),
        }
    }

    /// Seals a text under the key of the person for whom the token acts.
    pub(super) fn seal(&self, purpose: &str, text: &str) -> Result<Sealed, Fault> {
        let app = &self.ctx.site.app;
        Ok(app.seal(self.person()?, purpose, text.as_bytes())?)
    }

    /// An id in the path. What cannot be an id names nothing.
    pub(super) fn in_path<T: FromStr>(&self, name: &str) -> Result<T, Fault> {
        let text = self.ctx.parameter(name);
        text.parse().map_err(|_| Fault::not_found())
    }

    /// The members of the body.
    pub(super) fn members(&self) -> Result<Members<'_>, Fault> {
        match &self.body {
            Value::Object(map) => Ok(Members {
                map,
                known: BTreeSet::new(),
                wrong: Vec::new(),
            }),
            _ => Err(Fault::unprocessable(vec![(
                String::new(),
                "api.not-an-object".to_owned(),
            )])),
        }
    }

    /// How many entries a page has, and after which it begins.
    pub(super) fn page(&self) -> Result<Page, Fault> {
        let limit = match self.ctx.query("limit") {
            None => PAGE,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=PAGE_MAX).contains(limit))
                .ok_or_else(|| Fault::bad("api.limit"))?,
        };
        Ok(Page {
            limit,
            after: self.ctx.query("after").filter(|after| !after.is_empty()),
        })
    }
}

/// Which part of a list is asked for.
pub(super) struct Page {
    pub(super) limit: usize,
    /// The last entry of the page before.
    pub(super) after: Option<String>,
}

impl Page {
    /// The part of a list that is sorted by a key, and the cursor of the next one.
    pub(super) fn of<T, K>(&self, mut all: Vec<(K, T)>) -> Result<(Vec<T>, Option<String>), Fault>
    where
        K: Ord + FromStr + std::fmt::Display,
    {
        if let Some(after) = &self.after {
            let after: K = after.parse().map_err(|_| Fault::bad("api.cursor"))?;
            all.retain(|(key, _)| *key > after);
        }
        // Only what is shown is sorted: lists can be long.
        if all.len() > self.limit {
            all.select_nth_unstable_by(self.limit, |one, other| one.0.cmp(&other.0));
            all.truncate(self.limit + 1);
        }
        all.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        let more = all.len() > self.limit;
        all.truncate(self.limit);
        let next = all.last().filter(|_| more).map(|(key, _)| key.to_string());
        Ok((all.into_iter().map(|(_, item)| item).collect(), next))
    }
}

/// The members of an object, taken one by one; what is wrong is gathered.
pub(super) struct Members<'a> {
    map: &'a Map<String, Value>,
    known: BTreeSet<&'a str>,
    wrong: Vec<(String, String)>,
}

impl<'a> Members<'a> {
    /// A member as it is; null where it is missing.
    pub(super) fn value(&mut self, name: &'a str) -> &'a Value {
        self.known.insert(name);
        self.map.get(name).unwrap_or(&Value::Null)
    }

    /// Notes what is wrong with a member.
    pub(super) fn wrong(&mut self, name: &str, code: &str) {
        self.wrong.push((format!("/{name}"), code.to_owned()));
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
        self.wrong
            .iter()
            .any(|(pointer, _)| pointer.strip_prefix('/') == Some(name))
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
        let value = self.value(name).clone();
        if value.is_null() {
            self.wrong(name, "field.missing");
            return None;
        }
        let read = serde_json::from_value(value).ok();
        if read.is_none() {
            self.wrong(name, "field.form");
        }
        read
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
    pub(super) fn end(mut self) -> Result<(), Fault> {
        for name in self.map.keys() {
            if !self.known.contains(name.as_str()) {
                self.wrong
                    .push((format!("/{}", escaped(name)), "field.unknown".to_owned()));
            }
        }
        if self.wrong.is_empty() {
            Ok(())
        } else {
            Err(Fault::unprocessable(self.wrong))
        }
    }
}

/// RFC 6901, 3; bounded, since it is what somebody sent.
fn escaped(name: &str) -> String {
    let short: String = name.chars().take(80).collect();
    short.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(limit: usize, after: Option<&str>) -> (Vec<u32>, Option<String>) {
        let page = Page {
            limit,
            after: after.map(str::to_owned),
        };
        let all = [5, 3, 9, 1, 7].map(|n: u32| (n, n * 10)).to_vec();
        page.of(all).unwrap()
    }

    #[test]
    fn pages_follow_one_another_without_a_gap() {
        assert_eq!(of(2, None), (vec![10, 30], Some("3".to_owned())));
        assert_eq!(of(2, Some("3")), (vec![50, 70], Some("7".to_owned())));
        assert_eq!(of(2, Some("7")), (vec![90], None));
        assert_eq!(of(5, None), (vec![10, 30, 50, 70, 90], None));
        assert_eq!(of(2, Some("9")), (Vec::new(), None));
        let page = Page {
            limit: 2,
            after: Some("x".to_owned()),
        };
        assert_eq!(page.of(vec![(1_u32, 1)]).unwrap_err().code, "api.cursor");
    }
}
