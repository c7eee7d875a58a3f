//! Exceptions: one that is looked at again, decided again, put off and made ordinary operation, and one that is
//! stopped.

use std::sync::LazyLock;

use sekisho_domain::event::{BlobRef, Event, StoredEvent};
use sekisho_domain::exception::{
    CompensatingMeasure, DecidedAgain, Judgement, NamedClause, Regularised, Reviewed, Stopped,
};
use sekisho_domain::id::{DeviceId, Fresh, PermitId, PostId, RuleId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::event::{Applied, Approved, Ended, Extended, ExtensionAsked, Request};
use sekisho_domain::permit::particulars::Exception;
use sekisho_domain::permit::{
    Capacity, Clause, Deadlines, Decision, EndKind, NumberSeries, Particulars, PermitKind,
    PermitNumber, Place, Route, Term,
};
use sekisho_domain::plan::Trigger;
use sekisho_domain::role::Role;
use sekisho_domain::rule::{ClauseNumber, ClauseRef};
use sekisho_ledger::digest::Digest;

use super::first::{at, founding, in_order, officer, people, root, sealed, second_officer};

pub const KINDS: &[(&str, u32)] = &[
    ("exception.reviewed", 1),
    ("exception.regularised", 1),
    ("exception.stopped", 1),
    ("exception.decided-again", 1),
];

/// What was measured when they were decided on.
pub const EFFECT: &str = "{\"permit\":\"pmt_2ha58n2maha58n2maha58n2mah\",\"at\":1795392600000,\"from\":1795392000000,\
\"until\":1795392600000,\"renewed\":0,\"devices\":1,\"uses\":{\"since\":1795392000000,\"answers\":12,\"days\":2,\
\"people\":1,\"last\":1795392300000},\"incidents\":[],\"checks\":[{\"check\":\"firewall\",\"pass\":1,\"fail\":0,\
\"unknown\":0,\"failed\":0}],\"measures\":[{\"measure\":0,\"standing\":\"holds\"},{\"measure\":1,\
\"standing\":\"holds\",\"word_at\":1795392500000}]}";

static DIGEST: LazyLock<String> = LazyLock::new(|| Digest::of(EFFECT.as_bytes()).to_string());

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn permit(n: u8) -> PermitId {
    PermitId::new(Fresh([80 + n; 16]))
}

fn clause(number: u32) -> ClauseRef {
    ClauseRef {
        rule: RuleId::new(Fresh([0x91; 16])),
        clause: ClauseNumber(number.try_into().unwrap()),
    }
}

fn effect() -> BlobRef {
    BlobRef {
        blob: DIGEST.clone(),
        size: EFFECT.len() as u64,
    }
}

fn decision() -> Decision {
    Decision {
        by: officer(),
        capacity: Capacity::Holder,
        route: Route {
            post: PostId::new(Fresh([50; 16])),
            role: Role::ExceptionAuthority,
            clause: Clause::Default,
        },
    }
}

fn exception() -> Exception {
    Exception {
        policy: Some(line("夜間の接続")),
        clause: Some(NamedClause(clause(2))),
        unit: Some(root()),
        people: vec![officer()],
        device: Some(DeviceId::new(Fresh([51; 16]))),
        devices: vec![DeviceId::new(Fresh([52; 16]))],
        measures: vec![
            CompensatingMeasure::parse("firewall: 外からの接続を断る").unwrap(),
            CompensatingMeasure::parse("毎日、課長が確認する").unwrap(),
        ],
        urgent: true,
        suppresses: Some(Trigger::Users),
        ..Exception::bare(
            line("US-8.1.1-3-e"),
            "C2I1A1".parse().unwrap(),
            Place::OutsideOrganisation,
            at(1_440).jst_date(),
        )
    }
}

fn given(n: u8) -> Vec<Event> {
    let wanted = Term {
        from: at(0),
        until: at(60_000),
    };
    let applied = Applied {
        permit: permit(n),
        applicant: second_officer(),
        request: Request {
            particulars: Particulars::Exception(exception()),
            grade: Some("C2I1A1".parse().unwrap()),
            wanted,
            unit: root(),
            route: decision().route,
            purpose: sealed(second_officer()),
        },
    };
    let approved = Approved {
        permit: permit(n),
        number: PermitNumber {
            series: NumberSeries::at(PermitKind::Exception, at(0), false),
            serial: n.into(),
        },
        decision: decision(),
        term: wanted,
        deadlines: Deadlines::default(),
        conditions: None,
        remark: None,
        for_everybody: false,
    };
    vec![
        Event::PermitApplied {
            applied: Box::new(applied),
        },
        Event::PermitApproved {
            step: Box::new(approved),
        },
        Event::PermitActivated { permit: permit(n) },
    ]
}

fn ended(n: u8, how: EndKind) -> Vec<Event> {
    let step = Box::new(Ended {
        permit: permit(n),
        how,
        at: at(20),
        deadlines: Deadlines::default(),
        decision: Some(decision()),
        remark: None,
    });
    vec![
        Event::PermitEnded { step },
        Event::PermitClosed { permit: permit(n) },
    ]
}

#[expect(clippy::too_many_lines, reason = "one story or table")]
fn settled() -> Vec<Event> {
    let reviewed = Reviewed {
        permit: permit(1),
        decision: decision(),
        effect: effect(),
        judgement: Judgement::Effective,
        words: vec![1],
        next: Some(at(20_000).jst_date()),
        note: line("代替措置により支障がない"),
    };
    let again = DecidedAgain {
        permit: permit(1),
        decision: decision(),
        effect: effect(),
        until: Some(at(90_000)),
        next: at(80_000).jst_date(),
        note: line("規程の改定まで続ける"),
        for_everybody: false,
    };
    let asked = ExtensionAsked {
        permit: permit(1),
        until: at(90_000),
        route: decision().route,
        reason: sealed(second_officer()),
    };
    let regularised = Regularised {
        permit: permit(1),
        decision: decision(),
        effect: effect(),
        into: clause(3),
        note: line("規程に定めた"),
    };
    let stopped = Stopped {
        permit: permit(2),
        decision: decision(),
        effect: effect(),
        note: line("必要がなくなった"),
    };
    vec![
        Event::ExceptionReviewed {
            step: Box::new(reviewed),
        },
        Event::PermitExtensionAsked {
            step: Box::new(asked),
        },
        Event::ExceptionDecidedAgain {
            step: Box::new(again),
        },
        Event::PermitExtended {
            step: Extended {
                permit: permit(1),
                until: at(90_000),
                deadlines: Deadlines::default(),
                decision: decision(),
            },
        },
        Event::ExceptionRegularised {
            step: Box::new(regularised),
        },
        Event::ExceptionStopped {
            step: Box::new(stopped),
        },
    ]
}

pub fn events() -> Vec<StoredEvent> {
    in_order(
        [
            founding(),
            people(),
            given(1),
            given(2),
            settled(),
            ended(1, EndKind::Regularised),
            ended(2, EndKind::Revoked),
        ]
        .concat(),
    )
}

#[test]
fn the_golden_figures_are_read_and_when_somebody_used_an_exception_last_is_kept_no_more() {
    let read = sekisho_domain::exception::decode_effect(EFFECT.as_bytes()).unwrap();
    assert_eq!(read.permit, permit(1));
    // Documents of an earlier form said it.
    let last = ",\"last\":1795392300000";
    assert!(EFFECT.contains(last));
    assert_eq!(
        sekisho_domain::exception::encode_effect(&read),
        EFFECT.replace(last, "").as_bytes()
    );
}
