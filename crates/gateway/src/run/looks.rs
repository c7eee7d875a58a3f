//! Looks whether the packet filter still stands, on a thread of its own: a look may not keep a revocation waiting.
//!
//! Whoever administers the machine may flush its rules, and reloading the rules of many distributions begins with that.
//! Without our table nothing holds packets off, and nothing of it would fail before the next change.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use super::Stop;
use super::requests::Message;
use super::threads::spawn;
use crate::error::GatewayError;
use crate::filter::Filter;

/// The time between two looks: with what a look takes, the longest that the road is open without the filter.
const EVERY: Duration = Duration::from_millis(750);

/// Begins to look. The thread ends when asked to stop, or with whoever hears of it.
pub(super) fn begin(
    filter: Arc<Filter>,
    stop: Stop,
    send: SyncSender<Message>,
) -> Result<(), GatewayError> {
    let work = move || {
        while !stop.wait(EVERY) {
            // What cannot be told is taken for gone.
            if filter.stands().is_err() && send.send(Message::FilterGone).is_err() {
                return;
            }
        }
    };
    spawn("looks", work).map(|_| ())
}
