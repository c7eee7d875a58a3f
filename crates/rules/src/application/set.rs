//! The applications of an organisation.

use super::{Application, ApplicationError};

/// Types of resource that are the program's own.
pub const BUILT_IN_TYPES: &[&str] = &["system", "line"];

/// The applications, each with types of resource that no other has.
#[derive(Debug, Default)]
pub struct Applications(Vec<Application>);

impl Applications {
    /// Puts them beside each other.
    ///
    /// # Errors
    /// [`ApplicationError::Twice`], [`ApplicationError::TypeTaken`].
    pub fn new(all: Vec<Application>) -> Result<Self, ApplicationError> {
        for (index, one) in all.iter().enumerate() {
            let others = &all[..index];
            if others.iter().any(|it| it.namespace() == one.namespace()) {
                return Err(ApplicationError::Twice(one.namespace().to_owned()));
            }
            let taken = one.resource_types().find(|kind| {
                BUILT_IN_TYPES.contains(&kind.as_str())
                    || others.iter().any(|it| it.has_resource_type(kind))
            });
            if let Some(kind) = taken {
                return Err(ApplicationError::TypeTaken(kind));
            }
        }
        Ok(Self(all))
    }

    /// The one with resources of a type.
    #[must_use]
    pub fn of_resource_type(&self, kind: &str) -> Option<&Application> {
        self.0.iter().find(|it| it.has_resource_type(kind))
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Application] {
        &self.0
    }
}
