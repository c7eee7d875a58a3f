//! What can go wrong, with stable codes. The sentences for people are in the message catalogue.

use std::path::PathBuf;

use sekisho_tunnel::TunnelError;
use sekisho_uplink::UplinkError;

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
    /// The server could not be asked.
    #[error(transparent)]
    Uplink(#[from] UplinkError),
    /// The interface or key of the tunnel.
    #[error(transparent)]
    Tunnel(#[from] TunnelError),
    /// What the server grants for a tunnel cannot be carried out.
    #[error("not a usable grant: {detail}")]
    Grant {
        /// What of it.
        detail: String,
    },
    /// No agent runs on the state folder, which could hold a tunnel.
    #[error("no agent runs")]
    NotRunning,
    /// The server has retired this device for good.
    #[error("retired")]
    Retired,
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
            Self::Uplink(error) => error.code(),
            Self::Tunnel(error) => error.code(),
            Self::Grant { .. } => "agent.grant",
            Self::NotRunning => "agent.not_running",
            Self::Retired => "agent.retired",
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
            Self::Uplink(error) => error.subject(),
            Self::Tunnel(error) => error.subject(),
            Self::Grant { detail } => detail.clone(),
            Self::ReportTooLarge { bytes } => format!("{bytes} B"),
            Self::NotEnrolled
            | Self::EnrolledAlready
            | Self::NoRandomness
            | Self::NotRunning
            | Self::Retired => String::new(),
        }
    }

    /// The code that says most to a person about a tunnel: the server's own where it refused with one
    /// below `tunnel`.
    #[must_use]
    pub fn code_of_server(&self) -> String {
        match self {
            Self::Uplink(UplinkError::Refused {
                code: Some(code), ..
            }) if code.starts_with("tunnel.") => code.clone(),
            other => other.code().to_owned(),
        }
    }

    /// Whether it is an answer of the server, which says no: it is there. One without a code of its own is of
    /// whatever stands before it.
    #[must_use]
    pub const fn is_answer(&self) -> bool {
        matches!(
            self,
            Self::Uplink(UplinkError::Refused { code: Some(_), .. })
        )
    }

    /// Whether trying again later may help: the server is away, busy or restarting.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Uplink(error) => error.is_passing(),
            _ => false,
        }
    }
}
