//! The built-in rules by their places: in the order of their ids, a bit for each.

use std::sync::Arc;

use super::rulebook::{Rule, RulebookError};

/// Most built-in rules: each has a bit.
const RULES_MAX: usize = 64;

/// The built-in rules, in the order of their ids.
#[derive(Debug)]
pub(super) struct Places {
    rules: Vec<Arc<Rule>>,
    /// The rows of the catalogue that rules rest on, each with the bits of those rules.
    rows: Vec<(String, u64)>,
}

impl Places {
    pub(super) fn new(rules: Vec<Arc<Rule>>) -> Result<Self, RulebookError> {
        if rules.len() > RULES_MAX {
            return Err(RulebookError::TooMany);
        }
        let mut rows: Vec<(String, u64)> = Vec::new();
        for (place, rule) in rules.iter().enumerate() {
            let Some(row) = rule.clause.as_ref().map(ToString::to_string) else {
                continue;
            };
            match rows.iter_mut().find(|(known, _)| *known == row) {
                Some((_, bits)) => *bits |= 1 << place,
                None => rows.push((row, 1 << place)),
            }
        }
        Ok(Self { rules, rows })
    }

    /// The bits of the rules that rest on a row of the catalogue.
    pub(super) fn of_row(&self, row: &str) -> u64 {
        let known = self.rows.iter().find(|(known, _)| known == row);
        known.map_or(0, |(_, bits)| *bits)
    }

    /// The bits of rules.
    pub(super) fn bits<'a>(&self, rules: impl IntoIterator<Item = &'a Arc<Rule>>) -> u64 {
        let place = |rule: &Arc<Rule>| self.rules.binary_search_by(|it| it.id.cmp(&rule.id));
        let places = rules.into_iter().filter_map(|rule| place(rule).ok());
        places.fold(0, |bits, place| bits | 1 << place)
    }

    /// The bits of rules by their ids; nothing of ids that are not known.
    pub(super) fn of_ids(&self, ids: &[String]) -> u64 {
        let place = |id: &String| self.rules.binary_search_by(|it| it.id.cmp(id));
        let places = ids.iter().filter_map(|id| place(id).ok());
        places.fold(0, |bits, place| bits | 1 << place)
    }

    /// The rules of bits, in the order of their ids.
    pub(super) fn of_bits(&self, bits: u64) -> impl Iterator<Item = &Arc<Rule>> {
        let rules = self.rules.iter().enumerate();
        rules.filter_map(move |(place, rule)| (bits >> place & 1 == 1).then_some(rule))
    }
}
