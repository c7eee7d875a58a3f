//! Forgetting a person, and closing an account: the ledger says so first, then everything that
//! stands beside it follows.

use std::sync::{Arc, PoisonError};

use sekisho_domain::actor::Actor;
use sekisho_domain::command::Command;
use sekisho_domain::id::{AccountId, PersonId};
use sekisho_store::StoreError;

use super::{App, CommandError, Committed};

fn store(error: StoreError) -> CommandError {
    CommandError::Store(Arc::new(error))
}

impl App {
    /// Forgets a person: records it, destroys the key, drops account, links, sessions and
    /// sign-ins, and the name from memory. The ledger stays valid and the World unchanged. The
    /// list of the forgotten, which leaves with the checkpoints, is written before the key goes.
    ///
    /// # Errors
    /// [`CommandError`]. When the record was made and something beside it could not be dropped,
    /// the error says so; the next start finishes it.
    pub fn forget(&self, actor: Actor, person: PersonId) -> Result<Committed, CommandError> {
        let command = Command::ForgetPerson { person };
        let committed = self.command_blocking(actor, command, Vec::new())?;
        self.drop_traces(person).map_err(store)?;
        Ok(committed)
    }

    /// Drops what stands beside the ledger of a person whose forgetting is recorded.
    fn drop_traces(&self, person: PersonId) -> Result<(), StoreError> {
        let id = person.to_string();
        self.0.people.forget(&id, self.now().as_millis())?;
        let mut accounts = self.0.accounts.forget(&id)?;
        // Accounts that were closed before have left sign-ins behind.
        accounts.extend(
            self.world()
                .accounts
                .values()
                .filter(|account| account.person == person)
                .map(|account| account.id.to_string()),
        );
        for account in accounts {
            self.0.observations.forget_sign_ins(&account)?;
        }
        self.0
            .directory
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(person);
        self.0
            .shelves
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .forget(person);
        Ok(())
    }

    /// Finishes what a stop or a full disk cut off: whoever the ledger says is forgotten has no
    /// key, whatever the key files say.
    pub(super) fn finish_forgetting(&self) -> Result<(), StoreError> {
        let recorded: Vec<PersonId> = self.index().forgotten().collect();
        for person in recorded {
            if !self.0.people.is_forgotten(&person.to_string()) {
                tracing::warn!(code = "forgetting.finished", %person, "was cut off earlier");
                self.drop_traces(person)?;
            }
        }
        Ok(())
    }

    /// Closes an account: records it, then ends its sessions and drops password, second factor
    /// and links. From the record on nobody signs in with it.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn close_account(
        &self,
        actor: Actor,
        account: AccountId,
    ) -> Result<Committed, CommandError> {
        let person = self.world().person_of_account(account);
        let command = Command::CloseAccount { account };
        let committed = self.command_blocking(actor, command, Vec::new())?;
        if let Some(person) = person {
            self.0.accounts.forget(&person.to_string()).map_err(store)?;
        }
        Ok(committed)
    }
}
