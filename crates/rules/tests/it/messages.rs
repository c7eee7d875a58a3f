//! Every code that the rules give has a text in both languages, with parameters that are given.

use std::collections::BTreeSet;

use sekisho_domain::check::{CheckResult, DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::DeviceClass;
use sekisho_domain::profile::Profile;
use sekisho_domain::time::Span;
use sekisho_rules::assess::Assessment;
use sekisho_rules::reason::{self, Known, next_key, next_step, reason_key};
use toml::Table;

use crate::fixture::{NOW, Scene};

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
    for known in reason::all() {
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
    let codes: BTreeSet<&str> = reason::all().map(|known| known.code).collect();
    assert_eq!(codes.len(), reason::all().count());
}

const CAUSES: &str = include_str!("../../../../catalog/messages/cause.toml");

/// Reasons of rows, not of single results.
const OF_ROWS: [&str; 21] = [
    "access",
    "row",
    "review",
    "carrier",
    "attestation",
    "profile",
    "coverage",
    "tmo",
    "register",
    "permit",
    "plan",
    "case",
    "risk",
    "concern",
    "checklist",
    "earlier",
    "services",
    "rule",
    "opinion",
    "conflict",
    "exception",
];

/// Reasons that a check of a device can give for what is not good.
fn of_results() -> impl Iterator<Item = &'static Known> {
    reason::all().filter(|known| {
        let family = known.code.split('.').next().unwrap();
        known.next != "nothing" && !OF_ROWS.contains(&family)
    })
}

#[test]
fn every_cause_has_its_words_and_they_ask_for_nothing() {
    let texts: Table = CAUSES.parse().unwrap();
    for known in of_results() {
        let key = format!("cause.{}", known.code);
        let words = message(&texts, &key).unwrap_or_else(|| panic!("no words for {key}"));
        for language in ["ja", "en"] {
            let text = words[language].as_str().unwrap();
            assert!(!text.is_empty() && placeholders(text).is_empty(), "{key}");
        }
    }
}

/// The reason as the check gives it of one device, with everything that it names.
fn given(known: &Known, device: i64) -> Reason {
    known
        .params
        .iter()
        .fold(Reason::new(known.code), |reason, name| {
            let number = ["n", "days", "max", "minutes"].contains(name);
            match number {
                true => reason.with(name, 10 + device),
                false => reason.with(name, format!("{name}-{device}")),
            }
        })
}

/// Every reason, finding and next step of an assessment has what its text asks for.
fn all_filled(texts: &Table, assessment: &Assessment, scene: &str) {
    for row in &assessment.rows {
        let finding = row.verdict.finding.as_ref();
        let finding = finding.and_then(|finding| finding.reason.as_ref());
        let reasons = std::iter::once(&row.verdict.reason).chain(finding);
        let reasons = reasons.map(|reason| (reason_key(reason), reason));
        let step = (next_key(&row.next_step), &row.next_step);
        for (key, reason) in reasons.chain([step]) {
            let message = message(texts, &key).unwrap_or_else(|| panic!("no text for {key}"));
            for language in ["ja", "en"] {
                for name in placeholders(message[language].as_str().unwrap()) {
                    let there = reason.params.keys().any(|given| given == name);
                    assert!(there, "{scene}, {}: {key} lacks {{{name}}}", row.id);
                }
            }
        }
    }
}

/// Reasons of things that rows name one by one: they are told whole, and no check of a device gives them.
const OF_THINGS: &str = "reach.";

#[test]
fn no_row_shows_a_placeholder_however_many_devices_share_a_cause() {
    let texts: Table = TEXTS.parse().unwrap();
    for devices in 1..=3 {
        let mut scene = Scene::new(Profile::Gov);
        scene.feeds(Span::days(1));
        let ids: Vec<_> = (0..devices)
            .map(|_| scene.enrol(DeviceClass::Issued))
            .collect();
        for known in of_results().filter(|known| !known.code.starts_with(OF_THINGS)) {
            for outcome in [Outcome::Fail, Outcome::Unknown] {
                for (id, n) in ids.iter().zip(0_i64..) {
                    let result = CheckResult {
                        outcome,
                        reason: given(known, n),
                        observed_at: NOW.before(Span::hours(2)),
                        received_at: NOW.before(Span::hours(2)),
                        fresh_until: NOW.after(Span::days(1)),
                    };
                    for check in DeviceCheck::ALL {
                        scene.posture.set(*id, check, &result, 1);
                    }
                }
                let scene_name = format!("{devices} devices, {} {outcome:?}", known.code);
                all_filled(&texts, &scene.assess(), &scene_name);
            }
        }
    }
}
