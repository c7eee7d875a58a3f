//! Why a certificate was not to be had, by stable code.

use instant_acme::Error;
use sekisho_domain::code::Reason;
use sekisho_store::StoreError;

/// Longest text of the authority's that is passed on, in characters.
const SAID_MAX: usize = 500;

/// Why an order did not come to a certificate.
#[derive(Debug, thiserror::Error)]
pub enum AcmeError {
    /// The authority's server does not answer.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// The authority's server is not known by anybody who is trusted.
    #[error("not trusted: {0}")]
    Untrusted(String),
    /// The authority refused, in its words.
    #[error("refused: {0}")]
    Refused(String),
    /// The account is one that the authority does not know any more.
    #[error("the account is unknown: {0}")]
    AccountUnknown(String),
    /// What came is no answer of an ACME server, or larger than is read.
    #[error("not understood: {0}")]
    Answer(String),
    /// The authority did not find the answer to its challenge at a name.
    #[error("the challenge failed: {0}")]
    Challenge(String),
    /// The authority offers no challenge that is answered here.
    #[error("no challenge of TLS-ALPN-01 for {0}")]
    NoChallenge(String),
    /// The authority took longer than is waited.
    #[error("timed out")]
    TimedOut,
    /// What was issued cannot be used.
    #[error("the certificate cannot be used: {0}")]
    Certificate(String),
    /// Account or certificate could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key or a request could not be made here.
    #[error("could not be made: {0}")]
    Made(String),
}

impl AcmeError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "acme.unreachable",
            Self::Untrusted(_) => "acme.untrusted",
            Self::Refused(_) => "acme.refused",
            Self::AccountUnknown(_) => "acme.account",
            Self::Answer(_) => "acme.answer",
            Self::Challenge(_) => "acme.challenge",
            Self::NoChallenge(_) => "acme.no_challenge",
            Self::TimedOut => "acme.timed_out",
            Self::Certificate(_) => "acme.certificate",
            Self::Store(error) => error.code(),
            Self::Made(_) => "acme.made",
        }
    }

    /// The same as a reason, with what it is about.
    #[must_use]
    pub fn reason(&self, directory: &str) -> Reason {
        let said = match self {
            Self::Unreachable(said)
            | Self::Untrusted(said)
            | Self::Refused(said)
            | Self::AccountUnknown(said)
            | Self::Answer(said)
            | Self::Challenge(said)
            | Self::NoChallenge(said)
            | Self::Certificate(said)
            | Self::Made(said) => said.clone(),
            Self::TimedOut => String::new(),
            Self::Store(error) => error.subject(),
        };
        let detail = match said.is_empty() {
            true => directory.to_owned(),
            false => format!("{directory}: {said}"),
        };
        Reason::new(self.code()).with("detail", detail)
    }
}

/// What somebody else's server says, for a log and a page: bounded, and on one line.
pub(super) fn said(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(SAID_MAX).collect()
}

impl From<Error> for AcmeError {
    fn from(error: Error) -> Self {
        match error {
            Error::Api(problem) => {
                let told = said(&problem.to_string());
                match problem.r#type.as_deref() {
                    Some("urn:ietf:params:acme:error:accountDoesNotExist") => {
                        Self::AccountUnknown(told)
                    }
                    _ => Self::Refused(told),
                }
            }
            // Our own line tells what failed by an error of this kind.
            Error::Other(inner) => match inner.downcast::<Self>() {
                Ok(own) => *own,
                Err(other) => Self::Answer(said(&other.to_string())),
            },
            Error::Timeout(_) => Self::TimedOut,
            Error::Crypto | Error::KeyRejected => Self::Made(error.to_string()),
            other => Self::Answer(said(&other.to_string())),
        }
    }
}
