//! Unease told without a name: the code by which its reporter follows it, and the end of its words.
//!
//! Nothing here knows who asks: no session, no address and no browser reaches it.

mod receipt;

use std::sync::Arc;

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, ConcernCommand};
use sekisho_domain::id::ConcernId;
use sekisho_store::StoreError;

use crate::app::{App, CommandError, Committed};

pub use receipt::ReceiptCode;

impl App {
    /// Destroys the words of a report without a name: records it, then its pseudonym's key is gone. The
    /// list of the forgotten, which leaves with the checkpoints, names the pseudonym, so that no backup
    /// brings the words back.
    ///
    /// # Errors
    /// [`CommandError`]. Where the record was made and the key could not be destroyed, the next start does
    /// it.
    pub fn erase_concern(
        &self,
        actor: Actor,
        concern: ConcernId,
    ) -> Result<Committed, CommandError> {
        let command = Command::Concern(Box::new(ConcernCommand::Erase { concern }));
        let committed = self.command_blocking(actor, command, Vec::new())?;
        let thread = self.world().concerns.thread(concern).cloned();
        if let Some(pseudonym) = thread.and_then(|it| it.pseudonym) {
            let now = self.now().as_millis();
            let gone = self.people().forget(&pseudonym.to_string(), now);
            gone.map_err(|error: StoreError| CommandError::Store(Arc::new(error)))?;
        }
        Ok(committed)
    }
}
