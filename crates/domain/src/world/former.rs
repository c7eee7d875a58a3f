//! Domains that an entry named once and names no more: its terms may have been judged unacceptable, and what is used
//! on by them is looked for on.

use super::World;
use crate::name::Line;
use crate::register::{Entry, EntryId, Particulars};

impl World {
    /// The domains that an entry, in use or retired, named in a former version and does not name now, sorted.
    pub fn domains_dropped_by(&self, id: EntryId) -> impl Iterator<Item = &Line> {
        self.former_domains.get(&id).into_iter().flatten()
    }

    /// Takes in what domains an entry names, before it takes the place of the one with its id.
    pub(super) fn note_domains(&mut self, entry: &Entry) {
        let Some(now) = domains(&entry.particulars) else {
            return;
        };
        let known = self.registers.entry(entry.id);
        let before = known.and_then(|it| domains(&it.particulars));
        let mut former = self.former_domains.remove(&entry.id).unwrap_or_default();
        former.extend(before.unwrap_or_default().iter().cloned());
        former.retain(|it| !now.contains(it));
        if !former.is_empty() {
            self.former_domains.insert(entry.id, former);
        }
    }
}

/// The domains that an entry names; none where it is of no service.
fn domains(particulars: &Particulars) -> Option<&[Line]> {
    match particulars {
        Particulars::Service(service) => Some(&service.domains),
        Particulars::ConferenceTool(tool) => Some(&tool.domains),
        _ => None,
    }
}
