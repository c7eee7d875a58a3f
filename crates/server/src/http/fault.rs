//! What goes wrong, and how it is said: a page for people, a problem document for programs.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sekisho_domain::authorise::{Action, Denied};
use sekisho_domain::code::Param;
use sekisho_domain::command::Refusal;
use sekisho_messages::{Arg, ErrorText, Lang, error_text};
use sekisho_store::{StoreCode, StoreError};
use serde_json::Value;

use super::ctx::{Ctx, takes_tokens};
use crate::app::CommandError;
use crate::console::error_page::{self, ErrorView};
use crate::console::layout::{Place, percent_encode};
use crate::console::words;

/// What went wrong with a request.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) status: StatusCode,
    pub(super) code: String,
    params: Vec<(String, String)>,
    /// Milliseconds until it is worth trying again.
    wait: Option<i64>,
    /// What only the log is told.
    detail: Option<String>,
    denied: Option<Action>,
    sign_in: bool,
    /// Places of the body at fault.
    fields: Vec<Wrong>,
    /// Whether it is certain that nothing was done, so that it may well be done later.
    pub(super) nothing_happened: bool,
}

/// A place of the body that is at fault.
#[derive(Debug, Default)]
pub(super) struct Wrong {
    /// Where, as a JSON pointer.
    pub(super) pointer: Option<String>,
    /// The cell, in a table file.
    pub(super) cell: Option<String>,
    /// The stable code.
    pub(super) code: String,
    /// What is wrong, where the code alone does not say it.
    pub(super) said: Option<String>,
}

impl Wrong {
    /// A member by its pointer.
    pub(super) fn at(pointer: String, code: String) -> Self {
        Self {
            pointer: Some(pointer),
            code,
            ..Self::default()
        }
    }
}

impl Fault {
    pub(super) fn new(status: StatusCode, code: &str) -> Self {
        Self {
            status,
            code: code.to_owned(),
            params: Vec::new(),
            wait: None,
            detail: None,
            denied: None,
            sign_in: false,
            fields: Vec::new(),
            nothing_happened: false,
        }
    }

    /// Nobody is signed in: pages lead to the sign-in and back.
    pub(super) fn sign_in() -> Self {
        Self {
            sign_in: true,
            ..Self::new(StatusCode::UNAUTHORIZED, "authorise.not-signed-in")
        }
    }

    /// The gate stays shut.
    pub(super) fn denied(denied: Denied, action: Action) -> Self {
        Self {
            denied: Some(action),
            ..Self::new(StatusCode::FORBIDDEN, denied.code())
        }
    }

    /// The same, where the gate may have refused a command: what was to be done.
    pub(super) fn doing(mut self, action: Action) -> Self {
        if self.code.starts_with("authorise.") {
            self.denied = Some(action);
        }
        self
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "http.not-found")
    }

    pub(super) fn bad(code: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code)
    }

    /// Members of a body that are wrong.
    pub(super) fn unprocessable(fields: Vec<Wrong>) -> Self {
        Self {
            fields,
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "api.fields")
        }
    }

    /// The same, said of one place of the body.
    pub(super) fn at(mut self, pointer: String, said: String) -> Self {
        self.fields.push(Wrong {
            said: Some(said),
            ..Wrong::at(pointer, self.code.clone())
        });
        self
    }

    /// A table file whose cells are wrong.
    pub(super) fn cells(fields: Vec<Wrong>) -> Self {
        Self {
            fields,
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "api.cells")
        }
    }

    /// Calls the members that a refusal names as they are called in the body, and leaves out those
    /// that no body of this form holds.
    pub(super) fn naming(mut self, names: &[(&str, &str)], known: &Value) -> Self {
        for field in &mut self.fields {
            let Some(pointer) = &mut field.pointer else {
                continue;
            };
            let name = pointer.trim_start_matches('/');
            let called = names.iter().find(|(it, _)| *it == name);
            let name = called.map_or(name, |(_, called)| called);
            let place = match known.get(name) {
                Some(_) => format!("/{name}"),
                // What a register or a kind of permit holds lies one deeper.
                None if known.get("fields").is_some() => format!("/fields/{name}"),
                None => String::new(),
            };
            *pointer = place;
        }
        self.fields
            .retain(|field| field.pointer.as_deref() != Some(""));
        self
    }

    /// A refusal as programs hear it: at the field that it names, and with the status that
    /// `If-Match` asks for.
    pub(super) fn of_refusal(refusal: &Refusal) -> Self {
        let mut fault = Self::refusal(refusal);
        if fault.code == "command.stale" {
            fault.status = StatusCode::PRECONDITION_FAILED;
        }
        let at = refusal.field.iter();
        fault.fields = at
            .map(|at| Wrong::at(format!("/{at}"), fault.code.clone()))
            .collect();
        fault
    }

    pub(super) fn too_many(code: &str, wait: i64) -> Self {
        let seconds = wait.div_euclid(1000).saturating_add(1);
        Self {
            wait: Some(wait),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, code)
        }
        .with("seconds", &seconds.to_string())
    }

    /// A fault of ours: the log has the details.
    pub(super) fn internal(detail: impl std::fmt::Display) -> Self {
        Self {
            detail: Some(detail.to_string()),
            ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, "http.internal")
        }
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.params.push((name.to_owned(), value.to_owned()));
        self
    }

    fn refusal(refusal: &Refusal) -> Self {
        let mut fault = Self::new(StatusCode::CONFLICT, &refusal.reason.code);
        if refusal.reason.code.starts_with("authorise.") {
            fault.status = StatusCode::FORBIDDEN;
        }
        for (name, value) in &refusal.reason.params {
            let value = match value {
                Param::Int(number) => number.to_string(),
                Param::Time { at } => at.to_rfc3339_jst(),
                Param::Text(text) => text.clone(),
            };
            fault = fault.with(name, &value);
        }
        fault
    }

    /// What people are told.
    pub(super) fn words(&self, lang: Lang) -> ErrorText {
        self.words_of(lang, &self.code)
    }

    /// What a program is told: of pages and their buttons it has none.
    fn words_for_programs(&self, lang: Lang) -> ErrorText {
        let code = match &*self.code {
            "http.not-found" => "api.not-found",
            "http.method" => "api.method",
            code => code,
        };
        self.words_of(lang, code)
    }

    fn words_of(&self, lang: Lang, code: &str) -> ErrorText {
        let mut params: Vec<(&str, Arg<'_>)> = self
            .params
            .iter()
            .map(|(n, v)| {
                let word = sekisho_messages::word(lang, n, v).map(Arg::Text);
                (n.as_str(), word.unwrap_or_else(|| Arg::from(v.as_str())))
            })
            .collect();
        if let Some(action) = self.denied {
            params.push(("action", Arg::from(words::action(lang, action))));
            params.push(("roles", Arg::from(words::who_may(lang, action))));
        }
        error_text(lang, code, &params)
    }

    /// The answer to the request that went wrong.
    pub(super) fn answer(self, ctx: &Ctx) -> Response {
        if let Some(detail) = &self.detail {
            tracing::error!(request = %ctx.request_id, code = %self.code, detail = %detail, "a request failed");
        }
        let mut response = if ctx.machine {
            self.problem(ctx)
        } else if self.sign_in {
            let next = percent_encode(&ctx.path_and_query());
            return super::ctx::redirect(&format!("/sign-in?next={next}"));
        } else {
            self.page(ctx)
        };
        if let Some(wait) = self.wait {
            let seconds = wait.div_euclid(1000).saturating_add(1);
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    fn page(&self, ctx: &Ctx) -> Response {
        let view = ErrorView {
            status: self.status.as_u16(),
            code: self.code.clone(),
            text: self.words(ctx.lang),
            reference: self.detail.is_some().then(|| ctx.request_id.clone()),
        };
        let page = error_page::page(&ctx.frame(Place::Elsewhere), &view);
        (self.status, super::ctx::html(page)).into_response()
    }

    /// RFC 9457.
    pub(super) fn problem_body(&self, ctx: &Ctx) -> Value {
        let words = self.words_for_programs(ctx.lang);
        let detail = match &words.where_ {
            Some(place) => format!("{place} {}", words.todo),
            None => words.todo,
        };
        let mut body = serde_json::json!({
            "type": format!("urn:sekisho:error:{}", self.code),
            "title": words.what,
            "status": self.status.as_u16(),
            "detail": detail,
            "code": self.code,
            "instance": format!("urn:sekisho:request:{}", ctx.request_id),
        });
        if !self.fields.is_empty() {
            let said = |wrong: &Wrong| self.wrong_body(ctx.lang, wrong);
            body["errors"] = self.fields.iter().map(said).collect();
        }
        body
    }

    fn wrong_body(&self, lang: Lang, wrong: &Wrong) -> Value {
        // Programs know a field by its code, which ends the pointer.
        let code = wrong
            .pointer
            .as_deref()
            .and_then(|it| it.rsplit('/').next());
        let field: Vec<(&str, Arg<'_>)> = code.map(|it| ("field", it.into())).into_iter().collect();
        let detail = wrong.said.clone().unwrap_or_else(|| {
            let words = match wrong.code == self.code {
                true => self.words(lang),
                false => error_text(lang, &wrong.code, &field),
            };
            format!("{} {}", words.what, words.todo)
        });
        let mut body = serde_json::json!({ "code": wrong.code, "detail": detail });
        if let Some(pointer) = &wrong.pointer {
            body["pointer"] = pointer.as_str().into();
        }
        if let Some(cell) = &wrong.cell {
            body["cell"] = cell.as_str().into();
        }
        body
    }

    /// The answer to a program.
    pub(super) fn problem(&self, ctx: &Ctx) -> Response {
        let body = self.problem_body(ctx);
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(
            header::CONTENT_LANGUAGE,
            HeaderValue::from_static(ctx.lang.tag()),
        );
        if self.status == StatusCode::UNAUTHORIZED && takes_tokens(&ctx.path) {
            let how = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, how);
        }
        response
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        let status = match error.kind() {
            StoreCode::Busy | StoreCode::DiskFull | StoreCode::ReadOnly => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            StoreCode::Exists => StatusCode::CONFLICT,
            StoreCode::Forgotten => StatusCode::GONE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self {
            detail: Some(error.to_string()),
            ..Self::new(status, error.code())
        }
    }
}

impl From<CommandError> for Fault {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Refused(refusal) => Self::refusal(&refusal),
            CommandError::Store(ref store) => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                Self {
                    detail: Some(store.to_string()),
                    nothing_happened: true,
                    ..Self::new(status, store.code())
                }
            }
            CommandError::Stopped => Self::new(StatusCode::SERVICE_UNAVAILABLE, "writer.stopped"),
        }
    }
}
