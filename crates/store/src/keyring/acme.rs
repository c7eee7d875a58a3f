//! What ACME (RFC 8555) leaves with us: `keys/acme.json`, the account at the certificate authority and
//! the certificate with its key.
//!
//! Account and key are sealed under a system key of their own, so that they open with the master key
//! alone. The certificate is no secret. The file is replaced whole and durably at each change.

use std::path::PathBuf;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::system::{Keyring, Purpose, SystemKey};
use crate::error::{Result, StoreCode, StoreError};
use crate::files;
use crate::folder::DataFolder;

/// Name of the file below `keys/`.
pub(crate) const FILE: &str = "acme.json";

/// The form of the file.
const FORMAT: &str = "sekisho-acme/1";

/// Largest file that is read, in bytes: a chain of certificates and two sealed texts.
const LIMIT: u64 = 1 << 20;

/// What the sealed texts are.
const ACCOUNT: &str = "acme-account";
const KEY: &str = "acme-certificate-key";

/// `keys/acme.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    account: Option<StoredAccount>,
    certificate: Option<StoredCertificate>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredAccount {
    directory: String,
    sealed: String,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredCertificate {
    directory: String,
    chain: String,
    sealed: String,
}

/// A certificate that was issued, with its key. `Debug` does not print the key.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedCertificate {
    /// The address of the directory of the authority that issued it.
    pub directory: String,
    /// The certificate, then those that signed it (PEM).
    pub chain: String,
    /// Its private key (PKCS #8, DER).
    pub key: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for IssuedCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedCertificate")
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

/// Account and certificate of a data folder.
pub struct AcmeKeys {
    path: PathBuf,
    sealing: SystemKey,
    stored: Stored,
}

impl AcmeKeys {
    /// Opens what there is; the key that seals it is made where there is none. `now` is in
    /// milliseconds since the epoch.
    ///
    /// # Errors
    /// `bad-value` where the file is damaged, `newer-version`, `too-open`, and the codes of
    /// [`Keyring::ensure`] and of the file system.
    pub fn open(folder: &DataFolder, keyring: &mut Keyring, now: i64) -> Result<Self> {
        let sealing = keyring.ensure(Purpose::Acme, now)?;
        let path = folder.keys().join(FILE);
        let stored = match path.exists() {
            true => read(&path)?,
            false => Stored {
                format: FORMAT.to_owned(),
                account: None,
                certificate: None,
            },
        };
        Ok(Self {
            path,
            sealing,
            stored,
        })
    }

    /// The account at the authority of a directory, as it was kept.
    ///
    /// # Errors
    /// `bad-value`, `unsealable`.
    pub fn account(&self, directory: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let known = self.stored.account.as_ref();
        let known = known.filter(|account| account.directory == directory);
        known
            .map(|account| self.opened(ACCOUNT, &account.sealed))
            .transpose()
    }

    /// Keeps the account, in the place of an earlier one.
    ///
    /// # Errors
    /// `no-entropy` and the codes of the file system; the earlier one is kept then.
    pub fn keep_account(&mut self, directory: &str, account: &[u8]) -> Result<()> {
        let account = Some(StoredAccount {
            directory: directory.to_owned(),
            sealed: self.sealed(ACCOUNT, account)?,
        });
        let certificate = self.stored.certificate.clone();
        self.replace(account, certificate)
    }

    /// Forgets the account: its authority no longer knows it.
    ///
    /// # Errors
    /// The codes of the file system.
    pub fn drop_account(&mut self) -> Result<()> {
        let certificate = self.stored.certificate.clone();
        self.replace(None, certificate)
    }

    /// The certificate, whichever authority issued it.
    ///
    /// # Errors
    /// `bad-value`, `unsealable`.
    pub fn certificate(&self) -> Result<Option<IssuedCertificate>> {
        let Some(known) = &self.stored.certificate else {
            return Ok(None);
        };
        Ok(Some(IssuedCertificate {
            directory: known.directory.clone(),
            chain: known.chain.clone(),
            key: self.opened(KEY, &known.sealed)?,
        }))
    }

    /// Keeps a certificate, in the place of an earlier one.
    ///
    /// # Errors
    /// `no-entropy` and the codes of the file system; the earlier one is kept then.
    pub fn keep_certificate(&mut self, issued: &IssuedCertificate) -> Result<()> {
        let certificate = Some(StoredCertificate {
            directory: issued.directory.clone(),
            chain: issued.chain.clone(),
            sealed: self.sealed(KEY, &issued.key)?,
        });
        let account = self.stored.account.clone();
        self.replace(account, certificate)
    }

    fn sealed(&self, what: &str, plain: &[u8]) -> Result<String> {
        let sealed = self.sealing.seal(what, plain)?;
        Ok(Base64UrlUnpadded::encode_string(&sealed))
    }

    fn opened(&self, what: &str, text: &str) -> Result<Zeroizing<Vec<u8>>> {
        let sealed = Base64UrlUnpadded::decode_vec(text)
            .map_err(|_| StoreError::at(StoreCode::BadValue, &self.path))?;
        self.sealing.open(what, &sealed)
    }

    fn replace(
        &mut self,
        account: Option<StoredAccount>,
        certificate: Option<StoredCertificate>,
    ) -> Result<()> {
        let stored = Stored {
            format: FORMAT.to_owned(),
            account,
            certificate,
        };
        let bytes = serde_json::to_vec_pretty(&stored)
            .map_err(|_| StoreError::at(StoreCode::BadValue, &self.path))?;
        files::replace(&self.path, &bytes)?;
        self.stored = stored;
        Ok(())
    }
}

fn read(path: &std::path::Path) -> Result<Stored> {
    files::require_private(path)?;
    let damaged = || StoreError::at(StoreCode::BadValue, path);
    let bytes = files::read_bounded(path, LIMIT, StoreCode::BadValue)?;
    let stored: Stored = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
    match stored.format.as_str() {
        FORMAT => Ok(stored),
        _ => Err(StoreError::at(StoreCode::NewerVersion, path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyring::MasterSource;

    const DIRECTORY: &str = "https://ca.example.go.jp/directory";

    fn issued(key: &[u8]) -> IssuedCertificate {
        IssuedCertificate {
            directory: DIRECTORY.to_owned(),
            chain: "-----BEGIN CERTIFICATE-----".to_owned(),
            key: Zeroizing::new(key.to_vec()),
        }
    }

    #[test]
    fn account_and_certificate_survive_and_are_sealed() {
        let dir = tempfile::tempdir().unwrap();
        let folder = DataFolder::create_or_open(&dir.path().join("data")).unwrap();
        let master = MasterSource::standard(&folder, None);
        let mut ring = Keyring::open(&folder, &master, 1).unwrap();
        let mut kept = AcmeKeys::open(&folder, &mut ring, 2).unwrap();
        assert_eq!(kept.account(DIRECTORY).unwrap(), None);
        assert_eq!(kept.certificate().unwrap(), None);
        kept.keep_account(DIRECTORY, b"the account's secret")
            .unwrap();
        kept.keep_certificate(&issued(b"the key's secret")).unwrap();

        let path = folder.keys().join(FILE);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("secret"), "{text}");
        let mut ring = Keyring::open(&folder, &master, 3).unwrap();
        let mut again = AcmeKeys::open(&folder, &mut ring, 3).unwrap();
        let account = again.account(DIRECTORY).unwrap().unwrap();
        assert_eq!(account.as_slice(), b"the account's secret");
        let certificate = again.certificate().unwrap().unwrap();
        assert_eq!(certificate, issued(b"the key's secret"));
        // An account is of one authority and no other.
        let other = again.account("https://other.example/directory").unwrap();
        assert_eq!(other, None);
        again.drop_account().unwrap();
        assert_eq!(again.account(DIRECTORY).unwrap(), None);
        assert!(again.certificate().unwrap().is_some());

        // What seals one seals not the other: swapped, neither opens.
        kept.keep_account(DIRECTORY, b"the account's secret")
            .unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        value["certificate"]["sealed"] = value["account"]["sealed"].clone();
        std::fs::write(&path, value.to_string()).unwrap();
        let swapped = AcmeKeys::open(&folder, &mut ring, 4).unwrap();
        assert_eq!(swapped.certificate().unwrap_err().code(), "unsealable");
        std::fs::write(&path, "{}").unwrap();
        let damaged = AcmeKeys::open(&folder, &mut ring, 4).err().unwrap();
        assert_eq!(damaged.code(), "bad-value");
    }
}
