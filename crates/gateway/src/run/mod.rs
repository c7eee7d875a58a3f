//! A gateway at work: starts closed, follows the tables, closes when it should, reports.

mod keeper;
mod line;
mod looks;
mod reporter;
mod requests;
mod start;
mod threads;
mod watch;
mod work;

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sekisho_domain::id::GatewayId;
use sekisho_protocol::access_table::{Expectation, TableVerifier};
use sekisho_tunnel::InterfaceName;
use sekisho_uplink::{FirstTrust, ServerUrl};

use self::keeper::Keeper;
use self::watch::{Machine, Watched};
use self::work::Work;
use crate::client::{self, Client};
use crate::clock::{Clock, wall};
use crate::controller::Controller;
use crate::error::GatewayError;
use crate::masquerade;
use crate::state::{Enrolment, StateDir};

/// Tells a running gateway to stop.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// Asks to stop.
    pub fn stop(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    /// Whether it was asked.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for so long, or until asked to stop. Returns whether it was.
    #[must_use]
    pub fn wait(&self, time: Duration) -> bool {
        let guard = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.1.wait_timeout_while(guard, time, |asked| !*asked);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// How a gateway runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// The tunnel's interface.
    pub interface: InterfaceName,
    /// Another UDP port than the one that enrolment granted.
    pub listen_port: Option<u16>,
    /// The time between reports.
    pub report_every: Duration,
    /// Whether this machine may forward packets past the tunnel, as its own rules say.
    pub forwards_others: bool,
}

impl Options {
    /// The time between reports where nothing else is asked for.
    pub const REPORT_EVERY: Duration = Duration::from_secs(30);
}

/// What happens at a gateway, for whoever watches it.
#[derive(Debug)]
pub enum Event {
    /// The filter is in place, closed, and the interface is up.
    Started {
        /// Who carries WireGuard out.
        kind: sekisho_tunnel::Kind,
    },
    /// A table is carried out.
    Carried {
        /// Its sequence.
        sequence: u64,
        /// How many tunnels it names.
        peers: usize,
    },
    /// The lease is over; everything is closed until a table comes.
    Closed,
    /// A table is refused, the server is away, or something could not be carried out.
    Trouble(GatewayError),
}

/// An enrolled gateway.
pub struct Gateway {
    state: Arc<StateDir>,
    enrolment: Enrolment,
    verifier: TableVerifier,
}

impl Gateway {
    /// The public key of this gateway's requests, made now when there is none: what an officer enters
    /// in the register.
    ///
    /// # Errors
    /// As the folder fails.
    pub fn public_key(data: &Path) -> Result<String, GatewayError> {
        Ok(StateDir::open(data)?.request_key()?.public_key())
    }

    /// Enrols this gateway, whose key stands in the register, and keeps what was granted in the data
    /// folder. `first` says by which authority the server is known from here on.
    ///
    /// # Errors
    /// [`GatewayError::EnrolledAlready`]; otherwise as server or folder fail.
    pub fn enrol(server: &str, first: &FirstTrust, data: &Path) -> Result<Self, GatewayError> {
        let server = ServerUrl::parse(server)?;
        let state = StateDir::open(data)?;
        if state.enrolment()?.is_some() {
            return Err(GatewayError::EnrolledAlready);
        }
        let key = state.request_key()?;
        let trust = first.settle(&server)?;
        let granted = client::hello(&client::line(&server, &trust), &key, &state)?;
        // A key that cannot verify would leave a gateway that never opens: better told now.
        TableVerifier::parse(&granted.table_key)?;
        // Before the enrolment: what is enrolled knows whom to trust.
        state.keep_trust(&trust)?;
        state.keep_enrolment(&Enrolment {
            server,
            gateway: granted.gateway,
            table_key: granted.table_key,
            network: granted.network,
            address: granted.address,
            listen_port: granted.listen_port,
            lease_seconds: granted.lease_seconds,
        })?;
        Self::of(state)
    }

    /// Opens the data folder of an enrolled gateway.
    ///
    /// # Errors
    /// [`GatewayError::NotEnrolled`]; otherwise as the folder fails.
    pub fn open(data: &Path) -> Result<Self, GatewayError> {
        if !data.is_dir() {
            return Err(GatewayError::NotEnrolled);
        }
        Self::of(StateDir::open(data)?)
    }

    /// The same for one that is about to run: first of all everything is closed, by what needs nothing but the
    /// interface's name. So a folder that cannot be read leaves no machine that forwards what it likes. Another
    /// gateway that is at work with the folder is left alone.
    ///
    /// # Errors
    /// As [`Gateway::open`], and as the packet filter fails.
    pub fn open_closed(data: &Path, options: &Options) -> Result<Self, GatewayError> {
        let state = if data.is_dir() {
            StateDir::open(data)
        } else {
            Err(GatewayError::NotEnrolled)
        };
        let others = matches!(state, Err(GatewayError::InUse { .. }));
        let sealed = if others { Ok(()) } else { start::seal(options) };
        let gateway = Self::of(state?)?;
        sealed?;
        Ok(gateway)
    }

    fn of(state: StateDir) -> Result<Self, GatewayError> {
        let enrolment = state.enrolment()?.ok_or(GatewayError::NotEnrolled)?;
        Ok(Self {
            verifier: TableVerifier::parse(&enrolment.table_key)?,
            enrolment,
            state: Arc::new(state),
        })
    }

    /// The gateway's id.
    #[must_use]
    pub const fn id(&self) -> GatewayId {
        self.enrolment.gateway
    }

    /// Runs until asked to stop, following the server that it was enrolled at, or another address
    /// of it.
    ///
    /// # Errors
    /// Whatever keeps it from starting; once it runs, troubles are told to `told`.
    pub fn run(
        &self,
        server: Option<&str>,
        options: &Options,
        stop: &Stop,
        told: impl FnMut(Event),
    ) -> Result<(), GatewayError> {
        let server = match server {
            Some(text) => ServerUrl::parse(text)?,
            None => self.enrolment.server.clone(),
        };
        let key = self.state.request_key()?;
        let line = client::line(&server, &self.state.trust()?);
        let client = Client::new(line, self.id(), key, self.state.clone());
        // The register may name another port by now. A server that is away names none: then it is that of before.
        let port = client
            .greet()
            .map_or(self.enrolment.listen_port, |it| it.listen_port);
        if port != self.enrolment.listen_port {
            self.state.keep_enrolment(&Enrolment {
                listen_port: port,
                ..self.enrolment.clone()
            })?;
        }
        self.follow(Arc::new(client), port, options, stop, told)
    }

    /// Runs until asked to stop, following a controller that named this port.
    fn follow(
        &self,
        controller: Arc<dyn Controller>,
        port: u16,
        options: &Options,
        stop: &Stop,
        mut told: impl FnMut(Event),
    ) -> Result<(), GatewayError> {
        let expected = Expectation {
            gateway: self.enrolment.gateway,
            network: self.enrolment.network,
            address: self.enrolment.address,
            after: self.state.table_sequence()?,
        };
        let line = start::start(&self.enrolment, &self.state, options, port)?;
        told(Event::Started {
            kind: line.tunnel.kind(),
        });
        let troubles = [line.conntrack.trouble(), masquerade::trouble()];
        for trouble in troubles.into_iter().flatten() {
            told(Event::Trouble(trouble));
        }
        let machine = Machine {
            forwards_others: options.forwards_others,
            listen_port: options.listen_port.is_none().then_some(port),
        };
        let watched = Arc::new(Mutex::new(Watched::begin(wall(), machine)));
        let (send, messages) = sync_channel(1);
        let lease = Duration::from_secs(u64::from(self.enrolment.lease_seconds));
        looks::begin(line.filter.clone(), stop.clone(), send.clone())?;
        let anew = requests::begin(controller.clone(), lease, stop.clone(), send)?;
        let source = reporter::Source {
            filter: line.filter.clone(),
            tunnel: line.tunnel.clone(),
            watched: watched.clone(),
        };
        let reports = reporter::begin(controller, source, options.report_every)?;
        let mut work = Work {
            keeper: Keeper::new(line, self.verifier.clone(), expected),
            watched,
            state: self.state.clone(),
            clock: Clock::start(),
            anew,
            reports,
        };
        work.follow(&messages, stop, &mut told);
        stop.stop();
        work.end()
    }
}

fn locked(watched: &Mutex<Watched>) -> MutexGuard<'_, Watched> {
    watched.lock().unwrap_or_else(PoisonError::into_inner)
}
