//! Many entries at once, all or none.

use std::collections::BTreeSet;

use super::IMPORT_MAX;
use super::sound::{Candidate, changes, enters};
use crate::actor::Actor;
use crate::authorise::{Subject, authorise};
use crate::command::{Refusal, current};
use crate::event::{BlobRef, Event};
use crate::register::{ClashKind, ImportRows, Register};
use crate::time::Timestamp;
use crate::world::World;

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    register: Register,
    (rows, document): (&ImportRows, &BlobRef),
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
    let units: BTreeSet<_> = rows.iter().map(|row| row.unit).collect();
    for unit in units {
        keep(unit.map_or(Subject::Body, Subject::Unit))?;
    }
    let mut entered = 0_u32;
    for (number, (row, keys)) in rows.keyed().enumerate() {
        let at_row = |mut refusal: Refusal| {
            refusal.reason = refusal.reason.with("row", number + 1);
            refusal
        };
        if row.particulars.register() != register {
            return Err(at_row(Refusal::new("entry.other-register").at("id")));
        }
        let candidate = Candidate {
            id: row.id,
            unit: row.unit,
            particulars: &row.particulars,
            keys,
        };
        match row.expected {
            None => {
                enters(world, &candidate, now).map_err(at_row)?;
                entered += 1;
            }
            expected => {
                let known = changes(world, &candidate, now).map_err(at_row)?;
                current(known.version, expected).map_err(at_row)?;
                keep(Subject::Entry(row.id)).map_err(|denied| at_row(denied.into()))?;
            }
        }
        if let Some(clash) = rows.clash().filter(|clash| clash.row == number) {
            return Err(at_row(refused(clash.how)));
        }
    }
    let rows = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    Ok(vec![Event::RegisterImported {
        register,
        document: document.clone(),
        entered,
        changed: rows - entered,
    }])
}

/// Two rows of an import may not be of one entry, nor share a key.
fn refused(how: ClashKind) -> Refusal {
    match how {
        ClashKind::SameEntry => Refusal::new("entry.exists").at("id"),
        ClashKind::SameKey { field, other } => {
            let mut refusal = Refusal::new("entry.duplicate").at(field);
            refusal.reason = refusal.reason.with("other", other.to_string());
            refusal
        }
    }
}
