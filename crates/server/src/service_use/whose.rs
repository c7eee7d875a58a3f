//! Whose a client of a log is: by the list that came with it, by the name of a device that is enrolled, or
//! by the person whom the log names.

use std::collections::{BTreeSet, HashMap};

use sekisho_domain::device::DeviceState;
use sekisho_domain::fact::{FactKind, FactValue, Seen};
use sekisho_domain::id::{PersonId, UnitId};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_protocol::service_use::SeenUse;
use sekisho_store::StoreError;

use crate::app::App;
use crate::assessor::facts_of_kinds;

/// The name under which use is kept that can be put down to nobody.
const NOBODY: &str = "client:";

/// Whose a use is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Whose {
    /// The unit.
    pub(super) unit: Option<UnitId>,
    /// The person.
    pub(super) person: Option<PersonId>,
    /// Under what it is kept: the person's id, or what the log says of the client.
    pub(super) who: String,
}

/// What clients can be known by.
#[derive(Default)]
pub(super) struct WhoseList {
    /// People by mail address; one that two have is none's.
    people: HashMap<String, Option<PersonId>>,
    /// Devices by the name they report; one that two have is none's.
    devices: HashMap<String, Option<(UnitId, Option<PersonId>)>>,
}

impl WhoseList {
    /// What is needed for these uses: names of devices are read only where a log names any.
    ///
    /// # Errors
    /// The codes of the store.
    pub(super) fn new(app: &App, uses: &[SeenUse]) -> Result<Self, StoreError> {
        let mut list = Self::default();
        for (person, profile) in app.directory().iter() {
            if let Some(mail) = &profile.mail {
                let known = list.people.entry(mail.to_lowercase());
                known.and_modify(|it| *it = None).or_insert(Some(person));
            }
        }
        let by_name = |it: &SeenUse| {
            let from = it.from.as_deref().unwrap_or_default();
            it.unit.is_none() && !from.is_empty() && from.parse::<core::net::IpAddr>().is_err()
        };
        if uses.iter().any(by_name) {
            list.read_devices(app)?;
        }
        Ok(list)
    }

    fn read_devices(&mut self, app: &App) -> Result<(), StoreError> {
        let devices: Vec<_> = {
            let world = app.world();
            let active = world
                .devices
                .iter()
                .filter(|it| it.state == DeviceState::Active);
            active.map(|it| (it.id, it.unit, it.user)).collect()
        };
        let now = app.now();
        for (id, unit, user) in devices {
            let unit = app.world().unit_of_entry(id.into(), now).unwrap_or(unit);
            for fact in facts_of_kinds(app, id, [FactKind::MachineIdentity])? {
                if let Seen::Value(FactValue::MachineIdentity(identity)) = fact.observation.seen {
                    let known = self.devices.entry(identity.host_name.to_lowercase());
                    known
                        .and_modify(|it| *it = None)
                        .or_insert(Some((unit, user)));
                }
            }
        }
        Ok(())
    }

    /// Whose a use is. What the list of clients names and nobody knows is put into `unknown`.
    pub(super) fn whose(
        &self,
        world: &World,
        seen: &SeenUse,
        now: Timestamp,
        unknown: &mut BTreeSet<String>,
    ) -> Whose {
        let mut person = None;
        if let Some(said) = seen.person.as_deref().filter(|said| !said.is_empty()) {
            person = self.person(world, said, now);
            if person.is_none() {
                unknown.insert(said.to_owned());
            }
        }
        let mut unit = None;
        if let Some(said) = seen.unit.as_deref().filter(|said| !said.is_empty()) {
            unit = unit_called(world, said, now);
            if unit.is_none() {
                unknown.insert(said.to_owned());
            }
        }
        if person.is_none() {
            // What a proxy calls its users is often their mail address.
            person = seen
                .user
                .as_deref()
                .and_then(|user| self.person(world, user, now));
        }
        if unit.is_none() && person.is_none() {
            let from = seen.from.as_deref().unwrap_or_default().to_lowercase();
            if let Some(Some((of, user))) = self.devices.get(&from) {
                (unit, person) = (Some(*of), *user);
            }
        }
        let unit = unit.or_else(|| person.and_then(|person| world.unit_of(person, now)));
        let client = seen
            .user
            .as_deref()
            .or(seen.from.as_deref())
            .unwrap_or_default();
        let who = person.map_or_else(|| format!("{NOBODY}{client}"), |id| id.to_string());
        Whose { unit, person, who }
    }

    fn person(&self, world: &World, said: &str, now: Timestamp) -> Option<PersonId> {
        let by_id = said.parse().ok().filter(|id| world.is_member(*id, now));
        by_id.or_else(|| self.people.get(&said.to_lowercase()).copied().flatten())
    }
}

/// A unit by its id, or by its name where only one in force bears it.
fn unit_called(world: &World, said: &str, now: Timestamp) -> Option<UnitId> {
    if let Ok(id) = said.parse::<UnitId>() {
        return world.unit_in_force(id, now).then_some(id);
    }
    let mut found = world.units.iter().filter(|(id, unit)| {
        let name = unit.name_at(now);
        let same =
            name.ja.as_str() == said || name.en.as_ref().is_some_and(|en| en.as_str() == said);
        same && world.unit_in_force(**id, now)
    });
    let first = found.next().map(|(id, _)| *id);
    first.filter(|_| found.next().is_none())
}
