//! Tests of the rules, from facts to verdicts.

mod checks;
mod fixture;
mod verdicts;
