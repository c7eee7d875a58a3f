//! What can go wrong between here and the server, with stable codes. Sentences for people are in the
//! catalogue.

/// Why the server could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum UplinkError {
    /// The address of the server is not understood.
    #[error("not an address: {address}")]
    Address {
        /// The address as given.
        address: String,
    },
    /// Unencrypted HTTP is only for this machine itself.
    #[error("not a loopback address: {address}")]
    NotLoopback {
        /// The address as given.
        address: String,
    },
    /// The server is not known by an authority that is trusted.
    #[error("not trusted: {detail}")]
    Untrusted {
        /// What of its certificate does not hold.
        detail: String,
    },
    /// The server did not accept the certificate that was presented.
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
    Unreachable {
        /// What the system said.
        detail: String,
    },
    /// The server did not answer in time.
    #[error("timed out")]
    TimedOut,
    /// The server refused.
    #[error("refused with {status}")]
    Refused {
        /// The status code of HTTP.
        status: u16,
        /// The server's own stable code, when it gave one.
        code: Option<String>,
    },
    /// The server's answer is not understood, or larger than the limit.
    #[error("answer not understood")]
    Answer,
}

impl UplinkError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Address { .. } => "uplink.address",
            Self::NotLoopback { .. } => "uplink.not_loopback",
            Self::Untrusted { .. } => "uplink.untrusted",
            Self::CertificateRefused { .. } => "uplink.certificate_refused",
            Self::Fingerprint => "uplink.fingerprint",
            Self::Authorities => "uplink.authorities",
            Self::Unreachable { .. } => "uplink.unreachable",
            Self::TimedOut => "uplink.timed_out",
            Self::Refused { .. } => "uplink.refused",
            Self::Answer => "uplink.answer",
        }
    }

    /// What it is about, in no language. Empty where there is nothing to name.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Address { address } | Self::NotLoopback { address } => address.clone(),
            Self::Unreachable { detail }
            | Self::Untrusted { detail }
            | Self::CertificateRefused { detail } => detail.clone(),
            Self::Refused { status, code } => match code {
                Some(code) => format!("HTTP {status}: {code}"),
                None => format!("HTTP {status}"),
            },
            Self::Fingerprint | Self::Authorities | Self::TimedOut | Self::Answer => String::new(),
        }
    }

    /// Whether trying again later may help: the server is away, busy or restarting.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::TimedOut
            | Self::Answer
            | Self::CertificateRefused { .. } => true,
            Self::Refused { status, .. } => *status >= 500 || *status == 429 || *status == 408,
            _ => false,
        }
    }
}
