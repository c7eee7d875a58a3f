//! What comes of a question about a resource of an application.

/// What a policy says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its id: `@id`, else its number in the file.
    pub id: String,
    /// Why, in Japanese; none where nothing is noted.
    pub ja: Option<String>,
    /// Why, in English; the Japanese where nothing else is noted.
    pub en: Option<String>,
}

/// Something that the application does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// A type of subject or resource.
    Type,
    /// An action.
    Action,
}

/// Allowed or not, and why. Everything but [`Ruling::Allow`] denies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// These policies permit it.
    Allow(Vec<Note>),
    /// These policies forbid it; none of them where nothing permits it.
    Deny(Vec<Note>),
    /// The application knows no such thing.
    Unknown(Unknown),
    /// What is said does not fit the schema, in the words of the policy language.
    Misfit(String),
    /// A policy could not be evaluated, in the words of the policy language.
    Failed(String),
}

impl Ruling {
    /// Whether it may be done.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allow(_))
    }
}
