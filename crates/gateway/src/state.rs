//! The gateway's data folder: its keys, what enrolment granted, and the counters that only grow.

use std::fs::{File, OpenOptions, TryLockError};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sekisho_domain::id::GatewayId;
use sekisho_domain::time::Timestamp;
use sekisho_protocol::network::IpNetwork;
use sekisho_protocol::request_key::RequestKey;
use sekisho_tunnel::{PrivateKey, TunnelError, private_file};
use sekisho_uplink::{ServerUrl, Trust};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::GatewayError;

const REQUEST_KEY: &str = "request.key.pem";
const TUNNEL_KEY: &str = "wireguard.key";
const AUTHORITIES: &str = "authorities.pem";
const ENROLMENT: &str = "enrolment.json";
const REQUEST_SEQUENCE: &str = "request-sequence";
const TABLE_SEQUENCE: &str = "table-sequence";

/// What enrolment granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Enrolment {
    /// The server that granted it.
    pub server: ServerUrl,
    /// The gateway's id there.
    pub gateway: GatewayId,
    /// The key that signs tables, base64url.
    pub table_key: String,
    /// The addresses of tunnels.
    pub network: IpNetwork,
    /// The gateway's own among them.
    pub address: IpAddr,
    /// The UDP port of WireGuard.
    pub listen_port: u16,
    /// The length of leases in seconds.
    pub lease_seconds: u32,
}

/// A data folder, held by one gateway at a time.
#[derive(Debug)]
pub(crate) struct StateDir {
    path: PathBuf,
    /// Request numbers are given one at a time.
    numbers: Mutex<()>,
    /// Held for as long as the folder is in use; the lock ends with the process.
    _lock: File,
}

impl StateDir {
    /// Opens the folder, making it (0700) when it is not there, and locks it.
    pub fn open(path: &Path) -> Result<Self, GatewayError> {
        private_file::make_folder(path)?;
        let file = path.join("lock");
        let failed = |source| TunnelError::File {
            path: file.clone(),
            source,
        };
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&file)
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_path_buf(),
                numbers: Mutex::new(()),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(GatewayError::InUse {
                folder: path.display().to_string(),
            }),
            Err(TryLockError::Error(source)) => Err(failed(source).into()),
        }
    }

    fn damaged(&self, name: &str) -> GatewayError {
        GatewayError::Damaged {
            file: self.path.join(name).display().to_string(),
        }
    }

    /// The key of WireGuard, made now when there is none.
    pub fn tunnel_key(&self) -> Result<PrivateKey, GatewayError> {
        Ok(PrivateKey::load_or_make(&self.path.join(TUNNEL_KEY))?)
    }

    /// The key of requests, made now when there is none.
    pub fn request_key(&self) -> Result<RequestKey, GatewayError> {
        let path = self.path.join(REQUEST_KEY);
        if let Some(pem) = private_file::read(&path)? {
            let text = std::str::from_utf8(&pem).map_err(|_| self.damaged(REQUEST_KEY))?;
            return RequestKey::from_pem(text).map_err(|_| self.damaged(REQUEST_KEY));
        }
        let mut bytes = Zeroizing::new([0; 32]);
        loop {
            getrandom::fill(bytes.as_mut()).map_err(|_| TunnelError::NoRandomness)?;
            // One in 2^32 of all 32-byte strings is no valid scalar.
            let Ok(key) = RequestKey::from_random(&bytes) else {
                continue;
            };
            key.with_pem(|pem| private_file::write(&path, pem.as_bytes()))
                .map_err(|_| self.damaged(REQUEST_KEY))??;
            return Ok(key);
        }
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, GatewayError> {
        let Some(bytes) = private_file::read(&self.path.join(name))? else {
            return Ok(None);
        };
        let read = serde_json::from_slice(&bytes);
        read.map(Some).map_err(|_| self.damaged(name))
    }

    fn write<T: Serialize>(&self, name: &str, value: &T) -> Result<(), GatewayError> {
        let bytes = serde_json::to_vec(value).map_err(|_| self.damaged(name))?;
        Ok(private_file::write(&self.path.join(name), &bytes)?)
    }

    /// By whom the server is known.
    pub fn trust(&self) -> Result<Trust, GatewayError> {
        let Some(pem) = private_file::read(&self.path.join(AUTHORITIES))? else {
            return Ok(Trust::Machine);
        };
        let text = std::str::from_utf8(&pem).map_err(|_| self.damaged(AUTHORITIES))?;
        Trust::pinned(text).map_err(|_| self.damaged(AUTHORITIES))
    }

    /// Keeps by whom the server is known.
    pub fn keep_trust(&self, trust: &Trust) -> Result<(), GatewayError> {
        let path = self.path.join(AUTHORITIES);
        match trust.kept() {
            Some(pem) => Ok(private_file::write(&path, pem.as_bytes())?),
            None => match std::fs::remove_file(&path) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    Err(TunnelError::File { path, source }.into())
                }
                _ => Ok(()),
            },
        }
    }

    /// What enrolment granted; none before.
    pub fn enrolment(&self) -> Result<Option<Enrolment>, GatewayError> {
        self.read(ENROLMENT)
    }

    /// Keeps what enrolment granted.
    pub fn keep_enrolment(&self, enrolment: &Enrolment) -> Result<(), GatewayError> {
        self.write(ENROLMENT, enrolment)
    }

    /// The sequence of the last table that was accepted; 0 before the first. It outlives the
    /// process, so that an older table cannot be played to a gateway that was restarted.
    pub fn table_sequence(&self) -> Result<u64, GatewayError> {
        Ok(self.read(TABLE_SEQUENCE)?.unwrap_or(0))
    }

    /// Keeps the sequence of an accepted table.
    pub fn keep_table_sequence(&self, sequence: u64) -> Result<(), GatewayError> {
        self.write(TABLE_SEQUENCE, &sequence)
    }

    /// The next number of a request, stored before it is used: the time in milliseconds unless
    /// that is not larger than the last one. So it also grows on after an older copy was restored.
    pub fn next_request(&self, now: Timestamp) -> Result<u64, GatewayError> {
        let _one = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let last: u64 = self.read(REQUEST_SEQUENCE)?.unwrap_or(0);
        let time = u64::try_from(now.as_millis()).unwrap_or(0);
        let next = time.max(last.saturating_add(1));
        self.write(REQUEST_SEQUENCE, &next)?;
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway");
        let state = StateDir::open(&path).unwrap();
        assert_eq!(StateDir::open(&path).unwrap_err().code(), "gateway.in_use");
        assert!(state.enrolment().unwrap().is_none());
        assert_eq!(state.table_sequence().unwrap(), 0);
        state.keep_table_sequence(41).unwrap();
        let at = Timestamp::from_millis;
        assert_eq!(state.next_request(at(5000)).unwrap(), 5000);
        assert_eq!(state.next_request(at(10)).unwrap(), 5001);
        let keys = |state: &StateDir| {
            let requests = state.request_key().unwrap().public_key();
            (requests, state.tunnel_key().unwrap().public())
        };
        let made = keys(&state);
        drop(state);
        let again = StateDir::open(&path).unwrap();
        assert_eq!(keys(&again), made);
        assert_eq!(again.table_sequence().unwrap(), 41);
        private_file::write(&path.join(TABLE_SEQUENCE), b"x").unwrap();
        assert_eq!(
            again.table_sequence().unwrap_err().code(),
            "gateway.damaged"
        );
    }
}
