//! Tests of the rules, from facts to verdicts.

mod catalogue;
mod checks;
mod fixture;
mod messages;
mod more_checks;
mod news;
mod verdicts;
