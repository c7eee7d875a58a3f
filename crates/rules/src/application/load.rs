//! From the three texts of an application to one that can be asked: read, validated, or refused.

use std::collections::HashMap;

use cedar_policy::{
    Authorizer, Entities, Policy, PolicyId, PolicySet, Schema, SchemaFragment, ValidationMode,
    Validator,
};
use serde_json::Value;

use super::Application;
use super::error::ApplicationError;
use super::ruling::Note;
use super::shape::Shapes;

/// Most bytes of one of the texts.
pub const TEXT_MAX: usize = 4 * 1024 * 1024;
/// Most policies: each is evaluated for every question.
pub const POLICIES_MAX: usize = 500;
/// Most entities.
pub const ENTITIES_MAX: usize = 20_000;

/// The texts of an application.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Its schema, in Cedar's own form.
    pub schema: &'a str,
    /// Its policies.
    pub policies: &'a str,
    /// Its entities, as a JSON array.
    pub entities: &'a str,
}

impl Application {
    /// Reads and validates an application.
    ///
    /// # Errors
    /// [`ApplicationError`].
    pub fn load(source: &Source<'_>) -> Result<Self, ApplicationError> {
        for (text, part) in [
            (source.schema, "schema"),
            (source.policies, "policies"),
            (source.entities, "entities"),
        ] {
            if text.len() > TEXT_MAX {
                return Err(ApplicationError::TooMuch(part));
            }
        }
        let (fragment, _) = SchemaFragment::from_cedarschema_str(source.schema)
            .map_err(|error| ApplicationError::invalid("schema", &error))?;
        let namespace = namespace(&fragment)?;
        let json = fragment.clone().to_json_value();
        let json = json.map_err(|error| ApplicationError::invalid("schema", &error))?;
        let schema = Schema::from_schema_fragments([fragment])
            .map_err(|error| ApplicationError::invalid("schema", &error))?;
        let (policies, notes) = policies(source.policies, &schema)?;
        Ok(Self {
            shapes: Shapes::of(json.get(&namespace).unwrap_or(&Value::Null)),
            entities: entities(source.entities, &schema)?,
            namespace,
            schema,
            policies,
            notes,
            authorizer: Authorizer::new(),
        })
    }
}

fn namespace(fragment: &SchemaFragment) -> Result<String, ApplicationError> {
    let mut all = fragment.namespaces();
    match (all.next(), all.next()) {
        (Some(Some(only)), None) => Ok(only.to_string()),
        _ => Err(ApplicationError::Namespace),
    }
}

fn policies(
    text: &str,
    schema: &Schema,
) -> Result<(PolicySet, HashMap<PolicyId, Note>), ApplicationError> {
    let invalid = |what: &dyn std::fmt::Display| ApplicationError::invalid("policies", what);
    let read: PolicySet = text.parse().map_err(|error| invalid(&error))?;
    if read.templates().next().is_some() {
        return Err(invalid(&"templates are not used"));
    }
    if read.num_of_policies() > POLICIES_MAX {
        return Err(ApplicationError::TooMuch("policies"));
    }
    let (mut set, mut notes) = (PolicySet::new(), HashMap::new());
    for policy in read.policies() {
        let note = note_of(policy);
        let id = PolicyId::new(&note.id);
        if notes.insert(id.clone(), note.clone()).is_some() {
            return Err(ApplicationError::PolicyTwice(note.id));
        }
        set.add(policy.new_id(id))
            .map_err(|error| invalid(&error))?;
    }
    let result = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
    match result.validation_errors().next() {
        Some(error) => Err(invalid(error)),
        None => Ok((set, notes)),
    }
}

fn note_of(policy: &Policy) -> Note {
    let note = |name: &str| policy.annotation(name).map(str::to_owned);
    let ja = note("ja");
    Note {
        id: note("id").unwrap_or_else(|| policy.id().to_string()),
        en: note("en").or_else(|| ja.clone()),
        ja,
    }
}

fn entities(text: &str, schema: &Schema) -> Result<Entities, ApplicationError> {
    let entities = Entities::from_json_str(text, Some(schema))
        .map_err(|error| ApplicationError::invalid("entities", &error))?;
    if entities.len() > ENTITIES_MAX {
        return Err(ApplicationError::TooMuch("entities"));
    }
    Ok(entities)
}
