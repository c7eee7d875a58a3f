//! What the decision point refused, and whom it let administer a system.

use sekisho_domain::access::AccessRecord;
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::id::{DeviceId, Fresh, SystemId};
use sekisho_domain::permit::Place;

use super::first::{at, founding, in_order, officer};

pub const KINDS: &[(&str, u32)] = &[("access.recorded", 1)];

pub fn events() -> Vec<StoredEvent> {
    let record = |allowed: bool, rules: &[&str]| Event::AccessRecorded {
        access: AccessRecord {
            person: officer(),
            device: (!allowed).then(|| DeviceId::new(Fresh([2; 16]))),
            resource: SystemId::new(Fresh([3; 16])).into(),
            place: Place::OutsideOrganisation,
            allowed,
            rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
            times: 3,
            first_at: at(1),
            last_at: at(2),
        },
    };
    let recorded = vec![
        record(false, &["permit.remote-access", "posture.baseline"]),
        record(true, &[]),
    ];
    in_order([founding(), recorded].concat())
}
