//! What can go wrong, with stable codes. The sentences for people are in the message catalogue.

use std::path::PathBuf;

/// Why the agent could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// A file of the state folder could not be read or written.
    #[error("state file {path}: {source}")]
    StateFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of the state folder is damaged.
    #[error("state file {path} is damaged")]
    StateDamaged {
        /// The file.
        path: PathBuf,
    },
    /// The key file can be read by others than its owner.
    #[error("key file {path} is open to others")]
    KeyExposed {
        /// The file.
        path: PathBuf,
    },
    /// Another agent uses the state folder.
    #[error("state folder {path} is in use")]
    StateInUse {
        /// The folder.
        path: PathBuf,
    },
    /// The device is not enrolled.
    #[error("not enrolled")]
    NotEnrolled,
    /// The device is enrolled already.
    #[error("enrolled already")]
    EnrolledAlready,
    /// The operating system gives no randomness.
    #[error("no randomness")]
    NoRandomness,
    /// The address of the server is not understood.
    #[error("not an address: {address}")]
    ServerAddress {
        /// The address as given.
        address: String,
    },
    /// Unencrypted HTTP is only for this machine itself.
    #[error("not a loopback address: {address}")]
    ServerNotLoopback {
        /// The address as given.
        address: String,
    },
    /// The server is not known by an authority that is trusted.
    #[error("not trusted: {detail}")]
    ServerUntrusted {
        /// What of its certificate does not hold.
        detail: String,
    },
    /// The server did not accept this device's certificate.
    #[error("the certificate was not accepted: {detail}")]
    CertificateRefused {
        /// What the server said.
        detail: String,
    },
    /// A fingerprint is not 64 hex digits.
    #[error("not a fingerprint")]
    Fingerprint,
    /// The authorities to be trusted hold no certificate.
    #[error("no authorities")]
    Authorities,
    /// The server does not answer.
    #[error("unreachable: {detail}")]
    ServerUnreachable {
        /// What the system said.
        detail: String,
    },
    /// The server did not answer in time.
    #[error("timed out")]
    ServerTimedOut,
    /// The server refused.
    #[error("refused with {status}")]
    ServerRefused {
        /// The status code of HTTP.
        status: u16,
        /// The server's own stable code, when it gave one.
        code: Option<String>,
    },
    /// The server has retired this device for good.
    #[error("retired")]
    Retired,
    /// The server's answer is not understood, or larger than the limit.
    #[error("answer not understood")]
    ServerAnswer,
    /// The report is larger than a server reads.
    #[error("report of {bytes} bytes")]
    ReportTooLarge {
        /// Its size in bytes.
        bytes: usize,
    },
}

impl AgentError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::StateFile { .. } => "agent.state.file",
            Self::StateDamaged { .. } => "agent.state.damaged",
            Self::KeyExposed { .. } => "agent.state.key_exposed",
            Self::StateInUse { .. } => "agent.state.in_use",
            Self::NotEnrolled => "agent.not_enrolled",
            Self::EnrolledAlready => "agent.enrolled_already",
            Self::NoRandomness => "agent.no_randomness",
            Self::ServerAddress { .. } => "agent.server.address",
            Self::ServerNotLoopback { .. } => "agent.server.not_loopback",
            Self::ServerUntrusted { .. } => "agent.server.untrusted",
            Self::CertificateRefused { .. } => "agent.certificate_refused",
            Self::Fingerprint => "agent.fingerprint",
            Self::Authorities => "agent.authorities",
            Self::ServerUnreachable { .. } => "agent.server.unreachable",
            Self::ServerTimedOut => "agent.server.timed_out",
            Self::ServerRefused { .. } => "agent.server.refused",
            Self::Retired => "agent.retired",
            Self::ServerAnswer => "agent.server.answer",
            Self::ReportTooLarge { .. } => "agent.report.too_large",
        }
    }

    /// What the error is about, in no language: a path, an address, a code. Empty where there is
    /// nothing to name.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::StateFile { path, source } => format!("{}: {}", path.display(), source.kind()),
            Self::StateDamaged { path } | Self::KeyExposed { path } | Self::StateInUse { path } => {
                path.display().to_string()
            }
            Self::ServerAddress { address } | Self::ServerNotLoopback { address } => {
                address.clone()
            }
            Self::ServerUnreachable { detail }
            | Self::ServerUntrusted { detail }
            | Self::CertificateRefused { detail } => detail.clone(),
            Self::ServerRefused { status, code } => match code {
                Some(code) => format!("HTTP {status}: {code}"),
                None => format!("HTTP {status}"),
            },
            Self::ReportTooLarge { bytes } => format!("{bytes} B"),
            Self::NotEnrolled
            | Self::EnrolledAlready
            | Self::NoRandomness
            | Self::Fingerprint
            | Self::Authorities
            | Self::ServerTimedOut
            | Self::Retired
            | Self::ServerAnswer => String::new(),
        }
    }

    /// Whether trying again later may help: the server is away, busy or restarting.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::ServerUnreachable { .. }
            | Self::ServerTimedOut
            | Self::ServerAnswer
            | Self::CertificateRefused { .. } => true,
            Self::ServerRefused { status, .. } => {
                *status >= 500 || *status == 429 || *status == 408
            }
            _ => false,
        }
    }
}
