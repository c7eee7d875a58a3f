//! Types that can be fields.

use jiff::civil::Date;

use super::{FieldFault, FieldKind, MANY_MAX, Value};
use crate::grade::Grade;
use crate::name::{Line, NameError};
use crate::time::{TimeError, parse_date};

/// A type that can be a field.
pub trait FieldType: Sized {
    /// What the field takes.
    const KIND: FieldKind;
    /// Whether it must hold something.
    const REQUIRED: bool;
    /// Whether it takes several values.
    const MANY: bool;

    /// Its plain form.
    fn value(&self) -> Value;

    /// Reads the plain form.
    ///
    /// # Errors
    /// [`FieldFault`] says what is wrong with the value.
    fn read(value: &Value) -> Result<Self, FieldFault>;
}

fn text(value: &Value) -> Result<&str, FieldFault> {
    match value {
        Value::Text(text) => Ok(text),
        Value::Empty => Err(FieldFault::Missing),
        _ => Err(FieldFault::Form),
    }
}

impl FieldType for Line {
    const KIND: FieldKind = FieldKind::Line;
    const REQUIRED: bool = true;
    const MANY: bool = false;

    fn value(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }

    fn read(value: &Value) -> Result<Self, FieldFault> {
        Self::parse(text(value)?).map_err(|error| match error {
            NameError::Empty => FieldFault::Missing,
            NameError::TooLong => FieldFault::TooLong,
            NameError::ForbiddenCharacter => FieldFault::ForbiddenCharacter,
        })
    }
}

/// A flag that is not given is not set.
impl FieldType for bool {
    const KIND: FieldKind = FieldKind::Flag;
    const REQUIRED: bool = false;
    const MANY: bool = false;

    fn value(&self) -> Value {
        Value::Flag(*self)
    }

    fn read(value: &Value) -> Result<Self, FieldFault> {
        match value {
            Value::Flag(flag) => Ok(*flag),
            Value::Empty => Ok(false),
            _ => Err(FieldFault::Form),
        }
    }
}

impl FieldType for u32 {
    const KIND: FieldKind = FieldKind::Number;
    const REQUIRED: bool = true;
    const MANY: bool = false;

    fn value(&self) -> Value {
        Value::Number(*self)
    }

    fn read(value: &Value) -> Result<Self, FieldFault> {
        match value {
            Value::Number(number) => Ok(*number),
            Value::Empty => Err(FieldFault::Missing),
            _ => Err(FieldFault::Form),
        }
    }
}

impl FieldType for Date {
    const KIND: FieldKind = FieldKind::Date;
    const REQUIRED: bool = true;
    const MANY: bool = false;

    fn value(&self) -> Value {
        Value::Text(self.to_string())
    }

    fn read(value: &Value) -> Result<Self, FieldFault> {
        parse_date(text(value)?).map_err(|error| match error {
            TimeError::NoSuchDay => FieldFault::NoSuchDay,
            TimeError::Form | TimeError::Range => FieldFault::Form,
        })
    }
}

impl FieldType for Grade {
    const KIND: FieldKind = FieldKind::Grade;
    const REQUIRED: bool = true;
    const MANY: bool = false;

    fn value(&self) -> Value {
        Value::Text(self.to_string())
    }

    fn read(value: &Value) -> Result<Self, FieldFault> {
        text(value)?.parse().map_err(|_| FieldFault::Form)
    }
}

impl<T: FieldType> FieldType for Option<T> {
    const KIND: FieldKind = T::KIND;
    const REQUIRED: bool = false;
    const MANY: bool = T::MANY;

    fn value(&self) -> Value {
        self.as_ref().map_or(Value::Empty, T::value)
    }

    fn read(value: &Value) -> Result<Self, FieldFault> {
        if value.is_empty() {
            return Ok(None);
        }
        T::read(value).map(Some)
    }
}

/// Several values, each with a plain form that is text. Given once is given as a list of one.
impl<T: FieldType> FieldType for Vec<T> {
    const KIND: FieldKind = T::KIND;
    const REQUIRED: bool = false;
    const MANY: bool = true;

    fn value(&self) -> Value {
        let texts = self.iter().filter_map(|item| match item.value() {
            Value::Text(text) => Some(text),
            _ => None,
        });
        Value::Many(texts.collect())
    }

    fn read(value: &Value) -> Result<Self, FieldFault> {
        let list = match value {
            Value::Many(list) => list.as_slice(),
            Value::Text(one) => std::slice::from_ref(one),
            Value::Empty => return Ok(Self::new()),
            Value::Flag(_) | Value::Number(_) => return Err(FieldFault::Form),
        };
        if list.len() > MANY_MAX {
            return Err(FieldFault::TooLong);
        }
        list.iter()
            .map(|text| T::read(&Value::Text(text.clone())))
            .collect()
    }
}
