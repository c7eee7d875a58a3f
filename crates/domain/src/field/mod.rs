//! Fields: one description of what a noun holds, from which its form, list, search, table file and
//! API follow, so that none of them can fall behind another.
//!
//! A noun is an ordinary typed struct made with [`noun!`](crate::noun), a choice an ordinary enum
//! made with [`choice!`](crate::choice). Beside the types stand [`Field`]s that name and bound them,
//! and a reading from and writing to plain [`Values`], which is also the stored form: a field that
//! was added later and may be empty reads as empty in old records.

mod choice;
mod noun;
mod types;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use noun::Noun;
pub use types::FieldType;

/// Most entries that a field of several values takes.
pub const MANY_MAX: usize = 1_000;

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// One checked line of text ([`Line`](crate::name::Line)).
    Line,
    /// Yes or no.
    Flag,
    /// A whole number from 0.
    Number,
    /// A day in Japan.
    Date,
    /// A grade such as `C2I2A1`.
    Grade,
    /// A handling restriction ([`Restriction`](crate::restriction::Restriction)).
    Restriction,
    /// One of these codes.
    Choice(&'static [&'static str]),
    /// The id of something else, by the prefix of its kind of id (`unt`, `psn`, `sys` …).
    Reference(&'static str),
}

/// One field of a noun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its stable code, in `snake_case`; its label is a message under the noun's own key.
    pub code: &'static str,
    /// What it takes.
    pub kind: FieldKind,
    /// Whether it must hold something.
    pub required: bool,
    /// Whether it takes several values.
    pub many: bool,
}

impl Field {
    /// A field of a form or table that is no noun's.
    #[must_use]
    pub const fn new(code: &'static str, kind: FieldKind, required: bool, many: bool) -> Self {
        Self {
            code,
            kind,
            required,
            many,
        }
    }
}

/// What a field holds, in plain form. Days, grades, choices and ids are text in their stable form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(u32),
    /// Text.
    Text(String),
    /// Several texts.
    Many(Vec<String>),
    /// Nothing. Never stored.
    #[default]
    Empty,
}

impl Value {
    /// Text, or nothing where it is empty.
    #[must_use]
    pub fn text(text: &str) -> Self {
        if text.is_empty() {
            Self::Empty
        } else {
            Self::Text(text.to_owned())
        }
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.is_empty(),
            Self::Many(list) => list.is_empty(),
            Self::Flag(_) | Self::Number(_) => false,
        }
    }
}

/// What a noun holds, by the codes of its fields. A field without a value is left out.
pub type Values = BTreeMap<String, Value>;

/// Why a value does not fit its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldFault {
    /// A field that must hold something is empty.
    Missing,
    /// Another kind of value, or text that is not of the form.
    Form,
    /// Longer than is taken, or more values than are taken.
    TooLong,
    /// Control characters or direction overrides.
    ForbiddenCharacter,
    /// A day that does not exist.
    NoSuchDay,
    /// None of the choices.
    UnknownChoice,
    /// No id of that kind.
    NotAnId,
    /// The noun has no such field.
    UnknownField,
}

impl FieldFault {
    /// Every fault.
    pub const ALL: [Self; 8] = [
        Self::Missing,
        Self::Form,
        Self::TooLong,
        Self::ForbiddenCharacter,
        Self::NoSuchDay,
        Self::UnknownChoice,
        Self::NotAnId,
        Self::UnknownField,
    ];

    /// The stable code, which is also the key of its message.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "field.missing",
            Self::Form => "field.form",
            Self::TooLong => "field.too-long",
            Self::ForbiddenCharacter => "field.forbidden-character",
            Self::NoSuchDay => "field.no-such-day",
            Self::UnknownChoice => "field.unknown-choice",
            Self::NotAnId => "field.not-an-id",
            Self::UnknownField => "field.unknown",
        }
    }
}

/// A field at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's code.
    pub field: String,
    /// What is wrong with it.
    pub fault: FieldFault,
}

/// All that is wrong with the values of a noun; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} fields at fault, {} the first", .0.len(), .0.first().map_or("none", |e| e.field.as_str()))]
pub struct FieldErrors(pub Vec<FieldError>);
