//! `GET /api/v1/openapi.json`: the documentation for programs, made from the table of operations
//! (OpenAPI 3.1).

use axum::http::{HeaderValue, header};
use serde_json::{Map, Value, json};

use super::operation::{Act, Operation};
use super::schema::{Schema, component, count, list, object, text};
use super::table::{OPERATIONS, components};
use crate::http::ctx::{Answer, Ctx, json as answer};
use crate::tables::FileFormat;

/// Anyone may read what there is to ask for; it says nothing of anybody.
pub(in crate::http) fn show(_: &Ctx) -> Answer {
    let mut response = answer(&document());
    let kind = HeaderValue::from_static("application/openapi+json;version=3.1");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

/// The whole document.
pub(super) fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in OPERATIONS {
        let path = paths
            .entry(operation.path().to_owned())
            .or_insert_with(|| json!({}));
        path[operation.method().to_ascii_lowercase()] = described(operation);
    }
    let mut schemas: Map<String, Value> = components().into_iter().collect();
    schemas.insert("Problem".to_owned(), problem());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sekisho API",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Read and keep what Sekisho knows, as a program.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token issued on the console's page of API tokens.",
                },
            },
        },
    })
}

fn described(operation: &Operation) -> Value {
    let mut value = json!({
        "operationId": operation.id,
        "summary": operation.about,
        "parameters": parameters(operation),
        "responses": responses(operation),
    });
    let content: Map<String, Value> = match &operation.act {
        Act::Read(_) | Act::Download(_) => return value,
        Act::Command { body, .. } => {
            let json = ("application/json".to_owned(), json!({ "schema": body() }));
            [json].into_iter().collect()
        }
        Act::Upload { media, .. } => {
            let media = media.iter();
            media.map(|one| ((*one).to_owned(), json!({}))).collect()
        }
    };
    value["requestBody"] = json!({ "required": true, "content": content });
    value
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let mut all: Vec<Value> = in_path(operation.path).map(path_parameter).collect();
    all.extend(operation.query.iter().map(|parameter| {
        json!({
            "name": parameter.name,
            "in": "query",
            "required": false,
            "description": parameter.about,
            "schema": (parameter.schema)(),
        })
    }));
    if operation.is_keyed() {
        all.push(header_parameter("Idempotency-Key", true, IDEMPOTENCY));
    }
    match operation.act {
        Act::Command {
            versioned: true, ..
        } => all.push(header_parameter("If-Match", true, IF_MATCH)),
        Act::Read(_) if is_tagged(operation) => {
            all.push(header_parameter("If-None-Match", false, IF_NONE_MATCH));
        }
        _ => {}
    }
    all
}

fn responses(operation: &Operation) -> Map<String, Value> {
    let (status, body) = operation.answer;
    let mut responses = Map::new();
    let mut headers = Map::new();
    let tagged = is_tagged(operation);
    if tagged {
        headers.insert("ETag".to_owned(), etag_header());
    }
    if tagged && matches!(operation.act, Act::Read(_)) {
        let unchanged = json!({ "description": "It is still of that version." });
        responses.insert("304".to_owned(), unchanged);
    }
    if operation.is_keyed() {
        headers.insert("Idempotency-Replayed".to_owned(), replayed_header());
    }
    if status == 201 {
        headers.insert("Location".to_owned(), location_header());
    }
    let content: Map<String, Value> = match operation.act {
        Act::Download(_) => {
            let kinds = FileFormat::ALL.iter().map(|format| format.content_type());
            kinds
                .map(|kind| (kind, json!({ "schema": body() })))
                .collect()
        }
        _ => {
            let json = ("application/json".to_owned(), json!({ "schema": body() }));
            [json].into_iter().collect()
        }
    };
    let done = json!({ "description": "Done.", "headers": headers, "content": content });
    responses.insert(status.to_string(), done);
    let wrong = json!({
        "description": "What went wrong (RFC 9457).",
        "content": { "application/problem+json": { "schema": component("Problem") } },
    });
    responses.insert("default".to_owned(), wrong);
    responses
}

/// Whether its answer shows one thing with a version: something that is changed by its version.
fn is_tagged(operation: &Operation) -> bool {
    if let Act::Command {
        versioned: true, ..
    } = operation.act
    {
        return true;
    }
    let made_here = match operation.act {
        Act::Read(_) => operation.path().to_owned(),
        _ => format!("{}/{{id}}", operation.path()),
    };
    OPERATIONS.iter().any(|other| {
        matches!(
            other.act,
            Act::Command {
                versioned: true,
                ..
            }
        ) && other.path().rsplit_once('/').map(|(thing, _)| thing) == Some(&made_here)
    })
}

fn etag_header() -> Value {
    json!({
        "description": "The version that is shown.",
        "required": true,
        "schema": { "type": "string", "pattern": "^\"v[0-9]+\"$" },
    })
}

fn replayed_header() -> Value {
    json!({
        "description": "`true` where this is the kept answer to an earlier request.",
        "schema": { "type": "string", "const": "true" },
    })
}

fn location_header() -> Value {
    json!({
        "description": "Where the thing that was made is read.",
        "required": true,
        "schema": text(),
    })
}

const IDEMPOTENCY: &str = "Names this request, so that asking again does it once and gives the \
same answer: 1 to 200 visible characters. Kept for a week.";
const IF_MATCH: &str =
    "The `ETag` of the version that is changed; another one is refused with 412.";

const IF_NONE_MATCH: &str = "An `ETag`; where it is the newest, 304 answers without a body.";

fn in_path(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn path_parameter(name: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "schema": text() })
}

fn header_parameter(name: &str, required: bool, about: &str) -> Value {
    json!({
        "name": name,
        "in": "header",
        "required": required,
        "description": about,
        "schema": { "type": "string", "minLength": 1, "maxLength": 200 },
    })
}

/// RFC 9457, with the stable code and the fields at fault.
fn problem() -> Schema {
    object([
        ("type", text()),
        ("title", text()),
        ("status", count()),
        ("detail", text()),
        ("code", text()),
        ("instance", text()),
        (
            "errors?",
            list(object([
                ("pointer?", text()),
                ("cell?", text()),
                ("code", text()),
                ("detail", text()),
            ])),
        ),
    ])
}
