//! Who reaches what, in both directions, within bounds: only those are asked about who hold a permit
//! that speaks of it. Nothing is recorded: nobody asked for access.

use std::collections::BTreeSet;

use sekisho_domain::device::DeviceState;
use sekisho_domain::id::{DeviceId, PermitId, PersonId, SystemId};
use sekisho_domain::permit::{Particulars, Permit, Status};
use sekisho_domain::register::EntryId;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_rules::decide::{Decision, decide};

use super::gateway::through_a_tunnel;
use crate::app::App;

/// Most permits that one page of the holders of a system looks at; the rest is left to the next page.
pub const HOLDERS_LOOKED_AT: usize = 5_000;
/// Most devices of one person.
const DEVICES_MAX: usize = 20;

/// Somebody who holds a permit for remote access to a system, with a device.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Who.
    pub person: PersonId,
    /// With which device.
    pub device: DeviceId,
    /// The newest permit that says so.
    pub permit: PermitId,
    /// Whether the system is reached now, or why not.
    pub decision: Decision,
}

/// Some of the holders.
#[derive(Clone, Debug, Default)]
pub struct HolderPage {
    /// Those that fit.
    pub holders: Vec<Holder>,
    /// The last permit that was looked at, where there are more.
    pub next: Option<PermitId>,
}

/// How holders are looked for.
pub struct Holders<'a> {
    /// Of which system.
    pub system: SystemId,
    /// Behind which permit; none for the beginning.
    pub after: Option<PermitId>,
    /// Only those who reach it (`true`), or who do not; none for both.
    pub only: Option<bool>,
    /// So many at most.
    pub most: usize,
    /// Whom the reader may see.
    pub sees: &'a dyn Fn(&World, PersonId) -> bool,
}

/// The devices with which a person may come to reach something: those in use that name him as their
/// user, and those that his permits name.
#[must_use]
pub fn devices_of(world: &World, person: PersonId) -> Vec<DeviceId> {
    let registered = |device: DeviceId, enrolled: Option<PersonId>| {
        let entry = world.registers.entry(EntryId::Device(device));
        entry.map_or(enrolled, |it| it.particulars.person())
    };
    let own = world.devices.iter().filter(|it| {
        it.state != DeviceState::Retired && registered(it.id, it.user) == Some(person)
    });
    let mut found: BTreeSet<DeviceId> = own.map(|it| it.id).collect();
    let permits = world.permits.of_person(person);
    found.extend(permits.flat_map(|it| it.particulars.devices()));
    found.into_iter().take(DEVICES_MAX).collect()
}

impl App {
    /// The holders of permits for remote access to a system, the newest permit first.
    #[must_use]
    pub fn holders(&self, sought: &Holders<'_>) -> HolderPage {
        let book = self.access().rulebook();
        self.with_ground(|ground| {
            let (world, now) = (ground.world, ground.now);
            let mut page = HolderPage::default();
            let mut waits = sought.after;
            let mut looked_at = 0;
            for permit in world.permits.of_system(sought.system) {
                if let Some(after) = waits {
                    if permit.id == after {
                        waits = None;
                    }
                    continue;
                }
                if page.holders.len() == sought.most || looked_at == HOLDERS_LOOKED_AT {
                    // There is at least this one behind the last.
                    return page;
                }
                looked_at += 1;
                page.next = Some(permit.id);
                let Some(device) = speaks_of(permit, sought.system, now) else {
                    continue;
                };
                let person = permit.applicant;
                if !is_newest(world, permit, device, sought.system, now)
                    || !(sought.sees)(world, person)
                {
                    continue;
                }
                let asked = through_a_tunnel(person, device, sought.system);
                let decision = decide(&book, ground, &asked);
                if sought.only.is_none_or(|it| it == decision.is_allowed()) {
                    page.holders.push(Holder {
                        person,
                        device,
                        permit: permit.id,
                        decision,
                    });
                }
            }
            page.next = None;
            page
        })
    }
}

/// The device with which a permit lets its holder reach a system, while it can hold.
fn speaks_of(permit: &Permit, system: SystemId, now: Timestamp) -> Option<DeviceId> {
    let can_hold = matches!(
        permit.status(now),
        Status::Approved | Status::Active | Status::Suspended
    );
    match permit.particulars.as_ref() {
        Particulars::RemoteAccess(it) if can_hold && it.system == system => Some(it.device),
        _ => None,
    }
}

/// Whether no newer permit says the same of the same person and device.
fn is_newest(
    world: &World,
    permit: &Permit,
    device: DeviceId,
    system: SystemId,
    now: Timestamp,
) -> bool {
    let mut own = world.permits.open_of_person(permit.applicant);
    let newest = own.find(|it| speaks_of(it, system, now) == Some(device));
    newest.is_some_and(|it| it.id == permit.id)
}
