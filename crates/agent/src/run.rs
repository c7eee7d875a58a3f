//! The agent at work: reports again and again, and at once when something has changed.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sekisho_domain::time::Timestamp;
use sekisho_protocol::agent::ReportReceipt;

pub use crate::agent::Agent;
use crate::error::AgentError;
use crate::host::Host;
use crate::watch::glance;

/// Shortest and longest time between reports, whatever a server wishes.
const INTERVAL: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(86_400));
/// How often it is looked whether something has changed.
const LOOK: Duration = Duration::from_secs(60);
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
    of_system(SystemTime::now())
}

/// An instant of the operating system.
pub(crate) fn of_system(time: SystemTime) -> Timestamp {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

impl Agent {
    /// Reports until asked to stop: as often as `interval` or the server's wish says, at once when
    /// something has changed, sooner after a failure that may pass. Keeps the certificate fresh.
    /// `told` hears of every attempt. Ends by itself once the server has retired the device.
    pub fn run(
        &self,
        host: &Host,
        interval: Option<Duration>,
        stop: &Stop,
        mut told: impl FnMut(Told<'_>),
    ) {
        let mut wished = u64::from(self.report_every_seconds());
        let mut failures = 0;
        loop {
            self.renew(&mut told);
            // Before the report: what changes while it is collected is looked at again.
            let seen = glance(host, device_clock());
            let result = self.report_once(host);
            told(Told::Report(&result));
            match &result {
                Ok(receipt) => {
                    wished = u64::from(receipt.report_every_seconds);
                    failures = 0;
                }
                Err(AgentError::Retired) => return,
                Err(_) => failures += 1,
            }
            let regular = interval.unwrap_or(Duration::from_secs(wished));
            let passing = result.as_ref().err().is_some_and(AgentError::is_passing);
            let failed = if passing { failures } else { 0 };
            let wait = pause(regular, failed, random_share());
            let changed = || result.is_ok() && glance(host, device_clock()) != seen;
            if wait_for(wait, stop, changed) {
                return;
            }
        }
    }

    /// Asks for the next certificate where that is due. Without one reports go on, signed.
    fn renew(&self, told: &mut impl FnMut(Told<'_>)) {
        if self.certificate_is_due(device_clock()) {
            let renewed = self.renew_certificate();
            told(Told::Certificate(&renewed));
        }
    }
}

/// What a running agent tells of.
#[derive(Debug)]
pub enum Told<'a> {
    /// A report was sent, or could not be.
    Report(&'a Result<ReportReceipt, AgentError>),
    /// A certificate was renewed and holds until then, or could not be.
    Certificate(&'a Result<Timestamp, AgentError>),
}

/// Waits for so long, or until something has changed. Returns whether it was asked to stop.
fn wait_for(time: Duration, stop: &Stop, changed: impl Fn() -> bool) -> bool {
    let mut left = time;
    loop {
        let step = left.min(LOOK);
        if stop.wait(step) {
            return true;
        }
        left = left.saturating_sub(step);
        if left.is_zero() || changed() {
            return false;
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
    fn a_change_ends_a_wait_and_no_change_does_not() {
        let stop = Stop::default();
        let looks = std::cell::Cell::new(0);
        let never = || {
            looks.set(looks.get() + 1);
            false
        };
        assert!(!wait_for(Duration::from_millis(1), &stop, never));
        assert_eq!(looks.get(), 0, "the wait was over before the first look");
        stop.stop();
        assert!(wait_for(Duration::from_secs(600), &stop, || true));
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
