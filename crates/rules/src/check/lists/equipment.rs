//! Storage that may be attached: media of the register, and permits for equipment (PP).

use std::collections::{BTreeMap, HashMap};

use sekisho_domain::fact::UsbDevice;
use sekisho_domain::id::DeviceId;
use sekisho_domain::name::folded;
use sekisho_domain::permit::{EndKind, Particulars, Permit, PermitKind, Stage, Term};
use sekisho_domain::register::{Medium, Register, Registered};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;
use serde::Serialize;

use super::Holders;
use crate::digest::of_json;

/// How far back a sighting counts. Our own choice, as for every look back over a period.
pub(in crate::check) const SIGHTINGS_DAYS: u32 = crate::assess::DEFAULT_DAYS;

/// What is said of equipment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::check) struct Equipment {
    /// Media by serial; from when on they are no longer in use, where they are not.
    media: BTreeMap<String, Option<Timestamp>>,
    permits: HashMap<DeviceId, Vec<EquipmentPermit>>,
}

/// A permit for equipment on one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct EquipmentPermit {
    /// From when to when it holds, or held.
    term: Term,
    serial: Option<String>,
    model: String,
    /// Whether the permit names this device.
    names_device: bool,
}

/// That storage may be attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) struct Permitted {
    /// Until when that stands by itself; none where nothing ends it.
    pub(in crate::check) until: Option<Timestamp>,
}

impl Equipment {
    pub(super) fn of(world: &World, holders: &Holders<'_>, now: Timestamp) -> Self {
        let mut media: BTreeMap<String, Option<Timestamp>> = BTreeMap::new();
        for entry in world.registers.all(Register::Medium) {
            let medium = Medium::of(&entry.particulars);
            let Some(serial) = medium.and_then(|it| it.serial.as_ref()) else {
                continue;
            };
            let retired = (!entry.is_active()).then_some(entry.changed_at);
            let known = media.entry(folded(serial.as_str())).or_insert(retired);
            // In use before retired, retired late before early.
            *known = known.zip(retired).map(|(one, other)| one.max(other));
        }
        let mut permits: HashMap<DeviceId, Vec<EquipmentPermit>> = HashMap::new();
        for permit in world.permits.of_kind(PermitKind::Peripheral) {
            let (Particulars::Peripheral(asked), Some(term)) =
                (permit.particulars.as_ref(), held(permit, now))
            else {
                continue;
            };
            let named: Vec<DeviceId> = asked.device.into_iter().collect();
            for device in holders.devices_of(permit, &named) {
                permits.entry(device).or_default().push(EquipmentPermit {
                    term,
                    serial: asked.serial.as_ref().map(|it| folded(it.as_str())),
                    model: folded(asked.model.as_str()),
                    names_device: !named.is_empty(),
                });
            }
        }
        Self { media, permits }
    }

    pub(super) fn mark(&self) -> String {
        of_json(&self.media)
    }

    pub(super) fn mark_of(&self, device: DeviceId) -> Option<String> {
        self.permits.get(&device).map(of_json)
    }

    pub(super) fn devices(&self) -> impl Iterator<Item = DeviceId> {
        self.permits.keys().copied()
    }

    /// Whether storage may be attached to a device, or might when it was last seen; none where not.
    ///
    /// A medium of the register is the organisation's own, known by number before it is used; that it is
    /// taken out (PM) is another question.
    pub(in crate::check) fn permitted(
        &self,
        device: Option<DeviceId>,
        usb: &UsbDevice,
        now: Timestamp,
    ) -> Option<Permitted> {
        // What is attached is seen now.
        let seen = usb.last_seen.filter(|_| !usb.attached).unwrap_or(now);
        let serial = usb
            .serial
            .as_deref()
            .map(folded)
            .filter(|it| !it.is_empty());
        let medium = serial.as_ref().and_then(|it| self.media.get(it));
        if medium.is_some_and(|retired| retired.is_none_or(|at| seen < at)) {
            return Some(Permitted { until: None });
        }
        let permits = self.permits.get(&device?)?.iter();
        let fits = permits.filter(|it| it.fits(usb, serial.as_deref()));
        fits.filter_map(|it| {
            if !usb.attached && it.term.holds(seen) {
                return Some(Permitted { until: None });
            }
            let until = Some(it.term.until);
            it.term.holds(now).then_some(Permitted { until })
        })
        // What nothing ends before what ends, what ends late before early.
        .max_by_key(|it| it.until.map_or(i64::MAX, Timestamp::as_millis))
    }
}

impl EquipmentPermit {
    /// Whether it means this storage: by its serial number, else, where the permit states none and
    /// names the device, by the model as the storage or its numbers state it.
    fn fits(&self, usb: &UsbDevice, serial: Option<&str>) -> bool {
        match (&self.serial, serial) {
            (Some(asked), Some(seen)) => asked == seen,
            (Some(_), None) => false,
            (None, _) => {
                let numbers = format!("{}:{}", usb.vendor, usb.product);
                let name = usb.name.as_deref().map(folded);
                self.names_device
                    && (name.as_ref() == Some(&self.model) || folded(&numbers) == self.model)
            }
        }
    }
}

/// From when to when a permit holds, or held before it ended: what was attached while it held was
/// permitted. One that was approved and never taken up counts here once its end is recorded; what is
/// recorded of an end does not tell the two apart.
fn held(permit: &Permit, now: Timestamp) -> Option<Term> {
    let grant = permit.grant()?;
    let ended = match grant.stage {
        Stage::Ended(end) | Stage::Closed(end) if end.how != EndKind::Withdrawn => end.at,
        Stage::Live {
            taken_up: true,
            held: None,
            ..
        } => grant.term.until,
        _ => return None,
    };
    let term = Term {
        from: grant.term.from,
        until: ended.min(grant.term.until),
    };
    let counts = now < term.until.after(Span::days(SIGHTINGS_DAYS));
    (term.from < term.until && counts).then_some(term)
}
