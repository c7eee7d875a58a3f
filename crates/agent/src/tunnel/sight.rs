//! What is said about the tunnel between the running agent and whoever asks it.

use sekisho_domain::id::SystemId;
use sekisho_domain::time::Timestamp;
use sekisho_protocol::tunnel::{BothWords, TunnelSystem};
use serde::{Deserialize, Serialize};

use crate::error::AgentError;

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
        /// How many more the server knows than it told of; none where that is all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more_systems: Option<usize>,
        /// How many networks are too many to be sent into the tunnel, so that what lies there is not reached.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        beyond: Option<usize>,
        /// That the gateway does not answer; none where it does, or may still.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quiet: Option<Quiet>,
        /// That the server does not answer; none where it does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unheard: Option<Unheard>,
        /// That the server answers and leads it nowhere; none where it does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refused: Option<Refusal>,
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
    /// What is missing, where it is not reached, or not wholly; nothing where the register lacks its address or ports.
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

/// A server that answers, and leads nowhere now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The stable code of why.
    pub code: String,
    /// What that is about.
    pub detail: String,
}

impl Refusal {
    /// Whether it says that no gateway lets this tunnel through, rather than that the server cannot say.
    fn closes(&self) -> bool {
        ["tunnel.table-full", "tunnel.network-full"].contains(&self.code.as_str())
    }
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
                systems,
                unheard,
                refused,
                ..
            } if interface => {
                all_reached(systems, None);
                *unheard = Some(silent);
                *refused = None;
                self
            }
            _ => Self::Held {
                code: silent.code,
                detail: silent.detail,
            },
        }
    }

    /// The same where the server answers and leads nowhere, with or without an interface. What it says is told,
    /// and what it said before of systems holds no longer.
    #[must_use]
    pub(super) fn where_refused(mut self, interface: bool, refusal: Refusal) -> Self {
        match &mut self {
            Self::Up {
                systems,
                quiet,
                unheard,
                refused,
                ..
            } if interface => {
                all_reached(systems, refusal.closes().then_some(false));
                // Nobody waits for a gateway that is to let nothing through.
                *quiet = None;
                *unheard = None;
                *refused = Some(refusal);
                self
            }
            _ => Self::Held {
                code: refusal.code,
                detail: refusal.detail,
            },
        }
    }
}

fn all_reached(systems: &mut [SystemSight], reached: Option<bool>) {
    for system in systems {
        system.reached = reached;
        system.why.clear();
    }
}

/// How a tunnel stands where the server was asked and said nothing of its systems: that it does not answer, since
/// when it was heard, or what it answers instead.
pub(super) fn without_answer(
    now: TunnelSight,
    interface: bool,
    error: &AgentError,
    heard_at: Timestamp,
) -> TunnelSight {
    let (code, detail) = (error.code_of_server(), error.subject());
    if error.is_answer() {
        return now.where_refused(interface, Refusal { code, detail });
    }
    let silent = Unheard {
        since: heard_at,
        code,
        detail,
    };
    now.without_server(interface, silent)
}

#[cfg(test)]
mod tests {
    use sekisho_domain::id::Fresh;
    use sekisho_uplink::UplinkError;

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
            more_systems: None,
            beyond: None,
            quiet: Some(Quiet {
                ports: 1,
                over: false,
            }),
            unheard: None,
            refused: None,
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

    fn refused(status: u16, code: Option<&str>) -> AgentError {
        let code = code.map(str::to_owned);
        UplinkError::Refused { status, code }.into()
    }

    /// What is said of a silent server, and of one that refuses.
    fn said(sight: &TunnelSight) -> (bool, Option<&str>) {
        match sight {
            TunnelSight::Up {
                unheard, refused, ..
            } => (
                unheard.is_some(),
                refused.as_ref().map(|it| it.code.as_str()),
            ),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_server_that_refuses_is_heard_and_its_code_is_told() {
        for (code, expected) in [
            ("tunnel.table-full", Some(false)),
            ("tunnel.network-full", Some(false)),
            // Which gateway leads there the server does not know just after its start: what is open may be open.
            ("tunnel.no-gateway", None),
        ] {
            let error = refused(503, Some(code));
            assert!(error.is_passing(), "{code}");
            let sight = without_answer(up(), true, &error, HEARD);
            assert_eq!(said(&sight), (false, Some(code)));
            assert_eq!(reach(&sight), [expected; 2], "{code}");
            let TunnelSight::Up { quiet: None, .. } = &sight else {
                panic!("{sight:?}");
            };
            // The next try tells the same again, and then a silence what it is.
            assert_eq!(without_answer(sight.clone(), true, &error, HEARD), sight);
            let silence = UplinkError::TimedOut.into();
            let silent = without_answer(sight, true, &silence, HEARD);
            assert_eq!(
                (said(&silent), reach(&silent)),
                ((true, None), vec![None; 2])
            );
            let again = without_answer(silent, true, &error, HEARD);
            assert_eq!(said(&again), (false, Some(code)));
            let held = without_answer(up(), false, &error, HEARD);
            let TunnelSight::Held { code: told, .. } = &held else {
                panic!("{held:?}");
            };
            assert_eq!(told, code);
        }
    }

    #[test]
    fn what_another_program_refuses_in_the_servers_place_is_no_answer() {
        let sight = without_answer(up(), true, &refused(502, None), HEARD);
        assert_eq!((said(&sight), reach(&sight)), ((true, None), vec![None; 2]));
        // A code of the server that is not about tunnels: it is heard, and nothing is known.
        let busy = refused(503, Some("store.busy"));
        let sight = without_answer(up(), true, &busy, HEARD);
        assert_eq!(said(&sight), (false, Some("uplink.refused")));
        assert_eq!(reach(&sight), [None, None]);
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
