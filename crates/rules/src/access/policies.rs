//! Which policies the decision point asks, as far as clauses of rules are bound to them.

use std::collections::BTreeSet;

use crate::decide::{Rulebook, UNUSABLE};

/// The policies in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies {
    /// Their ids: those built in and the organisation's own.
    pub ids: BTreeSet<String>,
    /// Whether the organisation's own cannot be read, so that everything is forbidden.
    pub unusable: bool,
}

impl Policies {
    /// Those of a rulebook.
    #[must_use]
    pub fn of(book: &Rulebook) -> Self {
        let rules = book.rules().into_iter();
        let ids: BTreeSet<String> = rules.map(|rule| rule.id.clone()).collect();
        let unusable = book.own_rules().iter().any(|rule| rule.id == UNUSABLE);
        Self { ids, unusable }
    }
}
