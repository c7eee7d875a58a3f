//! How long the road stays open after its end was told to the server: measured from the sending of the
//! request to the last packet that the system receives. Only with `SEKISHO_MEASURE=1`; prints figures and
//! asserts nothing, since they depend on the machine.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::super::office::device::unfiltered;
use super::stage::{PORT, SYSTEM, Stage};
use super::{Road, SOON};

/// Between two packets of the device.
const EVERY: Duration = Duration::from_millis(1);
/// Silence after which the last packet was the last.
const SILENCE: Duration = Duration::from_millis(700);

/// Packets from the device to the system, all the time.
struct Stream {
    begun: Instant,
    /// When the system received the last one, in microseconds from the beginning.
    last: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
}

impl Stream {
    fn begin(stage: &Stage) -> Self {
        let (begun, stop) = (Instant::now(), Arc::new(AtomicBool::new(false)));
        let last = Arc::new(AtomicU64::new(0));
        let receiver = stage.inside(|| UdpSocket::bind((SYSTEM, PORT)).expect("the port is free"));
        let limit = Some(Duration::from_millis(100));
        receiver.set_read_timeout(limit).expect("a limit");
        let (seen, ends) = (Arc::clone(&last), Arc::clone(&stop));
        std::thread::spawn(move || {
            while !ends.load(Ordering::Relaxed) {
                if receiver.recv(&mut [0; 16]).is_ok() {
                    let at = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
                    seen.store(at, Ordering::Relaxed);
                }
            }
        });
        let sender = stage.outside(|| UdpSocket::bind("0.0.0.0:0").expect("a port"));
        let ends = Arc::clone(&stop);
        std::thread::spawn(move || {
            while !ends.load(Ordering::Relaxed) {
                // While the road is closed nothing goes out, or nothing comes in.
                let _ = sender.send_to(&[1; 16], (SYSTEM, PORT));
                std::thread::sleep(EVERY);
            }
        });
        Self { begun, last, stop }
    }

    fn last(&self) -> Duration {
        Duration::from_micros(self.last.load(Ordering::Relaxed))
    }

    fn until_open(&self) {
        let from = self.begun.elapsed();
        while self.last() < from {
            assert!(self.begun.elapsed() < from + SOON, "nothing passes");
            std::thread::sleep(EVERY);
        }
    }

    /// For how long packets still passed after `act` had begun.
    fn after(&self, act: impl FnOnce()) -> Duration {
        let told = self.begun.elapsed();
        act();
        while self.begun.elapsed() < self.last() + SILENCE {
            assert!(self.begun.elapsed() < told + SOON, "packets go on");
            std::thread::sleep(EVERY);
        }
        self.last().saturating_sub(told)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn told(what: &str, mut all: Vec<Duration>) {
    all.sort_unstable();
    let at = |share: usize| all[(all.len() * share).div_ceil(100).saturating_sub(1)];
    let (middle, high) = (at(50), at(99));
    eprintln!("{what}: {} trials, p50 {middle:?}, p99 {high:?}", all.len());
}

/// So many trials of each kind, with the one tunnel of the test.
pub fn measure(road: &mut Road, posture: usize, permits: usize) {
    let stream = Stream::begin(&road.stage);
    let mut client = road.stage.server().client();
    let mut cuts = Vec::new();
    for _ in 0..posture {
        stream.until_open();
        cuts.push(stream.after(|| road.device.report(&mut client, &[unfiltered()])));
        road.device.report(&mut client, &[]);
    }
    told("posture report to last packet", cuts);
    let device = road.device.id.to_string();
    let mut cuts = Vec::new();
    for _ in 0..permits {
        stream.until_open();
        let access = road.access.clone();
        cuts.push(stream.after(|| road.people.act(&access, "return")));
        road.access = road.people.permit("pa", &device, &[]);
    }
    told("permit ended in the console to last packet", cuts);
}
