//! Risk assessments with everything that happens to them, and a case that one of them closes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::event::{BlobRef, Event, StoredEvent};
use sekisho_domain::id::{CaseId, Fresh, PermitId, RiskId, TaskId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::plan::{
    CaseAssessed, CaseScope, Conclusion, Figure, Measure, Reassessment, RiskLevel, Trigger,
};
use sekisho_domain::risk::{
    Answer, Answered, Condition, Lowered, Question, Raised, Rank, RiskApproved, RiskContent,
    RiskDrafted, RiskProposed, RiskResult, RiskSentBack, RiskSubject, Scenario, ScenarioResult,
    TaskLimit, Treatment,
};
use sekisho_ledger::digest::Digest;

use super::first::{at, founding, in_order};
use super::telework_plan::{drafts, opened};

pub const KINDS: &[(&str, u32)] = &[
    ("risk.drafted", 1),
    ("risk.dropped", 1),
    ("risk.proposed", 1),
    ("risk.sent-back", 1),
    ("risk.approved", 1),
    ("case.closed", 2),
];

/// What a draft froze. It has to come to the same number for ever.
pub const FROZEN: &str = "{\"method\":1,\"table\":{\"edition\":\"2026-11\",\"likelihood\":[[3,2,1],[2,1,1],[1,1,1]],\
\"high\":6,\"medium\":3,\"few\":100,\"within_days\":90,\"scenario\":[{\"code\":\"loss\",\"threat\":2,\
\"incidents\":[\"loss\",\"theft\"],\"exploited\":false,\"detections\":false,\"checks\":[\"disk_encryption\"],\
\"carriers\":[\"CK-TAKEOUT-VALID\"],\"questions\":[\"carried\"]}]},\"table_digest\":\"00\",\
\"measured_at\":1795392000000,\"subject\":\"body\",\"grade\":\"C3I2A2\",\"places\":[\"home\"],\"tasks\":1,\
\"devices\":10,\"facts\":{\"loss\":[{\"kind\":\"incident\",\"subject\":\"inc_1\",\"at\":1795391000000}]},\
\"bound\":{\"loss\":[{\"what\":{\"device\":\"disk_encryption\"},\"pass\":9,\"fail\":1,\"stale\":0,\"unknown\":0,\
\"oldest\":1795390000000},{\"what\":{\"row\":\"GOV-3-1-b\"},\"pass\":1,\"fail\":0,\"stale\":0,\"unknown\":0}]},\
\"unmeasured\":[\"detections\"],\"answers\":{\"overlooked\":\"no\",\"carried\":\"no\",\"hurried\":\"unknown\"},\
\"raised\":[],\"lowered\":[]}";

static DIGEST: LazyLock<String> = LazyLock::new(|| Digest::of(FROZEN.as_bytes()).to_string());

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

/// What the method finds on [`FROZEN`].
pub fn found() -> RiskResult {
    RiskResult {
        importance: Rank::Three,
        scenarios: vec![ScenarioResult {
            scenario: Scenario::Loss,
            threat: Rank::Three,
            weakness: Rank::Three,
            likelihood: Rank::Three,
            risk: 9,
        }],
        risk: 9,
        level: RiskLevel::High,
    }
}

fn treatments() -> Vec<Treatment> {
    vec![
        Treatment::Stop,
        Treatment::Limit(TaskLimit {
            ceiling: Some("C2I1A1".parse().unwrap()),
            places: vec![TeleworkPlace::SatelliteOffice],
        }),
        Treatment::Measure {
            check: DeviceCheck::DiskEncryption,
        },
        Treatment::Condition(Condition {
            ceiling: Some("C2I1A1".parse().unwrap()),
            places: vec![TeleworkPlace::Home],
            from_hour: Some(9),
            until_hour: Some(18),
            working_days_only: true,
            two_persons: true,
            closed_room: true,
        }),
        Treatment::Accept { until: at(100_000) },
    ]
}

fn content(subject: RiskSubject, whole: bool) -> RiskContent {
    let answered = Answered {
        case: CaseId::new(Fresh([0x73; 16])),
        version: 1,
    };
    let raised = Raised {
        scenario: Scenario::Loss,
        to: Rank::Two,
        reason: line("置き忘れが続いたため"),
    };
    let lowered = Lowered {
        scenario: Scenario::Peeping,
        to: Rank::One,
        permit: PermitId::new(Fresh([0x21; 16])),
    };
    let answers = BTreeMap::from([
        (Question::Overlooked, Answer::No),
        (Question::Carried, Answer::Yes),
        (Question::Hurried, Answer::Unknown),
    ]);
    RiskContent {
        subject,
        grade: "C3I2A2".parse().unwrap(),
        places: vec![TeleworkPlace::Home, TeleworkPlace::Travelling],
        cases: whole.then_some(answered).into_iter().collect(),
        answers,
        raised: whole.then_some(raised).into_iter().collect(),
        lowered: whole.then_some(lowered).into_iter().collect(),
        conclusion: Conclusion::PlanChange,
        reason: line("紛失が続いたため"),
        treatments: if whole { treatments() } else { Vec::new() },
    }
}

fn drafted(number: u8, subject: RiskSubject, whole: bool) -> Event {
    Event::RiskDrafted {
        drafted: Box::new(RiskDrafted {
            risk: RiskId::new(Fresh([number; 16])),
            content: content(subject, whole),
            frozen: BlobRef {
                blob: DIGEST.clone(),
                size: FROZEN.len() as u64,
            },
            result: found(),
        }),
    }
}

pub fn events() -> Vec<StoredEvent> {
    let risk = |number| RiskId::new(Fresh([number; 16]));
    let task = RiskSubject::Task(TaskId::new(Fresh([0xf8; 16])));
    let body = RiskSubject::Tasks(CaseScope::Body);
    let proposed = |number| Event::RiskProposed {
        proposed: RiskProposed { risk: risk(number) },
    };
    let approved = |number, supersedes| Event::RiskApproved {
        approved: RiskApproved {
            risk: risk(number),
            supersedes,
        },
    };
    let figures = vec![Figure::found(Measure::Incident, "inc_1".to_owned())];
    let closed = CaseAssessed {
        case: CaseId::new(Fresh([0x73; 16])),
        risk: risk(0x82),
        reassessment: Reassessment {
            level: RiskLevel::High,
            conclusion: Conclusion::PlanChange,
            note: line("紛失が続いたため"),
        },
        version: 2,
        accepted: figures.clone(),
    };
    let happened = vec![
        opened(0x73, Trigger::Unease, CaseScope::Body, figures),
        drafted(0x81, task, false),
        Event::RiskDropped { risk: risk(0x81) },
        drafted(0x82, body, true),
        proposed(0x82),
        Event::RiskSentBack {
            step: RiskSentBack {
                risk: risk(0x82),
                reason: line("条件を見直すこと"),
            },
        },
        proposed(0x82),
        approved(0x82, None),
        Event::CaseAssessed {
            closed: Box::new(closed),
        },
        drafted(0x83, body, false),
        proposed(0x83),
        approved(0x83, Some(risk(0x82))),
        drafted(0x84, task, false),
    ];
    in_order([founding(), drafts(), happened].concat())
}

#[test]
fn the_frozen_inputs_of_the_golden_ledger_come_to_the_same_number() {
    use sekisho_rules::risk::{Replay, replay};
    assert_eq!(replay(FROZEN.as_bytes(), &found()), Replay::Same);
    let inputs = sekisho_domain::risk::decode_inputs(FROZEN.as_bytes()).unwrap();
    let again = sekisho_domain::risk::encode_inputs(&inputs);
    assert_eq!(String::from_utf8(again).unwrap(), FROZEN);
}
