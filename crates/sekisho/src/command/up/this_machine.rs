//! This machine as any other device: enrolled by a one-time secret, reporting with its own key.

use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use sekisho_agent::FirstTrust;
use sekisho_agent::collect;
use sekisho_agent::error::AgentError;
use sekisho_agent::host::Host;
use sekisho_agent::run::{Agent, Stop, Told, device_clock};
use sekisho_domain::device::DeviceClass;
use sekisho_messages::{Arg, reason, text};
use sekisho_protocol::admin::{Answer, FeedLine, Request};
use sekisho_server::admin::Desk;
use sekisho_server::assessor::look;

use crate::command::assess::mark;
use crate::command::feeds::line;
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
    /// Where the server is, and by whom it is known.
    server: (String, FirstTrust),
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
            server: service.here.clone(),
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
        if self.desk.app().world().organisation.is_none() {
            self.look();
        }
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

    /// What an inspection gives before anything can be enrolled: told, and not recorded.
    fn look(&self) {
        let output = self.output;
        output.note(output.text("cli.up.not-enrolled", &[]));
        let seen = collect::all(&Host::this_machine(), device_clock());
        let results = match look(self.desk.app(), seen) {
            Ok(results) => results,
            Err(error) => return output.fault(&error.into()),
        };
        for (check, result) in results {
            let name = text(output.lang, format!("device.check.{}", check.code()), &[]);
            let mark = mark(&output, "outcome", result.outcome.code());
            output.note(format!("  {mark} {name}"));
            output.note(format!("      {}", reason(output.lang, &result.reason)));
        }
    }

    /// The feeds that are missing or stale, and how they are brought in.
    fn wanted_feeds(&self) {
        let Answer::Feeds(feeds) = self.desk.answer(&Request::FeedStatus, &[]) else {
            return;
        };
        let output = self.output;
        let wanted: Vec<_> = feeds.iter().filter(|feed| !feed.fresh).collect();
        if wanted.is_empty() {
            return;
        }
        output.note(output.text("cli.up.feeds", &[]));
        for feed in wanted {
            let source = output.text(&format!("cli.up.feed.{}", wanted_document(feed)), &[]);
            output.note(format!("  {}", line(feed, &output)));
            output.note(format!("      {source}"));
        }
        let data = self.desk.app().folder().root().display().to_string();
        let said = [("data", Arg::from(data))];
        output.note(output.text("cli.up.feeds_how", &said));
    }

    fn agent(&self) -> Result<Agent, Fault> {
        let (url, known) = &self.server;
        match Agent::open(&self.state) {
            Ok(mut agent) if self.is_known(&agent) => {
                agent.follow(url, known)?;
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
            user: None,
            telephone: false,
        };
        match self.desk.answer(&request, &[]) {
            Answer::Secret(secret) => Ok(Agent::enrol(url, &secret, known, &self.state)?),
            Answer::Failed(failure) => Err(failure.into()),
            _ => Err(Fault::new("admin.not-understood")),
        }
    }

    fn is_known(&self, agent: &Agent) -> bool {
        self.desk.app().world().device(agent.device()).is_some()
    }

    fn report(&self, agent: &Agent) {
        let mut first = true;
        let device = agent.device().to_string();
        agent.run(
            &Host::this_machine(),
            Some(self.every),
            &self.stop,
            |told| match told {
                Told::Report(Ok(_)) if first => {
                    first = false;
                    let said = [("device", Arg::from(&device))];
                    self.output
                        .note(self.output.text("cli.up.inspected", &said));
                    self.wanted_feeds();
                }
                Told::Report(Ok(_)) | Told::Certificate(Ok(_)) => {}
                Told::Report(Err(error)) | Told::Certificate(Err(error)) => {
                    self.output.fault(&Fault::new(error.code()).about(error))
                }
            },
        );
    }
}

/// The document to fetch: the part that is stale, or the kind's usual one where there is none yet.
fn wanted_document(feed: &FeedLine) -> &str {
    match feed.part.split('@').next().unwrap_or_default() {
        "" => &feed.kind,
        part => part,
    }
}
