//! What can be asked for through the API: one table, from which the routes, the documentation in
//! OpenAPI and the tests follow.

use axum::http::StatusCode;
use serde_json::Value;

use super::call::Call;
use super::schema::Schema;
use crate::http::ctx::Answer;
use crate::http::fault::Fault;

/// What an operation comes to.
pub(in crate::http) struct Outcome {
    pub(super) status: StatusCode,
    pub(super) body: Value,
    /// Version of the thing that the answer shows, for `ETag`.
    pub(super) version: Option<u64>,
    /// Where a thing stands that was made.
    pub(super) location: Option<String>,
}

impl Outcome {
    /// What was asked for.
    pub(super) const fn found(body: Value) -> Self {
        Self {
            status: StatusCode::OK,
            body,
            version: None,
            location: None,
        }
    }

    /// Something was made.
    pub(super) const fn made(body: Value, location: String) -> Self {
        Self {
            status: StatusCode::CREATED,
            body,
            version: None,
            location: Some(location),
        }
    }

    /// The same, of a version.
    pub(super) const fn of_version(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }
}

/// What an operation comes to, or what is wrong with it.
pub(in crate::http) type Done = Result<Outcome, Fault>;

/// How it is asked for.
pub(in crate::http) enum Act {
    /// `GET`.
    Read(fn(&Call<'_>) -> Done),
    /// `GET` that is answered with a table file.
    Download(fn(&Call<'_>) -> Answer),
    /// `POST` with a JSON body and an idempotency key.
    Command {
        /// Its handler.
        run: fn(&Call<'_>) -> Done,
        /// What its body holds.
        body: fn() -> Schema,
        /// Whether `If-Match` says which version it changes.
        versioned: bool,
        /// Most bytes of its body.
        most: usize,
    },
    /// `POST` with a file; with an idempotency key where it changes something.
    Upload {
        /// Its handler.
        run: fn(&Call<'_>) -> Done,
        /// The content types that are taken.
        media: &'static [&'static str],
        /// Whether it changes something.
        keyed: bool,
        /// Most bytes of the file.
        most: usize,
    },
}

/// A parameter of the query.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) schema: fn() -> Schema,
}

/// One operation.
pub(in crate::http) struct Operation {
    /// The path, with parameters in braces.
    pub(super) path: &'static str,
    /// Its name in the documentation and in generated clients.
    pub(super) id: &'static str,
    /// What it does, in a line.
    pub(super) about: &'static str,
    pub(super) act: Act,
    pub(super) query: &'static [Parameter],
    /// Status and form of the answer when it is done.
    pub(super) answer: (u16, fn() -> Schema),
}

impl Operation {
    pub(in crate::http) const fn method(&self) -> &'static str {
        match self.act {
            Act::Read(_) | Act::Download(_) => "GET",
            Act::Command { .. } | Act::Upload { .. } => "POST",
        }
    }

    /// Most bytes of its body.
    pub(in crate::http) const fn most(&self) -> usize {
        match self.act {
            Act::Read(_) | Act::Download(_) => 0,
            Act::Command { most, .. } | Act::Upload { most, .. } => most,
        }
    }

    /// Whether it is named by an idempotency key.
    pub(super) const fn is_keyed(&self) -> bool {
        match self.act {
            Act::Read(_) | Act::Download(_) => false,
            Act::Command { .. } => true,
            Act::Upload { keyed, .. } => keyed,
        }
    }

    pub(in crate::http) const fn path(&self) -> &'static str {
        self.path
    }

    pub(in crate::http) const fn act(&self) -> &Act {
        &self.act
    }
}
