//! Enrolment and the life of a device.

use super::{Command, Refusal};
use crate::device::DeviceState;
use crate::event::Event;
use crate::world::World;

pub(super) fn decide(world: &World, command: &Command) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::EnrolDevice {
            device,
            key,
            class,
            unit,
            user,
        } => {
            if !world.units.contains_key(unit) {
                return Err(Refusal::new("unit.unknown").at("unit"));
            }
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
        Command::ChangeDevice {
            device,
            state,
            reason,
        } => {
            let known = world
                .device(*device)
                .ok_or_else(|| Refusal::new("device.unknown").at("device"))?;
            match (known.state, *state) {
                (DeviceState::Retired, _) => Err(Refusal::new("device.retired").at("device")),
                (before, after) if before == after => {
                    Err(Refusal::new("device.state-unchanged").at("state"))
                }
                _ => Ok(vec![Event::DeviceStateChanged {
                    device: *device,
                    state: *state,
                    reason: reason.clone(),
                }]),
            }
        }
        _ => Err(Refusal::new("command.misrouted")),
    }
}
