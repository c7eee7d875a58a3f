//! One key for every person, in `keys/people.sqlite`, destroyed when the person is forgotten.
//!
//! The database overwrites what it deletes (`secure_delete`) and keeps no log of its own after a
//! commit (rollback journal). The keys in it are wrapped by the system key of purpose `people`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;

use base64ct::{Base64UrlUnpadded, Encoding};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::forgotten::{Forgotten, ForgottenList, valid_id};
use super::master::hex;
use super::system::SystemKey;
use crate::db::{self, Style};
use crate::entropy;
use crate::error::{Result, StoreCode, StoreError};
use crate::folder::DataFolder;
use crate::migrations::Migration;
use crate::seal::{self, Key};

/// Name of the file below `keys/`.
pub(crate) const FILE: &str = "people.sqlite";

/// Longest text that is sealed.
const PLAIN_LIMIT: usize = 256 << 10;

const STYLE: Style = Style {
    file: "people",
    pragmas: "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;
        PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;",
    migrations: &[Migration {
        number: 1,
        sql: "CREATE TABLE person_keys (
                person TEXT PRIMARY KEY,
                key_id TEXT NOT NULL UNIQUE,
                wrapped_by TEXT NOT NULL,
                wrapped BLOB NOT NULL,
                created_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE forgotten (
                person TEXT PRIMARY KEY,
                forgotten_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;",
    }],
};

/// A text sealed under a person's key: the form that goes into the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// The id of the person's key.
    pub key: String,
    /// 24 bytes, base64url without padding.
    pub nonce: String,
    /// Ciphertext and tag, base64url without padding.
    pub ciphertext: String,
}

/// One text to seal.
#[derive(Debug, Clone, Copy)]
pub struct Plain<'a> {
    /// The person's id: printable ASCII without blanks, at most 128 bytes.
    pub person: &'a str,
    /// What the text is, such as `person.name`; must be given again to open it.
    pub purpose: &'a str,
    /// The text, at most 256 KiB.
    pub text: &'a [u8],
}

/// A person's key, unwrapped.
struct PersonKey {
    id: String,
    secret: Key,
}

/// The keys of persons.
pub struct PeopleKeys {
    inner: Mutex<Inner>,
    /// Active first.
    wrapping: Vec<SystemKey>,
}

struct Inner {
    conn: Connection,
    forgotten: Forgotten,
}

impl std::fmt::Debug for PeopleKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PeopleKeys").finish_non_exhaustive()
    }
}

fn sql(error: rusqlite::Error) -> StoreError {
    StoreError::sql(STYLE.file, error)
}

impl PeopleKeys {
    pub(crate) fn open(
        folder: &DataFolder,
        mut wrapping: Vec<SystemKey>,
        forgotten: Forgotten,
    ) -> Result<Self> {
        wrapping.sort_by_key(|key| key.retired_at.is_some());
        let mut inner = Inner {
            conn: db::open_writer(&folder.keys().join(FILE), &STYLE)?,
            forgotten,
        };
        inner.reconcile()?;
        Ok(Self {
            inner: Mutex::new(inner),
            wrapping,
        })
    }

    /// Makes sure that the person has a key and returns the key's id. The key is durable before
    /// this returns. `now` is in milliseconds since the epoch.
    ///
    /// # Errors
    /// `forgotten` for a person who was forgotten, `bad-input` for an id of the wrong form.
    pub fn person_key(&self, person: &str, now: i64) -> Result<String> {
        let mut inner = db::lock(&self.inner);
        let key = self.key(&mut inner, person, now)?;
        Ok(key.id)
    }

    /// Seals one text, making the person's key where there is none.
    ///
    /// # Errors
    /// `forgotten`, `bad-input`, `no-entropy` and the codes of the database.
    pub fn seal(&self, plain: Plain<'_>, now: i64) -> Result<Sealed> {
        let mut inner = db::lock(&self.inner);
        let key = self.key(&mut inner, plain.person, now)?;
        seal_with(&key, plain)
    }

    /// Seals many texts in one transaction, in the order given: either all have their keys, or
    /// none was made.
    ///
    /// # Errors
    /// As [`PeopleKeys::seal`].
    pub fn seal_many(&self, plains: &[Plain<'_>], now: i64) -> Result<Vec<Sealed>> {
        let mut guard = db::lock(&self.inner);
        let Inner { conn, forgotten } = &mut *guard;
        let tx = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sql)?;
        let mut keys: HashMap<&str, PersonKey> = HashMap::new();
        let mut out = Vec::with_capacity(plains.len());
        for plain in plains {
            if !keys.contains_key(plain.person) {
                let key = self.find_or_make(&tx, forgotten, plain.person, now)?;
                keys.insert(plain.person, key);
            }
            out.push(seal_with(&keys[plain.person], *plain)?);
        }
        tx.commit().map_err(sql)?;
        Ok(out)
    }

    /// Opens one text.
    ///
    /// # Errors
    /// `forgotten` when the person was forgotten; `unknown` when the person has no key or the text
    /// was sealed under another; `unsealable` when the bytes or the purpose are not those of the
    /// sealing.
    pub fn open_sealed(
        &self,
        person: &str,
        purpose: &str,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>> {
        let key = {
            let inner = db::lock(&self.inner);
            if inner.forgotten.contains(person) {
                return Err(StoreError::refused(StoreCode::Forgotten, person));
            }
            self.find(&inner.conn, person)?
        };
        let key = key
            .filter(|key| key.id == sealed.key)
            .ok_or_else(|| StoreError::refused(StoreCode::Unknown, person))?;
        let decode = |text: &str| Base64UrlUnpadded::decode_vec(text).ok();
        let plain = (|| {
            let nonce = decode(&sealed.nonce)?;
            let nonce: &[u8; seal::NONCE] = nonce.as_slice().try_into().ok()?;
            let aad = text_aad(person, &key.id, purpose);
            seal::open(&key.secret, &aad, nonce, &decode(&sealed.ciphertext)?)
        })();
        plain.ok_or_else(|| StoreError::refused(StoreCode::Unsealable, person))
    }

    /// Forgets a person for good: the key is overwritten and the id goes on the list, both durable
    /// before this returns. Forgetting twice, or somebody who never had a key, is no error.
    ///
    /// # Errors
    /// `bad-input` and the codes of the file system and the database.
    pub fn forget(&self, person: &str, now: i64) -> Result<()> {
        self.apply([(person, now)].into_iter())
    }

    /// Forgets everyone on `list`, keeping the times of the list.
    ///
    /// # Errors
    /// As [`PeopleKeys::forget`].
    pub fn apply_forgotten(&self, list: &ForgottenList) -> Result<()> {
        self.apply(list.iter())
    }

    /// The list comes first: should the machine stop between the two, the next start destroys the
    /// keys of everyone listed.
    fn apply<'a>(&self, persons: impl Iterator<Item = (&'a str, i64)>) -> Result<()> {
        let mut inner = db::lock(&self.inner);
        inner.forgotten.add(persons)?;
        inner.reconcile()
    }

    /// Whether the person was forgotten.
    #[must_use]
    pub fn is_forgotten(&self, person: &str) -> bool {
        db::lock(&self.inner).forgotten.contains(person)
    }

    /// The persons forgotten so far.
    #[must_use]
    pub fn forgotten(&self) -> ForgottenList {
        db::lock(&self.inner).forgotten.list().clone()
    }

    /// Writes the list of forgotten persons to `path`, to be kept outside the machine.
    ///
    /// # Errors
    /// The codes of the file system.
    pub fn export_forgotten(&self, path: &Path) -> Result<()> {
        db::lock(&self.inner).forgotten.export(path)
    }

    /// How many persons have a key.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn count(&self) -> Result<i64> {
        db::lock(&self.inner)
            .conn
            .query_row("SELECT count(*) FROM person_keys", [], |r| r.get(0))
            .map_err(sql)
    }

    /// Finds or makes one key in a transaction of its own.
    fn key(&self, inner: &mut Inner, person: &str, now: i64) -> Result<PersonKey> {
        let Inner { conn, forgotten } = inner;
        if !forgotten.contains(person)
            && let Some(key) = self.find(conn, person)?
        {
            return Ok(key);
        }
        let tx = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sql)?;
        let key = self.find_or_make(&tx, forgotten, person, now)?;
        tx.commit().map_err(sql)?;
        Ok(key)
    }

    fn find_or_make(
        &self,
        tx: &Transaction<'_>,
        forgotten: &Forgotten,
        person: &str,
        now: i64,
    ) -> Result<PersonKey> {
        if !valid_id(person) {
            return Err(StoreError::refused(StoreCode::BadInput, "person id"));
        }
        if forgotten.contains(person) {
            return Err(StoreError::refused(StoreCode::Forgotten, person));
        }
        if let Some(key) = self.find(tx, person)? {
            return Ok(key);
        }
        let by = self
            .wrapping
            .first()
            .ok_or_else(|| StoreError::refused(StoreCode::Unknown, "people"))?;
        let key = PersonKey {
            id: hex(&entropy::bytes::<12>()?),
            secret: entropy::secret()?,
        };
        let wrapped = seal::wrap(
            by.secret(),
            &key_aad(person, &key.id),
            key.secret.as_slice(),
        )?;
        tx.prepare_cached(
            "INSERT INTO person_keys (person, key_id, wrapped_by, wrapped, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )
        .and_then(|mut s| s.execute(params![person, key.id, by.id, wrapped, now]))
        .map_err(sql)?;
        Ok(key)
    }

    fn find(&self, conn: &Connection, person: &str) -> Result<Option<PersonKey>> {
        let row = conn
            .prepare_cached("SELECT key_id, wrapped_by, wrapped FROM person_keys WHERE person = ?1")
            .and_then(|mut s| {
                s.query_row([person], |r| {
                    Ok((
                        r.get::<_, String>(0)?,
                        r.get::<_, String>(1)?,
                        r.get::<_, Vec<u8>>(2)?,
                    ))
                })
                .optional()
            })
            .map_err(sql)?;
        let Some((id, by, wrapped)) = row else {
            return Ok(None);
        };
        let secret = self
            .wrapping
            .iter()
            .find(|key| key.id == by)
            .and_then(|by| seal::unwrap_key(by.secret(), &key_aad(person, &id), &wrapped))
            .ok_or_else(|| StoreError::refused(StoreCode::Unsealable, person))?;
        Ok(Some(PersonKey { id, secret }))
    }
}

impl Inner {
    /// Brings file and table to the same set and destroys the keys of everyone in it.
    fn reconcile(&mut self) -> Result<()> {
        let Self { conn, forgotten } = self;
        let rows: Vec<(String, i64)> = conn
            .prepare_cached("SELECT person, forgotten_at FROM forgotten")
            .and_then(|mut s| s.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect())
            .map_err(sql)?;
        forgotten.add(rows.iter().map(|(person, at)| (person.as_str(), *at)))?;
        if rows.len() == forgotten.list().len() {
            return Ok(());
        }
        destroy(conn, forgotten.list())
    }
}

/// Destroys the keys of everyone on `list` and records them.
pub(crate) fn destroy(conn: &mut Connection, list: &ForgottenList) -> Result<()> {
    let tx = conn
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(sql)?;
    for (person, at) in list.iter() {
        tx.prepare_cached("DELETE FROM person_keys WHERE person = ?1")
            .and_then(|mut s| s.execute([person]))
            .map_err(sql)?;
        tx.prepare_cached("INSERT OR IGNORE INTO forgotten (person, forgotten_at) VALUES (?1, ?2)")
            .and_then(|mut s| s.execute(params![person, at]))
            .map_err(sql)?;
    }
    tx.commit().map_err(sql)
}

/// Opens the database alone, without any key: enough to destroy keys after a restore.
pub(crate) fn open_database(path: &Path) -> Result<Connection> {
    db::open_writer(path, &STYLE)
}

fn seal_with(key: &PersonKey, plain: Plain<'_>) -> Result<Sealed> {
    if plain.text.len() > PLAIN_LIMIT {
        return Err(StoreError::refused(StoreCode::BadInput, "text length"));
    }
    let aad = text_aad(plain.person, &key.id, plain.purpose);
    let (nonce, ciphertext) = seal::seal(&key.secret, &aad, plain.text)?;
    Ok(Sealed {
        key: key.id.clone(),
        nonce: Base64UrlUnpadded::encode_string(&nonce),
        ciphertext: Base64UrlUnpadded::encode_string(&ciphertext),
    })
}

/// What binds a wrapped key to its person.
fn key_aad(person: &str, id: &str) -> Vec<u8> {
    seal::context(&["person-key", person, id])
}

/// What binds a text to its person and purpose.
fn text_aad(person: &str, id: &str, purpose: &str) -> Vec<u8> {
    seal::context(&["person-text", person, id, purpose])
}
