//! Keeps the tunnel in step with its session.

use std::time::Duration;

use sekisho_domain::id::TunnelSessionId;
use sekisho_domain::time::Timestamp;
use sekisho_protocol::tunnel::{TunnelGrant, TunnelResponse, TunnelState};
use sekisho_tunnel::{InterfaceName, PrivateKey};
use sekisho_uplink::UplinkError;
use serde::{Deserialize, Serialize};

use super::desk::{Closed, TunnelDesk};
use super::interface::{Interface, beyond, free_port};
use super::sight::{Quiet, SystemSight, TunnelAct, TunnelSight, without_answer};
use super::silence::{Line, Silence};
use crate::agent::Agent;
use crate::error::AgentError;
use crate::run::device_clock;

/// The session that is kept, so that an agent that starts again takes it up.
const SESSION: &str = "tunnel.json";
/// The key of the session, made for it and removed with it.
const KEY: &str = "wireguard.key";
/// Bounds of the time between two questions, whatever a server wishes.
const POLL: (u64, u64) = (1, 60);
/// The time between two questions where the server does not answer.
const RETRY: Duration = Duration::from_secs(5);
/// How long nothing has to be done where there is no session.
const IDLE: Duration = Duration::from_secs(3600);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Session {
    session: TunnelSessionId,
    user_code: String,
    url: String,
    /// The end of the session, by the last answer.
    expires_at: Option<Timestamp>,
}

/// The keeper.
pub(super) struct Keeper<'a> {
    agent: &'a Agent,
    name: &'a InterfaceName,
    desk: &'a TunnelDesk,
    session: Option<Session>,
    interface: Option<Interface>,
    silence: Silence,
    /// When the server answered last about the session.
    heard_at: Timestamp,
}

/// How it stands after a step, and when to look again.
type Step = (TunnelSight, Duration);

impl<'a> Keeper<'a> {
    pub const fn new(agent: &'a Agent, name: &'a InterfaceName, desk: &'a TunnelDesk) -> Self {
        Self {
            agent,
            name,
            desk,
            session: None,
            interface: None,
            silence: Silence::begun(Timestamp::from_millis(0)),
            heard_at: Timestamp::from_millis(0),
        }
    }

    /// Keeps it until the desk is closed.
    pub fn keep(mut self, told: impl Fn(&TunnelSight)) {
        self.session = self.kept();
        let mut pause = Duration::ZERO;
        loop {
            if self.session.is_none() && pause == Duration::ZERO {
                pause = IDLE;
            }
            let asked = match self.desk.wait(pause) {
                Ok(asked) => asked,
                Err(Closed) => return,
            };
            let (sight, next) = self.step(asked);
            pause = next;
            if self.desk.tell(&sight, asked.is_some()) {
                told(&sight);
            }
        }
    }

    fn kept(&self) -> Option<Session> {
        // One that cannot be read is only a question away.
        let bytes = self.agent.state.read(SESSION).ok()??;
        serde_json::from_slice(&bytes).ok()
    }

    fn step(&mut self, asked: Option<TunnelAct>) -> Step {
        match (asked, self.session.clone()) {
            (Some(TunnelAct::Up), None) => self.begin(),
            (Some(TunnelAct::Down), session) => self.end(session),
            (_, Some(session)) => self.follow(session),
            (_, None) => (self.desk.now(), IDLE),
        }
    }

    /// Makes a key and asks for a session with it.
    fn begin(&mut self) -> Step {
        let begun = || -> Result<TunnelResponse, AgentError> {
            // A key of its own for each session: what one gave away opens no other.
            self.agent.state.remove(KEY)?;
            let key = PrivateKey::load_or_make(&self.agent.state.file(KEY))?;
            self.agent.ask_for_tunnel(&key.public().to_string())
        };
        let response = match begun() {
            Ok(response) => response,
            Err(error) => return self.forget(failed(&error)),
        };
        let session = Session {
            session: response.session,
            user_code: response.user_code,
            url: response.url,
            expires_at: None,
        };
        let sight = waiting(&session, response.code_until);
        match self.keep_session(session) {
            Ok(()) => (sight, poll(response.poll_every_seconds)),
            Err(error) => self.forget(failed(&error)),
        }
    }

    fn keep_session(&mut self, session: Session) -> Result<(), AgentError> {
        let bytes = serde_json::to_vec(&session).map_err(|_| UplinkError::Answer)?;
        self.agent.state.write(SESSION, &bytes)?;
        self.session = Some(session);
        Ok(())
    }

    /// Takes the interface away and forgets session and key.
    fn forget(&mut self, sight: TunnelSight) -> Step {
        self.interface = None;
        self.session = None;
        for file in [SESSION, KEY] {
            // What stays behind is told to be over at the next start.
            let _ = self.agent.state.remove(file);
        }
        (sight, IDLE)
    }

    fn end(&mut self, session: Option<Session>) -> Step {
        // Closed here first: that does not hang on the server.
        self.interface = None;
        let ended = session.map(|it| self.agent.end_tunnel(it.session));
        let sight = match ended {
            Some(Err(error)) if error.is_passing() => failed(&error),
            Some(_) => TunnelSight::Down {
                why: Some("by-device".to_owned()),
            },
            None => TunnelSight::Down { why: None },
        };
        self.forget(sight)
    }

    /// Asks how the session stands, and does accordingly.
    fn follow(&mut self, session: Session) -> Step {
        let told = self.agent.tunnel_state(session.session);
        if told.as_ref().map_or_else(AgentError::is_answer, |_| true) {
            self.heard_at = device_clock();
        }
        match told {
            Ok(TunnelState::Waiting {
                code_until,
                poll_every_seconds,
            }) => (waiting(&session, code_until), poll(poll_every_seconds)),
            Ok(TunnelState::Open(grant)) => self.carry(session, &grant),
            Ok(TunnelState::Ended { why }) => self.forget(TunnelSight::Down { why: Some(why) }),
            Err(error) if error.is_passing() => self.hold(&session, &error),
            Err(error) => self.forget(failed(&error)),
        }
    }

    /// The server does not answer, or leads nowhere now: what is up stays until its time is over. Whether
    /// anything passes the gateway decides, and until the server says so nobody does here.
    fn hold(&mut self, session: &Session, error: &AgentError) -> Step {
        let over = session.expires_at.is_some_and(|it| it <= device_clock());
        if over {
            let why = Some("over".to_owned());
            return self.forget(TunnelSight::Down { why });
        }
        let (now, interface) = (self.desk.now(), self.interface.is_some());
        (without_answer(now, interface, error, self.heard_at), RETRY)
    }

    fn carry(&mut self, mut session: Session, grant: &TunnelGrant) -> Step {
        let quiet = match self.bring_up(grant).and_then(|()| self.listen(grant)) {
            Ok(quiet) => quiet,
            Err(error) => {
                // Nothing of it stays half done; the session goes too, so that nobody waits for it.
                let _ = self.agent.end_tunnel(session.session);
                return self.forget(failed(&error));
            }
        };
        if session.expires_at != Some(grant.expires_at) {
            session.expires_at = Some(grant.expires_at);
            if let Err(error) = self.keep_session(session) {
                return self.forget(failed(&error));
            }
        }
        let sight = TunnelSight::Up {
            until: grant.expires_at,
            address: grant.place.address.to_string(),
            endpoint: grant.place.endpoint.clone(),
            networks: grant.place.networks.clone(),
            beyond: beyond(&grant.place),
            systems: grant.systems.iter().map(SystemSight::from).collect(),
            more_systems: grant.more_systems,
            quiet,
            unheard: None,
            refused: None,
        };
        (sight, poll(grant.poll_every_seconds))
    }

    fn bring_up(&mut self, grant: &TunnelGrant) -> Result<(), AgentError> {
        if let Some(interface) = &mut self.interface {
            if interface.follow(&grant.place)? {
                return Ok(());
            }
            // Its name has to be free before it is made anew.
            self.interface = None;
        }
        self.silence = Silence::begun(device_clock());
        self.make(grant, None)
    }

    /// Makes the interface, on a local port where one is given.
    fn make(&mut self, grant: &TunnelGrant, port: Option<u16>) -> Result<(), AgentError> {
        let key = PrivateKey::load(&self.agent.state.file(KEY))?;
        let key = key.ok_or_else(|| self.agent.state.damaged(KEY))?;
        self.interface = Some(Interface::up(self.name, &key, &grant.place, port)?);
        Ok(())
    }

    /// Looks whether the gateway answers, and takes another local port where it does not. Where no system
    /// is reached nobody waits for an answer.
    fn listen(&mut self, grant: &TunnelGrant) -> Result<Option<Quiet>, AgentError> {
        let now = device_clock();
        if !grant.systems.iter().any(|it| it.reached) {
            self.silence = Silence::begun(now);
            return Ok(None);
        }
        // What cannot be read changes nothing.
        let seen = self.interface.as_ref().map(Interface::handshake_at);
        let Some(Ok(handshake_at)) = seen else {
            return Ok(None);
        };
        let line = self.silence.look(handshake_at, now);
        if line == Line::TakeAnother {
            // Found while the old one is held, so that it is another.
            let port = free_port();
            self.interface = None;
            self.make(grant, port).or_else(|error| {
                // Somebody may have taken it meanwhile: then the system names one. That ends no session.
                port.map_or(Err(error), |_| self.make(grant, None))
            })?;
        }
        Ok(self.silence.told(line))
    }
}

fn waiting(session: &Session, until: Timestamp) -> TunnelSight {
    TunnelSight::Waiting {
        user_code: session.user_code.clone(),
        url: session.url.clone(),
        until,
    }
}

fn failed(error: &AgentError) -> TunnelSight {
    TunnelSight::Failed {
        code: error.code_of_server(),
        detail: error.subject(),
    }
}

fn poll(seconds: u32) -> Duration {
    Duration::from_secs(u64::from(seconds).clamp(POLL.0, POLL.1))
}
