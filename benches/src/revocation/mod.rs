//! From the command that ends a permit to the last packet, and from a device's report that it is no longer in
//! order: the server with 1,000 tunnels, the real program at the gateway, and a device whose flows over TCP,
//! UDP and WebSocket talk all the time.
//!
//! Command and report enter where the server takes them in, in its own process: neither the way of a form or of a
//! report over the wire is in it, nor signing in. What is measured begins there: recording it, deciding anew, telling the
//! gateway, and what that does until the last packet has passed.
//!
//! Each trial is another person's: the device brings that tunnel up, opens three flows to the system
//! that the person reaches, and a permit is given back or the device reports. A flow that is heard later
//! than the bar is late; one that goes on is a survivor. A trial ends once all flows have been silent for 0.7 seconds: what
//! would come back after that is not seen. Where the server is killed, the flows are watched for five seconds beyond the
//! lease, whatever pauses they make.

mod flows;
pub(crate) mod stage;

use std::time::{Duration, Instant};

use sekisho_domain::fact::{FactValue, Firewall, Observation, Seen};
use sekisho_domain::id::DeviceId;
use sekisho_domain::register::gateway::LEASE_SECONDS_DEFAULT;
use sekisho_protocol::agent::Report;
use sekisho_server::app::App;
use sekisho_server::assessor::take_report;
use sekisho_tests::no_namespaces;

use crate::measure::Times;
use crate::tunnels::{TUNNELS, give_back};
use crate::{Outcome, Target};
use flows::{Flows, System};
use stage::{Road, Travellers};

/// What closes the road.
#[derive(Clone, Copy)]
enum End {
    /// A permit is given back.
    Permit,
    /// The device reports that nothing filters packets any more.
    Report,
}

/// The name of the figure, how many trials, and the bar in milliseconds.
const ENDS: [(End, &str, usize, f64); 2] = [
    (
        End::Permit,
        "command, given in process, to last packet",
        200,
        250.0,
    ),
    (
        End::Report,
        "posture report, taken in in process, to last packet",
        100,
        1_000.0,
    ),
];
/// Flows talk every two milliseconds, and TCP repeats what was lost after some 200 and 400: whatever
/// is silent for so long has ended.
const SILENCE: Duration = Duration::from_millis(700);
/// A flow that is still heard after so long has survived.
const SURVIVED: Duration = Duration::from_secs(5);

/// Measures revocation.
///
/// # Panics
/// Where the ministry cannot be filled or the road not be opened.
pub fn run() -> Outcome {
    let mut outcome = Outcome::new();
    if let Some(reason) = no_namespaces(&["ip", "nft", "conntrack"]) {
        println!("   not measured: {reason}");
        let least = Target::AtLeast(ENDS[0].2 as f64);
        outcome.figure("trials", 0.0, "", least);
        return outcome;
    }
    let place = tempfile::TempDir::new().expect("a temporary folder");
    let travellers = Travellers::set(place.path(), &mut outcome);
    let peers = f64::from(TUNNELS);
    outcome.figure("peers at the gateway", peers, "", Target::None);
    // What the device does happens at its place.
    let (found, killed) = travellers.stage().outside.within(|| {
        let mut people = 0..TUNNELS;
        let ends =
            ENDS.map(|(end, _, trials, _)| trials_of(&travellers, &mut people, (end, trials)));
        (ends, killed(&travellers, &mut people))
    });
    let mut survivors = 0.0;
    for ((_, name, trials, most), (times, survived)) in ENDS.into_iter().zip(found) {
        let mut figure = |what: &str, value, unit, target| {
            outcome.figure(&format!("{name}, {what}"), value, unit, target);
        };
        let least = Target::AtLeast(trials as f64);
        figure("trials of three flows", times.len() as f64, "", least);
        figure("p50", times.at(50), "ms", Target::None);
        figure("p99", times.at(99), "ms", Target::AtMost(most));
        figure("most", times.at(100), "ms", Target::None);
        survivors += survived;
    }
    let name = "flows that survived: not silent for 0.7 s within 5 s";
    outcome.figure(name, survivors, "", Target::AtMost(0.0));
    let (lease, most) = (f64::from(LEASE_SECONDS_DEFAULT), Target::AtMost(1.0));
    outcome.figure("lease", lease, "s", Target::None);
    let beyond = killed.as_secs_f64() - lease;
    let name = "server killed to last packet, beyond the lease";
    outcome.figure(name, beyond, "s", most);
    outcome
}

/// The server is killed: how long packets still passed.
fn killed(travellers: &Travellers, people: &mut impl Iterator<Item = u32>) -> Duration {
    let road = people.find_map(|nth| travellers.road(nth));
    let road = road.expect("somebody still reaches something");
    let system = System::at(&travellers.stage().inside, road.system);
    let flows = Flows::open(road.system, &system);
    let told = Instant::now();
    travellers.stage().kill_server();
    // A pause is no end: whoever was still heard later would not be seen.
    let lease = Duration::from_secs(u64::from(LEASE_SECONDS_DEFAULT));
    while told.elapsed() < lease + SURVIVED {
        std::thread::sleep(Duration::from_millis(100));
    }
    flows.last().saturating_duration_since(told)
}

fn trials_of(
    travellers: &Travellers,
    people: &mut impl Iterator<Item = u32>,
    (end, trials): (End, usize),
) -> (Times, f64) {
    let (mut times, mut survivors) = (Times::default(), 0.0);
    for nth in people {
        // Some reach nothing: their device is not in order.
        if let Some(road) = travellers.road(nth) {
            let (took, survived) = trial(travellers, &road, end);
            times.add(took.as_secs_f64());
            survivors += survived as f64;
        }
        if times.len() == trials {
            break;
        }
    }
    (times, survivors)
}

/// One trial: how long packets still passed, and how many flows went on.
fn trial(travellers: &Travellers, road: &Road, end: End) -> (Duration, usize) {
    let app = &travellers.ministry.app;
    let system = System::at(&travellers.stage().inside, road.system);
    let flows = Flows::open(road.system, &system);
    let told = Instant::now();
    match end {
        End::Permit => give_back(app, road.person, road.permit),
        End::Report => unfiltered(app, road.device),
    }
    while flows.last().elapsed() < SILENCE && told.elapsed() < SURVIVED {
        std::thread::sleep(Duration::from_millis(1));
    }
    let survived = flows.heard_within(SILENCE);
    (flows.last().saturating_duration_since(told), survived)
}

/// The device reports that nothing filters packets.
fn unfiltered(app: &App, device: DeviceId) {
    let now = app.now();
    let report = Report {
        agent: "bench".to_owned(),
        observed_at: now,
        observations: vec![Observation {
            seen: Seen::Value(FactValue::Firewall(Firewall {
                filter: None,
                inbound_default_deny: false,
                rules: 0,
                enforced: true,
            })),
            source: "bench".to_owned(),
            partial: None,
            observed_at: now,
        }],
    };
    let body = serde_json::to_vec(&report).expect("JSON");
    take_report(app, device, 1, &body, &report, 60).expect("the report is taken");
}
