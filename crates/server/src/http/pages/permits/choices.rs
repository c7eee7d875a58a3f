//! What applicants choose from.

use sekisho_domain::device::DeviceClass;
use sekisho_domain::id::{DeviceId, PersonId};
use sekisho_domain::register::Register;
use sekisho_messages::{Arg, text};

use super::super::register::referents::{MOST, Things, folded_words};
use crate::console::fields::{FEW, Found, Referent, Referents};
use crate::console::words::{list as words_list, role as role_word};

/// What applicants choose from: what the registers show them, and the devices that they use.
pub(super) struct Choices<'a> {
    pub(super) things: Things<'a>,
    pub(super) person: PersonId,
    /// The class of device that the kind of permit speaks of; any where it speaks of none.
    pub(super) class: Option<DeviceClass>,
}

impl Choices<'_> {
    /// Devices that are enrolled for the applicant and stand in no register yet.
    fn own_devices(&self, list: &mut Vec<Referent>) {
        let ids: Vec<DeviceId> = {
            let world = self.things.ctx.site.app.world();
            let own = world.devices.iter();
            own.filter(|it| it.user == Some(self.person))
                .filter(|it| self.class.is_none_or(|class| class == it.class))
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

    /// The register of devices that is chosen from, where it is one alone.
    const fn devices(&self) -> Option<Register> {
        match self.class {
            Some(DeviceClass::Issued) => Some(Register::IssuedDevice),
            Some(DeviceClass::Byod) => Some(Register::ByodDevice),
            _ => None,
        }
    }
}

impl Referents for Choices<'_> {
    fn get(&self, prefix: &str, id: &str) -> Option<Referent> {
        self.things.get(prefix, id)
    }

    fn few(&self, prefix: &str) -> Option<Vec<Referent>> {
        if prefix != DeviceId::PREFIX {
            return self.things.few(prefix);
        }
        let mut list = match self.devices() {
            Some(register) => {
                let list = self.things.in_register(register, &[], FEW);
                (list.len() <= FEW).then_some(list)?
            }
            None => self.things.few(prefix)?,
        };
        self.own_devices(&mut list);
        Some(list)
    }

    fn find(&self, prefix: &str, query: &str) -> Found {
        let mut found = match self.devices() {
            Some(register) if prefix == DeviceId::PREFIX => {
                let words = folded_words(query);
                Found::first(self.things.in_register(register, &words, MOST), MOST)
            }
            _ => self.things.find(prefix, query),
        };
        if prefix == DeviceId::PREFIX {
            self.own_devices(&mut found.list);
        }
        found
    }

    fn further(&self, prefix: &str, id: &str) -> Option<String> {
        self.things.further(prefix, id)
    }

    /// Whom to ask where there is nothing to choose from: nothing is there, or nothing that the
    /// applicant may see.
    fn none(&self, prefix: &str) -> Option<String> {
        let lang = self.things.ctx.lang;
        let register = match self.devices() {
            Some(register) if prefix == DeviceId::PREFIX => register,
            _ => Things::registers(prefix).next()?,
        };
        let some = {
            let world = self.things.ctx.site.app.world();
            let mut active = world.registers.active(register);
            active.next().is_some()
        };
        let key = match (prefix == DeviceId::PREFIX, some) {
            (true, _) => "field.reference.no_device",
            (false, true) => "field.reference.none_seen",
            (false, false) => "field.reference.none_who",
        };
        let register_name = text(lang, register.name_key(), &[]);
        let roles = register.owners().iter().map(|role| role_word(lang, *role));
        let roles = words_list(lang, roles);
        let arguments = [
            ("register", Arg::from(register_name)),
            ("roles", Arg::from(roles)),
        ];
        Some(text(lang, key, &arguments).into_owned())
    }
}
