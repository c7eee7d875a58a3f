//! Permits: one from application to its close, others that go back, are refused, held and ended; and
//! who decides for whom.

use sekisho_domain::actor::Actor;
use sekisho_domain::delegation::Delegation;
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::id::{DelegationId, DeviceId, Fresh, PermitId, PostId, StandInId};
use sekisho_domain::permit::event::{
    Answer, Applied, Approved, Ended, Extended, ExtensionAsked, ObligationMet, Request, Rerouted,
    Resubmitted, Resumed, Suspended, Viewed,
};
use sekisho_domain::permit::particulars::OffSite;
use sekisho_domain::permit::{
    Capacity, Clause, Conditions, Deadlines, Decision, EndKind, HoldCause, NumberSeries,
    Obligation, Particulars, PermitKind, PermitNumber, Place, Proof, Route, Term,
};
use sekisho_domain::role::Role;
use sekisho_domain::stand_in::{Absence, StandIn};
use sekisho_domain::time::Interval;
use sekisho_domain::world::PermitRules;

use super::first::{at, founding, officer, people, root, sealed, second_officer};

/// The kinds that came with permits.
pub const KINDS: &[(&str, u32)] = &[
    ("permit.applied", 1),
    ("permit.resubmitted", 1),
    ("permit.sent-back", 1),
    ("permit.withdrawn", 1),
    ("permit.refused", 1),
    ("permit.approved", 1),
    ("permit.activated", 1),
    ("permit.suspended", 1),
    ("permit.resumed", 1),
    ("permit.extension-asked", 1),
    ("permit.extended", 1),
    ("permit.extension-refused", 1),
    ("permit.ended", 1),
    ("permit.obligation-met", 1),
    ("permit.closed", 1),
    ("permit.viewed", 1),
    ("permit.rerouted", 1),
    ("permit.rules-set", 1),
    ("stand_in.named", 1),
    ("stand_in.ended", 1),
    ("delegation.made", 1),
    ("delegation.ended", 1),
];

fn permit(n: u8) -> PermitId {
    PermitId::new(Fresh([40 + n; 16]))
}

fn post() -> PostId {
    PostId::new(Fresh([50; 16]))
}

fn route(role: Role) -> Route {
    Route {
        post: post(),
        role,
        clause: Clause::OffSiteIssued,
    }
}

fn request() -> Request {
    Request {
        particulars: Particulars::OffSite(OffSite {
            device: DeviceId::new(Fresh([51; 16])),
            place: Place::OutsideOrganisation,
            task: None,
            grade: "C3I2A1".parse().unwrap(),
            restrictions: vec!["令和9年3月31日まで保存".parse().unwrap()],
            kept_on_device: true,
        }),
        grade: Some("C3I2A1".parse().unwrap()),
        wanted: Term {
            from: at(0),
            until: at(60_000),
        },
        unit: root(),
        route: route(Role::Diso),
        purpose: sealed(second_officer()),
    }
}

fn decision(capacity: Capacity) -> Decision {
    Decision {
        by: officer(),
        capacity,
        route: route(Role::Diso),
    }
}

fn stand_in() -> StandInId {
    StandInId::new(Fresh([52; 16]))
}

fn delegation() -> DelegationId {
    DelegationId::new(Fresh([53; 16]))
}

fn answer(n: u8) -> Box<Answer> {
    Box::new(Answer {
        permit: permit(n),
        decision: decision(Capacity::Holder),
        reason: sealed(officer()),
    })
}

fn deciders() -> Vec<Event> {
    let stand_in = StandIn {
        id: stand_in(),
        post: post(),
        person: officer(),
        absence: Absence::Trip,
        kinds: vec![PermitKind::OffSite],
        valid: Term {
            from: at(0),
            until: at(10_000),
        },
    };
    let delegation = Delegation {
        id: delegation(),
        post: post(),
        to: PostId::new(Fresh([54; 16])),
        kinds: vec![PermitKind::Byod, PermitKind::Media],
        ceiling: Some("C2I2A2".parse().unwrap()),
        valid: Interval::starting(at(0)),
    };
    let rules = PermitRules {
        by_half: true,
        approvers: [(PermitKind::TakeOut, Role::Diso)].into(),
    };
    vec![
        Event::PermitRulesSet { rules },
        Event::StandInNamed { stand_in },
        Event::DelegationMade { delegation },
    ]
}

fn applied(n: u8) -> Event {
    let applied = Box::new(Applied {
        permit: permit(n),
        applicant: second_officer(),
        request: request(),
    });
    Event::PermitApplied { applied }
}

fn approved(n: u8) -> Event {
    let conditions = Conditions {
        grade_ceiling: Some("C3I2A1".parse().unwrap()),
        from_hour: Some(9),
        working_days_only: true,
        ..Conditions::none()
    };
    let step = Box::new(Approved {
        permit: permit(n),
        number: PermitNumber {
            series: NumberSeries::at(PermitKind::OffSite, at(30), true),
            serial: u32::from(n),
        },
        decision: decision(Capacity::StandIn {
            stand_in: stand_in(),
        }),
        term: request().wanted,
        deadlines: Deadlines::default(),
        conditions: Some(conditions),
        remark: Some(sealed(officer())),
        for_everybody: false,
    });
    Event::PermitApproved { step }
}

/// The first permit, to its close.
fn whole_life() -> Vec<Event> {
    let permit = permit(1);
    let (request, until) = (request(), at(90_000));
    let asked = || {
        let step = Box::new(ExtensionAsked {
            permit,
            until,
            route: route(Role::Iso),
            reason: sealed(second_officer()),
        });
        Event::PermitExtensionAsked { step }
    };
    let delegated = decision(Capacity::Delegate {
        delegation: delegation(),
    });
    let step = Rerouted {
        permit,
        unit: root(),
        route: route(Role::Hiso),
    };
    vec![
        applied(1),
        Event::PermitSentBack { step: answer(1) },
        Event::PermitResubmitted {
            step: Box::new(Resubmitted { permit, request }),
        },
        Event::PermitRerouted { step },
        approved(1),
        Event::PermitActivated { permit },
        Event::PermitSuspended {
            step: Suspended {
                permit,
                cause: HoldCause::Incident,
                remark: None,
            },
        },
        Event::PermitResumed {
            step: Resumed {
                permit,
                decision: Some(delegated),
                remark: None,
            },
        },
        asked(),
        Event::PermitExtensionRefused { step: answer(1) },
        asked(),
        Event::PermitExtended {
            step: Extended {
                permit,
                until,
                deadlines: Deadlines::default(),
                decision: delegated,
            },
        },
        Event::PermitViewed {
            step: Viewed {
                permit,
                post: post(),
            },
        },
    ]
}

fn close() -> Vec<Event> {
    let permit = permit(1);
    let ended = Box::new(Ended {
        permit,
        how: EndKind::Revoked,
        at: at(70),
        deadlines: Deadlines::default(),
        decision: Some(decision(Capacity::Holder)),
        remark: Some(sealed(officer())),
    });
    let met = Box::new(ObligationMet {
        permit,
        obligation: Obligation::InformationErased,
        proof: Proof::Statement,
        statement: Some(sealed(second_officer())),
    });
    vec![
        Event::PermitEnded { step: ended },
        Event::PermitObligationMet { step: met },
        Event::PermitClosed { permit },
    ]
}

fn others() -> Vec<Event> {
    vec![
        applied(2),
        Event::PermitRefused { step: answer(2) },
        applied(3),
        Event::PermitWithdrawn { permit: permit(3) },
        Event::StandInEnded {
            stand_in: stand_in(),
            until: at(80),
        },
        Event::DelegationEnded {
            delegation: delegation(),
            until: at(80),
        },
        applied(4),
    ]
}

/// The golden events, in order.
pub fn events() -> Vec<StoredEvent> {
    let parts = [
        founding(),
        people(),
        deciders(),
        whole_life(),
        close(),
        others(),
    ];
    let events = parts.concat().into_iter();
    let stored = events.zip(20..).map(|(event, minute)| StoredEvent {
        actor: Actor::person(officer()),
        recorded_at: at(minute),
        effective_from: None,
        event,
    });
    stored.collect()
}
