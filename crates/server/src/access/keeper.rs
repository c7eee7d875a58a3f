//! A thread that stores what the decision point answered.

use std::time::{Duration, Instant};

use crate::app::App;
use crate::keeper::{Keeper, Turn, stand_back};

/// How often it is looked whether there is something to be stored.
pub(super) const EVERY: Duration = Duration::from_millis(250);
/// So many times as long as storing took it rests, so that those who ask have the machine. Answers come as one
/// the more often, the longer they gather.
const REST: u32 = 12;
/// Answers that are stored in one go: a few thousandths of a second.
const AT_ONCE: usize = 128;
impl Keeper {
    /// Keeps what was answered to questions.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn of_decisions(app: App) -> std::io::Result<Self> {
        let mut begins = true;
        Self::start("decision-log", EVERY, move |turn| {
            if std::mem::take(&mut begins) {
                stand_back();
            }
            let begun = Instant::now();
            let kept = match turn {
                Turn::Usual => app.keep_some_decisions(AT_ONCE),
                Turn::Last => app.keep_last_decisions().map(|()| false),
            };
            match kept {
                Ok(true) if app.access().log().fills_up() => Duration::ZERO,
                Ok(true) => begun.elapsed().saturating_mul(REST).min(EVERY),
                Ok(false) => EVERY,
                Err(error) => {
                    // What waits for the ledger goes on waiting, and is counted on the page of metrics.
                    tracing::warn!(code = "decisions.not-kept", %error, "answers could not be stored");
                    EVERY
                }
            }
        })
    }
}
