//! What the list of each register shows, sorts and filters by.

use sekisho_domain::register::Register;

/// The columns of a register's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The fields shown, the one that names the entry first.
    pub shown: &'static [&'static str],
    /// Those among them that the list can be sorted by, in the order of the shelf's columns. After
    /// them comes when the entry was last written.
    pub sorted: &'static [&'static str],
    /// Fields of choices to filter by, in the order of the shelf's facets.
    pub facets: &'static [&'static str],
    /// Whether what was written last comes first unless another order is asked for.
    pub newest_first: bool,
}

const fn by_name(
    shown: &'static [&'static str],
    sorted: &'static [&'static str],
    facets: &'static [&'static str],
) -> Columns {
    Columns {
        shown,
        sorted,
        facets,
        newest_first: false,
    }
}

const fn newest_first(
    shown: &'static [&'static str],
    sorted: &'static [&'static str],
    facets: &'static [&'static str],
) -> Columns {
    Columns {
        shown,
        sorted,
        facets,
        newest_first: true,
    }
}

/// What the list of a register shows, sorts and filters by.
#[must_use]
pub const fn columns(register: Register) -> Columns {
    match register {
        Register::IssuedDevice => by_name(
            &["asset", "form", "model", "user", "place"],
            &["asset", "form", "model", "place"],
            &["form"],
        ),
        Register::ByodDevice => by_name(
            &["model", "form", "owner", "os", "agreed"],
            &["model", "form", "os", "agreed"],
            &["form"],
        ),
        Register::Medium => by_name(
            &["number", "kind", "highest", "encrypted", "keeper"],
            &["number", "kind", "highest", "encrypted"],
            &["kind"],
        ),
        Register::Software => by_name(
            &["name", "list", "versions", "publisher", "review_by"],
            &["name", "list", "publisher", "review_by"],
            &["list"],
        ),
        Register::Line => by_name(
            &["name", "kind", "encrypted", "officer"],
            &["name", "kind", "encrypted"],
            &["kind"],
        ),
        _ => columns_of_work(register),
    }
}

const fn columns_of_work(register: Register) -> Columns {
    match register {
        Register::System => by_name(
            &["name", "highest", "host", "remote", "officer"],
            &["name", "highest", "host", "remote"],
            &["host"],
        ),
        Register::Gateway => by_name(
            &["name", "line", "endpoint", "network", "officer"],
            &["name", "endpoint", "network"],
            &[],
        ),
        Register::Service => by_name(
            &["name", "kind", "highest", "ismap", "provider"],
            &["name", "kind", "highest", "ismap", "provider"],
            &["kind", "ismap"],
        ),
        Register::ConferenceTool => by_name(
            &[
                "name",
                "scope",
                "own",
                "contractor",
                "external",
                "individual",
            ],
            &["name", "scope"],
            &["scope"],
        ),
        Register::Task => by_name(
            &["name", "grade", "state", "systems", "planned_people"],
            &["name", "grade", "state", "planned_people"],
            &["state"],
        ),
        Register::Advisory => by_name(
            &["name", "issuer", "issued", "disposition", "disposed"],
            &["name", "issuer", "issued", "disposition"],
            &["disposition", "cited"],
        ),
        Register::ChecklistItem => by_name(
            &["number", "text", "chapter", "list"],
            &["number", "text", "chapter", "list"],
            &["chapter"],
        ),
        Register::Incident => newest_first(
            &["kind", "found", "severity", "state", "leaked"],
            &["kind", "found", "severity", "state"],
            &["kind", "severity", "state"],
        ),
        _ => newest_first(
            &["kind", "task", "state"],
            &["kind", "state"],
            &["kind", "state"],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_name_fields_that_there_are() {
        use sekisho_domain::field::FieldKind;
        for register in Register::ALL {
            let Columns {
                shown,
                sorted,
                facets,
                ..
            } = columns(*register);
            let kind = |code: &str| {
                let field = register.fields().iter().find(|field| field.code == code);
                field.map(|field| field.kind)
            };
            assert!(
                shown.iter().all(|code| kind(code).is_some()),
                "{register:?}"
            );
            assert!(sorted.iter().all(|code| shown.contains(code)));
            let is_choice = |code: &&str| matches!(kind(code), Some(FieldKind::Choice(_)));
            assert!(facets.iter().all(is_choice), "{register:?}");
        }
    }
}
