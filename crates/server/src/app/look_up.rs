//! Single records and sealed texts, for pages.

use std::sync::{PoisonError, RwLockReadGuard};

use sekisho_domain::event::{BlobRef, Sealed, StoredEvent};
use sekisho_store::keyring::Sealed as StoredSealed;
use sekisho_store::{StoreCode, StoreError};

use super::{App, LedgerIndex, stored};

/// The purpose under which the statement of an attestation is sealed.
pub const STATEMENT_PURPOSE: &str = "attestation.statement";
/// The purpose under which what is said beside an entry of a register is sealed.
pub const REMARK_PURPOSE: &str = "register.remark";
/// The purpose under which the texts of permits are sealed: purposes, reasons, remarks, statements.
pub const PERMIT_PURPOSE: &str = "permit.text";
/// The purpose under which it is sealed why personal observations were read.
pub const READING_PURPOSE: &str = "personal.purpose";

impl App {
    /// Where in the ledger stands what, for reading. Hold it briefly: the writer waits for it.
    pub fn index(&self) -> RwLockReadGuard<'_, LedgerIndex> {
        self.0.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records by number, as events; what this program does not understand is left out.
    ///
    /// # Errors
    /// The store's codes.
    pub fn records(&self, numbers: &[u64]) -> Result<Vec<(u64, StoredEvent)>, StoreError> {
        let ledger = self.ledger();
        let mut found = Vec::with_capacity(numbers.len());
        for number in numbers {
            ledger.range(*number, 1, &mut |row| {
                if let Ok(event) = stored::event(row.record) {
                    found.push((row.seq, event));
                }
                Ok(())
            })?;
        }
        Ok(found)
    }

    /// A document that records refer to; none where it is not there.
    ///
    /// # Errors
    /// The store's codes.
    pub fn document(&self, document: &BlobRef) -> Result<Option<Vec<u8>>, StoreError> {
        let Ok(digest) = document.blob.parse() else {
            return Ok(None);
        };
        self.ledger().blob(&digest)
    }

    /// Opens a text that was sealed under a person's key; none once that person is forgotten.
    ///
    /// # Errors
    /// The store's codes.
    pub fn unseal(&self, purpose: &str, sealed: &Sealed) -> Result<Option<String>, StoreError> {
        let stored = StoredSealed {
            key: sealed.key.clone(),
            nonce: sealed.nonce.clone(),
            ciphertext: sealed.ciphertext.clone(),
        };
        let person = sealed.person.to_string();
        match self.people().open_sealed(&person, purpose, &stored) {
            Ok(text) => Ok(Some(String::from_utf8_lossy(&text).into_owned())),
            Err(error) if error.kind() == StoreCode::Forgotten => Ok(None),
            Err(error) => Err(error),
        }
    }
}
