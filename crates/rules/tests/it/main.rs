//! Tests of the rules, from facts to verdicts.

// Helpers of tests, not only the tests themselves, may unwrap.
#![allow(clippy::unwrap_used)]

mod access;
mod applications;
mod catalogue;
mod checks;
mod clients;
mod conference_tools;
mod conflicts;
mod decide;
mod declarations;
mod exceptions;
mod exceptions_again;
mod fixture;
mod lists;
mod messages;
mod more_checks;
mod news;
mod period;
mod permits;
mod plan;
mod plan_permits;
mod registers;
mod risk;
mod risk_gateways;
mod rule_effects;
mod rule_rows;
mod rule_units;
mod services;
mod support;
mod triggers;
mod triggers_closed;
mod triggers_limits;
mod triggers_revised;
mod triggers_units;
mod under_terms;
mod unease;
mod verdicts;
mod whole;
