//! Commands through the real writer: what they take beside the durable commit, and with it.

use std::path::Path;
use std::time::Instant;

use rusqlite::{Connection, params};
use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Application, Command, PermitAct, PermitCommand, RegisterCommand};
use sekisho_domain::id::{PermitId, PersonId};
use sekisho_domain::permit::particulars::{Telework, TeleworkPlace};
use sekisho_domain::permit::{Particulars, Term};
use sekisho_domain::register::EntryId;
use sekisho_domain::role::Role;
use sekisho_domain::time::Span;
use sekisho_server::app::{PERMIT_PURPOSE, fresh};

use super::SEED;
use super::house::House;
use crate::measure::Times;
use crate::{Outcome, Target};

/// Commands of each kind.
const COUNT: u32 = 300;
/// What a command may take beside the durable commit, in milliseconds.
const COMMAND: f64 = 20.0;

/// One application on its way.
struct Case {
    permit: PermitId,
    applicant: PersonId,
    chief: PersonId,
    section: u32,
}

/// What some commands took.
#[derive(Default)]
struct Took {
    whole: Times,
    beside_commit: Times,
}

/// Measures commands beside the raw durable commit of as many bytes.
pub(super) fn measure(house: &House, outcome: &mut Outcome) {
    let place = tempfile::TempDir::new().expect("a temporary folder");
    let raw = raw(&place.path().join("raw")).expect("rows are inserted");
    let raw = raw.at(99);
    let name = "raw durable commit of a record's bytes, p99";
    outcome.figure(name, raw, "ms", Target::None);
    let cases: Vec<Case> = (0..COUNT).map(|number| case(house, number)).collect();
    let act = |act: &dyn Fn(&Case) -> (PersonId, PermitCommand)| {
        let commands = cases.iter().map(|case| {
            let (by, command) = act(case);
            (by, Command::Permit(Box::new(command)))
        });
        carried_out(house, commands)
    };
    let of = |act: PermitAct| {
        move |case: &Case| PermitCommand::Act {
            permit: case.permit,
            expected: None,
            act: act.clone(),
        }
    };
    let approve = of(PermitAct::Approve {
        term: None,
        conditions: None,
        remark: None,
        answer: None,
    });
    let activate = of(PermitAct::Activate);
    let give_back = of(PermitAct::Return);
    let figures = [
        ("apply", act(&|it| (it.applicant, apply(house, it)))),
        ("approve", act(&|it| (it.chief, approve(it)))),
        ("activate", act(&|it| (it.applicant, activate(it)))),
        ("give back", act(&|it| (it.applicant, give_back(it)))),
        ("change a register", carried_out(house, changes(house))),
    ];
    for (name, took) in figures {
        let (p50, most) = (took.beside_commit.at(50), took.beside_commit.at(100));
        let beside = format!("{name}, beside the commit: p50 {p50:.2}, most {most:.1}; p99");
        let target = Target::AtMost(COMMAND);
        outcome.figure(&beside, took.beside_commit.at(99), "ms", target);
        let ratio = took.whole.at(99) / raw;
        let whole = format!("{name}, until it is durable: {ratio:.1} times the raw commit; p99");
        outcome.figure(&whole, took.whole.at(99), "ms", Target::None);
    }
}

/// Durable commits of a row of as many bytes as a record.
fn raw(path: &Path) -> rusqlite::Result<Times> {
    let mut conn = Connection::open(path)?;
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE entries (seq INTEGER PRIMARY KEY, record BLOB NOT NULL)",
    )?;
    let mut times = Times::default();
    for seq in 0..COUNT {
        let began = Instant::now();
        let tx = conn.transaction()?;
        tx.prepare_cached("INSERT INTO entries VALUES (?1, ?2)")?
            .execute(params![seq, [7_u8; 700]])?;
        tx.commit()?;
        times.add(began.elapsed().as_secs_f64());
    }
    Ok(times)
}

fn case(house: &House, number: u32) -> Case {
    let population = house.population;
    let section = number * 7 % (population.people / 40);
    let chief = population.chief(section);
    let applicant = chief + 12 + number % 20;
    Case {
        permit: PermitId::new(fresh().expect("randomness")),
        applicant: population.person(SEED, applicant),
        chief: population.person(SEED, chief),
        section,
    }
}

fn apply(house: &House, case: &Case) -> PermitCommand {
    let now = house.app.now();
    let telework = Telework {
        task: house.population.task(SEED, case.section),
        place: TeleworkPlace::Home,
        device: None,
        grade: None,
        days_per_week: Some(2),
    };
    let purpose = house.app.seal(case.applicant, PERMIT_PURPOSE, b"bench");
    PermitCommand::Apply {
        permit: case.permit,
        applicant: case.applicant,
        application: Application {
            particulars: Particulars::Telework(telework),
            wanted: Term {
                from: now,
                until: now.after(Span::days(30)),
            },
            purpose: purpose.expect("it is sealed"),
        },
    }
}

/// Changes of devices in their register, each to another room.
fn changes(house: &House) -> Vec<(PersonId, Command)> {
    let population = house.population;
    let officer = population.person(SEED, population.central(Role::Isso));
    let world = house.app.world();
    let mut found = Vec::new();
    for number in (1..population.devices).step_by(7).take(COUNT as usize) {
        let id: EntryId = population.device(SEED, number).into();
        let entry = world.registers.entry(id).expect("every device is entered");
        let sekisho_domain::register::Particulars::IssuedDevice(mut device) =
            entry.particulars.as_ref().clone()
        else {
            continue;
        };
        device.place = sekisho_domain::name::Line::parse("書庫").ok();
        let command = RegisterCommand::Change {
            id,
            unit: entry.unit,
            particulars: sekisho_domain::register::Particulars::IssuedDevice(device),
            remark: None,
            expected: None,
        };
        found.push((officer, Command::Register(Box::new(command))));
    }
    found
}

/// Carries commands out one after another.
fn carried_out(house: &House, commands: impl IntoIterator<Item = (PersonId, Command)>) -> Took {
    let mut took = Took::default();
    let mut committed = commits(house);
    for (by, command) in commands {
        let began = Instant::now();
        let answer = house
            .app
            .command_blocking(Actor::person(by), command, Vec::new());
        let whole = began.elapsed().as_secs_f64();
        answer.expect("it is carried out");
        let now = commits(house);
        took.whole.add(whole);
        took.beside_commit.add((whole - (now - committed)).max(0.0));
        committed = now;
    }
    took
}

/// Seconds that the writer has spent on making batches durable so far.
fn commits(house: &House) -> f64 {
    let (_, text) = house.get(None, "/metrics");
    let line = "sekisho_writer_duration_seconds_sum{step=\"commit\"}";
    let value = text.lines().find_map(|it| it.strip_prefix(line));
    value
        .and_then(|it| it.trim().parse().ok())
        .expect("the writer is measured")
}
