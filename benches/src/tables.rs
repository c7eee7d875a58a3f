//! Access tables with 1,000 tunnels: what making one from nothing takes, and how long it is from the
//! command that ends a permit until the table without it is ready for the gateway.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use sekisho_domain::id::GatewayId;
use sekisho_protocol::access_table::{AccessTable, Expectation, TableVerifier};
use sekisho_protocol::wireguard_key::WireGuardKey as TunnelKey;
use sekisho_server::access::gateway::{Addresses, Tunnelled, table_of};
use sekisho_server::app::App;
use sekisho_server::identity::tunnel_session::open_sessions;
use tokio::runtime::Runtime;

use crate::measure::Times;
use crate::ministry::Ministry;
use crate::tunnels::{POPULATION, TUNNELS, carrying, enter, give_back, open};
use crate::{Outcome, Target};

/// Permits that are given back.
const ENDED: usize = 200;
/// Tables that are made from nothing.
const FROM_NOTHING: usize = 20;
/// What it may take from the command to the table, beside the durable commit, in milliseconds.
const READY: f64 = 50.0;

/// Measures tables.
///
/// # Panics
/// Where the ministry cannot be filled, a tunnel not be opened or a command is refused.
pub fn run() -> Outcome {
    let mut outcome = Outcome::new();
    let place = tempfile::TempDir::new().expect("a temporary folder");
    let ministry = Ministry::open(place.path(), POPULATION, &mut outcome);
    let began = Instant::now();
    for nth in 0..TUNNELS {
        let mut bytes = [7; 32];
        bytes[..4].copy_from_slice(&nth.to_be_bytes());
        open(&ministry, nth, TunnelKey::new(bytes).expect("a key"));
    }
    outcome.figure(
        "opening tunnels",
        began.elapsed().as_secs_f64(),
        "s",
        Target::None,
    );
    // Of the form of a key: nothing signs here.
    let gateway = enter(&ministry, &"A".repeat(44), "gate.sample.invalid:51820");
    let key = TunnelKey::new([9; 32]).expect("a key");
    let hello = ministry
        .app
        .greet_gateway(gateway, key, 1)
        .expect("it is known");
    let following = Following {
        verifier: TableVerifier::parse(&hello.table_key).expect("a key"),
        expected: Expectation {
            gateway,
            network: sekisho_server::access::gateway::on_the_wire(hello.entry.network),
            address: sekisho_server::access::gateway::own_address(hello.entry.network).into(),
            after: 0,
        },
    };
    from_nothing(&ministry.app, gateway, &mut outcome);
    ended(&ministry, following, &mut outcome);
    ministry.app.stop();
    outcome
}

fn from_nothing(app: &App, gateway: GatewayId, outcome: &mut Outcome) {
    let (mut reading, mut making) = (Times::default(), Times::default());
    let mut lines = 0;
    for _ in 0..FROM_NOTHING {
        let begun = Instant::now();
        let tunnels: Vec<Tunnelled> = open_sessions(app)
            .expect("sessions are read")
            .into_iter()
            .map(|it| Tunnelled {
                session: it.session,
                device: it.device,
                person: it.person,
                key: it.wireguard_key.as_str().parse().expect("a key"),
            })
            .collect();
        reading.add(begun.elapsed().as_secs_f64());
        assert_eq!(tunnels.len(), TUNNELS as usize);
        let book = app.access().rulebook();
        let begun = Instant::now();
        let table = app.with_ground(|ground| {
            table_of(&book, ground, gateway, &tunnels, &mut Addresses::default())
        });
        making.add(begun.elapsed().as_secs_f64());
        let peers = table.expect("the gateway is in use").peers;
        lines = peers.iter().map(|peer| peer.reach.len()).sum();
    }
    outcome.figure(
        "lines of the table",
        lines as f64,
        "",
        Target::AtLeast(500.0),
    );
    outcome.figure(
        "reading the tunnels, p50",
        reading.at(50),
        "ms",
        Target::None,
    );
    outcome.figure(
        "a table from nothing, p50",
        making.at(50),
        "ms",
        Target::None,
    );
}

/// What a gateway has to know to follow.
struct Following {
    verifier: TableVerifier,
    expected: Expectation,
}

impl Following {
    /// Follows until it is told to stop: tells when each table was there, and how many lines it has.
    fn follow(mut self, app: &App, stopped: &AtomicBool, told: &Sender<(Instant, usize)>) {
        let runtime = Runtime::new().expect("a runtime");
        let mut moved = app.access().follow();
        while !stopped.load(Ordering::Acquire) {
            moved.borrow_and_update();
            let made = app.next_table(self.expected.gateway, self.expected.after);
            let Some(signed) = made.expect("a table is made") else {
                // Told to stop, it is woken as well.
                let _ = runtime.block_on(moved.changed());
                continue;
            };
            let ready = Instant::now();
            let table = AccessTable::accept(&signed, &self.verifier, &self.expected, app.now());
            let table = table.expect("a gateway would take it");
            self.expected.after = table.content().sequence;
            let peers = table.content().peers.iter();
            let _ = told.send((ready, peers.map(|it| it.reach.len()).sum()));
        }
    }
}

/// Ends permits one by one beside a gateway that waits.
fn ended(ministry: &Ministry, following: Following, outcome: &mut Outcome) {
    let (told, tables) = channel();
    let stop = Arc::new(AtomicBool::new(false));
    let (app, stopped) = (ministry.app.clone(), Arc::clone(&stop));
    let at_gateway = std::thread::spawn(move || following.follow(&app, &stopped, &told));
    let mut before: usize = tables.recv().expect("the first table").1;
    let (mut durable, mut ready) = (Times::default(), Times::default());
    for nth in 0..TUNNELS {
        if ready.len() == ENDED {
            break;
        }
        let Some((person, permit)) = carrying(ministry, nth) else {
            continue;
        };
        let begun = Instant::now();
        give_back(&ministry.app, person, permit);
        durable.add(begun.elapsed().as_secs_f64());
        if let Some((at, reached)) = fewer(&tables, before) {
            ready.add((at - begun).as_secs_f64());
            before = reached;
        }
    }
    stop.store(true, Ordering::Release);
    ministry.app.access().touch();
    at_gateway.join().expect("the gateway follows");
    let least = Target::AtLeast(ENDED as f64);
    outcome.figure("permits ended", ready.len() as f64, "", least);
    for (name, times, target) in [
        ("command until it is durable", &durable, Target::None),
        (
            "command until the table is ready",
            &ready,
            Target::AtMost(READY),
        ),
    ] {
        outcome.figure(&format!("{name}, p50"), times.at(50), "ms", Target::None);
        outcome.figure(&format!("{name}, p99"), times.at(99), "ms", target);
    }
}

/// The first table that has fewer lines than before.
fn fewer(tables: &Receiver<(Instant, usize)>, before: usize) -> Option<(Instant, usize)> {
    loop {
        let (at, reached) = tables.recv_timeout(Duration::from_secs(2)).ok()?;
        if reached < before {
            return Some((at, reached));
        }
    }
}
