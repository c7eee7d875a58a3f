//! Which members a schema names: whatever else an enforcement point says is not looked at, as the
//! AuthZEN specification wishes, and so cannot make an evaluation fail.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Deepest record that is followed; deeper ones are left to the validator.
const DEPTH_MAX: u32 = 8;

/// Members that are named, with those of records within them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape(BTreeMap<String, Option<Shape>>);

/// The shapes of an application's entities and of the contexts of its actions.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    entities: BTreeMap<String, Shape>,
    actions: BTreeMap<String, Shape>,
    nothing: Shape,
}

impl Shapes {
    /// Of a namespace of a schema in its JSON form.
    pub(super) fn of(namespace: &Value) -> Self {
        let common = &namespace["commonTypes"];
        let each = |part: &str, find: fn(&Value) -> &Value| {
            let all = namespace[part].as_object().into_iter().flatten();
            let shapes = all.map(|(name, it)| {
                let shape = record(find(it), common, 0).unwrap_or_default();
                (name.clone(), shape)
            });
            shapes.collect()
        };
        Self {
            entities: each("entityTypes", |it| &it["shape"]),
            actions: each("actions", |it| &it["appliesTo"]["context"]),
            nothing: Shape::default(),
        }
    }

    pub(super) fn of_entity(&self, kind: &str) -> &Shape {
        self.entities.get(kind).unwrap_or(&self.nothing)
    }

    pub(super) fn of_action(&self, name: &str) -> &Shape {
        self.actions.get(name).unwrap_or(&self.nothing)
    }
}

impl Shape {
    /// What is said that the schema names.
    pub(super) fn kept(&self, said: &Map<String, Value>) -> Map<String, Value> {
        let named = said.iter().filter_map(|(name, value)| {
            let inner = self.0.get(name)?;
            let value = match (inner, value) {
                (Some(shape), Value::Object(members)) => Value::Object(shape.kept(members)),
                _ => value.clone(),
            };
            Some((name.clone(), value))
        });
        named.collect()
    }

    /// The same of a record that is said under a name; none where the schema does not name it.
    pub(super) fn kept_under(
        &self,
        name: &str,
        said: &Map<String, Value>,
    ) -> Option<Map<String, Value>> {
        let inner = self.0.get(name)?.as_ref();
        Some(inner.map_or_else(|| said.clone(), |shape| shape.kept(said)))
    }
}

/// The members of a type, where it is a record.
fn record(of: &Value, common: &Value, depth: u32) -> Option<Shape> {
    if depth > DEPTH_MAX {
        return None;
    }
    let Some(attributes) = of["attributes"].as_object() else {
        let name = of["name"].as_str().or_else(|| of["type"].as_str())?;
        let name = name.rsplit("::").next().unwrap_or(name);
        return record(common.get(name)?, common, depth + 1);
    };
    let members = attributes
        .iter()
        .map(|(name, it)| (name.clone(), record(it, common, depth + 1)));
    Some(Shape(members.collect()))
}
