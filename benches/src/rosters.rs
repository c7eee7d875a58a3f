//! The organisation from files: 100,000 people, 5,000 units and 5,000 people who change, through the
//! real writer, while others work.

use std::time::Instant;

use sekisho_domain::actor::Actor;
use sekisho_domain::id::PersonId;
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_messages::Lang;
use sekisho_server::app::App;
use sekisho_server::tables::{FileFormat, Given, TableOf, commit, export, prepare};
use sekisho_tabular::{Cell, Sheet, xlsx};

use crate::office::{Office, Others};
use crate::{Outcome, Target};

/// People who come.
const COME: usize = 100_000;
/// Units that are founded, and people of whom something changes.
const CHANGE: usize = 5_000;
/// Commands of the baseline.
const ALONE: usize = 50;

/// Measures files of the organisation from their bytes to their records, and other commands beside
/// them.
///
/// # Panics
/// Where the application does not open or a command is refused.
#[must_use]
pub fn run() -> Outcome {
    let place = tempfile::TempDir::new().expect("a temporary folder");
    let office = Office::small(&place.path().join("data"), 23);
    let mut outcome = Outcome::new();
    let alone = office.slowest_alone(ALONE);
    outcome.figure("a command alone, slowest", alone, "s", Target::None);
    let file = units(&office);
    taken_in(
        &office,
        &mut outcome,
        (TableOf::Units, "units founded", CHANGE),
        &file,
    );
    let file = people(&office);
    taken_in(
        &office,
        &mut outcome,
        (TableOf::People, "people registered", COME),
        &file,
    );
    let file = changed(&office);
    taken_in(
        &office,
        &mut outcome,
        (TableOf::People, "people changed", CHANGE),
        &file,
    );
    office.app.stop();
    outcome
}

fn taken_in(
    office: &Office,
    outcome: &mut Outcome,
    (of, name, rows): (TableOf, &str, usize),
    file: &[u8],
) {
    let keeper = office.holder(Role::Hiso);
    let others = Others::at_work(office);
    let begun = Instant::now();
    let prepared = looked(&office.app, keeper, of, file);
    let looked = begun.elapsed().as_secs_f64();
    assert_eq!(prepared.plan.len(), rows, "{name}");
    commit(&office.app, Actor::person(keeper), &prepared).expect("it is stored");
    let took = begun.elapsed().as_secs_f64();
    let waits = others.told();
    let named = |what: &str| format!("{rows} {name}: {what}");
    outcome.figure(&named("looked through"), looked, "s", Target::None);
    outcome.figure(
        &named("from bytes to the record"),
        took,
        "s",
        Target::AtMost(30.0),
    );
    let count = waits.len() as f64;
    outcome.figure(
        &named("commands meanwhile"),
        count,
        "",
        Target::AtLeast(1.0),
    );
    let longest = waits.into_iter().fold(0.0, f64::max);
    outcome.figure(
        &named("a command meanwhile, slowest"),
        longest,
        "s",
        Target::AtMost(2.0),
    );
}

fn looked(
    app: &App,
    keeper: PersonId,
    of: TableOf,
    file: &[u8],
) -> sekisho_server::tables::Prepared {
    let actor = Actor::person(keeper);
    let prepared = prepare(app, &actor, of, (file, &Given::default()), &|_| ());
    let prepared = prepared.expect("it can be read");
    let first = prepared.faults.first();
    assert!(prepared.is_ready(), "{first:?}");
    prepared
}

fn book(name: &str, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut sheet = Sheet::new(name);
    let cells = |row: Vec<String>| row.into_iter().map(Cell::text).collect();
    sheet
        .rows
        .push(heads.iter().map(|it| Cell::text(*it)).collect());
    sheet.rows.extend(rows.map(cells));
    xlsx::write(&[sheet]).expect("a table that XLSX can hold")
}

/// Five hundred units, each with nine below it.
fn units(_office: &Office) -> Vec<u8> {
    let row = |n: usize| match n % 10 {
        0 => vec![format!("第{}部", n / 10), String::new()],
        below => vec![
            format!("第{}部第{below}課", n / 10),
            format!("第{}部", n / 10),
        ],
    };
    book("組織", &["部署名", "上位部署"], (0..CHANGE).map(row))
}

/// People of those units, each tenth with a post.
fn people(office: &Office) -> Vec<u8> {
    let staff = |post: &&Post| post.roles == [Role::Staff];
    let posts: Vec<String> = {
        let world = office.app.world();
        let posts = world.posts.values().filter(staff);
        posts.map(|post| post.id.to_string()).collect()
    };
    let row = |n: usize| {
        let unit = match n % CHANGE {
            n if n % 10 == 0 => format!("第{}部", n / 10),
            n => format!("第{}部第{}課", n / 10, n % 10),
        };
        let post = n.is_multiple_of(10).then(|| posts[n % posts.len()].clone());
        vec![
            format!("見本 {n}郎"),
            format!("みほん {n}"),
            format!("mihon{n}@example.go.jp"),
            unit,
            post.unwrap_or_default(),
        ]
    };
    let heads = ["氏名", "フリガナ", "メールアドレス", "所属", "官職"];
    book("職員", &heads, (0..COME).map(row))
}

/// What goes out of those people, of whom some have another address when it comes in again.
fn changed(office: &Office) -> Vec<u8> {
    let format = FileFormat::from_code("csv-utf8").expect("a format");
    let actor = Actor::person(office.holder(Role::Hiso));
    let asked = (format, Lang::Ja);
    let out = export(&office.app, &actor, TableOf::People, asked, None).expect("it is written");
    let out = String::from_utf8(out.bytes).expect("UTF-8");
    let mut left = CHANGE;
    let lines = out.lines().map(|line| {
        if left > 0 && line.contains("mihon") {
            left -= 1;
            return line.replace("mihon", "hyohon");
        }
        line.to_owned()
    });
    lines.collect::<Vec<_>>().join("\r\n").into_bytes()
}
