//! Who may take the ways in of unease, incidents and checklists, for the test of every way in.

use super::gate::{AUDITOR, DISO, HISO, STAFF};

/// As [`gate`](super::gate) has it. What a path names that names nothing is nowhere; reports of one's own are anyone's.
pub const UNEASE: &[(&str, &str, &[&str])] = &[
    ("GET", "/concerns", &[STAFF, DISO, AUDITOR, HISO]),
    ("POST", "/concerns", &[STAFF, DISO, HISO]),
    ("GET", "/concerns/new", &[STAFF, DISO, HISO]),
    ("POST", "/concerns/rules", &[HISO]),
    ("GET", "/concerns/{id}", &[STAFF, DISO, AUDITOR, HISO]),
    (
        "POST",
        "/concerns/{id}/{act}",
        &[STAFF, DISO, AUDITOR, HISO],
    ),
    ("GET", "/incidents", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/incidents/new", &[STAFF, DISO, HISO]),
    ("POST", "/incidents", &[STAFF, DISO, HISO]),
    ("GET", "/incidents/{id}", &[STAFF, DISO, AUDITOR, HISO]),
    ("POST", "/incidents/{id}", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/checklists", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/checklists/answers", &[STAFF, DISO, AUDITOR, HISO]),
    ("GET", "/checklists/{id}", &[STAFF, DISO, AUDITOR, HISO]),
    ("POST", "/checklists/{id}", &[HISO]),
];
