//! Every code that the rules give has a text in both languages, with parameters that are given.

use std::collections::BTreeSet;

use sekisho_domain::code::Reason;
use sekisho_rules::reason::{KNOWN, next_key, next_step, reason_key};
use toml::Table;

const TEXTS: &str = include_str!("../../../../catalog/messages/reason.toml");

/// The message under a dotted key.
fn message<'a>(texts: &'a Table, key: &str) -> Option<&'a Table> {
    key.split('.')
        .try_fold(texts, |table, part| table.get(part)?.as_table())
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{')
        .skip(1)
        .filter_map(|part| part.split(['}', '|']).next())
        .collect()
}

#[test]
fn every_code_has_its_texts() {
    let texts: Table = TEXTS.parse().unwrap();
    for known in KNOWN {
        let reason = Reason::new(known.code);
        for key in [reason_key(&reason), next_key(&next_step(&reason))] {
            let message = message(&texts, &key).unwrap_or_else(|| panic!("no text for {key}"));
            for language in ["ja", "en"] {
                let text = message[language].as_str().unwrap();
                assert!(!text.trim().is_empty(), "{key}");
                for name in placeholders(text) {
                    assert!(
                        known.params.contains(&name),
                        "{key}: {{{name}}} is never given"
                    );
                }
            }
        }
    }
}

#[test]
fn a_code_stands_once() {
    let codes: BTreeSet<&str> = KNOWN.iter().map(|known| known.code).collect();
    assert_eq!(codes.len(), KNOWN.len());
}
