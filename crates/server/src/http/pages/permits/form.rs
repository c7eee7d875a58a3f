//! What the forms of permits have in common: days, sealed texts, and carrying a command out.

use axum::http::StatusCode;
use maud::Markup;
use sekisho_domain::command::{Command, PermitCommand};
use sekisho_domain::event::Sealed;
use sekisho_domain::field::{Field, FieldKind, Value, Values};
use sekisho_domain::id::PersonId;
use sekisho_domain::permit::Term;
use sekisho_domain::time::{Timestamp, parse_date};
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::super::fault::Fault;
use super::words::refusal;
use crate::app::{CommandError, PERMIT_PURPOSE};
use crate::console::fields::input_name;

/// The longest purpose, reason or remark, in characters.
pub(super) const TEXT_MAX: usize = 2000;

/// What is wrong: the code of a field (`remark` for the text), and the sentence.
pub(super) type Wrong = Vec<(String, String)>;

/// Why a form is not carried out.
pub(super) enum Fail {
    Wrong(Wrong),
    Fault(Fault),
}

impl From<Fault> for Fail {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<sekisho_store::StoreError> for Fail {
    fn from(error: sekisho_store::StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// A day that a form asks for.
pub(super) const fn day(code: &'static str, required: bool) -> Field {
    Field {
        code,
        kind: FieldKind::Date,
        required,
        many: false,
    }
}

/// The day in the values, as its first instant in Japan.
pub(super) fn first_instant(values: &Values, code: &str) -> Option<Timestamp> {
    let Value::Text(day) = values.get(code)? else {
        return None;
    };
    Timestamp::start_of_jst_day(parse_date(day).ok()?).ok()
}

/// The day in the values, as the first instant after it: a last day is still within the term.
pub(super) fn after_day(values: &Values, code: &str) -> Option<Timestamp> {
    let Value::Text(day) = values.get(code)? else {
        return None;
    };
    let next = parse_date(day).ok()?.tomorrow().ok()?;
    Timestamp::start_of_jst_day(next).ok()
}

/// A term as the days of a form: its first and its last.
pub(super) fn days_of(term: Term, values: &mut Values) {
    let last = term
        .until
        .before(sekisho_domain::time::Span::seconds(1))
        .jst_date();
    let first = term.from.jst_date();
    values.insert("term_from".to_owned(), Value::Text(first.to_string()));
    values.insert("term_until".to_owned(), Value::Text(last.to_string()));
}

/// A text under a person's key; none where nothing was written.
pub(super) fn sealed(ctx: &Ctx, person: PersonId, text: &str) -> Result<Option<Sealed>, Fail> {
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().count() > TEXT_MAX {
        let said = t!(ctx.lang, "permits.text_too_long", n = TEXT_MAX);
        return Err(wrong("remark", said.into_owned()));
    }
    let app = &ctx.site.app;
    Ok(Some(app.seal(person, PERMIT_PURPOSE, text.as_bytes())?))
}

/// A text that must be there.
pub(super) fn needed(ctx: &Ctx, person: PersonId, text: &str, what: &str) -> Result<Sealed, Fail> {
    sealed(ctx, person, text)?.ok_or_else(|| wrong("remark", what.to_owned()))
}

pub(super) fn wrong(code: &str, said: String) -> Fail {
    Fail::Wrong(vec![(code.to_owned(), said)])
}

/// Carries a command out; a refusal is said at its field, where `place` knows one.
pub(super) fn commanded(
    ctx: &Ctx,
    command: PermitCommand,
    place: &dyn Fn(&str) -> String,
) -> Result<(), Fail> {
    let command = Command::Permit(Box::new(command));
    let actor = ctx.actor()?;
    match ctx.site.app.command_blocking(actor, command, Vec::new()) {
        Ok(_) => Ok(()),
        Err(error @ CommandError::Refused(_)) => {
            let (field, said) = refusal(ctx, &error);
            Err(wrong(
                &field.map_or_else(String::new, |it| place(&it)),
                said,
            ))
        }
        Err(error) => Err(Fail::Fault(error.into())),
    }
}

/// The errors with the ids of the inputs that they are about.
pub(super) fn anchored(wrong: &Wrong) -> Vec<(String, String)> {
    let id = |code: &str| match code {
        "" => "main".to_owned(),
        "remark" | "confirmed" | "answer" => code.to_owned(),
        code => input_name(code),
    };
    wrong
        .iter()
        .map(|(code, said)| (id(code), said.clone()))
        .collect()
}

/// What is wrong with one field.
pub(super) fn at<'a>(wrong: &'a Wrong, code: &str) -> Option<&'a str> {
    let found = wrong.iter().find(|(it, _)| it == code);
    found.map(|(_, said)| said.as_str())
}

/// A page; with errors on it where a form was not carried out.
pub(super) fn answer(page: Markup, wrong: &Wrong) -> Answer {
    let mut response = html(page);
    if !wrong.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}
