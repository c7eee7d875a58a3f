//! Feeds brought in from files, good, bad and hostile.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use sekisho_tests::{Cli, Finished, Sekisho, leave_out, root, shared};
use serde_json::Value;

fn import(shell: &Cli, file: &Path) -> Finished {
    let words = ["feeds", "import", "--lang", "en"].map(OsString::from);
    shell.run(words.into_iter().chain([file.into()]))
}

/// Kind, part, day and number of entries of everything held.
fn held(shell: &Cli) -> Vec<String> {
    let status = shell.run(["feeds", "status", "--format", "json"]).json();
    let feeds = status.as_array().expect("an array").iter();
    let held = feeds.filter(|it| !it["as_of"].is_null());
    held.map(|it| {
        format!(
            "{} {} {} {}",
            it["kind"], it["part"], it["as_of"], it["entries"]
        )
    })
    .collect()
}

fn founded() -> Sekisho {
    let server = Sekisho::up();
    server.found();
    server
}

fn fixture(name: &str) -> PathBuf {
    root().join("fixtures/feeds").join(name)
}

#[test]
fn good_feeds_are_recognised_and_kept() {
    let server = founded();
    let shell = server.cli();
    assert_eq!(held(&shell), Vec::<String>::new());
    // Nothing imported is a finding.
    shell.run(["feeds", "status"]).with_code(1);
    for name in ["kev.json", "epss.csv", "endoflife.json", "changelogs.jsonl"] {
        import(&shell, &fixture(name)).with_code(0);
    }
    let before = held(&shell);
    assert_eq!(before.len(), 4, "{before:?}");
    // The same content, packed, is known already and changes nothing.
    for name in ["kev.json.gz", "kev.json.xz"] {
        import(&shell, &fixture(name)).with_code(0);
    }
    assert_eq!(held(&shell), before);
}

#[test]
fn bad_feeds_are_refused_and_the_earlier_ones_stay() {
    let server = founded();
    let shell = server.cli();
    for name in ["kev.json", "epss.csv", "changelogs.jsonl"] {
        import(&shell, &fixture(name)).with_code(0);
    }
    let before = held(&shell);
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let write = |name: &str, bytes: &[u8]| {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).expect("written");
        file
    };
    let read = |name: &str| std::fs::read(fixture(name)).expect("a fixture");
    let half = |name: &str| {
        let bytes = read(name);
        write(&format!("half-{name}"), &bytes[..bytes.len() / 2])
    };
    let kev = String::from_utf8(read("kev.json")).expect("text");
    let bad = [
        half("kev.json"),
        half("kev.json.gz"),
        half("kev.json.xz"),
        half("changelogs.jsonl"),
        fixture("bomb.gz"),
        fixture("bomb.xz"),
        fixture("big-dictionary.xz"),
        write("empty.json", b""),
        write("page.html", b"<!DOCTYPE html><title>Sign in</title>"),
        write("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        write("list.json", b"[1, 2, 3]"),
        write("deep.json", &[b'['; 1 << 20]),
        write("bytes.json", &[0xff; 4096]),
        write("years-ahead.json", kev.replace("2026-", "2999-").as_bytes()),
    ];
    for file in bad {
        let said = import(&shell, &file);
        assert_eq!(
            said.code,
            Some(1),
            "{}: {}{}",
            file.display(),
            said.stdout,
            said.stderr
        );
        let name = file.file_name().and_then(|it| it.to_str()).unwrap_or("?");
        assert!(said.stderr.contains(name), "{}", said.stderr);
        said.said_for_people();
        assert_eq!(held(&shell), before, "after {name}");
    }
    server.client().get("/readyz").with_status(200);
}

#[test]
fn a_feed_that_is_years_old_never_makes_a_row_green() {
    let server = founded();
    server.judged();
    let shell = server.cli();
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let old = folder.path().join("kev.json");
    let text = std::fs::read_to_string(fixture("kev.json")).expect("a fixture");
    std::fs::write(
        &old,
        text.replace("2026-", "2019-").replace("2026.", "2019."),
    )
    .expect("written");
    let said = import(&shell, &old);
    if said.code == Some(1) {
        assert_eq!(held(&shell), Vec::<String>::new());
        said.said_for_people();
    } else {
        // Taken, but said to be old, and status stays a finding.
        let said = said.with_code(0);
        assert!(said.stdout.contains("older"), "{}", said.stdout);
    }
    shell.run(["feeds", "status"]).with_code(1);
    let assessed = server.judged();
    let checks = assessed["checks"].as_array().expect("checks");
    let advisories = checks.iter().find(|it| it["check"] == "advisories");
    assert_ne!(
        advisories.map(|it| &it["outcome"]),
        Some(&Value::from("pass"))
    );
}

#[test]
fn a_line_of_a_gigabyte_is_refused_without_eating_the_memory() {
    let server = founded();
    let shell = server.cli();
    import(&shell, &fixture("kev.json")).with_code(0);
    let before = held(&shell);
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let file = folder.path().join("line.json");
    let mut long = File::create(&file).expect("created");
    long.write_all(b"{\"title\": \"").expect("written");
    // The rest is a hole: a gigabyte to read, next to nothing on disk.
    long.set_len(1 << 30).expect("lengthened");
    let said = import(&shell, &file).with_code(1);
    said.said_for_people();
    assert_eq!(held(&shell), before);
    let most = peak_kilobytes(server.id());
    println!(
        "peak of the server after a line of 1 GB: {} MB",
        most / 1024
    );
    assert!(most < 1024 * 1024, "the server grew to {most} kB");
}

/// The most memory that a process has had at once.
fn peak_kilobytes(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("status");
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    let number = line.and_then(|it| it.split_whitespace().next()?.parse().ok());
    number.expect("a number of kilobytes")
}

#[test]
fn a_file_that_is_not_there_is_a_fault() {
    let server = founded();
    let said = import(&server.cli(), Path::new("/no/such/feed.json")).with_code(2);
    assert!(
        said.stderr.contains("/no/such/feed.json"),
        "{}",
        said.stderr
    );
    said.said_for_people();
}

#[test]
fn the_real_feeds_are_taken() {
    let Some(data) = shared("data") else {
        return leave_out("the_real_feeds_are_taken", "the shared data is not at hand");
    };
    let server = founded();
    server.judged();
    let shell = server.cli();
    for name in [
        "risk/kev-2026-08-21.json.xz",
        "risk/epss-2026-08-16.csv.xz",
        "eol/endoflife-date-2026-08-22.json.xz",
        "debian12/changelog-cves.jsonl.xz",
        "debian12/bookworm-security-packages-2026-11-21.tsv.xz",
    ] {
        import(&shell, &data.join(name)).with_code(0);
    }
    let held = held(&shell);
    assert!(held.len() >= 5, "{held:?}");
    let status = shell.run(["feeds", "status", "--format", "json"]).json();
    for (kind, least) in [("kev", 1_000), ("epss", 200_000)] {
        let feeds = status.as_array().expect("an array");
        let feed = feeds.iter().find(|it| it["kind"] == kind).expect("held");
        assert!(feed["entries"].as_u64() >= Some(least), "{feed}");
    }
}

#[test]
fn a_table_of_holidays_is_replaced_and_a_cut_one_is_not() {
    let server = founded();
    let shell = server.cli();
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let table = std::fs::read_to_string(root().join("catalog/holidays.csv")).expect("the table");
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).expect("written");
        file
    };
    let whole = write("syukujitsu.csv", &table);
    let said = import(&shell, &whole).with_code(0).stdout;
    assert!(said.contains("holidays: 2020 to 2030, 197 days"), "{said}");
    let again = import(&shell, &whole).with_code(0).stdout;
    assert!(again.contains("here already"), "{again}");
    let cut = table.find("2030/3").expect("a day");
    let refused = import(&shell, &write("cut.csv", &table[..cut])).with_code(1);
    assert!(
        refused.stderr.contains("cut.csv, year 2030"),
        "{}",
        refused.stderr
    );
    let no_day = table.replace("2027/3/22", "2027/2/30");
    let refused = import(&shell, &write("bad.csv", &no_day)).with_code(1);
    let line = 1 + table
        .lines()
        .position(|it| it.starts_with("2027/3/22"))
        .expect("a line");
    let named = format!("bad.csv, line {line}");
    assert!(refused.stderr.contains(&named), "{}", refused.stderr);
}
