//! What applicants choose from.

use sekisho_domain::id::{DeviceId, PersonId};

use super::super::register::referents::Things;
use crate::console::fields::{Found, Referent, Referents};

/// What applicants choose from: what the registers show them, and the devices that they use.
pub(super) struct Choices<'a> {
    pub(super) things: Things<'a>,
    pub(super) person: PersonId,
}

impl Choices<'_> {
    /// Devices that are enrolled for the applicant and stand in no register yet.
    fn own_devices(&self, list: &mut Vec<Referent>) {
        let ids: Vec<DeviceId> = {
            let world = self.things.ctx.site.app.world();
            let own = world.devices.iter();
            own.filter(|it| it.user == Some(self.person))
                .map(|it| it.id)
                .collect()
        };
        for id in ids {
            let known = list.iter().any(|it| it.id == id.to_string());
            if !known {
                list.extend(self.things.get(DeviceId::PREFIX, &id.to_string()));
            }
        }
    }
}

impl Referents for Choices<'_> {
    fn get(&self, prefix: &str, id: &str) -> Option<Referent> {
        self.things.get(prefix, id)
    }

    fn few(&self, prefix: &str) -> Option<Vec<Referent>> {
        let mut list = self.things.few(prefix)?;
        if prefix == DeviceId::PREFIX {
            self.own_devices(&mut list);
        }
        Some(list)
    }

    fn find(&self, prefix: &str, query: &str) -> Found {
        let mut found = self.things.find(prefix, query);
        if prefix == DeviceId::PREFIX {
            self.own_devices(&mut found.list);
        }
        found
    }
}
