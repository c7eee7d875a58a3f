//! What became of devices at internal lines.

use std::net::Ipv4Addr;

use sekisho_domain::admission::{AdmissionOutcome, AdmissionRecord};
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::id::{DeviceId, Fresh, LineId, PermitId};
use sekisho_domain::name::Line;

use super::first::{at, founding, in_order, officer};

pub const KINDS: &[(&str, u32)] = &[("admission.recorded", 1)];

pub fn events() -> Vec<StoredEvent> {
    let record = |outcome, permit: bool, missing: &[&str]| Event::AdmissionRecorded {
        admission: AdmissionRecord {
            device: Some(DeviceId::new(Fresh([2; 16]))),
            person: Some(officer()),
            line: Some(LineId::new(Fresh([3; 16]))),
            outcome,
            switch: Ipv4Addr::new(10, 20, 0, 2),
            port: Line::parse("ge-0/0/7").ok(),
            permit: permit.then(|| PermitId::new(Fresh([4; 16]))),
            missing: missing.iter().map(|code| (*code).to_owned()).collect(),
            times: 1,
            first_at: at(1),
            last_at: at(2),
        },
    };
    let nobody = Event::AdmissionRecorded {
        admission: AdmissionRecord {
            device: None,
            person: None,
            line: None,
            outcome: AdmissionOutcome::Refused,
            switch: Ipv4Addr::new(10, 20, 0, 3),
            port: None,
            permit: None,
            missing: vec!["device.absent".to_owned()],
            times: 12,
            first_at: at(3),
            last_at: at(4),
        },
    };
    let recorded = vec![
        record(
            AdmissionOutcome::Quarantined,
            false,
            &["permit.pr", "posture.inspection"],
        ),
        record(AdmissionOutcome::Admitted, true, &[]),
        record(AdmissionOutcome::Disconnected, true, &["permit.pr"]),
        record(AdmissionOutcome::Stuck, false, &["device.retired"]),
        record(AdmissionOutcome::Left, true, &[]),
        nobody,
    ];
    in_order([founding(), recorded].concat())
}
