//! Sessions: who is signed in, on the strength of a random token in a cookie.

use sekisho_domain::id::{AccountId, PersonId};
use sekisho_domain::time::Timestamp;
use sekisho_store::accounts::{Session, TokenHash};
use sekisho_store::{Accounts, StoreError, entropy};

use super::token::{Token, same};

/// Without use a session ends after this many milliseconds.
pub const IDLE: i64 = 30 * 60 * 1000;
/// Whatever happens, a session ends after this many milliseconds.
pub const ABSOLUTE: i64 = 12 * 60 * 60 * 1000;
/// How long after it began a session may change what signs its account in, in milliseconds.
pub const FRESH: i64 = 10 * 60 * 1000;
/// How often use is written down, in milliseconds: it is a durable write.
const TOUCH_EVERY: i64 = 60 * 1000;

/// A session in force.
#[derive(Clone)]
pub struct Live {
    /// Hash of its token.
    pub token: TokenHash,
    /// The account.
    pub account: AccountId,
    /// The person of that account.
    pub person: PersonId,
    csrf: [u8; 32],
    began: i64,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

impl Live {
    /// The token against forged requests, as forms carry it.
    #[must_use]
    pub fn csrf(&self) -> String {
        Token::from_bytes(self.csrf).text()
    }

    /// Whether it began so recently that it may change what signs its account in.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.as_millis().saturating_sub(self.began) < FRESH
    }

    /// Whether a form carries this session's token.
    #[must_use]
    pub fn csrf_is(&self, text: &str) -> bool {
        Token::parse(text).is_some_and(|token| same(token.bytes(), &self.csrf))
    }
}

/// Begins a session with a fresh token: whatever token the browser had before is worth nothing.
///
/// # Errors
/// The codes of the store.
pub fn begin(accounts: &Accounts, account: AccountId, now: Timestamp) -> Result<Token, StoreError> {
    let token = Token::fresh()?;
    let at = now.as_millis();
    accounts.add_session(
        token.hash(),
        &Session {
            account: account.to_string(),
            csrf: entropy::bytes()?,
            created_at: at,
            last_seen_at: at,
            expires_at: at.saturating_add(ABSOLUTE),
        },
    )?;
    Ok(token)
}

/// The session of a token, if it is in force and `person_of` knows its account as not closed.
///
/// # Errors
/// The codes of the store.
pub fn find(
    accounts: &Accounts,
    person_of: &dyn Fn(AccountId) -> Option<PersonId>,
    token: &Token,
    now: Timestamp,
) -> Result<Option<Live>, StoreError> {
    let (hash, at) = (token.hash(), now.as_millis());
    let Some(session) = accounts.session(hash, at, IDLE)? else {
        return Ok(None);
    };
    let Ok(account) = session.account.parse::<AccountId>() else {
        return Ok(None);
    };
    let Some(person) = person_of(account) else {
        return Ok(None);
    };
    if at.saturating_sub(session.last_seen_at) >= TOUCH_EVERY {
        accounts.touch_session(hash, at)?;
    }
    Ok(Some(Live {
        token: hash,
        account,
        person,
        csrf: session.csrf,
        began: session.created_at,
    }))
}
