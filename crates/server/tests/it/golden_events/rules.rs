//! A rule with everything that happens to it, and opinions of the promotion body.

use std::num::NonZeroU32;
use std::sync::LazyLock;

use sekisho_domain::event::{BlobRef, Event, StoredEvent};
use sekisho_domain::id::{CaseId, Fresh, PostId, RiskId, RuleId, TaskId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::opinion::{GateSet, Heard, Opinion, Proposal, Stance, Subject, Weighed};
use sekisho_domain::permit::PermitKind;
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::rule::{
    Approver, Clause, ClauseNumber, ClauseTerms, ClauseText, Finding, MeasureRef, RuleAcknowledged,
    RuleApproved, RuleChecked, RuleContent, RuleDrafted, RuleHead, RuleProposed, RuleSentBack,
};
use sekisho_ledger::digest::Digest;

use super::first::{at, founding, in_order, officer};

pub const KINDS: &[(&str, u32)] = &[
    ("rule.drafted", 1),
    ("rule.dropped", 1),
    ("rule.proposed", 1),
    ("rule.sent-back", 1),
    ("rule.approved", 1),
    ("rule.acknowledged", 1),
    ("rule.checked", 1),
    ("opinion.given", 1),
    ("opinion.weighed", 1),
    ("opinion.gate-set", 1),
];

/// What was counted.
pub const EFFECT: &str = "{\"rule\":\"rul_33cdhp6rv3cdhp6rv3cdhp6rv3\",\"version\":1,\"from\":1795392000000,\
\"until\":1795392060000,\"clauses\":[[1,{\"given\":3,\"refused\":1,\"ended\":2,\"forbidden\":null,\
\"exceptions\":0,\"failing\":4,\"breaches\":0,\"countable\":true}]]}";
/// What conflicted.
pub const CONFLICTS: &str = "{\"at\":1795392000000,\"lines\":[{\"code\":\"ceilings\",\"contradiction\":true,\
\"between\":[\"a\",\"b\"],\"detail\":[[\"one\",\"C1I1A1\"]]}],\"more\":0}";
/// What checks said.
pub const TECHNICAL: &str = "{\"at\":1795392000000,\"results\":[{\"of\":\"GOV-3-1-c\",\"verdict\":\"met\",\
\"pass\":2,\"fail\":0,\"unknown\":0}]}";

static EFFECT_BLOB: LazyLock<BlobRef> = LazyLock::new(|| blob(EFFECT));

fn blob(text: &str) -> BlobRef {
    BlobRef {
        blob: Digest::of(text.as_bytes()).to_string(),
        size: text.len() as u64,
    }
}

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn number(n: u32) -> ClauseNumber {
    ClauseNumber(NonZeroU32::new(n).unwrap())
}

fn content() -> RuleContent {
    let terms = ClauseTerms {
        label: line("第3条第2項"),
        rows: vec!["US-7.1.1-4-a-ア".parse().unwrap()],
        checks: vec!["CK-DEV-ENC".parse().unwrap()],
        policies: vec![line("reach.telework")],
        permits: vec![PermitKind::Telework, PermitKind::OffSite],
        duties: vec![line("離席時は画面を施錠する")],
        measures: vec![
            MeasureRef::Case(CaseId::new(Fresh([0x71; 16]))),
            MeasureRef::Treatment(RiskId::new(Fresh([0x73; 16])), NonZeroU32::MIN),
        ],
        task: Some(TaskId::new(Fresh([0xf8; 16]))),
        places: vec![TeleworkPlace::Home],
        forbids: false,
        highest: Some("C2I1A1".parse().unwrap()),
        days: Some(90),
        approver: Some(Approver::Diso),
    };
    let mut forbids = ClauseTerms::labelled(line("第4条"));
    forbids.forbids = true;
    let text = |text| ClauseText::parse(text).unwrap();
    RuleContent {
        head: RuleHead {
            title: line("テレワーク実施規程"),
            title_en: Some(line("Rule on telework")),
            owner: PostId::new(Fresh([5; 16])),
            acknowledge: true,
            units: vec![UnitId::new(Fresh([2; 16]))],
            note: Some(line("毎年4月に見直す")),
        },
        clauses: vec![
            Clause {
                number: number(1),
                text: text("職員等は、\n課室情報セキュリティ責任者の許可を得る。"),
                terms,
            },
            Clause {
                number: number(2),
                text: text("その他の持出しは、禁ずる。"),
                terms: forbids,
            },
        ],
    }
}

fn given(subject: Subject, state: u64, stance: Stance) -> Event {
    let opinion = Opinion {
        proposal: Proposal { subject, state },
        stance,
        sentence: line("上限の格付が異なる条項を整理すること"),
        consistency: blob(CONFLICTS),
        contradictions: 1,
        technical: blob(TECHNICAL),
        results: 1,
    };
    Event::OpinionGiven {
        opinion: Box::new(opinion),
    }
}

fn weighed(subject: Subject, state: u64, heard: Heard, answer: Option<&str>) -> Event {
    let weighed = Weighed {
        proposal: Proposal { subject, state },
        heard,
        answer: answer.map(line),
    };
    Event::OpinionWeighed { weighed }
}

#[expect(clippy::too_many_lines, reason = "one story or table")]
pub fn events() -> Vec<StoredEvent> {
    let rule = RuleId::new(Fresh([0x63; 16]));
    let other = RuleId::new(Fresh([0x64; 16]));
    let drafted = |rule| Event::RuleDrafted {
        drafted: Box::new(RuleDrafted {
            rule,
            content: content(),
        }),
    };
    let proposed = || Event::RuleProposed {
        proposed: RuleProposed { rule },
    };
    let checked = RuleChecked {
        rule,
        version: 1,
        finding: Finding::Wanting,
        note: line("却下の基準が明らかでない"),
        report: EFFECT_BLOB.clone(),
        due: Some(at(900_000)),
    };
    let about = Subject::Rule(rule);
    let happened = vec![
        drafted(other),
        Event::RuleDropped { rule: other },
        drafted(rule),
        proposed(),
        Event::RuleSentBack {
            step: RuleSentBack {
                rule,
                reason: line("期間の根拠を示すこと"),
            },
        },
        proposed(),
        given(about, 4, Stance::Object),
        weighed(about, 4, Heard::Opinion, Some("次の改定で整理するため")),
        Event::RuleApproved {
            approved: RuleApproved {
                rule,
                version: 1,
                from: at(1_440),
            },
        },
        Event::RuleAcknowledged {
            step: RuleAcknowledged {
                rule,
                version: 1,
                person: officer(),
            },
        },
        Event::RuleChecked {
            checked: Box::new(checked),
        },
        Event::OpinionGateSet {
            gate: GateSet {
                required: false,
                note: line("推進体制を改組する間"),
            },
        },
        weighed(
            Subject::Risk(RiskId::new(Fresh([0x73; 16]))),
            2,
            Heard::None,
            None,
        ),
    ];
    in_order([founding(), happened].concat())
}
