//! A telephone, whose user declares its state: what such a declaration opens, for how long, and what it
//! never opens.

use jiff::civil::date;
use sekisho_detect::advisory::lifecycle::{Cycle, End, LifecycleTable};
use sekisho_domain::check::{DECLARATION_FRESH, DeviceCheck, Outcome};
use sekisho_domain::device::{DeviceClass, StateSource};
use sekisho_domain::fact::{
    DiskEncryption, EncryptionLayer, Fact, FactValue, OsFamily, OsRelease, PendingUpdate,
    PendingUpdates, ScreenLock, Volume, VolumeUse,
};
use sekisho_domain::feed::FeedKind;
use sekisho_domain::grade::Grade;
use sekisho_domain::permit::{PermitKind, Place};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::check::{DeviceFacts, Knowledge, run_all};
use sekisho_rules::decide::{
    CheckSet, Decision, Denied, Fix, Lack, Missing, Outing, Question, Rulebook,
};

use super::scene::{Office, device, join, reach};
use crate::fixture::{NOW, feed, seen};
use crate::permits::person;

/// What is answered on the telephone.
#[derive(Clone, Copy)]
struct Said {
    updated: bool,
    lock: Option<u32>,
    encrypted: bool,
    modified: Option<bool>,
    version: &'static str,
}

const GOOD: Said = Said {
    updated: true,
    lock: Some(120),
    encrypted: true,
    modified: Some(false),
    version: "26.1",
};

fn facts(said: Said, at: Timestamp) -> Vec<Fact> {
    let waiting = PendingUpdate {
        name: "iOS".to_owned(),
        installed: said.version.to_owned(),
        candidate: String::new(),
        security: true,
    };
    let values = [
        FactValue::OsRelease(OsRelease {
            family: OsFamily::Ios,
            product: "ios".to_owned(),
            version: said.version.to_owned(),
            codename: None,
            pretty: format!("iOS {}", said.version),
            modified: said.modified,
        }),
        FactValue::PendingUpdates(PendingUpdates {
            updates: if said.updated {
                Vec::new()
            } else {
                vec![waiting]
            },
            metadata_at: Some(at),
            security_source: true,
        }),
        FactValue::DiskEncryption(DiskEncryption {
            volumes: vec![Volume {
                mount: "data".to_owned(),
                device: "data".to_owned(),
                used_for: VolumeUse::FileSystem,
                layer: if said.encrypted {
                    EncryptionLayer::Native
                } else {
                    EncryptionLayer::None
                },
            }],
        }),
        FactValue::ScreenLock(ScreenLock::Desktop {
            desktop: "ios".to_owned(),
            enabled: said.lock.is_some(),
            idle_seconds: said.lock,
            locked_by_policy: false,
        }),
    ];
    let dated = |value| {
        let mut fact = seen(value);
        fact.observation.observed_at = at;
        fact.received_at = at;
        fact
    };
    values.map(dated).into()
}

/// iOS 26 is supported, iOS 15 is not any more.
fn table() -> LifecycleTable {
    let cycle = |version: &str, standard| Cycle {
        product: "ios".into(),
        version: version.into(),
        codename: None,
        released: Some(date(2021, 9, 20)),
        standard,
        lts: None,
        extended: None,
    };
    let mut table = LifecycleTable::default();
    table.add([cycle("26", End::NotStated), cycle("15", End::Passed)]);
    table
}

/// A telephone of the person, declared at an instant, with every permit.
fn telephone(grade: &str, said: Said, at: Timestamp) -> (Office, Question) {
    let grade: Grade = grade.parse().unwrap();
    let mut office = Office::empty();
    office.member();
    office.account();
    office.enrol(device(), DeviceClass::Byod, Some(person()));
    office.declares(device());
    office.system(grade, true);
    let question = reach(Place::OutsideOrganisation);
    for kind in [
        PermitKind::Telework,
        PermitKind::Byod,
        PermitKind::RemoteAccess,
    ] {
        office.give(kind, &question);
    }
    declare(&mut office, said, at);
    (office, question)
}

/// Judged by the very checks that judge reports.
fn declare(office: &mut Office, said: Said, at: Timestamp) {
    let table = table();
    // As old as it was when that was declared.
    let mut ends = feed(FeedKind::EndOfLife, "end_of_life_date", Span::days(1));
    (ends.as_of, ends.imported_at) = (at.before(Span::days(1)), at.before(Span::days(1)));
    let feeds = [ends];
    let knowledge = Knowledge::new(&feeds).with_lifecycle(&table);
    let facts = facts(said, at);
    let declared = DeviceFacts::new(&facts).told_by(StateSource::Declared);
    let posture = &mut office.scene.posture;
    posture.told_by(device(), StateSource::Declared);
    for (check, result) in run_all(&declared, &knowledge, at) {
        posture.set(device(), check, &result, 1);
    }
}

fn missing(decision: Decision) -> Vec<Missing> {
    match decision {
        Decision::Allow(_) => Vec::new(),
        Decision::Deny(Denied::Missing(missing)) => missing,
        Decision::Deny(Denied::Failed(error)) => panic!("{error}"),
    }
}

fn of_posture(all: &[Missing], set: CheckSet) -> Option<&Missing> {
    all.iter()
        .find(|it| it.rule.lack == Some(Lack::Posture(set)))
}

#[test]
fn with_permits_and_a_fresh_declaration_a_system_without_secrets_is_reached() {
    let book = Rulebook::built_in().unwrap();
    let (office, question) = telephone("C1I1A1", GOOD, NOW);
    match office.decide(&book, &question) {
        Decision::Allow(allowed) => {
            // The feed proves for less long than the declaration counts; never longer.
            let until = allowed.until.unwrap();
            assert!(until <= NOW.after(DECLARATION_FRESH) && until > NOW);
            assert!(
                allowed.declared,
                "whoever lets through is told that it is a word"
            );
        }
        denied @ Decision::Deny(_) => panic!("{:#?}", missing(denied)),
    }
}

#[test]
fn a_declaration_is_over_after_thirty_days_and_the_refusal_says_to_declare_again() {
    let book = Rulebook::built_in().unwrap();
    for (days, open) in [(29, true), (30, false), (31, false)] {
        let (office, question) = telephone("C1I1A1", GOOD, NOW.before(Span::days(days)));
        let named = missing(office.decide(&book, &question));
        assert_eq!(named.is_empty(), open, "{days}: {named:#?}");
        let Some(lack) = of_posture(&named, CheckSet::Baseline) else {
            assert!(open);
            continue;
        };
        assert_eq!(lack.fixes, [Fix::Declare(device())]);
        assert!(lack.failing.iter().all(|it| it.outcome == Outcome::Unknown));
        assert!(
            lack.failing
                .iter()
                .all(|it| it.reason.code == "check.declaration-over")
        );
    }
}

#[test]
fn no_declaration_opens_what_is_confidential_or_an_internal_line() {
    let book = Rulebook::built_in().unwrap();
    for grade in ["C2I1A1", "C3I1A1"] {
        let (office, question) = telephone(grade, GOOD, NOW);
        let named = missing(office.decide(&book, &question));
        assert!(of_posture(&named, CheckSet::Baseline).is_none());
        let lack = of_posture(&named, CheckSet::Safeguards).unwrap();
        assert_eq!(lack.fixes, [Fix::UseObserved]);
        let asked: Vec<DeviceCheck> = lack.failing.iter().map(|it| it.check).collect();
        let sets = book.sets();
        assert_eq!(asked, sets.of(CheckSet::Safeguards, StateSource::Observed));
        assert!(
            lack.failing
                .iter()
                .all(|it| it.reason.code == "check.word-not-enough")
        );
    }
    let (mut office, _) = telephone("C1I1A1", GOOD, NOW);
    office.line("internal");
    let back = join(Outing::Back {
        last_inside: None,
        since: NOW.before(Span::minutes(10)),
    });
    let named = missing(office.decide(&book, &back));
    assert!(of_posture(&named, CheckSet::Inspection).is_some());
}

#[test]
fn what_is_declared_to_be_wrong_or_left_open_opens_nothing() {
    let book = Rulebook::built_in().unwrap();
    let bad = [
        (
            Said {
                updated: false,
                ..GOOD
            },
            "update.security-pending",
        ),
        (Said { lock: None, ..GOOD }, "screen.never-locks"),
        (
            Said {
                lock: Some(1800),
                ..GOOD
            },
            "screen.locks-late",
        ),
        (
            Said {
                encrypted: false,
                ..GOOD
            },
            "disk.plain",
        ),
        (
            Said {
                modified: Some(true),
                ..GOOD
            },
            "os.modified",
        ),
        (
            Said {
                modified: None,
                ..GOOD
            },
            "os.modified-unstated",
        ),
        (
            Said {
                version: "15.8",
                ..GOOD
            },
            "os.ended",
        ),
        (
            Said {
                version: "99",
                ..GOOD
            },
            "os.not-listed",
        ),
    ];
    for (said, code) in bad {
        let (office, question) = telephone("C1I1A1", said, NOW);
        let named = missing(office.decide(&book, &question));
        let lack = of_posture(&named, CheckSet::Baseline).unwrap_or_else(|| panic!("{code}"));
        let codes: Vec<&str> = lack.failing.iter().map(|it| &*it.reason.code).collect();
        assert_eq!(codes, [code]);
    }
}

#[test]
fn what_nobody_can_tell_of_a_telephone_leaves_no_result_and_weighs_nothing() {
    let (office, _) = telephone("C1I1A1", GOOD, NOW);
    let posture = &office.scene.posture;
    for check in DeviceCheck::ALL {
        let known = posture.standing(device(), check, NOW).outcome();
        if !check.is_declarable() {
            assert_eq!(known, Outcome::Unknown, "{check:?}");
        }
    }
    // The restart was left unsaid: that can be told, so that it weighs.
    assert_eq!(posture.gravest(device(), NOW), Outcome::Unknown);
    let mut office = office;
    office.result(device(), DeviceCheck::RestartDone, Outcome::Pass);
    assert_eq!(office.scene.posture.gravest(device(), NOW), Outcome::Pass);
}

/// The same answers from a program that looked would be judged by the spans of programs.
#[test]
fn an_observed_device_gains_nothing_from_the_span_of_declarations() {
    let at = NOW.before(Span::days(10));
    let facts = facts(GOOD, at);
    let (table, feeds) = (
        table(),
        [feed(FeedKind::EndOfLife, "end_of_life_date", Span::days(1))],
    );
    let knowledge = Knowledge::new(&feeds).with_lifecycle(&table);
    for (check, result) in run_all(&DeviceFacts::new(&facts), &knowledge, NOW) {
        assert_eq!(result.outcome, Outcome::Unknown, "{check:?}");
        assert_eq!(result.reason.code, "check.stale");
    }
}
