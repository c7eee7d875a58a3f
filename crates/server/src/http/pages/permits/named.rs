//! What a permit is about, by name: whoever may read the permit may read what the things in it are
//! called, though not look them up.

use sekisho_domain::id::{PersonId, PostId, UnitId};
use sekisho_domain::register::EntryId;

use super::super::devices::name as device_name;
use super::super::register::referents::Things;
use super::super::register::title;
use crate::console::fields::{Found, Referent, Referents};

/// The things that the fields of one permit refer to.
pub(in crate::http::pages) struct Named<'a>(pub(in crate::http::pages) Things<'a>);

impl Referents for Named<'_> {
    fn get(&self, prefix: &str, id: &str) -> Option<Referent> {
        if let Some(found) = self.0.get(prefix, id) {
            return Some(found);
        }
        // People, units and posts are the directory's, which says itself who may read it.
        if [PersonId::PREFIX, UnitId::PREFIX, PostId::PREFIX].contains(&prefix) {
            return None;
        }
        let ctx = self.0.ctx;
        let entry: EntryId = id.parse().ok()?;
        let known = ctx.site.app.world().registers.entry(entry).cloned();
        let name = match (known, entry) {
            (Some(known), _) => title(ctx.lang, &known),
            (None, EntryId::Device(device)) => {
                ctx.site.app.world().device(device)?;
                device_name(ctx, device)
            }
            (None, _) => return None,
        };
        Some(Referent {
            id: id.to_owned(),
            name,
            more: None,
            href: None,
        })
    }

    fn few(&self, prefix: &str) -> Option<Vec<Referent>> {
        self.0.few(prefix)
    }

    fn find(&self, prefix: &str, query: &str) -> Found {
        self.0.find(prefix, query)
    }
}
