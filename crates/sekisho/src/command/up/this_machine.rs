//! This machine as any other device: enrolled by a one-time secret, reporting with its own key.

use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use sekisho_agent::error::AgentError;
use sekisho_agent::host::Host;
use sekisho_agent::run::{Agent, Stop};
use sekisho_domain::device::DeviceClass;
use sekisho_messages::Arg;
use sekisho_protocol::admin::{Answer, Request};
use sekisho_server::admin::Desk;

use crate::fault::Fault;
use crate::output::Output;
use crate::service::Service;

/// How often it is looked whether the organisation has been founded by now.
const LOOK: Duration = Duration::from_millis(500);

/// The agent of this machine, on a thread of its own.
pub struct ThisMachine {
    stop: Stop,
    thread: JoinHandle<()>,
}

struct Task {
    desk: std::sync::Arc<Desk>,
    url: String,
    state: PathBuf,
    every: Duration,
    stop: Stop,
    output: Output,
}

impl ThisMachine {
    /// Starts it. Before the organisation is founded nothing can be enrolled; it waits for that.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(
        service: &Service,
        state: &Path,
        every_seconds: u32,
        output: Output,
    ) -> Result<Self, Fault> {
        let stop = Stop::default();
        let task = Task {
            desk: std::sync::Arc::clone(&service.desk),
            url: service.url.clone(),
            state: state.to_owned(),
            every: Duration::from_secs(u64::from(every_seconds)),
            stop: stop.clone(),
            output,
        };
        let named = std::thread::Builder::new().name("this-machine".to_owned());
        let thread = named.spawn(move || task.run())?;
        Ok(Self { stop, thread })
    }

    /// Stops it.
    pub fn stop(self) {
        self.stop.stop();
        if self.thread.join().is_err() {
            tracing::error!(code = "agent.panicked", "the agent ended abnormally");
        }
    }
}

impl Task {
    fn run(self) {
        while self.desk.app().world().organisation.is_none() {
            if self.stop.wait(LOOK) {
                return;
            }
        }
        match self.agent() {
            Ok(agent) => self.report(&agent),
            Err(fault) => self.output.fault(&fault),
        }
    }

    fn agent(&self) -> Result<Agent, Fault> {
        match Agent::open(&self.state) {
            Ok(mut agent) if self.is_known(&agent) => {
                agent.follow(&self.url)?;
                return Ok(agent);
            }
            Ok(_) => return Err(Fault::new("up.agent-of-another-ledger")),
            Err(AgentError::NotEnrolled) => {}
            Err(error) => return Err(error.into()),
        }
        self.output.note(self.output.text("cli.up.enrolling", &[]));
        let request = Request::EnrolSecret {
            unit: None,
            class: DeviceClass::Issued,
        };
        match self.desk.answer(&request, &[]) {
            Answer::Secret(secret) => Ok(Agent::enrol(&self.url, &secret, &self.state)?),
            Answer::Failed(failure) => Err(failure.into()),
            _ => Err(Fault::new("admin.not-understood")),
        }
    }

    fn is_known(&self, agent: &Agent) -> bool {
        self.desk.app().world().device(agent.device()).is_some()
    }

    fn report(&self, agent: &Agent) {
        let mut first = true;
        agent.run(
            &Host::this_machine(),
            Some(self.every),
            &self.stop,
            |told| match told {
                Ok(_) if first => {
                    first = false;
                    let said = [("device", Arg::from(agent.device().to_string()))];
                    self.output
                        .note(self.output.text("cli.up.inspected", &said));
                }
                Ok(_) => {}
                Err(error) => self.output.fault(&Fault::new(error.code()).about(error)),
            },
        );
    }
}
