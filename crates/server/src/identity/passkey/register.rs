//! Registering a passkey: a challenge for one session or link, and the key that answers it.

use sekisho_domain::id::AccountId;
use sekisho_domain::time::Timestamp;
use sekisho_store::Accounts;
use sekisho_store::accounts::{Passkey as Stored, TokenHash};
use webauthn_rs::prelude::{
    Passkey, PasskeyRegistration, RegisterPublicKeyCredential, Uuid, WebauthnError,
};

use super::{PasskeyError, Passkeys, answer};

/// Longest name of a passkey, in characters.
const NAME_MAX: usize = 60;

/// A registration under way.
#[derive(Clone, Debug)]
pub(super) struct Registration {
    account: AccountId,
    state: PasskeyRegistration,
}

/// Whom a passkey is for, as the authenticator shows it.
#[derive(Clone, Copy, Debug)]
pub struct For<'a> {
    /// The account; its random bytes are the user handle (WebAuthn, section 14.6.1).
    pub account: AccountId,
    /// The login.
    pub login: &'a str,
    /// The person's name, or the login where it is not known.
    pub name: &'a str,
}

/// A passkey that was verified and is not stored yet.
#[derive(Debug)]
pub struct NewPasskey {
    /// The account that it was made for.
    pub account: AccountId,
    key: Passkey,
}

impl Passkeys {
    /// A challenge to make a key, for the session or link of this token.
    ///
    /// # Errors
    /// [`PasskeyError::Elsewhere`], [`PasskeyError::NoChallenge`], the store's.
    pub fn begin_registration(
        &self,
        accounts: &Accounts,
        host: &str,
        whom: For<'_>,
        (token, now): (TokenHash, Timestamp),
    ) -> Result<serde_json::Value, PasskeyError> {
        let webauthn = self.at(host)?;
        let held = accounts.passkeys(&whom.account.to_string())?;
        let known = held.into_iter().map(|key| key.credential).collect();
        let user = Uuid::from_bytes(whom.account.to_bytes());
        let (challenge, state) = webauthn
            .start_passkey_registration(user, whom.login, whom.name, Some(known))
            .map_err(|_| PasskeyError::NoChallenge)?;
        let mut challenge =
            serde_json::to_value(&challenge).map_err(|_| PasskeyError::NoChallenge)?;
        // Found by the browser without a login: only such a key signs in by itself.
        let selection = &mut challenge["publicKey"]["authenticatorSelection"];
        selection["residentKey"] = "required".into();
        selection["requireResidentKey"] = true.into();
        let registration = Registration {
            account: whom.account,
            state,
        };
        self.registrations.put(token, registration, now.as_millis());
        Ok(challenge)
    }

    /// The key that answers the challenge of this session or link. The challenge is used up,
    /// whatever the answer.
    ///
    /// # Errors
    /// [`PasskeyError::Late`], [`PasskeyError::Wrong`], [`PasskeyError::Elsewhere`].
    pub fn finish_registration(
        &self,
        host: &str,
        text: &str,
        (token, now): (TokenHash, Timestamp),
    ) -> Result<NewPasskey, PasskeyError> {
        let webauthn = self.at(host)?;
        let waiting = self.registrations.take(token, now.as_millis());
        let waiting = waiting.ok_or(PasskeyError::Late)?;
        let made: RegisterPublicKeyCredential = answer(text)?;
        let key = webauthn.finish_passkey_registration(&made, &waiting.state);
        Ok(NewPasskey {
            account: waiting.account,
            key: key.map_err(|error| told(&error))?,
        })
    }
}

fn told(error: &WebauthnError) -> PasskeyError {
    tracing::info!(code = "passkey.wrong", %error, "a passkey was not registered");
    PasskeyError::Wrong
}

impl NewPasskey {
    /// Stores the key under the name that its owner gave it.
    ///
    /// # Errors
    /// [`PasskeyError::Name`], [`PasskeyError::Known`], [`PasskeyError::Full`], the store's.
    pub fn store(
        &self,
        accounts: &Accounts,
        name: &str,
        now: Timestamp,
    ) -> Result<(), PasskeyError> {
        let name = name_of(name)?;
        let stored = Stored {
            credential: self.key.cred_id().to_vec(),
            account: self.account.to_string(),
            name,
            key: written(&self.key)?,
            counter: 0,
            created_at: now.as_millis(),
            last_used_at: None,
            blocked_at: None,
        };
        match accounts.add_passkey(&stored) {
            Ok(true) => Ok(()),
            Ok(false) => Err(PasskeyError::Full),
            Err(error) if error.code() == "exists" => Err(PasskeyError::Known),
            Err(error) => Err(error.into()),
        }
    }
}

/// The name of a passkey.
///
/// # Errors
/// [`PasskeyError::Name`] when it is empty, too long or holds control characters.
fn name_of(text: &str) -> Result<String, PasskeyError> {
    let name = text.trim();
    let sound = (1..=NAME_MAX).contains(&name.chars().count());
    if sound && !name.chars().any(char::is_control) {
        Ok(name.to_owned())
    } else {
        Err(PasskeyError::Name)
    }
}

/// A key as it is stored.
pub(super) fn written(key: &Passkey) -> Result<String, PasskeyError> {
    serde_json::to_string(key).map_err(|_| PasskeyError::Wrong)
}
