//! Opinions of the security promotion body (情報セキュリティ対策推進体制), which section 5 of the notices wants
//! to take part in risk assessments, plans, rules, exceptions and conference tools.
//!
//! An opinion is given on one thing at one definite state of it. With it stand two documents: what was found
//! to be in conflict (5-b), and what checks said (5-c). Whoever approves the thing weighs the opinion
//! ([`World::weigh`](crate::world::World::weigh)): without one there is no approval once the body has a holder,
//! unless the organisation has said otherwise; an objection does not bar approval but has to be answered.

mod exhibit;
mod given;
mod subject;

pub use exhibit::{
    CheckResult, ConflictLine, Conflicts, Technical, decode_conflicts, decode_technical,
    encode_conflicts, encode_technical,
};
pub use given::{GateSet, Given, Heard, Opinion, Opinions, Stance, Weighed, WeighedAt};
pub use subject::{Proposal, Subject};
