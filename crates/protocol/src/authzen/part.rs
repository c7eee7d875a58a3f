//! Requests as they come: everything may be missing.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::entity::{Action, Entity, Evaluation, Kind};
use super::malformed::{Flaw, Malformed};
use super::object::Object;
use super::{NAME_MAX, Properties};

/// A subject or a resource as it comes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(remote = "Self")]
pub(super) struct EntityPart {
    #[serde(rename = "type")]
    kind: Option<String>,
    id: Option<String>,
    properties: Option<Properties>,
}

/// An action as it comes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(remote = "Self")]
pub(super) struct ActionPart {
    name: Option<String>,
    properties: Option<Properties>,
}

/// A request of any endpoint as it comes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(remote = "Self")]
pub(super) struct Parts {
    subject: Option<EntityPart>,
    action: Option<ActionPart>,
    resource: Option<EntityPart>,
    context: Option<Properties>,
    pub(super) evaluations: Option<Vec<Value>>,
    pub(super) options: Option<Properties>,
    pub(super) page: Option<PagePart>,
}

/// Which page of a search, as it comes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(remote = "Self")]
pub(super) struct PagePart {
    pub(super) token: Option<String>,
    pub(super) limit: Option<u64>,
}

/// Serde reads a list as the members in their order too, which the specification does not know.
macro_rules! read_as_objects {
    ($($part:ty)+) => {$(
        impl<'de> Deserialize<'de> for $part {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // The derived function of the type itself, which `remote` makes, and not this one.
                Self::deserialize(Object(deserializer))
            }
        }
    )+};
}

read_as_objects! { EntityPart ActionPart Parts PagePart }

impl EntityPart {
    fn entity(self, at: &str) -> Result<Entity, Malformed> {
        Ok(Entity {
            kind: named(self.kind, &format!("{at}/type"))?,
            id: named(self.id, &format!("{at}/id"))?,
            properties: self.properties.unwrap_or_default(),
        })
    }

    fn kind(self, at: &str) -> Result<Kind, Malformed> {
        Ok(Kind {
            kind: named(self.kind, &format!("{at}/type"))?,
            properties: self.properties.unwrap_or_default(),
        })
    }

    /// Itself; where it lacks what is required, that of the default. Properties belong to the one
    /// entity and are not mixed.
    fn or(self, default: &Self) -> Self {
        Self {
            kind: self.kind.or_else(|| default.kind.clone()),
            id: self.id.or_else(|| default.id.clone()),
            properties: self.properties,
        }
    }
}

impl ActionPart {
    fn action(self, at: &str) -> Result<Action, Malformed> {
        Ok(Action {
            name: named(self.name, &format!("{at}/name"))?,
            properties: self.properties.unwrap_or_default(),
        })
    }

    fn or(self, default: &Self) -> Self {
        Self {
            name: self.name.or_else(|| default.name.clone()),
            properties: self.properties,
        }
    }
}

impl Parts {
    pub(super) fn parse(body: &[u8]) -> Result<Self, Malformed> {
        serde_json::from_slice(body).map_err(|error| Malformed::form(&error))
    }

    pub(super) fn of_value(value: Value) -> Result<Self, Malformed> {
        serde_json::from_value(value).map_err(|error| Malformed::form(&error))
    }

    /// One evaluation of several, with the defaults of the request in place of what it lacks.
    pub(super) fn or(self, default: &Self) -> Self {
        Self {
            subject: merged(self.subject, default.subject.as_ref(), EntityPart::or),
            action: merged(self.action, default.action.as_ref(), ActionPart::or),
            resource: merged(self.resource, default.resource.as_ref(), EntityPart::or),
            context: self.context.or_else(|| default.context.clone()),
            evaluations: None,
            options: None,
            page: None,
        }
    }

    pub(super) fn subject(&mut self) -> Result<Entity, Malformed> {
        there(self.subject.take(), "/subject")?.entity("/subject")
    }

    pub(super) fn resource(&mut self) -> Result<Entity, Malformed> {
        there(self.resource.take(), "/resource")?.entity("/resource")
    }

    pub(super) fn action(&mut self) -> Result<Action, Malformed> {
        there(self.action.take(), "/action")?.action("/action")
    }

    pub(super) fn subject_kind(&mut self) -> Result<Kind, Malformed> {
        there(self.subject.take(), "/subject")?.kind("/subject")
    }

    pub(super) fn resource_kind(&mut self) -> Result<Kind, Malformed> {
        there(self.resource.take(), "/resource")?.kind("/resource")
    }

    pub(super) fn context(&mut self) -> Properties {
        self.context.take().unwrap_or_default()
    }

    pub(super) fn evaluation(mut self) -> Result<Evaluation, Malformed> {
        Ok(Evaluation {
            subject: self.subject()?,
            action: self.action()?,
            resource: self.resource()?,
            context: self.context(),
        })
    }
}

fn merged<T: Clone>(own: Option<T>, default: Option<&T>, or: fn(T, &T) -> T) -> Option<T> {
    match (own, default) {
        (Some(own), Some(default)) => Some(or(own, default)),
        (own, default) => own.or_else(|| default.cloned()),
    }
}

fn there<T>(part: Option<T>, at: &str) -> Result<T, Malformed> {
    part.ok_or_else(|| Malformed::new(at, Flaw::Missing))
}

fn named(name: Option<String>, at: &str) -> Result<String, Malformed> {
    let name = there(name, at)?;
    if (1..=NAME_MAX).contains(&name.len()) {
        Ok(name)
    } else {
        Err(Malformed::new(at, Flaw::Length))
    }
}
