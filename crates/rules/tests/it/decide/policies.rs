//! The policies themselves: what they say, and that requests have the form that they are written for.

use std::collections::BTreeSet;

use cedar_policy::{Request, Schema};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::permit::{PermitKind, Place};
use sekisho_rules::catalogue::Catalogue;
use sekisho_rules::decide::{Lack, Outing, Rulebook, cedar_request, schema};

use super::scene::{Office, join, reach};

#[test]
fn every_rule_rests_on_a_row_of_the_catalogue_or_is_marked_as_our_own() {
    let (book, catalogue) = (Rulebook::built_in().unwrap(), Catalogue::builtin().unwrap());
    for rule in book.rules() {
        if let Some(clause) = &rule.clause {
            let known = catalogue.rows().iter().any(|row| row.id == *clause);
            assert!(known, "{}: {clause}", rule.id);
        }
        assert!(
            rule.ja.ends_with('。') && rule.en.ends_with('.'),
            "{}",
            rule.id
        );
    }
}

#[test]
fn the_rules_name_everything_that_can_be_missing_for_reaching_and_joining() {
    let book = Rulebook::built_in().unwrap();
    let named: BTreeSet<Lack> = book.rules().iter().filter_map(|rule| rule.lack).collect();
    assert_eq!(named, nameable().collect());
    for lack in Lack::all() {
        assert_eq!(lack.to_string().parse(), Ok(lack));
    }
}

/// Everything that a refusal can name.
pub fn nameable() -> impl Iterator<Item = Lack> {
    // These kinds are no way to reach a system or to join a line.
    let elsewhere = [
        PermitKind::Media,
        PermitKind::Software,
        PermitKind::Peripheral,
        PermitKind::Service,
        PermitKind::Conference,
        PermitKind::Exception,
    ];
    Lack::all()
        .into_iter()
        .filter(move |lack| !matches!(lack, Lack::Permit(kind) if elsewhere.contains(kind)))
}

#[test]
fn requests_have_the_form_of_the_schema() {
    let (book, schema): (Rulebook, Schema) = (Rulebook::built_in().unwrap(), schema().unwrap());
    let outing = Outing::Back {
        last_inside: None,
        since: crate::fixture::NOW,
    };
    for class in [DeviceClass::Issued, DeviceClass::Byod] {
        for question in [
            reach(Place::OutsideOrganisation),
            reach(Place::ControlledArea),
            join(Outing::None),
            join(outing),
        ] {
            let office = Office::without_permits(class, "C2I2A1".parse().unwrap());
            let made = cedar_request(&book, office.ground(), &question).unwrap();
            let checked = Request::new(
                made.principal().unwrap().clone(),
                made.action().unwrap().clone(),
                made.resource().unwrap().clone(),
                made.context().unwrap().clone(),
                Some(&schema),
            );
            assert!(checked.is_ok(), "{:?}", checked.err());
        }
    }
}

#[test]
fn the_picture_of_the_rulebook_names_every_clause_that_a_built_in_rule_rests_on() {
    let book = Rulebook::built_in().unwrap();
    for file in [
        "ARCHITECTURE.md",
        "docs/own-rules.md",
        "docs/own-rules.ja.md",
    ] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let text = std::fs::read_to_string(path.join(file)).unwrap();
        // The pictures are the parts between fences; this one names a row that no other does.
        let picture = text
            .split("```")
            .skip(1)
            .step_by(2)
            .find(|it| it.contains("GOV-3-3-b"))
            .unwrap_or_else(|| panic!("{file} has no picture of the rulebook"));
        let named: BTreeSet<&str> = picture
            .split(|c: char| c.is_whitespace() || [',', '、', '。'].contains(&c))
            .collect();
        for clause in book.rules().iter().filter_map(|rule| rule.clause.as_ref()) {
            assert!(named.contains(&*clause.to_string()), "{file}: {clause}");
        }
    }
}
