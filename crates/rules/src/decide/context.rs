//! Requests in the words of Cedar.

use cedar_policy::{Context, EntityId, EntityTypeName, EntityUid, Request};

use super::more::More;
use super::question::{Act, Question};
use super::rulebook::RulebookError;
use super::stated::Stated;

/// The names that every request uses, parsed once.
#[derive(Clone, Debug)]
pub(super) struct Names {
    person: EntityTypeName,
    system: EntityTypeName,
    line: EntityTypeName,
    reach: EntityUid,
    join: EntityUid,
}

impl Names {
    pub(super) fn new() -> Result<Self, RulebookError> {
        let name = |text: &str| {
            text.parse()
                .map_err(|error| RulebookError::policy("schema", &error))
        };
        let action = |text: &str| {
            Ok::<_, RulebookError>(EntityUid::from_type_name_and_id(
                name("Sekisho::Action")?,
                EntityId::new(text),
            ))
        };
        Ok(Self {
            person: name("Sekisho::Person")?,
            system: name("Sekisho::System")?,
            line: name("Sekisho::Line")?,
            reach: action("reach")?,
            join: action("join")?,
        })
    }

    /// What the built-in policies are asked: the facts, about nobody and nothing in particular.
    pub(super) fn bare(&self, stated: Stated, excused: &[&str]) -> Result<Request, String> {
        let (action, kind) = if stated.is_join() {
            (&self.join, &self.line)
        } else {
            (&self.reach, &self.system)
        };
        let context = stated.context(excused, None)?;
        made(uid(&self.person, ""), action, uid(kind, ""), context)
    }

    /// What an organisation's own rules are asked: who, for what, and what they may look at besides.
    pub(super) fn whole(
        &self,
        question: &Question,
        stated: Stated,
        excused: &[&str],
        more: &More,
    ) -> Result<Request, String> {
        self.request_on(question, stated.context(excused, Some(more))?)
    }

    /// The same on a context that is there already.
    pub(super) fn request_on(
        &self,
        question: &Question,
        context: Context,
    ) -> Result<Request, String> {
        let person = question.person.map(|person| person.to_string());
        let principal = uid(&self.person, &person.unwrap_or_default());
        let (action, resource) = match &question.act {
            Act::Reach { system, .. } => (&self.reach, uid(&self.system, &system.to_string())),
            Act::Join { line, .. } => (&self.join, uid(&self.line, &line.to_string())),
        };
        made(principal, action, resource, context)
    }
}

fn made(
    principal: EntityUid,
    action: &EntityUid,
    resource: EntityUid,
    context: Context,
) -> Result<Request, String> {
    // Shape and types are held by the tests, which put such requests to the schema: doing so for
    // every question would cost more than deciding it.
    Request::new(principal, action.clone(), resource, context, None)
        .map_err(|error| error.to_string())
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}
