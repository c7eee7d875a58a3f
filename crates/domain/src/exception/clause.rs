//! A clause of the organisation's own rules, as forms and files write it.

use std::num::NonZeroU32;

use crate::field::{FieldFault, FieldKind, FieldType, Value};
use crate::id::RuleId;
use crate::rule::{ClauseNumber, ClauseRef};

/// A clause in plain form: the id of the rule, a slash and the clause's number, as `rul_…/3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedClause(pub ClauseRef);

impl NamedClause {
    /// Its plain form.
    #[must_use]
    pub fn text(self) -> String {
        format!("{}/{}", self.0.rule, self.0.clause.0)
    }

    /// Reads the plain form.
    ///
    /// # Errors
    /// [`FieldFault::Form`] where it is not of the form.
    pub fn parse(text: &str) -> Result<Self, FieldFault> {
        let (rule, clause) = text.trim().split_once('/').ok_or(FieldFault::Form)?;
        let rule: RuleId = rule.parse().map_err(|_| FieldFault::NotAnId)?;
        let clause: NonZeroU32 = clause.parse().map_err(|_| FieldFault::Form)?;
        let clause = ClauseNumber(clause);
        Ok(Self(ClauseRef { rule, clause }))
    }
}

impl FieldType for NamedClause {
    const KIND: FieldKind = FieldKind::Line;
    const REQUIRED: bool = true;
    const MANY: bool = false;

    fn value(&self) -> Value {
        Value::Text(self.text())
    }

    fn read(value: &Value) -> Result<Self, FieldFault> {
        match value {
            Value::Text(text) => Self::parse(text),
            Value::Empty => Err(FieldFault::Missing),
            _ => Err(FieldFault::Form),
        }
    }
}
