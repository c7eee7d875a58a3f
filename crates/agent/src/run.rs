//! The agent itself: enrol once, then report again and again.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sekisho_domain::id::DeviceId;
use sekisho_domain::time::Timestamp;
use sekisho_protocol::agent::{Report, ReportReceipt};

use crate::client::{self, ServerUrl};
use crate::collect;
use crate::error::AgentError;
use crate::host::Host;
use crate::identity::{DeviceKey, Enrolment, next_sequence};
use crate::state::StateDir;

/// Shortest and longest time between reports, whatever a server wishes.
const INTERVAL: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(86_400));
/// First pause after a failure; it doubles with each further one up to the interval.
const FIRST_RETRY: Duration = Duration::from_secs(5);

/// Tells a running agent to stop.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// Asks the agent to stop; it does so at once when it is waiting.
    pub fn stop(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    /// Waits for so long, or until asked to stop. Returns whether it was.
    #[must_use]
    pub fn wait(&self, time: Duration) -> bool {
        let guard = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .0
            .1
            .wait_timeout_while(guard, time, |stopped| !*stopped);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// The time by this device's clock.
#[must_use]
pub fn device_clock() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// An enrolled device.
pub struct Agent {
    state: StateDir,
    key: DeviceKey,
    enrolment: Enrolment,
}

impl Agent {
    /// Enrols this device with a one-time secret and keeps the id granted in the state folder.
    ///
    /// # Errors
    /// [`AgentError::EnrolledAlready`] when the folder holds an enrolment; otherwise as the
    /// server or the folder fail.
    pub fn enrol(server: &str, secret: &str, state_dir: &Path) -> Result<Self, AgentError> {
        let server = ServerUrl::parse(server)?;
        let state = StateDir::open(state_dir)?;
        if Enrolment::load(&state)?.is_some() {
            return Err(AgentError::EnrolledAlready);
        }
        let key = DeviceKey::load_or_make(&state)?;
        let granted = client::enrol(&server, secret, &key)?;
        let enrolment = Enrolment {
            server,
            device: granted.device,
            report_every_seconds: granted.report_every_seconds,
        };
        enrolment.save(&state)?;
        Ok(Self {
            state,
            key,
            enrolment,
        })
    }

    /// Opens the state folder of an enrolled device.
    ///
    /// # Errors
    /// [`AgentError::NotEnrolled`]; otherwise as the folder fails.
    pub fn open(state_dir: &Path) -> Result<Self, AgentError> {
        if !state_dir.is_dir() {
            return Err(AgentError::NotEnrolled);
        }
        let state = StateDir::open(state_dir)?;
        let enrolment = Enrolment::load(&state)?.ok_or(AgentError::NotEnrolled)?;
        let key = DeviceKey::load(&state)?.ok_or(AgentError::NotEnrolled)?;
        Ok(Self {
            state,
            key,
            enrolment,
        })
    }

    /// The device's id.
    #[must_use]
    pub const fn device(&self) -> DeviceId {
        self.enrolment.device
    }

    /// Follows the server to another address of this machine: `up` may take another port.
    ///
    /// # Errors
    /// [`AgentError::ServerAddress`] and its like, [`AgentError::StateFile`].
    pub fn follow(&mut self, server: &str) -> Result<(), AgentError> {
        let server = ServerUrl::parse(server)?;
        if server != self.enrolment.server {
            self.enrolment.server = server;
            self.enrolment.save(&self.state)?;
        }
        Ok(())
    }

    /// Looks at the host and sends one signed report.
    ///
    /// # Errors
    /// [`AgentError`].
    pub fn report_once(&self, host: &Host) -> Result<ReportReceipt, AgentError> {
        let observed_at = device_clock();
        let report = Report {
            agent: env!("CARGO_PKG_VERSION").to_owned(),
            observed_at,
            observations: collect::all(host, observed_at),
        };
        self.send(&report)
    }

    /// Sends a report under the next sequence number.
    ///
    /// # Errors
    /// [`AgentError`].
    pub fn send(&self, report: &Report) -> Result<ReportReceipt, AgentError> {
        let now = device_clock();
        let sequence = next_sequence(&self.state, now)?;
        client::report(&self.enrolment, &self.key, sequence, now, report)
    }

    /// Reports until asked to stop: as often as `interval` or the server's wish says, sooner
    /// after a failure that may pass. `told` hears of every attempt.
    pub fn run(
        &self,
        host: &Host,
        interval: Option<Duration>,
        stop: &Stop,
        mut told: impl FnMut(&Result<ReportReceipt, AgentError>),
    ) {
        let mut wished = u64::from(self.enrolment.report_every_seconds);
        let mut failures = 0;
        loop {
            let result = self.report_once(host);
            told(&result);
            match &result {
                Ok(receipt) => {
                    wished = u64::from(receipt.report_every_seconds);
                    failures = 0;
                }
                Err(_) => failures += 1,
            }
            let regular = interval.unwrap_or(Duration::from_secs(wished));
            let passing = result.as_ref().err().is_some_and(AgentError::is_passing);
            let failed = if passing { failures } else { 0 };
            if stop.wait(pause(regular, failed, random_share())) {
                return;
            }
        }
    }
}

/// How long to wait: the interval a little spread, so that many devices do not report at once;
/// after passing failures a shorter, doubling time. `share` is 0 to 255.
fn pause(regular: Duration, failures: u32, share: u8) -> Duration {
    let regular = regular.clamp(INTERVAL.0, INTERVAL.1);
    let base = match failures {
        0 => regular,
        count => FIRST_RETRY
            .saturating_mul(1 << (count - 1).min(16))
            .min(regular),
    };
    // Between nine tenths and the whole; after a failure between a half and the whole.
    let spread = if failures == 0 { base / 10 } else { base / 2 };
    base - spread * u32::from(share) / 255
}

fn random_share() -> u8 {
    let mut byte = [0];
    // Without randomness all devices wait equally long, which is no fault.
    let _ = getrandom::fill(&mut byte);
    byte[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_spread_and_grow_and_stay_within_the_interval() {
        let hour = Duration::from_secs(3600);
        assert_eq!(pause(hour, 0, 0), hour);
        assert_eq!(pause(hour, 0, 255), hour * 9 / 10);
        assert_eq!(pause(hour, 1, 0), Duration::from_secs(5));
        assert_eq!(pause(hour, 3, 0), Duration::from_secs(20));
        assert_eq!(pause(hour, 3, 255), Duration::from_secs(10));
        assert_eq!(pause(hour, u32::MAX, 0), hour);
        assert_eq!(pause(Duration::ZERO, 0, 0), INTERVAL.0);
        assert_eq!(pause(Duration::MAX, 0, 0), INTERVAL.1);
    }

    #[test]
    fn stopping_ends_a_wait_at_once() {
        let stop = Stop::default();
        assert!(!stop.wait(Duration::ZERO));
        let other = stop.clone();
        let waiter = std::thread::spawn(move || other.wait(Duration::from_secs(60)));
        stop.stop();
        assert!(waiter.join().unwrap());
    }
}
