//! The device's certificate: kept beside its key, presented while it holds, renewed at half time.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sekisho_domain::time::Timestamp;
use sekisho_protocol::agent::CertificateResponse;
use sekisho_uplink::UplinkError;
use serde::{Deserialize, Serialize};

use crate::error::AgentError;
use crate::state::StateDir;

const FILE: &str = "certificate.json";
/// The certificates alone, for programs that sign in to a line with them (802.1X).
pub const FILE_FOR_OTHERS: &str = "device.certificate.pem";
/// Most certificates in a chain.
const CHAIN_MAX: usize = 4;

/// A certificate for the device's own key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The certificate, then the authority's (PEM).
    chain: String,
    /// From when on it holds.
    not_before: Timestamp,
    /// When it no longer holds.
    not_after: Timestamp,
    /// When to ask for the next one.
    renew_at: Timestamp,
}

impl Certificate {
    /// What a state folder keeps; none where it keeps none or one that cannot be read, since the
    /// next one is only a request away.
    pub(crate) fn load(state: &StateDir) -> Result<Option<Self>, AgentError> {
        let bytes = state.read(FILE)?;
        let read = bytes.and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok());
        Ok(read.filter(|it| it.chain().is_some()))
    }

    /// Takes a new one, if it can be read, and keeps it (0600).
    pub(crate) fn take(answer: &CertificateResponse, state: &StateDir) -> Result<Self, AgentError> {
        let taken = Self {
            chain: answer.chain.clone(),
            not_before: answer.not_before,
            not_after: answer.not_after,
            renew_at: answer.renew_at,
        };
        if taken.chain().is_none() {
            return Err(UplinkError::Answer.into());
        }
        let bytes = serde_json::to_vec(&taken).map_err(|_| UplinkError::Answer)?;
        state.write(FILE, &bytes)?;
        state.write(FILE_FOR_OTHERS, taken.chain.as_bytes())?;
        Ok(taken)
    }

    /// The certificates.
    pub(crate) fn chain(&self) -> Option<Vec<CertificateDer<'static>>> {
        let read: Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(self.chain.as_bytes()).collect();
        read.ok()
            .filter(|chain| (1..=CHAIN_MAX).contains(&chain.len()))
    }

    /// Whether it holds, by this device's clock.
    pub(crate) fn holds(&self, now: Timestamp) -> bool {
        self.not_before <= now && now < self.not_after
    }

    /// Whether the next one is to be asked for. One from the future, after the clock was set
    /// back, is renewed as well.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        now >= self.renew_at || now < self.not_before
    }

    /// When it no longer holds.
    #[must_use]
    pub const fn not_after(&self) -> Timestamp {
        self.not_after
    }
}
