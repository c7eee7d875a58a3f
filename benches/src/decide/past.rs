//! Years that lie behind an organisation: permits of everybody that have ended, beside those that they have.

use sekisho_domain::actor::Actor;
use sekisho_domain::event::{Event, Sealed, StoredEvent};
use sekisho_domain::id::PermitId;
use sekisho_domain::permit::event::{Applied, Approved, Ended, Request};
use sekisho_domain::permit::{Capacity, Deadlines, Decision, EndKind, Permit, Term};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::{NoDocuments, World};
use sekisho_sim::random::SplitMix64;

use super::SEED;

/// Adds so many to each permit that is there: the same permit of an earlier year, which was given back.
pub(super) fn add(world: &mut World, times: u32, now: Timestamp) {
    let known: Vec<Permit> = world.permits.iter().cloned().collect();
    let mut random = SplitMix64::fork(SEED, "past", 0);
    for year in 1..=times {
        for permit in &known {
            let id = PermitId::new(random.fresh());
            for (recorded_at, event) in life(world, permit, id, now.before(Span::days(365 * year)))
            {
                let stored = StoredEvent {
                    actor: Actor::System,
                    recorded_at,
                    effective_from: None,
                    event,
                };
                world.apply(&stored, &NoDocuments).expect("the events fit");
            }
        }
    }
}

/// From the application to the end, a month later.
fn life(world: &World, known: &Permit, permit: PermitId, at: Timestamp) -> [(Timestamp, Event); 4] {
    let (given, over) = (at.after(Span::days(1)), at.after(Span::days(30)));
    let wanted = Term {
        from: given,
        until: over.after(Span::days(1)),
    };
    let applied = Applied {
        permit,
        applicant: known.applicant,
        request: Request {
            particulars: (*known.particulars).clone(),
            grade: known.grade,
            wanted,
            unit: known.unit,
            route: known.route,
            purpose: Sealed {
                person: known.applicant,
                key: String::new(),
                nonce: String::new(),
                ciphertext: String::new(),
            },
        },
    };
    let approved = Approved {
        permit,
        number: world.permits.next_number(known.kind(), given),
        decision: Decision {
            by: known.applicant,
            capacity: Capacity::Holder,
            route: known.route,
        },
        term: wanted,
        deadlines: Deadlines::default(),
        conditions: None,
        remark: None,
        for_everybody: false,
    };
    let ended = Ended {
        permit,
        how: EndKind::Returned,
        at: over,
        deadlines: Deadlines::default(),
        decision: None,
        remark: None,
    };
    let applied = Box::new(applied);
    let (approved, ended) = (Box::new(approved), Box::new(ended));
    [
        (at, Event::PermitApplied { applied }),
        (given, Event::PermitApproved { step: approved }),
        (given, Event::PermitActivated { permit }),
        (over, Event::PermitEnded { step: ended }),
    ]
}
