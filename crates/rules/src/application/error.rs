//! Why an application cannot be used.

/// Why an application is not taken. Nothing of it takes effect then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplicationError {
    /// A part cannot be read, or does not hold against the schema.
    #[error("{part}: {what}")]
    Invalid {
        /// `schema`, `policies` or `entities`.
        part: &'static str,
        /// What is wrong, in the words of the policy language.
        what: String,
    },
    /// The schema has no namespace of its own, or more than one.
    #[error("the schema has to have exactly one namespace")]
    Namespace,
    /// A type of resource is the program's own, or another application's.
    #[error("the type of resource {0} is taken")]
    TypeTaken(String),
    /// Two applications have one namespace.
    #[error("two applications are called {0}")]
    Twice(String),
    /// Two policies have one id.
    #[error("two policies are called {0}")]
    PolicyTwice(String),
    /// It is longer, or holds more, than is evaluated.
    #[error("{0}: more than is taken")]
    TooMuch(&'static str),
}

impl ApplicationError {
    pub(super) fn invalid(part: &'static str, what: &dyn std::fmt::Display) -> Self {
        Self::Invalid {
            part,
            what: what.to_string(),
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "application.invalid",
            Self::Namespace => "application.namespace",
            Self::TypeTaken(_) => "application.type-taken",
            Self::Twice(_) => "application.twice",
            Self::PolicyTwice(_) => "application.policy-twice",
            Self::TooMuch(_) => "application.too-much",
        }
    }
}
