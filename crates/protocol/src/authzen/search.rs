//! Searches: who may, with what, and what may be done.

use super::entity::{Action, Entity, Kind};
use super::malformed::{Flaw, Malformed};
use super::part::{PagePart, Parts};
use super::{NAME_MAX, PAGE_MAX, Properties};

/// Which part of the results is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where the page before ended; none for the first.
    pub token: Option<String>,
    /// Most results, from 1 to [`PAGE_MAX`].
    pub limit: usize,
}

impl Page {
    fn of(part: Option<PagePart>) -> Result<Self, Malformed> {
        let PagePart { token, limit } = part.unwrap_or_default();
        let token = token.filter(|token| !token.is_empty());
        // A token ends with a name, so that it can be somewhat longer than one.
        if token.as_ref().is_some_and(|it| it.len() > 2 * NAME_MAX) {
            return Err(Malformed::new("/page/token", Flaw::Length));
        }
        let limit = limit.map_or(PAGE_MAX, |it| usize::try_from(it).unwrap_or(PAGE_MAX));
        Ok(Self {
            token,
            limit: limit.clamp(1, PAGE_MAX),
        })
    }
}

/// Which subjects of a kind may do this?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectSearch {
    /// What kind of subject.
    pub subject: Kind,
    /// What they may do.
    pub action: Action,
    /// With what.
    pub resource: Entity,
    /// Under which circumstances.
    pub context: Properties,
    /// Which part of the results.
    pub page: Page,
}

/// With which resources of a kind may a subject do this?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceSearch {
    /// Who.
    pub subject: Entity,
    /// What.
    pub action: Action,
    /// With what kind of resource.
    pub resource: Kind,
    /// Under which circumstances.
    pub context: Properties,
    /// Which part of the results.
    pub page: Page,
}

/// What may a subject do with a resource?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionSearch {
    /// Who.
    pub subject: Entity,
    /// With what.
    pub resource: Entity,
    /// Under which circumstances.
    pub context: Properties,
    /// Which part of the results.
    pub page: Page,
}

impl SubjectSearch {
    /// Reads a request; an id of the subject is ignored.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let mut parts = Parts::parse(body)?;
        Ok(Self {
            subject: parts.subject_kind()?,
            action: parts.action()?,
            resource: parts.resource()?,
            context: parts.context(),
            page: Page::of(parts.page)?,
        })
    }
}

impl ResourceSearch {
    /// Reads a request; an id of the resource is ignored.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let mut parts = Parts::parse(body)?;
        Ok(Self {
            subject: parts.subject()?,
            action: parts.action()?,
            resource: parts.resource_kind()?,
            context: parts.context(),
            page: Page::of(parts.page)?,
        })
    }
}

impl ActionSearch {
    /// Reads a request; an action is ignored.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let mut parts = Parts::parse(body)?;
        Ok(Self {
            subject: parts.subject()?,
            resource: parts.resource()?,
            context: parts.context(),
            page: Page::of(parts.page)?,
        })
    }
}
