//! Rules of an organisation's own beside the built-in ones.

use sekisho_domain::device::DeviceClass;
use sekisho_domain::permit::{PermitKind, Place};
use sekisho_rules::decide::{Decision, Denied, OWN_RULES_STACK, Rulebook, read_own_rules};

use super::scene::{Office, highest, reach};

pub(super) const NIGHT: &str = r#"
@id("no-nights")
@ja("夜間はテレワークを行わない。")
forbid (principal, action == Sekisho::Action::"reach", resource)
when { context.place.off_site && (context.more.hour < 7 || context.more.hour >= 22) };
"#;

pub(super) fn in_order() -> Office {
    let mut office = Office::without_permits(DeviceClass::Issued, highest());
    for kind in [
        PermitKind::Telework,
        PermitKind::TakeOut,
        PermitKind::OffSite,
        PermitKind::RemoteAccess,
        PermitKind::Line,
    ] {
        office.give(kind, &reach(Place::OutsideOrganisation));
    }
    office
}

#[test]
fn a_rule_of_ones_own_denies_by_its_name_and_promises_nothing() {
    let book = Rulebook::with_own(NIGHT).unwrap();
    let mut office = in_order();
    let question = reach(Place::OutsideOrganisation);
    // 09:00 in Japan.
    assert!(office.decide(&book, &question).is_allowed());
    office.now = office.now.after(sekisho_domain::time::Span::hours(13));
    let Decision::Deny(Denied::Missing(missing)) = office.decide(&book, &question) else {
        panic!("denied")
    };
    assert_eq!(missing.len(), 1);
    assert!(missing[0].own && missing[0].rule.id == "no-nights" && missing[0].fixes.is_empty());
    assert_eq!(missing[0].rule.en, "夜間はテレワークを行わない。");
    assert!(Rulebook::built_in().unwrap().sets() == book.sets());
}

#[test]
fn a_rule_of_ones_own_gives_nothing_back() {
    let office = Office::without_permits(DeviceClass::Issued, highest());
    let question = reach(Place::OutsideOrganisation);
    let book = Rulebook::with_own(NIGHT).unwrap();
    let Decision::Deny(Denied::Missing(missing)) = office.decide(&book, &question) else {
        panic!("denied")
    };
    assert!(missing.iter().all(|it| !it.own));
    let permits = "@id(\"all\") @ja(\"何でも可。\") permit (principal, action, resource);";
    assert_eq!(
        Rulebook::with_own(permits).unwrap_err().code(),
        "rulebook.permits"
    );
}

#[test]
fn what_does_not_hold_against_the_schema_takes_no_effect() {
    let rule = |when: &str| {
        format!(
            "@id(\"r\") @ja(\"規則。\") forbid (principal, action, resource) when {{ {when} }};"
        )
    };
    for (text, code) in [
        (rule("context.nobody_knows"), "rulebook.policy"),
        (rule("context.more.hour == \"7\""), "rulebook.policy"),
        (
            rule("principal == Sekisho::Dragon::\"x\""),
            "rulebook.policy",
        ),
        (
            "forbid (principal, action, resource".to_owned(),
            "rulebook.policy",
        ),
        (
            "@ja(\"規則。\") forbid (principal, action, resource);".to_owned(),
            "rulebook.no-note",
        ),
        (
            "@id(\"r\") forbid (principal, action, resource);".to_owned(),
            "rulebook.no-note",
        ),
        (
            format!("{0}{0}", rule("context.clock_sure")),
            "rulebook.twice",
        ),
        ("x".repeat(300 * 1024), "rulebook.too-many"),
        (
            rule(&format!("{}true{}", "(".repeat(32), ")".repeat(32))),
            "rulebook.too-deep",
        ),
        (
            (0..201)
                .map(|n| {
                    format!("@id(\"r{n}\") @ja(\"規則。\") forbid (principal, action, resource);")
                })
                .collect(),
            "rulebook.too-many",
        ),
    ] {
        let error = Rulebook::with_own(&text).unwrap_err();
        assert_eq!(error.code(), code, "{text:.80}: {error}");
    }
}

#[test]
fn the_deepest_rules_that_are_taken_can_be_answered_by() {
    let row = vec!["context.more.hour > 24"; 97].join(" || ");
    let within = (0..31).fold("true".to_owned(), |it, _| {
        format!("(context.clock_sure && {it})")
    });
    let rule = |id: &str, when: &str| {
        format!(
            "@id(\"{id}\") @ja(\"規則。\") forbid (principal, action, resource) when {{ {when} }};"
        )
    };
    let read = |text: String| {
        // As the server reads them.
        let reading = std::thread::Builder::new().stack_size(OWN_RULES_STACK);
        let reading = reading.spawn(move || read_own_rules(&text)).unwrap();
        reading.join().unwrap().unwrap().book
    };
    let office = in_order();
    let question = reach(Place::OutsideOrganisation);
    // Answered on a stack as any other.
    let book = read(rule("row", &row));
    assert!(office.decide(&book, &question).is_allowed());
    let book = read(rule("row", &row) + &rule("within", &within));
    let Decision::Deny(Denied::Missing(missing)) = office.decide(&book, &question) else {
        panic!("denied")
    };
    assert_eq!(missing.len(), 1);
    assert_eq!(missing[0].rule.id, "within");
}

#[test]
fn an_error_in_evaluating_denies() {
    // Sound by the schema, and it cannot be carried out: the sum is too large for a number.
    let text = "@id(\"r\") @ja(\"規則。\") forbid (principal, action, resource)
        when { context.more.hour + 9223372036854775807 > 0 };";
    let book = Rulebook::with_own(text).unwrap();
    let office = in_order();
    let decision = office.decide(&book, &reach(Place::OutsideOrganisation));
    assert!(
        matches!(decision, Decision::Deny(Denied::Failed(_))),
        "{decision:?}"
    );
}
