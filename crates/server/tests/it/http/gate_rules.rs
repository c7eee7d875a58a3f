//! Who may take the ways in to rules, opinions and exceptions.

use super::gate::{AUDITOR, DISO, HISO, STAFF};

/// By method and path.
pub const RULES: &[(&str, &str, &[&str])] = &[
    ("GET", "/rules", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/rules/new", &[HISO]),
    ("POST", "/rules/new", &[HISO]),
    ("GET", "/rules/conflicts", &[AUDITOR, HISO]),
    ("GET", "/rules/conflicts/file", &[AUDITOR, HISO]),
    ("GET", "/rules/{id}", &[STAFF, DISO, AUDITOR, HISO]),
    (
        "POST",
        "/rules/{id}/acknowledge",
        &[STAFF, DISO, AUDITOR, HISO],
    ),
    (
        "GET",
        "/rules/{id}/versions/{version}",
        &[STAFF, DISO, AUDITOR, HISO],
    ),
    ("GET", "/rules/{id}/changes", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/rules/{id}/file", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/rules/{id}/effect", &[AUDITOR, HISO]),
    ("POST", "/rules/{id}/effect", &[HISO]),
    ("GET", "/rules/{id}/effect/file", &[AUDITOR, HISO]),
    ("GET", "/rules/{id}/draft", &[HISO]),
    ("GET", "/rules/{id}/draft/head", &[HISO]),
    ("POST", "/rules/{id}/draft/head", &[HISO]),
    ("GET", "/rules/{id}/draft/clauses/{clause}", &[HISO]),
    ("POST", "/rules/{id}/draft/clauses/{clause}", &[HISO]),
    ("POST", "/rules/{id}/draft/clauses/{clause}/remove", &[HISO]),
    ("POST", "/rules/{id}/draft/file", &[HISO]),
    ("POST", "/rules/{id}/draft/{act}", &[HISO]),
    ("GET", "/opinions", &[AUDITOR, HISO]),
    ("POST", "/opinions/gate", &[HISO]),
    ("GET", "/opinions/{subject}", &[AUDITOR, HISO]),
    ("POST", "/opinions/{subject}", &[]),
    ("GET", "/exceptions", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/exceptions/table", &[STAFF, DISO, AUDITOR, HISO]),
    // The permit of the house is no exception: it is not there, for those who may read it.
    ("GET", "/exceptions/{id}", &[DISO, AUDITOR, HISO]),
    ("GET", "/exceptions/{id}/{act}", &[DISO, AUDITOR, HISO]),
    ("POST", "/exceptions/{id}/{act}", &[DISO, AUDITOR, HISO]),
];
