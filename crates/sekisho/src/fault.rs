//! What goes wrong in a command: a stable code, what it is about, and the exit code.

use std::path::Path;

use sekisho_domain::code::Reason;
use sekisho_protocol::admin::Failure;
use sekisho_store::{DataLock, StoreCode};

/// A command that did not come to its end.
#[derive(Debug)]
pub struct Fault {
    /// Stable code with parameters.
    pub reason: Reason,
    refused: bool,
}

impl Fault {
    /// A usage error or fault: exit code 2.
    pub fn new(code: &str) -> Self {
        Self {
            reason: reason(code),
            refused: false,
        }
    }

    /// A fault that has been said as a reason elsewhere.
    pub const fn of(reason: Reason) -> Self {
        Self {
            reason,
            refused: false,
        }
    }

    /// A refusal: exit code 1.
    pub fn refusal(code: &str) -> Self {
        Self {
            reason: reason(code),
            refused: true,
        }
    }

    /// The same, telling what it is about.
    pub fn about(mut self, what: impl std::fmt::Display) -> Self {
        self.reason = self.reason.with("detail", what.to_string());
        self
    }

    /// 1 for refusals, 2 for faults.
    pub const fn exit_code(&self) -> u8 {
        if self.refused { 1 } else { 2 }
    }
}

fn reason(code: &str) -> Reason {
    Reason {
        code: code.to_owned().into(),
        params: std::collections::BTreeMap::default(),
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self {
            reason: failure.reason,
            refused: failure.refused,
        }
    }
}

impl From<sekisho_store::StoreError> for Fault {
    fn from(error: sekisho_store::StoreError) -> Self {
        let subject = error.subject();
        if error.kind() == StoreCode::Locked {
            let data = Path::new(&subject).parent().unwrap_or(Path::new("."));
            let holder = DataLock::holder(data).map(|process| format!("{subject}, pid {process}"));
            return Self::new(error.code()).about(holder.unwrap_or(subject));
        }
        Self::new(error.code()).about(subject)
    }
}

impl From<sekisho_server::app::open::OpenError> for Fault {
    fn from(error: sekisho_server::app::open::OpenError) -> Self {
        use sekisho_server::app::open::OpenError;
        match error {
            OpenError::Store(error) => error.into(),
            OpenError::RolledBack { known, found } => {
                Self::new("ledger.rolled-back").about(format!("{found} / {known}"))
            }
            OpenError::Record { sequence, .. } | OpenError::World { sequence, .. } => {
                // What is wrong with it is for the log: it names parts of the program.
                tracing::error!(code = error.code(), %error, "the ledger cannot be read");
                Self::new(error.code()).about(format!("seq {sequence}"))
            }
            other => Self::new(other.code()).about(other),
        }
    }
}

impl From<sekisho_agent::error::AgentError> for Fault {
    fn from(error: sekisho_agent::error::AgentError) -> Self {
        Self::new(error.code()).about(error.subject())
    }
}

impl From<sekisho_gateway::GatewayError> for Fault {
    fn from(error: sekisho_gateway::GatewayError) -> Self {
        Self::new(error.code()).about(error.subject())
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::new("io").about(error)
    }
}
