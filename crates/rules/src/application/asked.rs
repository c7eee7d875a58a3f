//! What is asked about a resource of an application.

use serde_json::{Map, Value};

use super::shape::Shape;

/// An entity as a question names it.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// Its type, without the namespace.
    pub kind: &'a str,
    /// Its id.
    pub id: &'a str,
    /// What is said of it.
    pub properties: &'a Map<String, Value>,
}

impl Named<'_> {
    /// The same with another id.
    pub(super) fn called<'b>(&'b self, id: &'b str) -> Named<'b> {
        Named { id, ..*self }
    }
}

/// An action as a question names it.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// Its name.
    pub name: &'a str,
    /// How it is to be done.
    pub properties: &'a Map<String, Value>,
}

/// One question.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Who.
    pub subject: Named<'a>,
    /// What.
    pub action: Said<'a>,
    /// With what.
    pub resource: Named<'a>,
    /// Under which circumstances.
    pub context: &'a Map<String, Value>,
}

impl Asked<'_> {
    /// The context that policies see, as far as the schema names it: that of the question, with the properties
    /// of the action as its member `action`. A member of that name in the question is not the action's word and
    /// goes.
    pub(super) fn context_with_action(&self, shape: &Shape) -> Map<String, Value> {
        let mut context = shape.kept(self.context);
        context.remove("action");
        let said = Some(self.action.properties).filter(|it| !it.is_empty());
        if let Some(kept) = said.and_then(|it| shape.kept_under("action", it)) {
            context.insert("action".to_owned(), Value::Object(kept));
        }
        context
    }
}
