//! Terms whose bytes changed under the same version: who had read them before read another edition (4.1.2(2)(a)).

use serde::{Deserialize, Serialize};

use super::World;
use crate::id::ServiceId;
use crate::register::{Entry, EntryId, Particulars};
use crate::time::Timestamp;

/// What is known of the bytes of a service's terms beside what its entry says now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsBytes {
    /// SHA-256 that was noted last of the version, while the entry notes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<String>,
    /// When other bytes of the same version were noted, the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changed_at: Option<Timestamp>,
}

impl World {
    /// When the register noted other bytes of a version of the terms than it had noted before, the last time. A
    /// SHA-256 that is noted where none was changes nothing: nobody knows of other bytes.
    #[must_use]
    pub fn terms_changed_at(&self, service: ServiceId) -> Option<Timestamp> {
        self.terms.get(&service)?.changed_at
    }

    /// Takes in what an entry says of its terms, before it takes the place of the one with its id.
    pub(super) fn note_terms(&mut self, entry: &Entry) {
        let (EntryId::Service(id), Particulars::Service(new)) =
            (entry.id, entry.particulars.as_ref())
        else {
            return;
        };
        let Some(known) = self.registers.entry(entry.id) else {
            return;
        };
        let Particulars::Service(old) = known.particulars.as_ref() else {
            return;
        };
        let mut bytes = self.terms.get(&id).cloned().unwrap_or_default();
        if old.terms_version == new.terms_version {
            let noted = old.terms_sha256.as_ref().map(|it| it.as_str().to_owned());
            let before = noted.or(bytes.last.take());
            match &new.terms_sha256 {
                None => bytes.last = before,
                Some(now) if before.as_deref().is_some_and(|it| it != now.as_str()) => {
                    bytes.changed_at = Some(entry.changed_at);
                }
                Some(_) => {}
            }
        } else {
            bytes.last = None;
        }
        if bytes == TermsBytes::default() {
            self.terms.remove(&id);
        } else {
            self.terms.insert(id, bytes);
        }
    }
}
