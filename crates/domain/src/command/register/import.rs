//! Many entries at once, all or none.

use std::collections::{HashMap, HashSet};

use super::IMPORT_MAX;
use super::sound::{may_change, may_enter};
use crate::actor::Actor;
use crate::authorise::{Subject, authorise};
use crate::command::{Refusal, current};
use crate::event::{BlobRef, Event};
use crate::register::{EntryId, ImportRow, Register};
use crate::time::Timestamp;
use crate::world::World;

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    register: Register,
    (rows, document): (&[ImportRow], &BlobRef),
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    if rows.is_empty() {
        return Err(Refusal::new("import.empty"));
    }
    if rows.len() > IMPORT_MAX {
        let mut refusal = Refusal::new("import.too-many");
        refusal.reason = refusal.reason.with("most", IMPORT_MAX);
        return Err(refusal);
    }
    if register.needs_words() {
        return Err(Refusal::new("entry.words-required").at("register"));
    }
    let keep = |subject| authorise(world, actor, register.keep(), subject, now);
    let units: HashSet<_> = rows.iter().map(|row| row.unit).collect();
    for unit in units {
        keep(unit.map_or(Subject::Body, Subject::Unit))?;
    }
    let mut seen = Seen::default();
    let mut entered = 0_u32;
    for (number, row) in rows.iter().enumerate() {
        let at_row = |mut refusal: Refusal| {
            refusal.reason = refusal.reason.with("row", number + 1);
            refusal
        };
        if row.particulars.register() != register {
            return Err(at_row(Refusal::new("entry.other-register").at("id")));
        }
        match row.expected {
            None => {
                may_enter(world, row.id, row.unit, &row.particulars, now).map_err(at_row)?;
                entered += 1;
            }
            expected => {
                let known =
                    may_change(world, row.id, row.unit, &row.particulars, now).map_err(at_row)?;
                current(known.version, expected).map_err(at_row)?;
                keep(Subject::Entry(row.id)).map_err(|denied| at_row(denied.into()))?;
            }
        }
        seen.take(row).map_err(at_row)?;
    }
    let rows = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    Ok(vec![Event::RegisterImported {
        register,
        document: document.clone(),
        entered,
        changed: rows - entered,
    }])
}

/// What earlier rows of an import have taken.
#[derive(Default)]
struct Seen {
    ids: HashSet<EntryId>,
    keys: HashMap<(&'static str, String), EntryId>,
}

impl Seen {
    fn take(&mut self, row: &ImportRow) -> Result<(), Refusal> {
        if !self.ids.insert(row.id) {
            return Err(Refusal::new("entry.exists").at("id"));
        }
        for field in row.particulars.register().keys() {
            let Some(key) = row.particulars.key(field) else {
                continue;
            };
            let key = (*field, crate::name::folded(&key));
            if let Some(other) = self.keys.insert(key, row.id) {
                let mut refusal = Refusal::new("entry.duplicate").at(field);
                refusal.reason = refusal.reason.with("other", other.to_string());
                return Err(refusal);
            }
        }
        Ok(())
    }
}
