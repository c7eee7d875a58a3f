//! An enrolled device: what it keeps, and what it asks of its server.

use std::path::Path;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

use sekisho_domain::id::{DeviceId, TunnelSessionId};
use sekisho_domain::time::Timestamp;
use sekisho_protocol::agent::{
    CertificateRequest, CertificateResponse, PATH_CERTIFICATE, PATH_REPORT, REPORT_MAX, Report,
    ReportReceipt,
};
use sekisho_protocol::tunnel::{
    PATH_TUNNEL, TUNNEL_MAX, TunnelQuestion, TunnelRequest, TunnelResponse, TunnelState,
};
use sekisho_uplink::{FirstTrust, Presented, ServerUrl, Trust, UplinkError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::certificate::Certificate;
use crate::client::{self, Signed};
use crate::collect;
use crate::error::AgentError;
use crate::host::Host;
use crate::identity::{DeviceKey, Enrolment, next_sequence};
use crate::run::device_clock;
use crate::state::StateDir;

/// The file of the authorities in the state folder.
const AUTHORITIES: &str = "authorities.pem";

/// An enrolled device. Reports and the tunnel ask the server side by side.
pub struct Agent {
    pub(crate) state: StateDir,
    key: DeviceKey,
    enrolment: Enrolment,
    held: RwLock<Held>,
    /// Numbers of requests are given one at a time.
    numbers: Mutex<()>,
}

/// By whom the server is known, and by what this device is.
struct Held {
    trust: Trust,
    certificate: Option<Certificate>,
}

fn load_trust(state: &StateDir) -> Result<Trust, AgentError> {
    let Some(bytes) = state.read(AUTHORITIES)? else {
        return Ok(Trust::Machine);
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| state.damaged(AUTHORITIES))?;
    Trust::pinned(text).map_err(|_| state.damaged(AUTHORITIES))
}

fn save_trust(trust: &Trust, state: &StateDir) -> Result<(), AgentError> {
    match trust.kept() {
        None => state.remove(AUTHORITIES),
        Some(pem) => state.write(AUTHORITIES, pem.as_bytes()),
    }
}

impl Agent {
    /// Enrols this device with a one-time secret and keeps the id granted in the state folder.
    /// `first` says by which authority the server is known until it names its own.
    ///
    /// # Errors
    /// [`AgentError::EnrolledAlready`] when the folder holds an enrolment; otherwise as the
    /// server or the folder fail.
    pub fn enrol(
        server: &str,
        secret: &str,
        first: &FirstTrust,
        state_dir: &Path,
    ) -> Result<Self, AgentError> {
        let server = ServerUrl::parse(server)?;
        let state = StateDir::open(state_dir)?;
        if Enrolment::load(&state)?.is_some() {
            return Err(AgentError::EnrolledAlready);
        }
        let trust = first.settle(&server)?;
        let key = DeviceKey::load_or_make(&state)?;
        let line = client::line(&server, &trust, None);
        let granted = client::enrol(&line, secret, &key)?;
        let named = granted.authorities.as_deref().map(Trust::pinned);
        let trust = named.transpose()?.unwrap_or(trust);
        let enrolment = Enrolment {
            server,
            device: granted.device,
            report_every_seconds: granted.report_every_seconds,
        };
        // Before the enrolment: what is enrolled knows whom to trust.
        save_trust(&trust, &state)?;
        enrolment.save(&state)?;
        Ok(Self::of(state, key, enrolment, (trust, None)))
    }

    /// Opens the state folder of an enrolled device.
    ///
    /// # Errors
    /// [`AgentError::NotEnrolled`]; otherwise as the folder fails.
    pub fn open(state_dir: &Path) -> Result<Self, AgentError> {
        if !state_dir.is_dir() {
            return Err(AgentError::NotEnrolled);
        }
        let state = StateDir::open(state_dir)?;
        let enrolment = Enrolment::load(&state)?.ok_or(AgentError::NotEnrolled)?;
        let key = DeviceKey::load(&state)?.ok_or(AgentError::NotEnrolled)?;
        let held = (load_trust(&state)?, Certificate::load(&state)?);
        Ok(Self::of(state, key, enrolment, held))
    }

    fn of(
        state: StateDir,
        key: DeviceKey,
        enrolment: Enrolment,
        (trust, certificate): (Trust, Option<Certificate>),
    ) -> Self {
        Self {
            state,
            key,
            enrolment,
            held: RwLock::new(Held { trust, certificate }),
            numbers: Mutex::new(()),
        }
    }

    fn held(&self) -> RwLockReadGuard<'_, Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The device's id.
    #[must_use]
    pub const fn device(&self) -> DeviceId {
        self.enrolment.device
    }

    /// Seconds between reports that the server wished when the device was enrolled.
    #[must_use]
    pub const fn report_every_seconds(&self) -> u32 {
        self.enrolment.report_every_seconds
    }

    /// Follows the server to another address of this machine: `up` may take another port, or
    /// speak TLS from now on.
    ///
    /// # Errors
    /// [`AgentError::ServerAddress`] and its like, [`AgentError::StateFile`].
    pub fn follow(&mut self, server: &str, first: &FirstTrust) -> Result<(), AgentError> {
        let server = ServerUrl::parse(server)?;
        let trust = first.settle(&server)?;
        let held = self.held.get_mut();
        let held = held.unwrap_or_else(PoisonError::into_inner);
        if trust != held.trust {
            save_trust(&trust, &self.state)?;
            held.trust = trust;
        }
        if server != self.enrolment.server {
            self.enrolment.server = server;
            self.enrolment.save(&self.state)?;
        }
        Ok(())
    }

    /// Looks at the host and sends one signed report.
    ///
    /// # Errors
    /// [`AgentError`].
    pub fn report_once(&self, host: &Host) -> Result<ReportReceipt, AgentError> {
        let observed_at = device_clock();
        let report = Report {
            agent: env!("CARGO_PKG_VERSION").to_owned(),
            observed_at,
            observations: collect::all(host, observed_at),
        };
        self.send(&report)
    }

    /// Sends a report under the next sequence number.
    ///
    /// # Errors
    /// [`AgentError`].
    pub fn send(&self, report: &Report) -> Result<ReportReceipt, AgentError> {
        self.ask(PATH_REPORT, report, REPORT_MAX)
    }

    /// Whether the next certificate is to be asked for: over TLS, at half of the last one's time.
    #[must_use]
    pub fn certificate_is_due(&self, now: Timestamp) -> bool {
        let held = self.held();
        let held = held.certificate.as_ref();
        self.enrolment.server.tls().is_some() && held.is_none_or(|held| held.is_due(now))
    }

    /// Asks for the next certificate and keeps it. Returns when it no longer holds.
    ///
    /// # Errors
    /// [`AgentError`].
    pub fn renew_certificate(&self) -> Result<Timestamp, AgentError> {
        let answer: CertificateResponse =
            self.ask(PATH_CERTIFICATE, &CertificateRequest {}, TUNNEL_MAX)?;
        let taken = Certificate::take(&answer, &self.state)?;
        let named = answer.authorities.as_deref().map(Trust::pinned);
        let named = named.transpose()?;
        let until = taken.not_after();
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        // Said over a line that the old ones vouch for.
        if let Some(named) = named.filter(|named| *named != held.trust) {
            save_trust(&named, &self.state)?;
            held.trust = named;
        }
        held.certificate = Some(taken);
        Ok(until)
    }

    /// Asks for a tunnel with a WireGuard public key (base64) that was made on this device.
    ///
    /// # Errors
    /// [`AgentError`].
    pub fn ask_for_tunnel(&self, wireguard_key: &str) -> Result<TunnelResponse, AgentError> {
        let wireguard_key = wireguard_key.to_owned();
        self.ask(PATH_TUNNEL, &TunnelRequest { wireguard_key }, TUNNEL_MAX)
    }

    /// Asks where a session stands.
    ///
    /// # Errors
    /// [`AgentError`].
    pub fn tunnel_state(&self, session: TunnelSessionId) -> Result<TunnelState, AgentError> {
        let path = format!("{PATH_TUNNEL}/{session}");
        self.ask(&path, &TunnelQuestion {}, TUNNEL_MAX)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`AgentError`].
    pub fn end_tunnel(&self, session: TunnelSessionId) -> Result<TunnelState, AgentError> {
        let path = format!("{PATH_TUNNEL}/{session}/end");
        self.ask(&path, &TunnelQuestion {}, TUNNEL_MAX)
    }

    /// Signs a request and sends it: with the certificate, where there is one that holds, and
    /// without it where the server does not accept it. The signature counts in both cases.
    fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        max: usize,
    ) -> Result<T, AgentError> {
        let now = device_clock();
        let (server, presented, trust) = self.line_of(now);
        let line = client::line(server, &trust, presented.as_ref());
        let one = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let sequence = next_sequence(&self.state, now)?;
        // Reports are counted by themselves. Of the others the numbers have to arrive in their order.
        let _in_order = (path != PATH_REPORT).then_some(one);
        let signed = Signed::new(path, (sequence, now), body, max)?;
        match signed.send(&line, &self.enrolment, &self.key) {
            // It ended in the handshake: nothing of the request was taken.
            Err(AgentError::Uplink(UplinkError::CertificateRefused { .. }))
                if presented.is_some() =>
            {
                let line = client::line(server, &trust, None);
                signed.send(&line, &self.enrolment, &self.key)
            }
            sent => sent,
        }
    }

    /// Where the server is, what is presented to it at an instant, and by whom it is known.
    fn line_of(&self, now: Timestamp) -> (&ServerUrl, Option<Presented>, Trust) {
        let held = self.held();
        let tls = self.enrolment.server.tls().is_some();
        let certificate = held.certificate.as_ref();
        let presented = certificate
            .filter(|it| tls && it.holds(now))
            .and_then(|it| {
                Some(Presented {
                    chain: it.chain()?,
                    key: self.key.private_key()?,
                })
            });
        (&self.enrolment.server, presented, held.trust.clone())
    }
}
