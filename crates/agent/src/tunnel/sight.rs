//! What is said about the tunnel between the running agent and whoever asks it.

use sekisho_domain::time::Timestamp;
use sekisho_protocol::tunnel::TunnelSystem;
use serde::{Deserialize, Serialize};

/// What the agent is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TunnelAct {
    /// Bring it up, if it is not.
    Up,
    /// Take it down and end its session.
    Down,
    /// Say how it stands.
    Status,
}

/// How the tunnel stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "tunnel", rename_all = "kebab-case")]
pub enum TunnelSight {
    /// There is none.
    Down {
        /// Why the last one ended: a stable code below `tunnel.ended` of the messages; none where there was none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// There is none, because something failed.
    Failed {
        /// The stable code.
        code: String,
        /// What it is about.
        detail: String,
    },
    /// The server has been asked for; a person has to say yes.
    Waiting {
        /// What the person enters.
        user_code: String,
        /// Where.
        url: String,
        /// Until when.
        until: Timestamp,
    },
    /// The person has said yes, and the server cannot name a gateway yet, or does not answer.
    Held {
        /// The stable code.
        code: String,
        /// What it is about.
        detail: String,
    },
    /// It is up.
    Up {
        /// When it ends, whatever happens.
        until: Timestamp,
        /// This device's address in it.
        address: String,
        /// Where the gateway is.
        endpoint: String,
        /// The networks that lie behind it.
        networks: Vec<String>,
        /// The systems that permits name, and whether each is reached.
        systems: Vec<TunnelSystem>,
        /// That the gateway does not answer; none where it does, or may still.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quiet: Option<Quiet>,
    },
}

/// A gateway that does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// How many other local UDP ports were taken.
    pub ports: u32,
    /// Whether no other is taken any more.
    pub over: bool,
}

impl TunnelSight {
    /// Whether it stays so until somebody asks for something or the session ends.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        matches!(
            self,
            Self::Up { .. } | Self::Down { .. } | Self::Failed { .. }
        )
    }
}
