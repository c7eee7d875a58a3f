//! Rules (規程): documents made of clauses, with versions, and what each clause is bound to.

mod clause_ref;

pub use clause_ref::{ClauseNumber, ClauseRef};
