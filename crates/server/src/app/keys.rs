//! The keys that sign this ledger, and their rotation.
//!
//! The old key is kept: what it signed while it was active still verifies. At a rotation the
//! checkpoint of that moment is signed by both, so that whoever knows only the old key can follow
//! the ledger up to the change.

use std::sync::{Arc, PoisonError, RwLockReadGuard};

use sekisho_ledger::checkpoint::{SignerKey, VerifierKey};
use sekisho_ledger::keys::{CheckpointKeys, KeyHistory, KnownKey};
use sekisho_store::StoreError;
use sekisho_store::keyring::{Keyring, Purpose};
use sekisho_store::sqlite::ledger::{Access, LedgerStore};

use super::open::{LEDGER_NAME, OpenError};
use super::{App, Head};
use crate::identity::ca::{Authorities, CaError};

/// The key that signs, and all that have signed.
pub(super) struct LedgerKeys {
    pub(super) signer: SignerKey,
    pub(super) history: KeyHistory,
}

impl LedgerKeys {
    /// The keys of a keyring.
    pub(super) fn of(keyring: &Keyring) -> Result<Self, OpenError> {
        let active = keyring.active(Purpose::LedgerSigning)?;
        Ok(Self {
            signer: SignerKey::new(LEDGER_NAME, active.secret())?,
            history: history(keyring)?,
        })
    }

    /// Signs the newest checkpoint of a ledger again where a retired key alone has signed it, with
    /// that key too; the checkpoint, if there was one to sign.
    fn renew(
        &self,
        keyring: &Keyring,
        ledger: &mut LedgerStore,
    ) -> Result<Option<Head>, OpenError> {
        let Some(text) = ledger.checkpoint()? else {
            return Ok(None);
        };
        let opened = self.history.opened(text.as_bytes());
        let Some(retired_at) = opened.ok().and_then(|opened| opened.retired_at) else {
            return Ok(None);
        };
        let mut old = Vec::new();
        for key in keyring.all() {
            if key.purpose == Purpose::LedgerSigning && key.retired_at == Some(retired_at) {
                old.push(SignerKey::new(LEDGER_NAME, key.secret())?);
            }
        }
        let sign = |size, root| {
            let text = self.signer.sign(size, root);
            // Only a text that is no checkpoint of this ledger is refused, and this one is.
            old.iter()
                .fold(text, |text, key| key.countersign(&text).unwrap_or(text))
        };
        let signed = ledger.sign_again(&sign)?;
        Ok(Some(Head {
            size: signed.size,
            checkpoint: signed.checkpoint,
        }))
    }

    /// As `renew`, for a ledger that is being opened: a rotation may have been cut off between
    /// keys and checkpoint.
    pub(super) fn finish_rotation(
        &self,
        keyring: &Keyring,
        ledger: &mut LedgerStore,
    ) -> Result<(), OpenError> {
        self.renew(keyring, ledger).map(|_| ())
    }
}

/// The keys that have signed a ledger, by its keyring.
///
/// # Errors
/// `ledger.key-unusable`.
pub fn history(keyring: &Keyring) -> Result<KeyHistory, OpenError> {
    let mut known = Vec::new();
    for key in keyring.all() {
        if key.purpose == Purpose::LedgerSigning {
            known.push(KnownKey {
                key: SignerKey::new(LEDGER_NAME, key.secret())?
                    .verifier()
                    .clone(),
                retired_at: key.retired_at,
            });
        }
    }
    Ok(KeyHistory::new(known)?)
}

impl App {
    /// Changes the keys as they are stored now, one change after the other, and returns them.
    pub(crate) fn change_keyring<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut Keyring) -> Result<T, E>,
    ) -> Result<(T, Keyring), E> {
        let one = self.0.changing_keys.lock();
        let _one = one.unwrap_or_else(PoisonError::into_inner);
        let mut keyring = self.0.keyring.read_again()?;
        Ok((change(&mut keyring)?, keyring))
    }

    /// The public key that verifies this ledger's next checkpoint.
    #[must_use]
    pub fn verifier(&self) -> VerifierKey {
        self.0.signing().signer.verifier().clone()
    }

    /// Every public key of this ledger.
    #[must_use]
    pub fn verifiers(&self) -> KeyHistory {
        self.0.signing().history.clone()
    }

    /// Makes a new key that signs from now on, and signs the newest checkpoint with both.
    ///
    /// # Errors
    /// The codes of keys and ledger. Where the keys were changed and the checkpoint could not be
    /// signed, the next record or start does that.
    pub fn rotate_ledger_key(&self) -> Result<KeyHistory, OpenError> {
        // Nothing is appended meanwhile: the writer signs under the same lock.
        let mut keys = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
        let now = self.now().as_millis();
        let (_, keyring) =
            self.change_keyring(|keyring| keyring.rotate(Purpose::LedgerSigning, now))?;
        *keys = Arc::new(LedgerKeys::of(&keyring)?);
        let mut ledger = LedgerStore::open(&self.0.folder.ledger(), Access::Write)?;
        if let Some(head) = keys.renew(&keyring, &mut ledger)? {
            super::known_head::write(&self.0.folder, &head.checkpoint);
            self.0.head.send_replace(head);
        }
        tracing::info!(key = %keys.history.newest(), "the ledger's key was rotated");
        Ok(keys.history.clone())
    }
}

impl App {
    /// Makes a new authority, which certifies devices from now on; the old one is trusted until what it
    /// certified is over.
    ///
    /// # Errors
    /// The codes of keys; then the old one stays.
    pub fn rotate_authority(&self) -> Result<Authorities, OpenError> {
        let now = self.now();
        let rotate = |keyring: &mut Keyring| -> Result<Authorities, CaError> {
            keyring.rotate(Purpose::CertificateAuthority, now.as_millis())?;
            Authorities::of(keyring, now)
        };
        let (fresh, _) = self.change_keyring(rotate)?;
        let slot = self.0.authorities.write();
        *slot.unwrap_or_else(PoisonError::into_inner) = fresh.clone();
        let fingerprint = fresh.active().fingerprint();
        tracing::info!(
            code = "ca.rotated",
            fingerprint,
            "there is a new authority; the old one is trusted until what it certified is over"
        );
        self.0.certificate.look();
        Ok(fresh)
    }
}

impl super::Inner {
    /// The keys in force; held while signing, so that a rotation waits.
    pub(super) fn signing(&self) -> RwLockReadGuard<'_, Arc<LedgerKeys>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }
}
