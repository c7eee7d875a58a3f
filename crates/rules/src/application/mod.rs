//! Rules of an organisation's own applications: the decision point answers for their resources too.
//!
//! An application is a schema, policies and entities in the language of Cedar, in one namespace. It
//! has types of resource that nothing else has, and stands beside the built-in rulebook without being
//! able to touch it: questions about systems and lines never come here. Nothing is permitted that no
//! policy permits, and nothing where any policy could not be evaluated.
//!
//! What was loaded is the organisation's word and wins over what an enforcement point says of an
//! entity; what the schema does not name is not looked at.

mod asked;
mod error;
mod load;
mod ruling;
mod set;
mod shape;

use std::borrow::Cow;
use std::collections::HashMap;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityId, EntityTypeName, EntityUid, PolicyId,
    PolicySet, Request, Schema,
};
use serde_json::{Value, json};

pub use asked::{Asked, Named, Said};
pub use error::ApplicationError;
pub use load::{ENTITIES_MAX, POLICIES_MAX, Source, TEXT_MAX};
pub use ruling::{Note, Ruling, Unknown};
pub use set::{Applications, BUILT_IN_TYPES};

use shape::Shapes;

/// One application, validated and ready to be asked.
#[derive(Debug)]
pub struct Application {
    namespace: String,
    schema: Schema,
    shapes: Shapes,
    policies: PolicySet,
    notes: HashMap<PolicyId, Note>,
    entities: Entities,
    authorizer: Authorizer,
}

impl Application {
    /// Its namespace, which is its name.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The types of its resources, without the namespace.
    pub fn resource_types(&self) -> impl Iterator<Item = String> + '_ {
        let mut types: Vec<String> = self
            .schema
            .resources()
            .map(EntityTypeName::basename)
            .map(str::to_owned)
            .collect();
        types.sort_unstable();
        types.dedup();
        types.into_iter()
    }

    /// Whether it has resources of a type.
    #[must_use]
    pub fn has_resource_type(&self, kind: &str) -> bool {
        self.schema.resources().any(|it| it.basename() == kind)
    }

    /// Answers one question.
    #[must_use]
    pub fn ask(&self, asked: &Asked<'_>) -> Ruling {
        match self.entities(&[&asked.subject, &asked.resource]) {
            Ok(entities) => self.rule(asked, &entities),
            Err(ruling) => ruling,
        }
    }

    /// Which loaded subjects of a type may do this, from behind an id, in the order of their ids.
    pub fn subjects<'a>(
        &'a self,
        kind: &str,
        after: Option<&str>,
        asked: &'a Asked<'_>,
    ) -> impl Iterator<Item = String> + 'a {
        let entities = self.entities(&[&asked.resource]).ok();
        self.ids(kind, after).into_iter().filter(move |id| {
            let asked = Asked {
                subject: asked.subject.called(id),
                ..*asked
            };
            let ruling = entities.as_ref().map(|it| self.rule(&asked, it));
            ruling.is_some_and(|it| it.is_allowed())
        })
    }

    /// With which loaded resources of a type this may be done, from behind an id, in the order of
    /// their ids.
    pub fn resources<'a>(
        &'a self,
        kind: &str,
        after: Option<&str>,
        asked: &'a Asked<'_>,
    ) -> impl Iterator<Item = String> + 'a {
        let entities = self.entities(&[&asked.subject]).ok();
        self.ids(kind, after).into_iter().filter(move |id| {
            let asked = Asked {
                resource: asked.resource.called(id),
                ..*asked
            };
            let ruling = entities.as_ref().map(|it| self.rule(&asked, it));
            ruling.is_some_and(|it| it.is_allowed())
        })
    }

    /// What may be done, from behind a name, in the order of the names.
    pub fn actions<'a>(
        &'a self,
        after: Option<&str>,
        asked: &'a Asked<'_>,
    ) -> impl Iterator<Item = String> + 'a {
        let entities = self.entities(&[&asked.subject, &asked.resource]).ok();
        let names = self
            .schema
            .actions()
            .map(|it| it.id().unescaped().to_owned());
        sorted(names, after).into_iter().filter(move |name| {
            let action = Said {
                name,
                ..asked.action
            };
            let ruling = entities
                .as_ref()
                .map(|it| self.rule(&Asked { action, ..*asked }, it));
            ruling.is_some_and(|it| it.is_allowed())
        })
    }

    /// The ids of the loaded entities of a type.
    fn ids(&self, kind: &str, after: Option<&str>) -> Vec<String> {
        let of_kind = self.entities.iter().map(cedar_policy::Entity::uid);
        let of_kind = of_kind.filter(|uid| uid.type_name().basename() == kind);
        sorted(of_kind.map(|uid| uid.id().unescaped().to_owned()), after)
    }

    /// The loaded entities with what is said of these ones.
    fn entities(&self, named: &[&Named<'_>]) -> Result<Cow<'_, Entities>, Ruling> {
        let mut more = Vec::new();
        for one in named {
            let uid = self.uid(one)?;
            let loaded = self.entities.get(&uid);
            let said = self.shapes.of_entity(one.kind).kept(one.properties);
            if loaded.is_some() && said.is_empty() {
                continue;
            }
            let mut entity = match loaded.map(cedar_policy::Entity::to_json_value) {
                Some(Ok(entity)) => entity,
                Some(Err(error)) => return Err(Ruling::Failed(error.to_string())),
                None => json!({ "uid": uid_json(&uid), "attrs": {}, "parents": [] }),
            };
            if let Some(Value::Object(attributes)) = entity.get_mut("attrs") {
                for (name, value) in said {
                    attributes.entry(name).or_insert(value);
                }
            }
            let entity = cedar_policy::Entity::from_json_value(entity, Some(&self.schema));
            more.push(entity.map_err(|error| Ruling::Misfit(error.to_string()))?);
        }
        if more.is_empty() {
            return Ok(Cow::Borrowed(&self.entities));
        }
        let all = self
            .entities
            .clone()
            .upsert_entities(more, Some(&self.schema));
        all.map(Cow::Owned)
            .map_err(|error| Ruling::Misfit(error.to_string()))
    }

    fn rule(&self, asked: &Asked<'_>, entities: &Entities) -> Ruling {
        match self.request(asked) {
            Ok(request) => self.answer(&request, entities),
            Err(ruling) => ruling,
        }
    }

    fn request(&self, asked: &Asked<'_>) -> Result<Request, Ruling> {
        let action = self.action(asked.action.name)?;
        let (subject, resource) = (self.uid(&asked.subject)?, self.uid(&asked.resource)?);
        let context = asked.context_with_action(self.shapes.of_action(asked.action.name));
        let context =
            Context::from_json_value(Value::Object(context), Some((&self.schema, &action)))
                .map_err(|error| Ruling::Misfit(error.to_string()))?;
        Request::new(subject, action, resource, context, Some(&self.schema))
            .map_err(|error| Ruling::Misfit(error.to_string()))
    }

    fn answer(&self, request: &Request, entities: &Entities) -> Ruling {
        let response = self
            .authorizer
            .is_authorized(request, &self.policies, entities);
        let diagnostics = response.diagnostics();
        // A prohibition that fails is passed over by the evaluator, and nothing must pass by that.
        if let Some(error) = diagnostics.errors().next() {
            return Ruling::Failed(error.to_string());
        }
        let mut notes: Vec<Note> = diagnostics
            .reason()
            .filter_map(|id| self.notes.get(id))
            .cloned()
            .collect();
        notes.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        match response.decision() {
            Decision::Allow => Ruling::Allow(notes),
            Decision::Deny => Ruling::Deny(notes),
        }
    }

    fn action(&self, name: &str) -> Result<EntityUid, Ruling> {
        let mut actions = self.schema.actions();
        let found = actions.find(|it| it.id().unescaped() == name);
        found.cloned().ok_or(Ruling::Unknown(Unknown::Action))
    }

    fn uid(&self, named: &Named<'_>) -> Result<EntityUid, Ruling> {
        let mut types = self.schema.entity_types();
        let found = types.find(|it| it.basename() == named.kind);
        let kind = found.cloned().ok_or(Ruling::Unknown(Unknown::Type))?;
        Ok(EntityUid::from_type_name_and_id(
            kind,
            EntityId::new(named.id),
        ))
    }
}

fn uid_json(uid: &EntityUid) -> Value {
    json!({ "type": uid.type_name().to_string(), "id": uid.id().unescaped() })
}

fn sorted(names: impl Iterator<Item = String>, after: Option<&str>) -> Vec<String> {
    let behind = |name: &String| after.is_none_or(|after| name.as_str() > after);
    let mut names: Vec<String> = names.filter(behind).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests;
