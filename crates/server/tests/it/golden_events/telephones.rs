//! A telephone, whose user declares its state.

use sekisho_domain::device::{DeviceClass, DeviceKey};
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::id::{DeviceId, Fresh, UnitId};

use super::first::{founding, in_order, officer};

pub const KINDS: &[(&str, u32)] = &[("device.declares", 1)];

pub fn events() -> Vec<StoredEvent> {
    let founded = founding();
    let root: Option<UnitId> = founded.iter().find_map(|event| match event {
        Event::OrganisationFounded { organisation, .. } => Some(organisation.root),
        _ => None,
    });
    let device = DeviceId::new(Fresh([21; 16]));
    let enrolled = Event::DeviceEnrolled {
        device,
        ordinal: 0,
        key: DeviceKey::try_from("B".repeat(44)).unwrap(),
        class: DeviceClass::Byod,
        unit: root.unwrap(),
        user: Some(officer()),
    };
    let declares = Event::DeviceDeclares { device };
    in_order([founded, vec![enrolled, declares]].concat())
}
