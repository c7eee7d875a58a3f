//! Enrolment and the life of a device.

use super::{Command, Refusal};
use crate::code::Reason;
use crate::device::{DeviceClass, DeviceKey, DeviceState, StateSource};
use crate::event::Event;
use crate::id::{DeviceId, PersonId, UnitId};
use crate::register::{Entry, EntryId, Particulars};
use crate::world::World;

pub(super) fn decide(world: &World, command: &Command) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::EnrolDevice {
            device,
            key,
            class,
            unit,
            user,
            source,
        } => {
            // A declaration is somebody's: nobody in particular declares nothing.
            if *source == StateSource::Declared && user.is_none() {
                return Err(Refusal::new("device.declared-by-nobody").at("user"));
            }
            let mut events = enrol(world, (device, key), class, (unit, user))?;
            if *source == StateSource::Declared {
                events.push(Event::DeviceDeclares { device: *device });
            }
            Ok(events)
        }
        Command::ChangeDevice {
            device,
            state,
            reason,
        } => change(world, device, state, reason),
        _ => Err(Refusal::new("command.misrouted")),
    }
}

fn enrol(
    world: &World,
    (device, key): (&DeviceId, &DeviceKey),
    class: &DeviceClass,
    (unit, user): (&UnitId, &Option<PersonId>),
) -> Result<Vec<Event>, Refusal> {
    if !world.units.contains_key(unit) {
        return Err(Refusal::new("unit.unknown").at("unit"));
    }
    // What the register says of a device before it is enrolled stands.
    let entry = world.registers.entry(*device);
    let registered = match entry.map(|it| it.particulars.as_ref()) {
        Some(Particulars::ByodDevice(_)) => Some(DeviceClass::Byod),
        Some(_) => Some(DeviceClass::Issued),
        None => None,
    };
    if registered.is_some_and(|known| known != *class) {
        return Err(Refusal::new("device.other-class").at("class"));
    }
    if entry.is_some_and(|it| !it.is_active()) {
        return Err(Refusal::new("entry.retired").at("device"));
    }
    let unit = &entry.and_then(|it| it.unit).unwrap_or(*unit);
    let user = &entry.map_or(*user, |it| it.particulars.person());
    if user.is_some_and(|person| !world.people.contains_key(&person)) {
        return Err(Refusal::new("person.unknown").at("user"));
    }
    // The key is the device: the same key under a second id would be a clone.
    if world.device_keys.contains(key) {
        return Err(Refusal::new("device.key-in-use").at("key"));
    }
    if world.device(*device).is_some() {
        return Err(Refusal::new("device.exists").at("device"));
    }
    let ordinal =
        u32::try_from(world.devices.len()).map_err(|_| Refusal::new("device.too-many"))?;
    Ok(vec![Event::DeviceEnrolled {
        device: *device,
        ordinal,
        key: key.clone(),
        class: *class,
        unit: *unit,
        user: *user,
    }])
}

fn change(
    world: &World,
    device: &DeviceId,
    state: &DeviceState,
    reason: &Reason,
) -> Result<Vec<Event>, Refusal> {
    let known = world
        .device(*device)
        .ok_or_else(|| Refusal::new("device.unknown").at("device"))?;
    match (known.state, *state) {
        (DeviceState::Retired, _) => Err(Refusal::new("device.retired").at("device")),
        (before, after) if before == after => {
            Err(Refusal::new("device.state-unchanged").at("state"))
        }
        (_, after) => {
            let mut events = vec![Event::DeviceStateChanged {
                device: *device,
                state: after,
                reason: reason.clone(),
            }];
            let entry = world.registers.entry(*device);
            if after == DeviceState::Retired && entry.is_some_and(Entry::is_active) {
                let (id, remark) = (EntryId::Device(*device), None);
                events.push(Event::RegisterRetired { id, remark });
            }
            Ok(events)
        }
    }
}
