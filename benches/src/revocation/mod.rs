//! From the command that ends a permit to the last packet: the server with 1,000 tunnels, the real
//! program at the gateway, and a device whose flows over TCP, UDP and WebSocket talk all the time.
//!
//! Each trial is another person's: the device brings that tunnel up, opens three flows to the system
//! that the person reaches, and a permit is given back. A flow that is heard later than the bar is late;
//! one that goes on is a survivor.

mod flows;
mod stage;

use std::time::{Duration, Instant};

use sekisho_domain::id::GatewayId;
use sekisho_domain::net::Network;
use sekisho_domain::register::Gateway;
use sekisho_server::access::gateway::reached;
use sekisho_server::identity::tunnel_session::{OpenTunnel, open_sessions};
use sekisho_tests::no_namespaces;
use sekisho_tunnel::PrivateKey;

use crate::measure::Times;
use crate::ministry::{Ministry, SEED};
use crate::tunnels::{POPULATION, TUNNELS, carrying, give_back, open};
use crate::{Outcome, Target};
use flows::{Flows, System};
use stage::Stage;

/// Permits that are given back.
const TRIALS: usize = 200;
/// The bar, in milliseconds.
const MOST: f64 = 250.0;
/// Flows talk every two milliseconds, and TCP repeats what was lost after some 200 and 400: whatever
/// is silent for so long has ended.
const SILENCE: Duration = Duration::from_millis(700);
/// A flow that is still heard after so long has survived.
const SURVIVED: Duration = Duration::from_secs(5);

/// The port of the first device.
const FIRST_PORT: u16 = 20_000;

/// Measures revocation.
///
/// # Panics
/// Where the ministry cannot be filled or the road not be opened.
pub fn run() -> Outcome {
    let mut outcome = Outcome::new();
    if let Some(reason) = no_namespaces(&["ip", "nft", "conntrack"]) {
        println!("   not measured: {reason}");
        outcome.figure("trials", 0.0, "", Target::AtLeast(TRIALS as f64));
        return outcome;
    }
    let place = tempfile::TempDir::new().expect("a temporary folder");
    let ministry = Ministry::open(place.path(), POPULATION, &mut outcome);
    let keys: Vec<PrivateKey> = (0..TUNNELS)
        .map(|_| PrivateKey::generate().expect("randomness"))
        .collect();
    for (nth, key) in (0..).zip(&keys) {
        let key = key.public().to_string().parse().expect("a key");
        open(&ministry, nth, key);
    }
    let stage = Stage::set(&ministry, place.path());
    let trials = Trials {
        ministry: &ministry,
        stage: &stage,
        keys: &keys,
    };
    // What the device does happens at its place, on a thread that goes there for it.
    let (times, survivors) = std::thread::scope(|scope| {
        let trials = scope.spawn(|| {
            stage.outside.enter();
            trials.run()
        });
        trials.join().expect("the trials end")
    });
    let least = Target::AtLeast(TRIALS as f64);
    outcome.figure("peers at the gateway", f64::from(TUNNELS), "", Target::None);
    outcome.figure("trials, three flows each", times.len() as f64, "", least);
    for (name, per_cent, target) in [
        ("command to last packet, p50", 50, Target::None),
        ("command to last packet, p99", 99, Target::AtMost(MOST)),
        ("command to last packet, most", 100, Target::None),
    ] {
        outcome.figure(name, times.at(per_cent), "ms", target);
    }
    outcome.figure("flows that survived", survivors, "", Target::AtMost(0.0));
    drop(stage);
    ministry.app.stop();
    outcome
}

struct Trials<'a> {
    ministry: &'a Ministry,
    stage: &'a Stage,
    keys: &'a [PrivateKey],
}

impl Trials<'_> {
    fn run(&self) -> (Times, f64) {
        let (mut times, mut survivors) = (Times::default(), 0.0);
        for nth in 0..TUNNELS {
            if times.len() == TRIALS {
                break;
            }
            if let Some((took, survived)) = self.one(nth) {
                times.add(took.as_secs_f64());
                survivors += survived as f64;
            }
        }
        (times, survivors)
    }

    /// One trial; none with somebody who reaches nothing.
    fn one(&self, nth: u32) -> Option<(Duration, usize)> {
        let ministry = self.ministry;
        let (person, permit) = carrying(ministry, nth)?;
        let number = ministry.population.ready_person(nth);
        let device = ministry.population.device(SEED, number);
        let book = ministry.app.access().rulebook();
        let first = ministry
            .app
            .with_ground(|ground| reached(&book, ground, person, device).into_iter().next());
        let network: Network = first?.address;
        let address = sekisho_server::access::gateway::on_the_wire(network).address();
        let all = open_sessions(&ministry.app).expect("sessions are read");
        let tunnel = all.into_iter().find(|it| it.device == device)?;
        let own = self.own_address(self.stage.gateway, &tunnel);
        let system = System::at(&self.stage.inside, address);
        let port = FIRST_PORT + u16::try_from(nth).ok()?;
        let _tunnel = self.stage.bring_up(own, (&self.keys[nth as usize], port));
        let flows = Flows::open(address, &system);
        let told = Instant::now();
        give_back(&ministry.app, person, permit);
        while flows.last().elapsed() < SILENCE && told.elapsed() < SURVIVED {
            std::thread::sleep(Duration::from_millis(1));
        }
        let survived = flows.heard_within(SILENCE);
        Some((flows.last().saturating_duration_since(told), survived))
    }

    fn own_address(&self, gateway: GatewayId, tunnel: &OpenTunnel) -> std::net::Ipv4Addr {
        let world = self.ministry.app.world();
        let (_, entry) = world.registers.get::<Gateway>(gateway).expect("an entry");
        let desk = self.ministry.app.access().gateways();
        desk.address_of(gateway, entry, tunnel).expect("an address")
    }
}
