//! One call of an operation: what came with it, and carrying out what it asks.

use std::str::FromStr;

use axum::http::StatusCode;
use sekisho_domain::actor::Actor;
use sekisho_domain::command::Command;
use sekisho_domain::event::Sealed;
use sekisho_domain::id::PersonId;
use sekisho_domain::time::{Span, Timestamp};
use serde_json::Value;

use super::members::Members;
use super::schema::Schema;
use crate::app::{CommandError, Committed};
use crate::http::ctx::Ctx;
use crate::http::fault::{Fault, Wrong};

/// Entries of a page, unless fewer are asked for.
pub(super) const PAGE: usize = 50;
/// Most entries of a page.
pub(super) const PAGE_MAX: usize = 200;

/// One call.
pub(in crate::http) struct Call<'a> {
    pub(super) ctx: &'a Ctx,
    /// The JSON body; null where there is none.
    pub(super) body: Value,
    /// What the body can hold; none where it is no JSON.
    pub(super) form: Option<fn() -> Schema>,
    /// The body as it came, where it is no JSON.
    pub(super) bytes: &'a [u8],
    /// The version that `If-Match` names; none where it is `*`.
    pub(super) expected: Option<u64>,
}

impl<'a> Call<'a> {
    pub(super) const fn new(ctx: &'a Ctx) -> Self {
        Self {
            ctx,
            body: Value::Null,
            form: None,
            bytes: &[],
            expected: None,
        }
    }

    /// Carries a command out as whoever the token acts for.
    pub(super) fn command(&self, command: Command) -> Result<Committed, Fault> {
        self.carry_out(command, Vec::new(), &[])
    }

    /// The same, where some members are not called as in the command.
    pub(super) fn command_as(
        &self,
        command: Command,
        names: &[(&str, &str)],
    ) -> Result<Committed, Fault> {
        self.carry_out(command, Vec::new(), names)
    }

    /// The same with documents beside it.
    pub(super) fn command_with(
        &self,
        command: Command,
        documents: Vec<Vec<u8>>,
    ) -> Result<Committed, Fault> {
        self.carry_out(command, documents, &[])
    }

    fn carry_out(
        &self,
        command: Command,
        documents: Vec<Vec<u8>>,
        names: &[(&str, &str)],
    ) -> Result<Committed, Fault> {
        let actor = self.ctx.actor()?;
        let (action, _) = command.action();
        let done = self
            .ctx
            .site
            .app
            .command_blocking(actor, command, documents);
        done.map_err(|error| match error {
            CommandError::Refused(refusal) => {
                let form = self.form.map(|form| form()).unwrap_or_default();
                let fault = Fault::of_refusal(&refusal).doing(action);
                fault.naming(names, &form["properties"])
            }
            other => other.into(),
        })
    }

    /// From now on, for what may not reach into the past: the writer's time may be a moment ahead.
    pub(super) fn soon(&self) -> Timestamp {
        self.ctx.site.app.now().after(Span::seconds(1))
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
        Members::within(&self.body).ok_or_else(|| {
            let wrong = Wrong::at(String::new(), "api.not-an-object".to_owned());
            Fault::unprocessable(vec![wrong])
        })
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
