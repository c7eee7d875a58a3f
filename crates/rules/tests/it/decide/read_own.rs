//! Reading an organisation's own rules for those who write them.

use std::collections::BTreeSet;

use serde_json::Value;

use sekisho_rules::decide::{
    EXAMPLE, FACTS, Rulebook, UNUSABLE, built_in_policies, read_own_rules, schema,
};

fn told(text: &str) -> Vec<(&'static str, Option<(u32, u32)>)> {
    let faults = read_own_rules(text).unwrap_err();
    faults.iter().map(|fault| (fault.code, fault.at)).collect()
}

#[test]
fn every_fault_is_told_with_its_place() {
    let text = "// 規則\n@id(\"a\")\nforbid (principal, action, resource);\n\n\
        @id(\"a\") @ja(\"甲。\")\npermit (principal, action, resource);\n\
        @ja(\"乙。\") forbid (principal, action, resource)\nwhen { context.nobody_knows };\n";
    assert_eq!(
        told(text),
        [
            ("own-rules.no-ja", Some((2, 1))),
            ("own-rules.permits", Some((5, 1))),
            ("own-rules.id-taken", Some((5, 1))),
            ("own-rules.no-id", Some((7, 1))),
            ("own-rules.unknown-fact", Some((8, 8))),
        ]
    );
}

#[test]
fn what_is_not_in_the_language_is_told_with_its_place() {
    let faults = read_own_rules("@id(\"a\") @ja(\"甲。\")\nforbid (principal, action resource);")
        .unwrap_err();
    assert_eq!(faults[0].code, "own-rules.syntax");
    assert_eq!(faults[0].at, Some((2, 27)), "{faults:?}");
    assert!(faults[0].detail.is_some());
}

#[test]
fn each_kind_of_fault_has_its_code() {
    let rule = |when: &str| {
        format!(
            "@id(\"r\") @ja(\"規則。\") forbid (principal, action, resource) when {{ {when} }};"
        )
    };
    for (text, code) in [
        (rule("context.more.hour == \"7\""), "own-rules.wrong-type"),
        (
            rule("principal == Sekisho::Dragon::\"x\""),
            "own-rules.unknown-type",
        ),
        (
            rule("action == Sekisho::Action::\"fly\""),
            "own-rules.unknown-action",
        ),
        (
            "@id(\"t\") @ja(\"規則。\") forbid (principal == ?principal, action, resource);"
                .to_owned(),
            "own-rules.template",
        ),
        (
            format!("@id(\"{UNUSABLE}\") @ja(\"規則。\") forbid (principal, action, resource);"),
            "own-rules.id-taken",
        ),
        (
            "@id(\"permit.telework\") @ja(\"規則。\") forbid (principal, action, resource);"
                .to_owned(),
            "own-rules.id-taken",
        ),
        ("x".repeat(300 * 1024), "own-rules.too-long"),
    ] {
        let faults = read_own_rules(&text).unwrap_err();
        let codes: Vec<&str> = faults.iter().map(|it| it.code).collect();
        assert!(codes.contains(&code), "{text:.90}: {faults:?}");
    }
}

#[test]
fn what_goes_too_deep_is_told_with_its_place_and_never_parsed() {
    let many = 20_000;
    let choice = "if true then true else ";
    for (before, each, after) in [
        ("", "(", ")"),
        ("", "[", "]"),
        ("", "true || ", ""),
        ("", "true && ", ""),
        ("1 ", "+ 1 ", "> 0"),
        ("", "!", ""),
        ("", "-", ""),
        ("context", ".a", ""),
        ("context", "[\"a\"]", ""),
        ("", choice, ""),
        ("true } ", "when { ", "true }"),
        // It is behind the end of a comment, whichever character ends that.
        ("// \r", "(", ")"),
        ("// \"\n", "(", ")"),
        // What nobody closes counts as well.
        ("", "(", ""),
    ] {
        let many = many / each.len();
        let (each, after) = (each.repeat(many), after.repeat(many));
        let text = format!(
            "@id(\"r\") @ja(\"規則。\")\nforbid (principal, action, resource) when {{ {before}{each}true{after} }};"
        );
        let faults = read_own_rules(&text).unwrap_err();
        assert_eq!(faults.len(), 1, "{text:.90}");
        assert_eq!(faults[0].code, "own-rules.too-deep", "{text:.90}");
        let (line, column) = faults[0].at.unwrap();
        assert!(line >= 2 && column > 1, "{text:.90}: {line}, {column}");
    }
}

#[test]
fn what_can_never_matter_is_sound_and_told() {
    let text = "@id(\"r\") @ja(\"規則。\") forbid (principal, action, resource) when { false };";
    let read = read_own_rules(text).unwrap();
    assert_eq!(read.remarks[0].code, "own-rules.never");
    assert_eq!(read.remarks[0].rule.as_deref(), Some("r"));
}

#[test]
fn the_example_holds_and_so_does_nothing_at_all() {
    let read = read_own_rules(EXAMPLE).unwrap();
    assert_eq!(read.book.own_rules().len(), 2);
    assert!(read.remarks.is_empty(), "{:?}", read.remarks);
    assert!(
        read_own_rules("  // nothing\n")
            .unwrap()
            .book
            .own_rules()
            .is_empty()
    );
}

/// The fenced blocks of a document that are policies.
fn blocks(document: &str) -> Vec<&str> {
    let parts = document.split("```cedar\n").skip(1);
    parts.filter_map(|part| part.split("```").next()).collect()
}

#[test]
fn the_examples_of_the_documentation_hold() {
    for document in [
        include_str!("../../../../../docs/own-rules.md"),
        include_str!("../../../../../docs/own-rules.ja.md"),
    ] {
        let blocks = blocks(document);
        assert!(blocks.len() >= 4, "{}", blocks.len());
        for block in &blocks {
            let read = read_own_rules(block);
            let read = read.unwrap_or_else(|faults| panic!("{block}\n{faults:?}"));
            assert!(read.remarks.is_empty(), "{block}\n{:?}", read.remarks);
        }
        assert!(read_own_rules(&blocks.concat()).is_ok());
    }
}

fn leaves(shape: &Value, common: &Value, path: &str, found: &mut BTreeSet<String>) {
    let at = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    if let Some(attributes) = shape["attributes"].as_object() {
        for (name, it) in attributes {
            leaves(it, common, &at(name), found);
        }
        return;
    }
    let name = shape["name"].as_str().or(shape["type"].as_str()).unwrap();
    match common.get(name.rsplit("::").next().unwrap()) {
        Some(named) => leaves(named, common, path, found),
        None => {
            found.insert(path.to_owned());
        }
    }
}

#[test]
fn every_fact_of_the_schema_is_listed() {
    schema().unwrap();
    let text = include_str!("../../../../../catalog/rulebook/schema.cedarschema");
    let (fragment, _) = cedar_policy::SchemaFragment::from_cedarschema_str(text).unwrap();
    let json = fragment.to_json_value().unwrap();
    let common = &json["Sekisho"]["commonTypes"];
    let mut found = BTreeSet::new();
    leaves(&common["Facts"], common, "", &mut found);
    let listed: BTreeSet<String> = FACTS.iter().map(|it| it.path.to_owned()).collect();
    assert_eq!(found, listed);
}

#[test]
fn a_closed_rulebook_forbids_everything_by_one_rule() {
    let closed = Rulebook::closed().unwrap();
    let own: Vec<&str> = closed.own_rules().iter().map(|it| it.id.as_str()).collect();
    assert_eq!(own, [UNUSABLE]);
    assert!(built_in_policies().all(|(_, text)| !text.contains(UNUSABLE)));
}
