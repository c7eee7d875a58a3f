//! Exceptions at work: what is measured of them, and what is decided with that in view.

mod measure;
mod state;
mod table;

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, ExceptionAct, ExceptionCommand, Measured, Refusal};
use sekisho_domain::event::BlobRef;
use sekisho_domain::exception::{decode_effect, encode_effect};
use sekisho_domain::id::PermitId;
use sekisho_domain::name::Line;
use sekisho_ledger::digest::Digest;

pub use measure::measure;
pub use state::ExceptionState;
pub use table::ExceptionTable;

use crate::app::{App, CommandError, Committed};

/// Whether a command brings the figures that it speaks of: whatever way it came.
pub(crate) fn is_brought(command: &ExceptionCommand, documents: &[Vec<u8>]) -> Result<(), Refusal> {
    let refused = || Refusal::new("record.refused");
    let [document] = documents else {
        return Err(refused());
    };
    let measured = &command.measured;
    let is_it = measured.document.blob == Digest::of(document).to_string();
    let effect = decode_effect(document).ok_or_else(refused)?;
    if is_it && effect == *measured.effect {
        Ok(())
    } else {
        Err(refused())
    }
}

impl App {
    /// Looks at an exception again or settles it: it is measured as it is now, and the figures are frozen with
    /// what is decided.
    ///
    /// # Errors
    /// [`CommandError`]; nothing has happened then.
    pub fn on_exception(
        &self,
        actor: Actor,
        (permit, expected): (PermitId, Option<u64>),
        act: ExceptionAct,
        note: Line,
    ) -> Result<Committed, CommandError> {
        let store = |error| CommandError::Store(std::sync::Arc::new(error));
        let effect = measure(self, permit).map_err(store)?;
        let effect = effect.ok_or_else(|| Refusal::new("exception.other-permit").at("permit"))?;
        let document = encode_effect(&effect);
        let measured = Measured {
            document: BlobRef {
                blob: Digest::of(&document).to_string(),
                size: document.len() as u64,
            },
            effect: Box::new(effect),
        };
        let command = Command::Exception(Box::new(ExceptionCommand {
            permit,
            expected,
            measured,
            act,
            note,
        }));
        self.command_blocking(actor, command, vec![document])
    }
}
