//! Schemas in JSON Schema 2020-12, as OpenAPI 3.1 uses them: small builders, and the form of a noun
//! from its fields.

use sekisho_domain::field::{Field, FieldKind, MANY_MAX};
use serde_json::{Map, Value, json};

/// A schema.
pub(super) type Schema = Value;

/// A stable code, one of these.
pub(super) fn one_of(codes: impl IntoIterator<Item = &'static str>) -> Schema {
    let codes: Vec<&str> = codes.into_iter().collect();
    json!({ "type": "string", "enum": codes })
}

/// An id by its prefix.
pub(super) fn id(prefix: &str) -> Schema {
    json!({ "type": "string", "pattern": format!("^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$") })
}

/// A line of text.
pub(super) fn line() -> Schema {
    json!({ "type": "string", "minLength": 1, "maxLength": 200 })
}

/// An instant (RFC 3339).
pub(super) fn instant() -> Schema {
    json!({ "type": "string", "format": "date-time" })
}

/// Text that nothing more is promised of.
pub(super) fn text() -> Schema {
    json!({ "type": "string" })
}

/// A whole number from 0.
pub(super) fn count() -> Schema {
    json!({ "type": "integer", "minimum": 0 })
}

/// Yes or no.
pub(super) fn flag() -> Schema {
    json!({ "type": "boolean" })
}

/// This, or nothing.
pub(super) fn or_null(schema: Schema) -> Schema {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

/// A list.
pub(super) fn list(of: Schema) -> Schema {
    json!({ "type": "array", "items": of })
}

/// A schema by its name among the components.
pub(super) fn component(name: &str) -> Schema {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// An object that holds these members and no others. A name that ends in `?` may be missing.
pub(super) fn object<const N: usize>(members: [(&str, Schema); N]) -> Schema {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, schema) in members {
        let plain = name.trim_end_matches('?');
        if plain == name {
            required.push(plain.to_owned());
        }
        properties.insert(plain.to_owned(), schema);
    }
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// One page of a list, and where the next begins.
pub(super) fn page(of: Schema) -> Schema {
    object([
        ("items", list(of)),
        ("next", or_null(json!({ "type": "string" }))),
    ])
}

/// What a noun holds, from its fields: as it is read or written.
pub(super) fn noun(fields: &[Field]) -> Schema {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in fields {
        properties.insert(field.code.to_owned(), of_field(field));
        if field.required {
            required.push(field.code);
        }
    }
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn of_field(field: &Field) -> Schema {
    let one = match field.kind {
        FieldKind::Line | FieldKind::Restriction => line(),
        FieldKind::Flag => flag(),
        FieldKind::Number => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
        FieldKind::Date => json!({ "type": "string", "format": "date" }),
        FieldKind::Grade => json!({ "type": "string", "pattern": "^C[1-3]I[12]A[12]$" }),
        FieldKind::Choice(codes) => one_of(codes.iter().copied()),
        FieldKind::Reference(prefix) => id(prefix),
    };
    if field.many {
        json!({ "type": "array", "items": one, "maxItems": MANY_MAX })
    } else {
        one
    }
}
