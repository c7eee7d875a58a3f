//! The keys of an entry, as they are compared.

use std::sync::Arc;

use super::{Particulars, Register};
use crate::name::folded;

/// What the fields of [`Register::keys`] hold, folded. Folding takes far longer than looking up, so it
/// is done once for each entry and shared by whoever looks: the check of an import, every World.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryKeys {
    register: Register,
    keys: Arc<[(&'static str, Arc<str>)]>,
}

impl EntryKeys {
    /// The keys of an entry; fields that are empty have none.
    #[must_use]
    pub fn of(particulars: &Particulars) -> Self {
        let register = particulars.register();
        let keys = register.keys().iter().filter_map(|field| {
            let key = folded(&particulars.key(field)?);
            Some((*field, Arc::from(key)))
        });
        Self {
            register,
            keys: keys.collect(),
        }
    }

    /// The register within which they name one entry.
    #[must_use]
    pub const fn register(&self) -> Register {
        self.register
    }

    /// Each field with its key.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Arc<str>)> {
        self.keys.iter().map(|(field, key)| (*field, key))
    }
}
