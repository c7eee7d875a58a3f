//! What is wrong with a request.

/// A request, or one evaluation of several, that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {flaw}")]
pub struct Malformed {
    /// Where, as a JSON pointer; empty for the whole.
    pub at: String,
    /// What.
    pub flaw: Flaw,
}

/// What is wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It is not JSON, or of another type than it must be; in the words of the reader.
    #[error("{0}")]
    Form(String),
    /// It is required and not there.
    #[error("it is required")]
    Missing,
    /// It is empty or longer than is read.
    #[error("it is empty or too long")]
    Length,
    /// There are more of them than are evaluated at once.
    #[error("there are too many")]
    TooMany,
    /// It is none of the values that the specification knows.
    #[error("this value is not known")]
    Unknown,
}

impl Malformed {
    pub(super) fn new(at: &str, flaw: Flaw) -> Self {
        Self {
            at: at.to_owned(),
            flaw,
        }
    }

    pub(super) fn form(error: &serde_json::Error) -> Self {
        Self::new("", Flaw::Form(error.to_string()))
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.flaw {
            Flaw::Form(_) => "authzen.form",
            Flaw::Missing => "authzen.missing",
            Flaw::Length => "authzen.length",
            Flaw::TooMany => "authzen.too-many",
            Flaw::Unknown => "authzen.unknown-value",
        }
    }
}
