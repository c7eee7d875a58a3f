//! Hashing of passwords: Argon2id, so many at a time and no more.

use std::sync::{Condvar, Mutex, PoisonError};

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use sekisho_store::entropy;

/// Memory in KiB (OWASP Password Storage: 19 MiB with two passes and one lane).
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes.
const PASSES: u32 = 2;
/// Hashes at the same moment: each takes memory and a core.
const AT_ONCE: usize = 2;
/// Callers that may wait for their turn before the next is told that the server is busy.
const WAITING: usize = 64;

/// Why a password could not be hashed or compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too many callers wait already.
    #[error("busy")]
    Busy,
    /// Hashing failed: no randomness, or parameters refused.
    #[error("hashing failed")]
    Failed,
}

impl PasswordError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Busy => "password.busy",
            Self::Failed => "password.failed",
        }
    }
}

/// Hashes passwords. Every call blocks for tens of milliseconds: never call it on a thread of the
/// asynchronous runtime.
pub struct Passwords {
    argon: Argon2<'static>,
    /// Compared with when no account has the login, so that both cases take the same time.
    decoy: String,
    turns: Mutex<Turns>,
    free: Condvar,
}

#[derive(Default)]
struct Turns {
    running: usize,
    waiting: usize,
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passwords")
    }
}

impl Passwords {
    /// Makes the hasher, and once a hash to compare with where there is no account.
    ///
    /// # Errors
    /// [`PasswordError::Failed`] without randomness.
    pub fn new() -> Result<Self, PasswordError> {
        Self::with_cost(MEMORY_KIB, PASSES)
    }

    fn with_cost(memory: u32, passes: u32) -> Result<Self, PasswordError> {
        let params = Params::new(memory, passes, 1, Some(32)).map_err(|_| PasswordError::Failed)?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut made = Self {
            argon,
            decoy: String::new(),
            turns: Mutex::new(Turns::default()),
            free: Condvar::new(),
        };
        made.decoy = made.hash("no account has this password")?;
        Ok(made)
    }

    fn turn<T>(&self, work: impl FnOnce() -> T) -> Result<T, PasswordError> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.waiting >= WAITING {
            return Err(PasswordError::Busy);
        }
        turns.waiting += 1;
        while turns.running >= AT_ONCE {
            turns = self
                .free
                .wait(turns)
                .unwrap_or_else(PoisonError::into_inner);
        }
        turns.waiting -= 1;
        turns.running += 1;
        drop(turns);
        let done = work();
        self.turns
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .running -= 1;
        self.free.notify_one();
        Ok(done)
    }

    /// The PHC string of a password.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let salt: [u8; 16] = entropy::bytes().map_err(|_| PasswordError::Failed)?;
        let hashed = self.turn(|| {
            self.argon
                .hash_password_with_salt(password.as_bytes(), &salt)
        })?;
        hashed
            .map(|hash| hash.to_string())
            .map_err(|_| PasswordError::Failed)
    }

    /// Whether a password is that of a PHC string. Without one (no such account, or no password
    /// set) the same work is done and the answer is no.
    ///
    /// # Errors
    /// [`PasswordError::Busy`].
    pub fn verify(&self, password: &str, phc: Option<&str>) -> Result<bool, PasswordError> {
        let against = phc.unwrap_or(&self.decoy);
        let right = self.turn(|| {
            self.argon
                .verify_password(password.as_bytes(), against)
                .is_ok()
        })?;
        Ok(right && phc.is_some())
    }

    /// Whether a PHC string was made with today's cost.
    #[must_use]
    pub fn is_current(&self, phc: &str) -> bool {
        let params = self.argon.params();
        let cost = format!(
            "m={},t={},p={}",
            params.m_cost(),
            params.t_cost(),
            params.p_cost()
        );
        phc.starts_with("$argon2id$v=19$") && phc.contains(&cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap() -> Passwords {
        Passwords::with_cost(64, 1).unwrap()
    }

    #[test]
    fn the_right_password_passes_and_no_other() {
        let passwords = cheap();
        let phc = passwords.hash("correct horse battery").unwrap();
        assert!(phc.starts_with("$argon2id$"), "{phc}");
        assert!(
            passwords
                .verify("correct horse battery", Some(&phc))
                .unwrap()
        );
        assert!(
            !passwords
                .verify("correct horse batterz", Some(&phc))
                .unwrap()
        );
        assert!(
            !passwords
                .verify("correct horse battery", Some("not a hash"))
                .unwrap()
        );
        assert!(
            !passwords
                .verify("no account has this password", None)
                .unwrap()
        );
    }

    #[test]
    fn an_older_cost_is_noticed() {
        let phc = cheap().hash("correct horse battery").unwrap();
        assert!(cheap().is_current(&phc));
        assert!(!Passwords::with_cost(128, 1).unwrap().is_current(&phc));
        assert!(
            Passwords::with_cost(128, 1)
                .unwrap()
                .verify("correct horse battery", Some(&phc))
                .unwrap()
        );
    }
}
