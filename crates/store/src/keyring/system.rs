//! The system's own keys, wrapped by the master key in `keys/system.json`.
//!
//! One key of each purpose is active; rotated ones are kept, so that what they signed or sealed
//! stays verifiable. The file is replaced whole and durably at each change.

use std::path::PathBuf;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};

use super::forgotten::Forgotten;
use super::master::{MasterKind, MasterSource, Stretch, hex};
use super::people::PeopleKeys;
use crate::entropy;
use crate::error::{Result, StoreCode, StoreError};
use crate::files;
use crate::folder::DataFolder;
use crate::seal::{self, Key};

/// Name of the file below `keys/`.
pub(crate) const FILE: &str = "system.json";

/// The form of the file.
const FORMAT: &str = "sekisho-keys/1";

/// What a system key is for. Every key is 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Ed25519 seed that signs the ledger's checkpoints.
    LedgerSigning,
    /// Sessions and protection against forged requests.
    Session,
    /// Seals secrets of accounts, such as TOTP.
    AccountSecrets,
    /// Wraps the keys of persons.
    People,
    /// Signs the access table that gateways follow.
    AccessTable,
    /// Secret from which the P-256 key of the certificate authority follows.
    CertificateAuthority,
    /// Seals the account at the authority of ACME and the key of the certificate it issued.
    Acme,
}

impl Purpose {
    /// Those every folder has from its first start.
    const FOUNDING: [Self; 5] = [
        Self::LedgerSigning,
        Self::Session,
        Self::AccountSecrets,
        Self::People,
        Self::CertificateAuthority,
    ];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LedgerSigning => "ledger-signing",
            Self::Session => "session",
            Self::AccountSecrets => "account-secrets",
            Self::People => "people",
            Self::AccessTable => "access-table",
            Self::CertificateAuthority => "certificate-authority",
            Self::Acme => "acme",
        }
    }
}

/// A system key, unwrapped. `Debug` does not print the secret.
#[derive(Clone)]
pub struct SystemKey {
    /// Its random id.
    pub id: String,
    /// What it is for.
    pub purpose: Purpose,
    /// When it was made, milliseconds since the epoch.
    pub created_at: i64,
    /// When another took its place, milliseconds since the epoch.
    pub retired_at: Option<i64>,
    secret: Key,
}

impl SystemKey {
    /// The secret. Do not copy it into anything that is not wiped.
    #[must_use]
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// Seals `plain` under this key; `context` (what it is and whose) must be given again to
    /// [`SystemKey::open`].
    ///
    /// # Errors
    /// `no-entropy`.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>> {
        seal::wrap(&self.secret, &self.aad(context), plain)
    }

    /// Opens what [`SystemKey::seal`] made.
    ///
    /// # Errors
    /// `unsealable` when the bytes were changed or sealed under another key or context.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<zeroize::Zeroizing<Vec<u8>>> {
        seal::unwrap(&self.secret, &self.aad(context), sealed)
            .ok_or_else(|| StoreError::refused(StoreCode::Unsealable, self.id.clone()))
    }

    fn aad(&self, context: &str) -> Vec<u8> {
        seal::context(&["system", &self.id, self.purpose.as_str(), context])
    }
}

impl std::fmt::Debug for SystemKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SystemKey")
            .field("id", &self.id)
            .field("purpose", &self.purpose)
            .field("retired_at", &self.retired_at)
            .finish_non_exhaustive()
    }
}

/// `keys/system.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stored {
    format: String,
    pub(crate) master: MasterKind,
    stretch: Stretch,
    /// A known value under the master key: tells a wrong master key from a damaged entry.
    probe: String,
    keys: Vec<StoredKey>,
}

/// One wrapped key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKey {
    id: String,
    purpose: Purpose,
    created_at: i64,
    retired_at: Option<i64>,
    wrapped: String,
}

/// Reads the file without opening any key.
pub(crate) fn read_stored(path: &std::path::Path) -> Result<Stored> {
    let damaged = || StoreError::at(StoreCode::BadValue, path);
    let bytes = files::read_bounded(path, 1 << 20, StoreCode::BadValue)?;
    let stored: Stored = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
    match stored.format.as_str() {
        FORMAT => Ok(stored),
        _ => Err(StoreError::at(StoreCode::NewerVersion, path)),
    }
}

/// The open keys of a data folder.
#[derive(Debug)]
pub struct Keyring {
    path: PathBuf,
    source: MasterSource,
    stretch: Stretch,
    keys: Vec<SystemKey>,
}

impl Keyring {
    /// Opens the keys of `folder` with the master key from `source`, making them at the first
    /// start. `now` is in milliseconds since the epoch.
    ///
    /// # Errors
    /// `master-key-missing`, `master-key-malformed`, `master-key-wrong`, `too-open`, `bad-value`
    /// and the codes of the file system. A folder that has a ledger but no keys is refused with
    /// `not-found`: new keys would silently start another signer.
    pub fn open(folder: &DataFolder, source: &MasterSource, now: i64) -> Result<Self> {
        let path = folder.keys().join(FILE);
        if path.exists() {
            return Self::load(path, source);
        }
        let people = folder.keys().join(super::people::FILE);
        if folder.ledger().exists() || people.exists() {
            return Err(StoreError::at(StoreCode::NotFound, path));
        }
        let mut ring = Self {
            path,
            source: source.clone(),
            stretch: Stretch::fresh()?,
            keys: Vec::new(),
        };
        for purpose in Purpose::FOUNDING {
            ring.keys.push(fresh(purpose, now)?);
        }
        let master = source.read(&ring.stretch, true)?;
        files::write_new(&ring.path, &ring.wrapped(&master)?)?;
        Ok(ring)
    }

    /// Reads the file again, for a change that must not lose what another has changed.
    ///
    /// # Errors
    /// As [`Keyring::open`].
    pub fn read_again(&self) -> Result<Self> {
        Self::load(self.path.clone(), &self.source)
    }

    fn load(path: PathBuf, source: &MasterSource) -> Result<Self> {
        files::require_private(&path)?;
        let stored = read_stored(&path)?;
        let master = source.read(&stored.stretch, false)?;
        let unwrap = |aad: &[u8], text: &str| {
            let wrapped = Base64UrlUnpadded::decode_vec(text).ok()?;
            seal::unwrap_key(&master, aad, &wrapped)
        };
        if unwrap(&probe_aad(stored.master, &stored.stretch), &stored.probe).is_none() {
            return Err(StoreError::at(StoreCode::MasterKeyWrong, path));
        }
        let open = |key: &StoredKey| {
            let aad = key_aad(&key.id, key.purpose, key.created_at, key.retired_at);
            let secret = unwrap(&aad, &key.wrapped)
                .ok_or_else(|| StoreError::refused(StoreCode::Unsealable, key.id.clone()))?;
            Ok(SystemKey {
                id: key.id.clone(),
                purpose: key.purpose,
                created_at: key.created_at,
                retired_at: key.retired_at,
                secret,
            })
        };
        let keys = stored.keys.iter().map(open).collect::<Result<Vec<_>>>()?;
        Ok(Self {
            path,
            source: source.clone(),
            stretch: stored.stretch,
            keys,
        })
    }

    /// The file's bytes, every key wrapped by `master`.
    fn wrapped(&self, master: &Key) -> Result<Vec<u8>> {
        let wrap = |aad: &[u8], secret: &[u8; 32]| {
            seal::wrap(master, aad, secret).map(|b| Base64UrlUnpadded::encode_string(&b))
        };
        let mut keys = Vec::with_capacity(self.keys.len());
        for key in &self.keys {
            let aad = key_aad(&key.id, key.purpose, key.created_at, key.retired_at);
            keys.push(StoredKey {
                id: key.id.clone(),
                purpose: key.purpose,
                created_at: key.created_at,
                retired_at: key.retired_at,
                wrapped: wrap(&aad, key.secret())?,
            });
        }
        let stored = Stored {
            format: FORMAT.to_owned(),
            master: self.source.kind(),
            stretch: self.stretch.clone(),
            probe: wrap(&probe_aad(self.source.kind(), &self.stretch), &[0; 32])?,
            keys,
        };
        serde_json::to_vec_pretty(&stored)
            .map_err(|_| StoreError::at(StoreCode::BadValue, &self.path))
    }

    /// Writes the keys under the current master key.
    fn save(&self) -> Result<()> {
        let master = self.source.read(&self.stretch, false)?;
        files::replace(&self.path, &self.wrapped(&master)?)
    }

    /// The active key of a purpose.
    ///
    /// # Errors
    /// `unknown` when none was made yet; see [`Keyring::ensure`].
    pub fn active(&self, purpose: Purpose) -> Result<&SystemKey> {
        self.keys
            .iter()
            .find(|key| key.purpose == purpose && key.retired_at.is_none())
            .ok_or_else(|| StoreError::refused(StoreCode::Unknown, purpose.as_str()))
    }

    /// A key by its id, active or retired.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&SystemKey> {
        self.keys.iter().find(|key| key.id == id)
    }

    /// Every key, oldest first.
    #[must_use]
    pub fn all(&self) -> &[SystemKey] {
        &self.keys
    }

    /// The active key of a purpose, made where none is.
    ///
    /// # Errors
    /// `no-entropy`, the codes of [`Keyring::open`] and of the file system.
    pub fn ensure(&mut self, purpose: Purpose, now: i64) -> Result<SystemKey> {
        match self.active(purpose) {
            Ok(key) => Ok(key.clone()),
            Err(_) => self.add(purpose, now),
        }
    }

    /// Makes a new active key; the old one is kept for verifying and opening.
    ///
    /// # Errors
    /// As [`Keyring::ensure`].
    pub fn rotate(&mut self, purpose: Purpose, now: i64) -> Result<SystemKey> {
        self.add(purpose, now)
    }

    fn add(&mut self, purpose: Purpose, now: i64) -> Result<SystemKey> {
        let key = fresh(purpose, now)?;
        let before = self.keys.clone();
        for old in &mut self.keys {
            if old.purpose == purpose && old.retired_at.is_none() {
                old.retired_at = Some(now);
            }
        }
        self.keys.push(key.clone());
        if let Err(error) = self.save() {
            self.keys = before;
            return Err(error);
        }
        Ok(key)
    }

    /// Wraps all keys by another master key, made where it is a file that does not exist.
    ///
    /// # Errors
    /// `master-key-missing`, `master-key-malformed` and the codes of the file system; on an error
    /// the old master key stays in force.
    pub fn change_master(&mut self, source: MasterSource) -> Result<()> {
        let stretch = Stretch::fresh()?;
        let master = source.read(&stretch, true)?;
        let next = Self {
            path: self.path.clone(),
            source,
            stretch,
            keys: self.keys.clone(),
        };
        files::replace(&next.path, &next.wrapped(&master)?)?;
        *self = next;
        Ok(())
    }

    /// Opens the keys of persons of the same folder, and brings them into line with the list of
    /// forgotten persons.
    ///
    /// # Errors
    /// The codes of the database and of `keys/forgotten`.
    pub fn people(&self, folder: &DataFolder) -> Result<PeopleKeys> {
        let wrapping = self.keys.iter().filter(|k| k.purpose == Purpose::People);
        PeopleKeys::open(
            folder,
            wrapping.cloned().collect(),
            Forgotten::open(&folder.keys())?,
        )
    }
}

/// A new key of `purpose`.
fn fresh(purpose: Purpose, now: i64) -> Result<SystemKey> {
    Ok(SystemKey {
        id: hex(&entropy::bytes::<8>()?),
        purpose,
        created_at: now,
        retired_at: None,
        secret: entropy::secret()?,
    })
}

/// What binds a wrapped key to all that the file says of it: a retired key cannot be made active
/// again by editing the file.
fn key_aad(id: &str, purpose: Purpose, created_at: i64, retired_at: Option<i64>) -> Vec<u8> {
    let retired = retired_at.map_or_else(String::new, |at| at.to_string());
    seal::context(&[
        "system-key",
        id,
        purpose.as_str(),
        &created_at.to_string(),
        &retired,
    ])
}

/// What binds the probe to the head of the file.
fn probe_aad(master: MasterKind, stretch: &Stretch) -> Vec<u8> {
    let head = serde_json::json!([master, stretch]).to_string();
    seal::context(&["probe", &head])
}
