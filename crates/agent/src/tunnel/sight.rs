//! What is said about the tunnel between the running agent and whoever asks it.

use sekisho_domain::id::SystemId;
use sekisho_domain::time::Timestamp;
use sekisho_protocol::tunnel::{BothWords, TunnelSystem};
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
        systems: Vec<SystemSight>,
        /// How many networks are too many to be sent into the tunnel, so that what lies there is not reached.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        beyond: Option<usize>,
        /// That the gateway does not answer; none where it does, or may still.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quiet: Option<Quiet>,
        /// That the server does not answer; none where it does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unheard: Option<Unheard>,
    },
}

/// A system, as whoever sits at the device is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemSight {
    /// The system.
    pub system: SystemId,
    /// What it is called.
    pub name: String,
    /// Whether it is reached; none where that is not known.
    pub reached: Option<bool>,
    /// What is missing, where it is not reached; nothing where the register lacks its address or ports.
    pub why: Vec<BothWords>,
}

impl From<&TunnelSystem> for SystemSight {
    fn from(told: &TunnelSystem) -> Self {
        Self {
            system: told.system,
            name: told.name.clone(),
            reached: Some(told.reached),
            why: told.why.clone(),
        }
    }
}

/// A server that does not answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unheard {
    /// When it answered last, by this device's clock.
    pub since: Timestamp,
    /// The stable code of what happens instead.
    pub code: String,
    /// What that is about.
    pub detail: String,
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

    /// The same where the server does not answer, with or without an interface. What it said of systems is
    /// worth nothing then: the gateway closes them within its lease, and nobody tells this device.
    #[must_use]
    pub(super) fn without_server(mut self, interface: bool, silent: Unheard) -> Self {
        match &mut self {
            Self::Up {
                systems, unheard, ..
            } if interface => {
                for system in systems {
                    system.reached = None;
                    system.why.clear();
                }
                *unheard = Some(silent);
                self
            }
            _ => Self::Held {
                code: silent.code,
                detail: silent.detail,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use sekisho_domain::id::Fresh;

    use super::*;

    const HEARD: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn silent() -> Unheard {
        Unheard {
            since: HEARD,
            code: "uplink.unreachable".to_owned(),
            detail: "192.0.2.1:443".to_owned(),
        }
    }

    fn up() -> TunnelSight {
        let system = |seed, reached| TunnelSystem {
            system: SystemId::new(Fresh([seed; 16])),
            name: "Documents".to_owned(),
            reached,
            why: Vec::new(),
        };
        let told = [system(1, true), system(2, false)];
        TunnelSight::Up {
            until: HEARD,
            address: "10.90.0.7".to_owned(),
            endpoint: "192.0.2.1:51820".to_owned(),
            networks: vec!["198.51.100.0/24".to_owned()],
            systems: told.iter().map(SystemSight::from).collect(),
            beyond: None,
            quiet: None,
            unheard: None,
        }
    }

    fn reach(sight: &TunnelSight) -> Vec<Option<bool>> {
        match sight {
            TunnelSight::Up { systems, .. } => systems.iter().map(|it| it.reached).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_is_told_to_be_reached_where_the_server_does_not_answer() {
        assert_eq!(reach(&up()), [Some(true), Some(false)]);
        let sight = up().without_server(true, silent());
        assert_eq!(reach(&sight), [None, None]);
        let TunnelSight::Up { unheard, .. } = &sight else {
            panic!("{sight:?}");
        };
        assert_eq!(unheard.as_ref(), Some(&silent()));
        // Neither to programs, and the next try tells the same again: no news.
        let told = serde_json::to_value(&sight).unwrap();
        assert_eq!(told["systems"][0]["reached"], serde_json::Value::Null);
        assert_eq!(sight.clone().without_server(true, silent()), sight);
    }

    #[test]
    fn without_an_interface_the_tunnel_has_to_wait() {
        let held = TunnelSight::Held {
            code: silent().code,
            detail: silent().detail,
        };
        assert_eq!(up().without_server(false, silent()), held);
        let down = TunnelSight::Down { why: None };
        assert_eq!(down.without_server(true, silent()), held);
    }
}
