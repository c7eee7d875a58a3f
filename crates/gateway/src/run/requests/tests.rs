use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use sekisho_protocol::gateway::{GatewayReport, ReportReceipt};

use super::*;

const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn pauses_grow_and_stay_short() {
    let shown: Vec<_> = (1..8).map(|it| pause(it).as_millis()).collect();
    assert_eq!(shown, [250, 500, 1000, 2000, 4000, 5000, 5000]);
    assert_eq!(pause(u32::MAX), LONGEST_PAUSE);
}

/// A server that holds every request of a gateway that has a table until it is let go; its tables are the number
/// asked after. Once where `fails` says so, it refuses one of a gateway that has none.
struct Holding {
    asked: Mutex<Sender<(u64, Duration)>>,
    free: Stop,
    fails: Arc<AtomicBool>,
}

impl Controller for Holding {
    fn table(&self, after: u64, wait: Duration) -> Result<Vec<u8>, GatewayError> {
        let _ = self.asked.lock().unwrap().send((after, wait));
        if after > 0 {
            let _ = self.free.wait(LIMIT);
        } else if self.fails.swap(false, Ordering::SeqCst) {
            return Err(GatewayError::NotEnrolled);
        }
        Ok(after.to_string().into_bytes())
    }

    fn report(&self, _: &GatewayReport) -> Result<ReportReceipt, GatewayError> {
        Err(GatewayError::NotEnrolled)
    }
}

/// Takes the next message for a table, says what is in force then, and returns what it was.
fn take(messages: &Receiver<Message>, in_force: Option<(u64, Duration)>) -> String {
    let Message::Table { signed, taken } = messages.recv_timeout(LIMIT).unwrap() else {
        panic!("no table");
    };
    let carried = in_force.is_some();
    taken.send(Taken { carried, in_force }).unwrap();
    String::from_utf8(signed).unwrap()
}

#[test]
fn who_has_lost_what_was_in_force_asks_anew_at_once_and_takes_no_answer_to_what_was_asked_before() {
    let (asked, requests) = channel();
    let (free, stop) = (Stop::default(), Stop::default());
    let server = Holding {
        asked: Mutex::new(asked),
        free: free.clone(),
        fails: Arc::default(),
    };
    let (send, messages) = sync_channel(1);
    let lease = Duration::from_secs;
    let anew = begin(Arc::new(server), lease(10), stop.clone(), send).unwrap();
    let next = || requests.recv_timeout(LIMIT).unwrap().0;
    assert_eq!(next(), 0);
    assert_eq!(take(&messages, Some((7, lease(10)))), "0");
    assert_eq!(next(), 7);
    anew.ask();
    assert_eq!(next(), 0);
    assert_eq!(take(&messages, Some((8, lease(10)))), "0");
    assert_eq!(next(), 8);
    free.stop();
    // What was held under the number before is answered now as well, and nobody hears it.
    assert_eq!(take(&messages, Some((9, lease(10)))), "8");
    assert_eq!(take(&messages, None), "9");
    stop.stop();
}

#[test]
fn who_asks_anew_and_fails_asks_anew_again() {
    let (asked, requests) = channel();
    let (free, stop) = (Stop::default(), Stop::default());
    let fails = Arc::new(AtomicBool::new(false));
    let server = Holding {
        asked: Mutex::new(asked),
        free: free.clone(),
        fails: fails.clone(),
    };
    let (send, messages) = sync_channel(1);
    let lease = Duration::from_secs(10);
    let anew = begin(Arc::new(server), lease, stop.clone(), send).unwrap();
    let next = || requests.recv_timeout(LIMIT).unwrap().0;
    let fail = || {
        let message = messages.recv_timeout(LIMIT).unwrap();
        assert!(matches!(message, Message::Trouble(_)));
    };
    assert_eq!(next(), 0);
    take(&messages, Some((7, lease)));
    // Told while a request is held.
    assert_eq!(next(), 7);
    fails.store(true, Ordering::SeqCst);
    anew.ask();
    assert_eq!(next(), 0);
    fail();
    assert_eq!(next(), 0);
    // Told while nobody asks: the table that has come is not taken yet.
    let Message::Table { taken, .. } = messages.recv_timeout(LIMIT).unwrap() else {
        panic!("no table");
    };
    fails.store(true, Ordering::SeqCst);
    anew.ask();
    let (carried, in_force) = (true, Some((8, lease)));
    taken.send(Taken { carried, in_force }).unwrap();
    assert_eq!(next(), 0);
    fail();
    assert_eq!(next(), 0);
    assert_eq!(take(&messages, Some((9, lease))), "0");
    assert_eq!(next(), 9);
    free.stop();
    stop.stop();
}

#[test]
fn a_request_may_be_held_as_long_as_the_newest_lease_lets_it() {
    let (asked, requests) = channel();
    let (free, stop) = (Stop::default(), Stop::default());
    free.stop();
    let server = Holding {
        asked: Mutex::new(asked),
        free,
        fails: Arc::default(),
    };
    let (send, messages) = sync_channel(1);
    let seconds = Duration::from_secs;
    // Enrolled at ten seconds, and set to others since.
    let _anew = begin(Arc::new(server), seconds(10), stop.clone(), send).unwrap();
    let next = || requests.recv_timeout(LIMIT).unwrap().1.as_secs();
    assert_eq!(next(), 3);
    for (lease, hold) in [(60, 20), (900, 20), (30, 10)] {
        take(&messages, Some((1, seconds(lease))));
        assert_eq!(next(), hold, "{lease}");
    }
    stop.stop();
}
