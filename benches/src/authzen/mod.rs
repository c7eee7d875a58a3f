//! The decision point over HTTP on loopback: single evaluations of `AuthZEN` with the log of decisions on,
//! beside a bare handler that reads the same JSON and answers a constant, with the same client in the same
//! process. And the same questions without the wire, as the server answers them: decided and put into the log.
//!
//! Enforcement points ask the same again and again, so that the log keeps equal answers as one with a count; what is in
//! the store at the end has to add up to what was answered.

mod client;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::routing::post;
use sekisho_domain::id::{DeviceId, PersonId, SystemId};
use sekisho_domain::permit::Place;
use sekisho_domain::register::{EntryId, Register};
use sekisho_protocol::authzen::{Evaluation, PATH_EVALUATION};
use sekisho_rules::decide::{Act, Origin, Question};
use sekisho_server::app::App;
use sekisho_server::http::{Options, Site, serve};
use sekisho_server::keeper::Keeper;
use sekisho_sim::population::Population;
use sekisho_sim::random::SplitMix64;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::measure::Times;
use crate::ministry::{Ministry, SEED};
use crate::{Outcome, Target};
use client::{Requests, at_rate, throughput};

const POPULATION: Population = Population {
    people: 40_000,
    devices: 40_000,
    permits: 60_000,
    ready: 10_000,
};
/// Different questions.
const QUESTIONS: usize = 8_192;
/// Connections of the client.
const CONNECTIONS: usize = 8;
/// Each is measured so often, one after the other.
const ROUNDS: usize = 5;
/// How long one round takes.
const ROUND: Duration = Duration::from_secs(3);
/// How long questions come at the fixed rate, and over how many connections.
const STEADY: (Duration, usize) = (Duration::from_secs(10), 32);
/// The most that one answer may take without the wire, in microseconds.
const IN_PROCESS: f64 = 25.0;
/// Rows that are read at once.
const PAGE: usize = 50_000;

/// Measures evaluations over HTTP.
///
/// # Panics
/// Where the server cannot be started or a question is not answered with 200.
pub fn run() -> Outcome {
    let mut outcome = Outcome::new();
    let place = tempfile::TempDir::new().expect("a temporary folder");
    let ministry = Ministry::open(place.path(), POPULATION, &mut outcome);
    log_to(&place.path().join("log"));
    let token = ministry.access_token();
    let keeper = Keeper::of_decisions(ministry.app.clone()).expect("a thread");
    let runtime = Runtime::new().expect("a runtime");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let (ours, bare) = runtime.block_on(async {
        let listener = listen().await;
        let ours = listener.local_addr().expect("an address");
        let options = Options::loopback(ours);
        let site = Site::new(ministry.app.clone(), ministry.catalogue.clone(), options);
        let site = site.expect("a site");
        tokio::spawn(serve(site, listener, async {
            let _ = stopped.await;
        }));
        (ours, bare().await)
    });
    let asked = asked(&ministry.app);
    let of = |address| requests(&asked, address, &token);
    let (to_ours, to_bare) = (of(ours), of(bare));
    measure(&mut outcome, (ours, &to_ours), (bare, &to_bare));
    in_process(&mut outcome, &ministry.app, &asked);
    let counts = ministry.app.access().log().counts();
    let all = (counts.allowed + counts.refused) as f64;
    let allowed = counts.allowed as f64 / all * 100.0;
    outcome.figure("evaluations answered and logged", all, "", Target::None);
    outcome.figure("allowed", allowed, "%", Target::AtLeast(30.0));
    outcome.figure(
        "answers lost to the log",
        counts.lost as f64,
        "",
        Target::AtMost(0.0),
    );
    let _ = stop.send(());
    drop(runtime);
    // It stores what is left before it ends.
    keeper.stop();
    let stored = stored(&ministry.app);
    let given = [counts.allowed, counts.refused];
    let differs = stored.iter().zip(given);
    let differs: u64 = differs.map(|(stored, given)| stored.abs_diff(given)).sum();
    outcome.figure(
        "answers by which the store differs from what was answered",
        differs as f64,
        "",
        Target::AtMost(0.0),
    );
    ministry.app.stop();
    outcome
}

/// How many answers stand in the store that allowed, and that refused: equal ones of a moment are one row with a count.
fn stored(app: &App) -> [u64; 2] {
    let (mut below, mut sums) = (i64::MAX, [0, 0]);
    loop {
        let rows = app.observations().answers_below(below, 0, PAGE);
        let rows = rows.expect("the store is read");
        let Some(last) = rows.last() else {
            return sums;
        };
        below = last.id;
        for row in &rows {
            sums[usize::from(!row.allowed)] += u64::from(row.times);
        }
    }
}

fn measure(
    outcome: &mut Outcome,
    (ours, to_ours): (SocketAddr, &Requests),
    (bare, to_bare): (SocketAddr, &Requests),
) {
    // Once for nothing, so that both have done everything before.
    throughput(ours, to_ours, CONNECTIONS, ROUND / 3);
    throughput(bare, to_bare, CONNECTIONS, ROUND / 3);
    let mut rates = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        rates[0].push(throughput(bare, to_bare, CONNECTIONS, ROUND));
        rates[1].push(throughput(ours, to_ours, CONNECTIONS, ROUND));
    }
    let [bare_rate, our_rate] = rates.map(|mut all| {
        all.sort_by(f64::total_cmp);
        all[ROUNDS / 2]
    });
    outcome.figure("bare handler, median", bare_rate, "1/s", Target::None);
    outcome.figure("evaluation, median", our_rate, "1/s", Target::None);
    let ratio = our_rate / bare_rate * 100.0;
    outcome.figure(
        "evaluation to bare handler",
        ratio,
        "%",
        Target::AtLeast(40.0),
    );
    let (lasting, connections) = STEADY;
    let rate = our_rate / 2.0;
    let times = at_rate(ours, to_ours, connections, rate, lasting);
    outcome.figure("half that rate", rate, "1/s", Target::None);
    outcome.figure("at half the rate, p50", times.at(50), "ms", Target::None);
    outcome.figure(
        "at half the rate, p99",
        times.at(99),
        "ms",
        Target::AtMost(3.0),
    );
    outcome.figure("at half the rate, most", times.at(100), "ms", Target::None);
    let times = at_rate(bare, to_bare, connections, rate, lasting);
    outcome.figure(
        "bare handler at that rate, p99",
        times.at(99),
        "ms",
        Target::None,
    );
}

async fn listen() -> TcpListener {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    TcpListener::bind(any).await.expect("a free port")
}

/// The bare handler: the same JSON is read, the answer is a constant.
async fn bare() -> SocketAddr {
    let listener = listen().await;
    let address = listener.local_addr().expect("an address");
    let handler = |body: Bytes| async move {
        match Evaluation::parse(&body) {
            Ok(_) => (
                StatusCode::OK,
                [(header::CONTENT_TYPE, "application/json")],
                r#"{"decision":true}"#,
            ),
            Err(_) => (
                StatusCode::BAD_REQUEST,
                [(header::CONTENT_TYPE, "text/plain")],
                "",
            ),
        }
    };
    let router = Router::new().route(PATH_EVALUATION, post(handler));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// The log of the program, as a server writes it.
fn log_to(path: &std::path::Path) {
    let file = std::fs::File::create(path).expect("a file for the log");
    let logger = tracing_subscriber::fmt()
        .with_env_filter("info")
        .with_ansi(false)
        .with_writer(Mutex::new(file));
    // Another subject may have set one.
    let _ = logger.try_init();
}

/// What is answered without the wire: as the server does it, decided and put into the log.
fn in_process(outcome: &mut Outcome, app: &App, asked: &[Asked]) {
    let questions: Vec<Question> = asked.iter().map(Asked::question).collect();
    let round = |_| {
        let mut times = Times::default();
        for question in &questions {
            let begun = Instant::now();
            std::hint::black_box(app.decide(std::hint::black_box(question)));
            times.add(begun.elapsed().as_secs_f64());
        }
        times
    };
    let mut rounds: Vec<Times> = (0..ROUNDS).map(round).collect();
    rounds.sort_by(|one, other| one.at(99).total_cmp(&other.at(99)));
    let middle = &rounds[ROUNDS / 2];
    let name = "in process, decided and put into the log";
    let mut figure = |per_cent, target| {
        let name = format!("{name}, p{per_cent}");
        outcome.figure(&name, middle.at(per_cent) * 1_000.0, "µs", target);
    };
    figure(50, Target::None);
    figure(99, Target::AtMost(IN_PROCESS));
}

/// Who asks with what for which system.
struct Asked {
    person: PersonId,
    device: DeviceId,
    system: SystemId,
}

impl Asked {
    fn question(&self) -> Question {
        Question {
            person: Some(self.person),
            device: Some(self.device),
            act: Act::Reach {
                system: self.system,
                part: None,
            },
            origin: Origin {
                place: Place::OutsideOrganisation,
                line: None,
            },
            task: None,
            grade: None,
        }
    }
}

/// What is asked: half by people who are ready, half by anybody.
fn asked(app: &App) -> Vec<Asked> {
    let mut random = SplitMix64::fork(SEED, "authzen", 0);
    let systems: Vec<SystemId> = {
        let world = app.world();
        let all = world.registers.active(Register::System);
        let all = all.filter_map(|entry| match entry.id {
            EntryId::System(id) => Some(id),
            _ => None,
        });
        all.collect()
    };
    let one = |n: usize| {
        let population = POPULATION;
        let number = if n.is_multiple_of(2) {
            population.ready_person(random.below(population.ready))
        } else {
            random.below(population.people)
        };
        let of_section = population.system_of(SEED, number / 40);
        let any = *random.pick(&systems).expect("there are systems");
        Asked {
            person: population.person(SEED, number),
            device: population.device(SEED, number),
            system: if n % 4 == 3 { any } else { of_section },
        }
    };
    (0..QUESTIONS).map(one).collect()
}

/// Questions as enforcement points send them.
fn requests(asked: &[Asked], address: SocketAddr, token: &str) -> Requests {
    let one = |(n, it): (usize, &Asked)| {
        let body = json!({
            "subject": {
                "type": "person",
                "id": it.person,
                "properties": { "device": it.device },
            },
            "action": { "name": "reach" },
            "resource": { "type": "system", "id": it.system },
            "context": { "place": Place::OutsideOrganisation.code() },
        });
        let body = body.to_string();
        let length = body.len();
        let head = format!(
            "POST {PATH_EVALUATION} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\nx-request-id: {n:032x}\r\ncontent-length: {length}\r\n\r\n"
        );
        (head + &body).into_bytes()
    };
    Arc::new(asked.iter().enumerate().map(one).collect())
}
