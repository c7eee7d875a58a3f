//! Ledgers that were damaged while nobody looked.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sekisho_tests::{Cli, Launch, said_for_people};

/// The folder of a founded organisation, cleanly stopped.
fn stopped(folder: &Path) -> PathBuf {
    let data = folder.join("data");
    let server = Launch::new("up").on(&data).start();
    server.found();
    server.judged();
    assert!(server.stop().success());
    data
}

/// The files of the ledger that hold anything.
fn ledger_files(data: &Path) -> Vec<PathBuf> {
    ["ledger.sqlite", "ledger.sqlite-wal"]
        .iter()
        .map(|name| data.join(name))
        .filter(|file| std::fs::metadata(file).is_ok_and(|it| it.len() > 0))
        .collect()
}

/// The start is refused with what to do; never a fresh set-up over what was there.
fn is_refused(data: &Path, what: &str) {
    match Launch::new("up").on(data).try_start() {
        Err(refused) => {
            assert_eq!(refused.code, Some(2), "{what}: {refused}");
            said_for_people(&refused.stderr);
        }
        Ok(server) => {
            let page = server.client().get(&server.link()).text();
            let again = page.contains("organisation_ja");
            panic!("{what}: it started; offers a new set-up: {again}");
        }
    }
}

fn places_of(bytes: &[u8], wanted: &[u8]) -> Vec<usize> {
    let windows = bytes.windows(wanted.len()).enumerate();
    windows
        .filter(|(_, it)| *it == wanted)
        .map(|(at, _)| at)
        .collect()
}

/// Salt and record of a number, as they lie in the file one after the other.
fn stored(data: &Path, number: u64) -> Vec<u8> {
    let number = number.to_string();
    let proof = Cli::on(data).run(["ledger", "prove", &number, "--format", "json"]);
    let proof = proof.with_code(0).json();
    let salt = proof["salt"].as_str().expect("a salt");
    let digits = |at: usize| u8::from_str_radix(&salt[at..at + 2], 16).expect("hex");
    let mut bytes: Vec<u8> = (0..salt.len()).step_by(2).map(digits).collect();
    bytes.extend_from_slice(proof["record"].as_str().expect("a record").as_bytes());
    bytes
}

/// Changes one byte of a record, in every copy of it: pages keep pieces of what they once held, and
/// a change there alone changes no record.
fn changed(sound: &[u8], record: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    let places = places_of(sound, record);
    assert!(!places.is_empty(), "the record is not in the file");
    for place in places {
        bytes[place + at] ^= 1;
    }
    bytes
}

#[test]
fn a_changed_letter_in_a_record_is_found() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let data = stopped(folder.path());
    // Cleanly stopped, so that all of it lies in one file.
    let file = data.join("ledger.sqlite");
    let sound = std::fs::read(&file).expect("read");
    let whole = Cli::on(&data).run(["ledger", "verify", "--format", "json"]);
    let size = whole.with_code(0).json()["size"].as_u64().expect("a size");
    assert!(size > 5, "{size}");
    for number in [0, size / 2, size - 1] {
        let record = stored(&data, number);
        // A letter in the salt, one in the midst, and the last but one.
        for at in [3, record.len() / 2, record.len() - 2] {
            std::fs::write(&file, changed(&sound, &record, at)).expect("written");
            let said = Cli::on(&data).run(["ledger", "verify", "--lang", "en"]);
            let what = format!("byte {at} of record {number}");
            assert_eq!(said.code, Some(1), "{what}: {}{}", said.stdout, said.stderr);
            assert!(
                said.stdout.contains(&number.to_string()),
                "{what}: {}",
                said.stdout
            );
            std::fs::write(&file, &sound).expect("written");
        }
    }
    Cli::on(&data).run(["ledger", "verify"]).with_code(0);
}

#[test]
fn a_damaged_ledger_is_never_taken_for_a_new_organisation() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let data = stopped(folder.path());
    let files = ledger_files(&data);
    let sound: Vec<Vec<u8>> = files
        .iter()
        .map(|it| std::fs::read(it).expect("read"))
        .collect();
    let restore = || {
        for (file, bytes) in files.iter().zip(&sound) {
            std::fs::write(file, bytes).expect("written");
        }
        // What SQLite derived from the damaged files.
        let _ = std::fs::remove_file(data.join("ledger.sqlite-shm"));
    };
    for (what, damage) in [
        ("emptied", (|_| Vec::new()) as fn(&[u8]) -> Vec<u8>),
        ("cut in half", |bytes| bytes[..bytes.len() / 2].to_vec()),
        ("first bytes changed", |bytes| {
            let mut bytes = bytes.to_vec();
            bytes.iter_mut().take(64).for_each(|it| *it ^= 0x55);
            bytes
        }),
        ("every page changed", |bytes| {
            bytes.iter().map(|it| it ^ 0x55).collect()
        }),
    ] {
        // All files at once: whichever of them the ledger lives in, it is damaged.
        for (file, bytes) in files.iter().zip(&sound) {
            std::fs::write(file, damage(bytes)).expect("written");
        }
        is_refused(&data, what);
        restore();
    }
    for name in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"] {
        let _ = std::fs::remove_file(data.join(name));
    }
    is_refused(&data, "removed");
    restore();
    Launch::new("up").on(&data).start();
}

#[test]
fn one_changed_byte_in_the_write_ahead_log_does_not_drop_what_follows() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let data = folder.path().join("data");
    let server = Launch::new("up").on(&data).start();
    server.found();
    server.judged();
    // As after a loss of power: the log was not yet taken into the database.
    server.kill();
    let log = data.join("ledger.sqlite-wal");
    let sound = std::fs::read(&log).unwrap_or_default();
    let places = places_of(&sound, b"\"kind\":\"");
    let at = places.get(places.len() / 2).expect("records in the log");
    let mut bytes = sound.clone();
    bytes[at + 9] ^= 1;
    std::fs::write(&log, &bytes).expect("written");
    let database = data.join("ledger.sqlite");
    let before = std::fs::read(&database).expect("read");
    is_refused(&data, "a byte of the write-ahead log changed");
    // What is behind the damage is evidence: a refused start leaves it.
    assert!(
        std::fs::read(&log).expect("there") == bytes,
        "the log changed"
    );
    assert!(
        std::fs::read(&database).expect("there") == before,
        "folded in"
    );
    // What is left is sound, and shorter than what was acknowledged.
    let said = Cli::on(&data).run(["ledger", "verify", "--lang", "en"]);
    let said = said.with_code(1).stdout;
    assert!(said.contains("its end has been lost"), "{said}");
    std::fs::write(&log, &sound).expect("written");
    let _ = std::fs::remove_file(data.join("ledger.sqlite-shm"));
    Cli::on(&data).run(["ledger", "verify"]).with_code(0);
}

#[test]
fn a_changed_byte_in_an_old_record_was_started_on_without_a_word() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let data = stopped(folder.path());
    let file = data.join("ledger.sqlite");
    let sound = std::fs::read(&file).expect("read");
    // In a name, which no start reads again once there is a snapshot.
    let name = b"Ministry of Trials";
    let bytes = changed(&sound, name, name.len() - 2);
    std::fs::write(&file, &bytes).expect("written");

    let launch = Launch::new("up")
        .on(&data)
        .argument("--lang")
        .argument("en");
    let server = launch.ready_with(503).start();
    let said = "The ledger is damaged";
    server.wait_for_log(|log| log.contains(said).then_some(()));
    let mut visitor = server.client();
    let ready = visitor.get("/readyz").with_status(503).text();
    assert!(ready.contains("ledger failing"), "{ready}");
    let page = visitor.get("/sign-in").with_status(200).text();
    assert!(page.contains("role=\"alert\""), "{page}");
    let refused = server.cli().run([
        "ledger",
        "checkpoint",
        "--to",
        "mail:audit@example.org",
        "--lang",
        "en",
    ]);
    let refused = refused.with_code(1).said_for_people();
    assert!(refused.stderr.contains(said), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("sekisho restore"),
        "{}",
        refused.stderr
    );
}

/// How many records the ledger holds, as its server counts.
fn records(server: &sekisho_tests::Sekisho) -> u32 {
    let said = server.client().get("/metrics").text();
    let mut lines = said.lines();
    let line = lines.find_map(|it| it.strip_prefix("sekisho_ledger_records "));
    line.expect("counted").parse().expect("a number")
}

/// A cut file was not opened at all, and `verify` said to run `verify`.
#[test]
fn verify_names_the_place_from_which_a_cut_ledger_is_lost() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let data = folder.path().join("data");
    let server = Launch::new("up").on(&data).start();
    server.found();
    server.judged();
    // Every row's first verdict is recorded: some pages of records.
    let deadline = Instant::now() + Duration::from_secs(60);
    while records(&server) < 149 {
        assert!(Instant::now() < deadline, "{} records", records(&server));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(server.stop().success());
    let file = data.join("ledger.sqlite");
    let sound = std::fs::read(&file).expect("read");
    let pages = sound.len() / 8192;
    assert!(pages > 6, "{} bytes", sound.len());
    let mut named = std::collections::BTreeSet::new();
    let cuts = [
        0,
        50,
        100,
        700,
        4096,
        8192,
        8193,
        pages / 3 * 8192,
        sound.len() / 2 + 13,
    ];
    let last = [8192, 4096, 1].map(|less| sound.len() - less);
    for cut in cuts.into_iter().chain(last) {
        std::fs::write(&file, &sound[..cut]).expect("written");
        let said = Cli::on(&data).run(["ledger", "verify", "--lang", "en"]);
        let said = said.with_code(2).said_for_people();
        let told = &said.stderr;
        let place = told.contains("can be read; record ")
            || told.contains("Not even record 0 can be read")
            || told.contains("but not everything beside them: ");
        assert!(place, "cut to {cut} of {}: {told}", sound.len());
        assert!(told.contains("sekisho restore"), "{told}");
        named.insert(told.clone());
        assert_eq!(
            std::fs::metadata(&file).expect("there").len(),
            cut as u64,
            "verify changed the file"
        );
    }
    assert!(named.len() > 3, "{named:?}");
    std::fs::write(&file, &sound).expect("written");
    Cli::on(&data).run(["ledger", "verify"]).with_code(0);
}
