//! A hundred thousand rows of a spreadsheet into a register, through the real writer, while others work.

use std::io::Cursor;
use std::time::Instant;

use calamine::{Reader, Xlsx};
use rusqlite::Connection;
use sekisho_domain::actor::Actor;
use sekisho_domain::id::PersonId;
use sekisho_domain::register::{Register, encode_rows};
use sekisho_domain::role::Role;
use sekisho_server::app::App;
use sekisho_server::tables::{Given, Plan, Prepared, TableOf, commit, prepare};
use sekisho_tabular::{Cell, Sheet, xlsx};

use crate::office::{Office, Others};
use crate::{Outcome, Target};

/// Rows of the table.
const ROWS: usize = 100_000;
/// Commands of the baseline.
const ALONE: usize = 50;

/// Measures an import from its bytes to its record, and other commands beside it.
///
/// # Panics
/// Where the application does not open or a command is refused.
#[must_use]
pub fn run() -> Outcome {
    let place = tempfile::TempDir::new().expect("a temporary folder");
    let office = Office::small(&place.path().join("data"), 17);
    let app = &office.app;
    let keeper = office.holder(Role::Isso);
    let mut outcome = Outcome::new();

    let file = file(&office);
    let plain = timed(|| read_plainly(&file));
    outcome.figure("calamine alone reads the file", plain, "s", Target::None);
    let alone = office.slowest_alone(ALONE);
    outcome.figure("a command alone, slowest", alone, "s", Target::None);

    let others = Others::at_work(&office);
    let begun = Instant::now();
    let prepared = dry_run(app, keeper, &file);
    let looked = begun.elapsed().as_secs_f64();
    commit(app, Actor::person(keeper), &prepared).expect("it is stored");
    let took = begun.elapsed().as_secs_f64();
    let waits = others.told();

    let Plan::Entries { rows, .. } = &prepared.plan else {
        unreachable!("it is a table of devices");
    };
    let raw = raw_insert(place.path(), &encode_rows(rows));
    outcome.figure(
        "the same bytes into a bare database",
        raw,
        "s",
        Target::None,
    );
    let name = format!("{ROWS} rows looked through");
    outcome.figure(&name, looked, "s", Target::None);
    outcome.figure(
        "the same against calamine alone",
        looked / plain,
        "×",
        Target::None,
    );
    outcome.figure("stored and visible", took - looked, "s", Target::None);
    outcome.figure(
        "the same against the bare database",
        (took - looked) / raw,
        "×",
        Target::None,
    );
    outcome.figure("from bytes to the record", took, "s", Target::AtMost(30.0));
    let count = waits.len() as f64;
    outcome.figure("commands meanwhile", count, "", Target::AtLeast(1.0));
    let longest = waits.into_iter().fold(0.0, f64::max);
    outcome.figure(
        "a command meanwhile, slowest",
        longest,
        "s",
        Target::AtMost(2.0),
    );
    app.stop();
    outcome
}

fn timed(work: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64()
}

/// A table of devices as an office keeps it: numbers, unit by name, era dates, marks for yes and no.
fn file(office: &Office) -> Vec<u8> {
    let (app, ministry) = (&office.app, &office.ministry);
    let unit = {
        let world = app.world();
        let unit = &world.units[&ministry.organisation.root];
        unit.name_at(app.now()).ja.as_str().to_owned()
    };
    let mut sheet = Sheet::new("端末台帳");
    let heads = [
        "管理番号",
        "所管組織",
        "種別",
        "製造者",
        "型番",
        "製造番号",
        "取得年月日",
        "のぞき見防止フィルターの貸与",
    ];
    sheet.rows.push(heads.map(Cell::text).into());
    sheet.rows.extend((0..ROWS).map(|n| {
        vec![
            Cell::text(format!("Ｐ－{n:06}")),
            Cell::text(&*unit),
            Cell::text("ノート型"),
            Cell::text("試験製作所"),
            Cell::text(format!("TB-{}", n % 40)),
            Cell::text(format!("SN{n:08}")),
            Cell::text(format!(
                "令和{}年{}月{}日",
                n % 7 + 2,
                n % 12 + 1,
                n % 28 + 1
            )),
            Cell::text(if n % 2 == 0 { "○" } else { "×" }),
        ]
    }));
    xlsx::write(&[sheet]).expect("a table that XLSX can hold")
}

fn read_plainly(file: &[u8]) {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).expect("an XLSX file");
    let sheet = book.worksheet_range_at(0).expect("a sheet");
    assert_eq!(sheet.expect("a range").height(), ROWS + 1);
}

fn dry_run(app: &App, keeper: PersonId, file: &[u8]) -> Prepared {
    let actor = Actor::person(keeper);
    let prepared = prepare(
        app,
        &actor,
        TableOf::Register(Register::IssuedDevice),
        (file, &Given::default()),
        &|_| (),
    );
    let prepared = prepared.expect("it can be read");
    let first = prepared.faults.first();
    assert!(prepared.is_ready(), "{first:?}");
    assert_eq!(prepared.entered(), ROWS);
    prepared
}

/// Seconds that a bare database takes to keep the same bytes durably.
fn raw_insert(place: &std::path::Path, bytes: &[u8]) -> f64 {
    let connection = Connection::open(place.join("bare.sqlite")).expect("a database");
    let set_up = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        CREATE TABLE blobs (bytes BLOB NOT NULL);";
    connection.execute_batch(set_up).expect("a table");
    timed(|| {
        let insert = "INSERT INTO blobs (bytes) VALUES (?1)";
        connection.execute(insert, [bytes]).expect("a row");
    })
}
