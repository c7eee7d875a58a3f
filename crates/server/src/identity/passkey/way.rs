//! Signing in with a passkey: alone, or as the second factor after a password or link.

use sekisho_domain::id::AccountId;
use sekisho_store::accounts::Passkey as Stored;
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, Passkey, PasskeyAuthentication,
    PublicKeyCredential, WebauthnError,
};

use super::register::written;
use super::{ANSWER_WITHIN, PasskeyError, Passkeys, Standing, answer};
use crate::identity::counter::{Counter, record};
use crate::identity::pending::Pending;
use crate::identity::way::{Brought, Offer, Refused, Step, Visit, Way};

/// A challenge that waits for its answer.
#[derive(Clone, Debug)]
enum Challenge {
    /// Any key of this server.
    Alone(DiscoverableAuthentication),
    /// A key of the account whose password was right.
    Second(AccountId, PasskeyAuthentication),
}

/// Passkeys as a way of signing in.
#[derive(Debug)]
pub struct PasskeyWay {
    passkeys: Passkeys,
    challenges: Pending<Challenge>,
}

impl PasskeyWay {
    /// The way of these passkeys.
    #[must_use]
    pub fn new(passkeys: Passkeys) -> Self {
        Self {
            passkeys,
            challenges: Pending::new(ANSWER_WITHIN),
        }
    }

    /// Where passkeys are registered.
    #[must_use]
    pub fn passkeys(&self) -> &Passkeys {
        &self.passkeys
    }
}

impl Way for PasskeyWay {
    fn code(&self) -> &'static str {
        "passkey"
    }

    fn offer(
        &self,
        _desk: &Counter,
        visit: &Visit<'_>,
        second: Option<AccountId>,
    ) -> Result<Offer, Refused> {
        if let Some(account) = second {
            let held = visit.books.accounts.passkeys(&account.to_string())?;
            if held.is_empty() {
                return Ok(Offer::Nothing);
            }
        }
        Ok(match self.passkeys.standing(visit.host) {
            Standing::Here => Offer::Authenticator,
            Standing::Elsewhere(origin) => Offer::Elsewhere(origin.to_owned()),
            Standing::Nowhere => Offer::Nothing,
        })
    }

    fn begin(&self, desk: &Counter, visit: &Visit<'_>) -> Result<serde_json::Value, Refused> {
        let webauthn = self.passkeys.at(visit.host)?;
        let no_challenge = |_| PasskeyError::NoChallenge;
        let (challenge, state) = match desk.second(visit.browser, visit.attempt.now) {
            None => {
                let begun = webauthn.start_discoverable_authentication();
                let (mut challenge, state) = begun.map_err(no_challenge)?;
                // Asked for by a button: the browser shows its dialog at once.
                challenge.mediation = None;
                (challenge, Challenge::Alone(state))
            }
            Some(account) => {
                let held = visit.books.accounts.passkeys(&account.to_string())?;
                let keys = held
                    .iter()
                    .map(key_of)
                    .collect::<Result<Vec<Passkey>, _>>()?;
                let begun = webauthn.start_passkey_authentication(&keys);
                let (challenge, state) = begun.map_err(no_challenge)?;
                (challenge, Challenge::Second(account, state))
            }
        };
        let challenge = serde_json::to_value(&challenge).map_err(|_| PasskeyError::NoChallenge)?;
        let now = visit.attempt.now.as_millis();
        self.challenges.put(visit.browser, state, now);
        Ok(challenge)
    }

    fn take(
        &self,
        desk: &Counter,
        visit: &Visit<'_>,
        brought: &Brought<'_>,
    ) -> Result<Step, Refused> {
        desk.admit(visit.attempt)?;
        // Used up before it is looked at: an answer is examined once.
        let now = visit.attempt.now.as_millis();
        let challenge = self.challenges.take(visit.browser, now);
        let challenge = challenge.ok_or(PasskeyError::Late)?;
        let answer: PublicKeyCredential = answer(brought("credential"))?;
        let account = self.verified(visit, challenge, &answer)?;
        desk.pass(visit.books, account, visit.browser, visit.attempt)
    }
}

impl PasskeyWay {
    /// The account whose key has answered its challenge.
    fn verified(
        &self,
        visit: &Visit<'_>,
        challenge: Challenge,
        answer: &PublicKeyCredential,
    ) -> Result<AccountId, Refused> {
        let webauthn = self.passkeys.at(visit.host)?;
        let stored = visit.books.accounts.passkey(answer.get_credential_id())?;
        let Some(stored) = stored else {
            record(visit.books, None, "passkey-unknown", visit.attempt)?;
            return Err(PasskeyError::Wrong.into());
        };
        let account = stored.account.parse::<AccountId>().ok();
        let wanted = |account: &AccountId| match &challenge {
            Challenge::Alone(_) => answer.get_user_unique_id() == Some(&account.to_bytes()[..]),
            Challenge::Second(second, _) => second == account,
        };
        let account = account
            .filter(|account| wanted(account) && (visit.open)(*account))
            .filter(|_| stored.blocked_at.is_none());
        let Some(account) = account else {
            return self.refuse(visit, &stored, "passkey-refused", PasskeyError::Wrong);
        };
        let mut key = key_of(&stored)?;
        let result = match challenge {
            Challenge::Alone(state) => {
                webauthn.finish_discoverable_authentication_v2(answer, state, &key)
            }
            Challenge::Second(_, state) => webauthn.finish_passkey_authentication(answer, &state),
        };
        let result = match result {
            // Without it the key alone would be one factor, whoever holds it.
            Ok(result) if result.user_verified() => result,
            Err(WebauthnError::CredentialPossibleCompromise) => return self.block(visit, &stored),
            _ => return self.refuse(visit, &stored, "passkey-wrong", PasskeyError::Wrong),
        };
        if !keep(visit, &mut key, &stored, &result)? {
            // Another sign-in came in between with this counter or a later one.
            return self.block(visit, &stored);
        }
        Ok(account)
    }

    fn refuse<T>(
        &self,
        visit: &Visit<'_>,
        stored: &Stored,
        outcome: &str,
        error: PasskeyError,
    ) -> Result<T, Refused> {
        record(visit.books, Some(&stored.account), outcome, visit.attempt)?;
        Err(error.into())
    }

    /// A counter that went back shows that the key exists twice. Which of the two is its owner's
    /// cannot be told, so that both are refused until the owner registers a new one.
    fn block<T>(&self, visit: &Visit<'_>, stored: &Stored) -> Result<T, Refused> {
        let now = visit.attempt.now.as_millis();
        match visit.books.accounts.block_passkey(&stored.credential, now) {
            // Removed in the meantime: there is nothing left to refuse.
            Err(error) if error.code() == "unknown" => {}
            done => done?,
        }
        tracing::warn!(
            code = "passkey.copied",
            account = %stored.account,
            "the counter of a passkey went back: there is a copy of it, and it is refused from now on"
        );
        self.refuse(visit, stored, "passkey-copied", PasskeyError::Copied)
    }
}

/// Keeps counter and state of a key that has signed in; `false` when it must not pass.
fn keep(
    visit: &Visit<'_>,
    key: &mut Passkey,
    stored: &Stored,
    result: &AuthenticationResult,
) -> Result<bool, Refused> {
    key.update_credential(result);
    let key = written(key)?;
    let now = visit.attempt.now.as_millis();
    let used = visit.books.accounts.use_passkey(
        &stored.credential,
        (result.counter(), key.as_str()),
        now,
    )?;
    Ok(used)
}

fn key_of(stored: &Stored) -> Result<Passkey, PasskeyError> {
    serde_json::from_str(&stored.key).map_err(|error| {
        tracing::error!(code = "passkey.unreadable", account = %stored.account, %error, "a stored passkey cannot be read");
        PasskeyError::Wrong
    })
}
