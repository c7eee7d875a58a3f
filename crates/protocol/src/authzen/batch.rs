//! Several evaluations in one request.

use super::EVALUATIONS_MAX;
use super::entity::Evaluation;
use super::malformed::{Flaw, Malformed};
use super::part::Parts;

/// How far a request with several evaluations is worked off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Semantic {
    /// All of them.
    #[default]
    ExecuteAll,
    /// Up to the first that is denied.
    DenyOnFirstDeny,
    /// Up to the first that is permitted.
    PermitOnFirstPermit,
}

impl Semantic {
    /// All three.
    pub const ALL: [Self; 3] = [
        Self::ExecuteAll,
        Self::DenyOnFirstDeny,
        Self::PermitOnFirstPermit,
    ];

    /// Its name in the specification.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ExecuteAll => "execute_all",
            Self::DenyOnFirstDeny => "deny_on_first_deny",
            Self::PermitOnFirstPermit => "permit_on_first_permit",
        }
    }

    /// Whether nothing is evaluated after such a decision.
    #[must_use]
    pub const fn ends_with(self, decision: bool) -> bool {
        match self {
            Self::ExecuteAll => false,
            Self::DenyOnFirstDeny => !decision,
            Self::PermitOnFirstPermit => decision,
        }
    }
}

/// A request of the endpoint for several evaluations.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant)] // One of them at a time, on the stack of one request.
pub enum Evaluations {
    /// It names no list: it means the one question at its top, and is answered like that.
    One(Evaluation),
    /// Its list, each with the defaults of the request. One that is malformed is denied and does not
    /// spoil the others.
    Many(Semantic, Vec<Result<Evaluation, Malformed>>),
}

impl Evaluations {
    /// Reads a request.
    ///
    /// # Errors
    /// [`Malformed`] where the request as a whole cannot be understood.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let mut parts = Parts::parse(body)?;
        let semantic = semantic(&parts)?;
        let list = parts.evaluations.take().unwrap_or_default();
        if list.is_empty() {
            return parts.evaluation().map(Self::One);
        }
        if list.len() > EVALUATIONS_MAX {
            return Err(Malformed::new("/evaluations", Flaw::TooMany));
        }
        let each = list.into_iter().map(|value| {
            let own = Parts::of_value(value)?;
            own.or(&parts).evaluation()
        });
        Ok(Self::Many(semantic, each.collect()))
    }
}

fn semantic(parts: &Parts) -> Result<Semantic, Malformed> {
    let said = parts
        .options
        .as_ref()
        .and_then(|it| it.get("evaluations_semantic"));
    let Some(said) = said else {
        return Ok(Semantic::default());
    };
    Semantic::ALL
        .into_iter()
        .find(|it| said.as_str() == Some(it.code()))
        .ok_or_else(|| Malformed::new("/options/evaluations_semantic", Flaw::Unknown))
}
