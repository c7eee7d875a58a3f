//! What a table file would do, and carrying it out: one command, all of it or nothing.

use std::sync::Arc;

use sekisho_domain::actor::Actor;
use sekisho_domain::arrival::{ARRIVALS_MAX, encode_arrivals};
use sekisho_domain::command::{
    Command, MovesCommand, PersonRow, PostRow, RegisterCommand, RosterCommand, UnitRow, arrivals,
};
use sekisho_domain::event::BlobRef;
use sekisho_domain::id::{MoveListId, PersonId};
use sekisho_domain::moves::{MoveLine, encode_lines};
use sekisho_domain::register::{ImportRow, Register, encode_rows};
use sekisho_domain::time::Timestamp;
use sekisho_ledger::digest::Digest;

use super::import::Prepared;
use super::people::PersonPlan;
use crate::app::directory::PROFILE_PURPOSE;
use crate::app::{App, CommandError, Committed, fresh};

/// Texts that are sealed in one transaction over the keys, for which others wait.
const SEALED_AT_ONCE: usize = 1_000;

/// What the rows of a file come to, those at fault left out.
#[derive(Clone, Debug)]
pub enum Plan {
    /// Entries of a register that come or change.
    Entries {
        /// The register.
        register: Register,
        /// The rows.
        rows: Vec<ImportRow>,
    },
    /// Units that come or change, those above before those below.
    Units(Vec<UnitRow>),
    /// Posts that come or change.
    Posts(Vec<PostRow>),
    /// People who come or of whom something changes.
    People(Vec<PersonPlan>),
    /// A list of moves that is accepted.
    Moves {
        /// The instant from which it holds.
        at: Timestamp,
        /// Its lines.
        lines: Vec<MoveLine>,
    },
}

impl Plan {
    /// How many rows come or change.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Entries { rows, .. } => rows.len(),
            Self::Units(rows) => rows.len(),
            Self::Posts(rows) => rows.len(),
            Self::People(rows) => rows.len(),
            Self::Moves { lines, .. } => lines.len(),
        }
    }

    /// Whether nothing comes or changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many of them are new.
    #[must_use]
    pub fn entered(&self) -> usize {
        match self {
            Self::Entries { rows, .. } => rows.iter().filter(|it| it.expected.is_none()).count(),
            Self::Units(rows) => rows.iter().filter(|it| it.expected.is_none()).count(),
            Self::Posts(rows) => rows.iter().filter(|it| it.expected.is_none()).count(),
            Self::People(rows) => rows.iter().filter(|it| it.row.expected.is_none()).count(),
            Self::Moves { lines, .. } => lines.len(),
        }
    }

    /// Keeps the rows of which something holds, by their place.
    pub(super) fn keep(&mut self, holds: &dyn Fn(usize) -> bool) {
        match self {
            Self::Entries { rows, .. } => kept(rows, holds),
            Self::Units(rows) => kept(rows, holds),
            Self::Posts(rows) => kept(rows, holds),
            Self::People(rows) => kept(rows, holds),
            Self::Moves { lines, .. } => kept(lines, holds),
        }
    }
}

fn kept<T>(rows: &mut Vec<T>, holds: &dyn Fn(usize) -> bool) {
    let mut place = 0;
    rows.retain(|_| {
        place += 1;
        holds(place - 1)
    });
}

/// A document, and what refers to it.
fn document(bytes: Vec<u8>) -> (BlobRef, Vec<u8>) {
    let reference = BlobRef {
        blob: Digest::of(&bytes).to_string(),
        size: bytes.len() as u64,
    };
    (reference, bytes)
}

fn roster(command: RosterCommand) -> (Command, Vec<Vec<u8>>) {
    (Command::Roster(Box::new(command)), Vec::new())
}

/// The rows with what is said of each person under the person's own key.
fn sealed(app: &App, plans: &[PersonPlan]) -> Result<Vec<PersonRow>, CommandError> {
    let mut rows = Vec::with_capacity(plans.len());
    for slice in plans.chunks(SEALED_AT_ONCE) {
        let said = slice.iter().filter_map(|plan| {
            let text = serde_json::to_vec(plan.profile.as_ref()?).ok()?;
            Some((plan.row.id, text))
        });
        let said: Vec<(PersonId, Vec<u8>)> = said.collect();
        let sealed = app.seal_many(PROFILE_PURPOSE, &said);
        let mut sealed = sealed
            .map_err(|error| CommandError::Store(Arc::new(error)))?
            .into_iter();
        rows.extend(slice.iter().map(|plan| PersonRow {
            profile: plan.profile.as_ref().and_then(|_| sealed.next()),
            ..plan.row.clone()
        }));
    }
    Ok(rows)
}

/// Carries a prepared file out: all of it or nothing. The writer checks every row again, by version.
///
/// # Errors
/// [`CommandError`]; then nothing of it happened.
pub fn commit(app: &App, actor: Actor, prepared: &Prepared) -> Result<Committed, CommandError> {
    let (command, documents) = match &prepared.plan {
        Plan::Entries { register, rows } => {
            let (document, bytes) = document(encode_rows(rows));
            let command = RegisterCommand::Import {
                register: *register,
                rows: rows.clone().into(),
                document,
            };
            (Command::Register(Box::new(command)), vec![bytes])
        }
        Plan::Units(rows) => roster(RosterCommand::Units { rows: rows.clone() }),
        Plan::Posts(rows) => roster(RosterCommand::Posts { rows: rows.clone() }),
        Plan::People(plans) => {
            let rows = sealed(app, plans)?;
            let new = arrivals(&rows);
            let parts = new.chunks(ARRIVALS_MAX).map(encode_arrivals).map(document);
            let (documents, bytes) = parts.unzip();
            let command = RosterCommand::People { rows, documents };
            (Command::Roster(Box::new(command)), bytes)
        }
        Plan::Moves { at, lines } => {
            let (document, bytes) = document(encode_lines(lines));
            let command = MovesCommand::Accept {
                list: MoveListId::new(
                    fresh().map_err(|error| CommandError::Store(Arc::new(error)))?,
                ),
                at: super::moves::not_before(*at, app.now()),
                lines: lines.clone(),
                document,
            };
            (Command::Moves(Box::new(command)), vec![bytes])
        }
    };
    app.command_blocking(actor, command, documents)
}
