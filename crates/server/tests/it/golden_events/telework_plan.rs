//! A plan of telework with everything that happens to it and to its cases.

use std::sync::LazyLock;

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::event::{BlobRef, Event, StoredEvent};
use sekisho_domain::id::{CaseId, Fresh, PlanId, TaskId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::plan::{
    CaseClosed, CaseGrown, CaseOpened, CaseScope, CaseSubsided, Conclusion, FailingSince, Feed,
    Figure, FrozenUse, Measure, PlanApproved, PlanContent, PlanDecision, PlanDrafted,
    PlanEvaluated, PlanHead, PlanLine, PlanProposed, PlanSentBack, Reassessment, RiskLevel,
    Trigger,
};
use sekisho_ledger::digest::Digest;

use super::first::{at, founding, in_order};

pub const KINDS: &[(&str, u32)] = &[
    ("plan.drafted", 1),
    ("plan.dropped", 1),
    ("plan.proposed", 1),
    ("plan.sent-back", 1),
    ("plan.approved", 1),
    ("plan.evaluated", 1),
    ("case.opened", 1),
    ("case.grown", 1),
    ("case.subsided", 1),
    ("case.closed", 1),
];

/// What the approval froze.
pub const BASELINE: &str = "{\"measured_at\":1795392000000,\"working_days\":20,\"body\":{\"people\":2,\"person_days\":9,\
\"gateway_hours\":40},\"units\":{},\"members\":{\"unt_02081040g2081040g2081040g2\":\
\"0000000000000007ffffffffffffffff\"},\"admitted\":null,\"tasks\":{},\"functions\":[\"medium:usb\"],\
\"editions\":{\"catalogue\":\"1\"},\"unmeasured\":[\"discovery\"]}";

static DIGEST: LazyLock<String> = LazyLock::new(|| Digest::of(BASELINE.as_bytes()).to_string());

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn content() -> PlanContent {
    PlanContent {
        head: PlanHead {
            title: line("令和8年度テレワーク計画"),
            people: 120,
            person_days: 1_400,
            gateway_hours: Some(9_000),
            note: Some(line("窓口の業務を除く")),
        },
        lines: vec![PlanLine {
            task: TaskId::new(Fresh([0xf8; 16])),
            decision: PlanDecision::Refuse,
            reason: line("個人情報を大量に取り扱うため"),
            highest: Some("C2I1A1".parse().unwrap()),
            units: vec![UnitId::new(Fresh([2; 16]))],
            places: vec![TeleworkPlace::Home, TeleworkPlace::SatelliteOffice],
            people: Some(12),
            person_days: None,
            systems: Vec::new(),
            services: Vec::new(),
            tools: Vec::new(),
        }],
    }
}

pub(super) fn opened(
    number: u8,
    trigger: Trigger,
    scope: CaseScope,
    figures: Vec<Figure>,
) -> Event {
    let opened = CaseOpened {
        case: CaseId::new(Fresh([number; 16])),
        trigger,
        scope,
        version: 1,
        figures,
        high: false,
        due: at(900_000),
    };
    Event::CaseOpened {
        opened: Box::new(opened),
    }
}

fn days(value: u64) -> Figure {
    Figure {
        measure: Measure::PersonDays,
        subject: None,
        value,
        base: Some(9),
        level: Some(14),
    }
}

pub(super) fn drafts() -> Vec<Event> {
    let plan = |number| PlanId::new(Fresh([number; 16]));
    let drafted = |number| Event::PlanDrafted {
        drafted: Box::new(PlanDrafted {
            plan: plan(number),
            content: content(),
        }),
    };
    let proposed = || Event::PlanProposed {
        proposed: PlanProposed { plan: plan(0x62) },
    };
    let approved = PlanApproved {
        plan: plan(0x62),
        version: 1,
        until: at(30_000_000),
        cites: Vec::new(),
        baseline: BlobRef {
            blob: DIGEST.clone(),
            size: BASELINE.len() as u64,
        },
    };
    vec![
        drafted(0x61),
        Event::PlanDropped { plan: plan(0x61) },
        drafted(0x62),
        proposed(),
        Event::PlanSentBack {
            step: PlanSentBack {
                plan: plan(0x62),
                reason: line("人数の根拠を示すこと"),
            },
        },
        proposed(),
        Event::PlanApproved {
            approved: Box::new(approved),
        },
    ]
}

fn evaluated() -> PlanEvaluated {
    PlanEvaluated {
        version: 1,
        day: at(86_400),
        body: FrozenUse {
            people: 3,
            person_days: 21,
            gateway_hours: 160,
        },
        firing: 2,
        unmeasured: vec![Feed::Discovery],
        failing: vec![FailingSince {
            check: DeviceCheck::ALL[0],
            share: 120,
            since: at(0),
        }],
        failing_units: Vec::new(),
    }
}

pub fn events() -> Vec<StoredEvent> {
    let case = |number| CaseId::new(Fresh([number; 16]));
    let unit = CaseScope::Unit(UnitId::new(Fresh([2; 16])));
    let grown = CaseGrown {
        case: case(0x71),
        figures: vec![
            Figure::unmeasured(Feed::Discovery),
            Figure::found(Measure::FunctionAdded, "medium:ssd".to_owned()),
        ],
        high: true,
        due: at(400_000),
        quiet: false,
    };
    let closed = CaseClosed {
        case: case(0x71),
        reassessment: Reassessment {
            level: RiskLevel::Medium,
            conclusion: Conclusion::Measures,
            note: line("媒体の暗号化を条件とする"),
        },
        version: 2,
        accepted: grown.figures.clone(),
    };
    let happened = vec![
        Event::PlanEvaluated {
            evaluated: Box::new(evaluated()),
        },
        opened(
            0x71,
            Trigger::Functions,
            CaseScope::Body,
            vec![Figure::unmeasured(Feed::Discovery)],
        ),
        opened(0x72, Trigger::Volume, unit, vec![days(21)]),
        Event::CaseGrown {
            grown: Box::new(grown),
        },
        Event::CaseSubsided {
            subsided: Box::new(CaseSubsided {
                case: case(0x72),
                figures: vec![days(8)],
            }),
        },
        Event::CaseClosed {
            closed: Box::new(closed),
        },
    ];
    in_order([founding(), drafts(), happened].concat())
}
