//! Logs that the configuration names are read by the running server: what is written to them, what was rotated
//! away, and what is wrong with them stands on the page of services.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sekisho_tests::{Client, Launch, Sekisho};
use tempfile::TempDir;

use crate::api::program::officer;

/// How long a reading may take to come, on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);
/// How often the page is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// A question as unbound writes it, of now.
fn asked(name: &str) -> String {
    let at = SystemTime::now().duration_since(UNIX_EPOCH);
    let at = at.expect("a time after 1970").as_secs();
    format!("[{at}] unbound[9:0] info: 192.0.2.7 {name}. A IN\n")
}

fn append(log: &Path, lines: &str) {
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(log);
    let written = file.expect("the log opens").write_all(lines.as_bytes());
    written.expect("the log is written");
}

fn ask(log: &Path, name: &str) {
    append(log, &asked(name));
}

/// A server that reads logs of unbound every second, and the browser of its head officer.
fn reading(folder: &Path, logs: &[&Path]) -> (Sekisho, Client) {
    reading_every(1, folder, logs)
}

/// The same every so many seconds.
fn reading_every(seconds: u32, folder: &Path, logs: &[&Path]) -> (Sekisho, Client) {
    let config = folder.join("sekisho.toml");
    let paths: Vec<String> = logs
        .iter()
        .map(|it| format!("\"{}\"", it.display()))
        .collect();
    let text = format!(
        "[[discovery.logs]]\nsource = \"dns-honsho\"\npaths = [{}]\nform = \"unbound\"\nevery = {seconds}\n",
        paths.join(", ")
    );
    std::fs::write(&config, text).expect("written");
    let launch = Launch::new("up").argument("--config").argument(&config);
    let server = launch.start();
    let mut first = server.found();
    let hiso = officer(&server, &mut first, "hana", "hiso");
    (server, hiso)
}

/// How many lines of the source were read in all, by the table of sources.
fn lines_read(page: &str) -> u64 {
    let (_, table) = page.split_once("id=\"sources\"").expect("the sources");
    let (_, row) = table.split_once("dns-honsho").expect("the source");
    let (_, cell) = row.split_once("class=\"num\">").expect("its lines");
    let (cell, _) = cell.split_once("</td>").expect("the end of the cell");
    let texts = cell.split('>').filter_map(|it| it.split('<').next());
    texts.collect::<String>().parse().expect("a number")
}

/// The page of services once it says all of this.
fn shows(client: &mut Client, all: &[&str]) -> String {
    let end = Instant::now() + LIMIT;
    loop {
        let page = client.get("/services").with_status(200).text();
        if all.iter().all(|it| page.contains(it)) {
            return page;
        }
        assert!(Instant::now() < end, "{all:?} never came: {page}");
        std::thread::sleep(LOOK);
    }
}

/// The same once so many lines were read, and no more: a finding is there before what it was found in is counted.
fn counts(client: &mut Client, all: &[&str], lines: u64) {
    let end = Instant::now() + LIMIT;
    loop {
        let page = shows(client, all);
        let read = lines_read(&page);
        if read >= lines {
            assert_eq!(read, lines, "each once: {page}");
            return;
        }
        assert!(Instant::now() < end, "{read} of {lines} lines: {page}");
        std::thread::sleep(LOOK);
    }
}

#[test]
fn a_log_that_the_configuration_names_is_read_on_and_on_rotated_or_gone() {
    let folder = TempDir::new().expect("a temporary folder");
    let (log, rotated) = (
        folder.path().join("dns.log"),
        folder.path().join("dns.log.1"),
    );
    ask(&log, "us02web.zoom.us");
    let (_server, mut hiso) = reading(folder.path(), &[&log]);
    shows(&mut hiso, &["dns-honsho", "/services/zoom", "正常"]);
    // What came between the last reading and the rotation lies under another name.
    std::fs::rename(&log, &rotated).expect("renamed");
    ask(&rotated, "meet.webex.com");
    ask(&log, "teams.microsoft.com");
    counts(
        &mut hiso,
        &["/services/webex", "/services/teams", "正常"],
        3,
    );
    std::fs::remove_file(&log).expect("removed");
    shows(
        &mut hiso,
        &["ファイルを開くことができません", "/services/zoom"],
    );
    ask(&log, "app.slack.com");
    shows(&mut hiso, &["/services/slack", "正常"]);
}

#[test]
fn a_log_that_was_rotated_twice_between_two_readings_is_read_and_what_cannot_be_read_is_told() {
    let folder = TempDir::new().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    let log = at("dns.log");
    ask(&log, "us02web.zoom.us");
    let (_server, mut hiso) = reading(folder.path(), &[&log]);
    shows(&mut hiso, &["/services/zoom", "正常"]);
    // The one in between was never seen under the name of the log.
    std::fs::rename(&log, at("dns.log.2")).expect("renamed");
    ask(&at("dns.log.1"), "meet.webex.com");
    ask(&log, "teams.microsoft.com");
    counts(
        &mut hiso,
        &["/services/webex", "/services/teams", "正常"],
        3,
    );
    // What another program put there is no log; what was rotated away and cannot be read is a gap.
    append(&at("dns.log.offset"), "17\n");
    let broken = at("dns.log.3.gz");
    std::fs::write(&broken, b"\x1f\x8b\x08\x00 is not packed").expect("written");
    shows(&mut hiso, &["dns.log.3.gz"]);
    std::fs::remove_file(&broken).expect("removed");
    ask(&log, "app.slack.com");
    counts(&mut hiso, &["/services/slack", "正常"], 4);
}

#[test]
fn a_log_that_is_not_understood_stays_unread_however_often_nothing_new_comes_to_it() {
    let folder = TempDir::new().expect("a temporary folder");
    let (log, other) = (
        folder.path().join("dns.log"),
        folder.path().join("other.log"),
    );
    ask(&log, "us02web.zoom.us");
    // Two logs that begin alike are one that was rotated.
    ask(&other, "example.com");
    let (_server, mut hiso) = reading(folder.path(), &[&log, &other]);
    counts(&mut hiso, &["/services/zoom", "正常"], 2);
    // Three lines of another form.
    let line = "Nov 29 16:00:00 dnsmasq[1]: query[A] meet.webex.com from 192.0.2.7\n";
    append(&log, &line.repeat(3));
    let told = "このログは読み込んでいません";
    shows(&mut hiso, &[told]);
    // A later reading, in which nothing comes to it and the other log is in order.
    ask(&other, "teams.microsoft.com");
    counts(&mut hiso, &["/services/teams", told], 3);
    let page = hiso.get("/services").with_status(200).text();
    assert!(!page.contains("/services/webex"), "{page}");
    // Once most of it says something, all of it counts.
    append(&log, &asked("app.slack.com").repeat(4));
    counts(&mut hiso, &["/services/slack", "正常"], 10);
}

/// It made its source stale until somebody took the log away.
#[test]
fn a_bad_line_at_the_end_of_a_log_to_which_nothing_more_comes_is_skipped_and_counted() {
    let folder = TempDir::new().expect("a temporary folder");
    let log = folder.path().join("dns.log");
    ask(&log, "us02web.zoom.us");
    let (_server, mut hiso) = reading(folder.path(), &[&log]);
    shows(&mut hiso, &["/services/zoom", "正常"]);
    append(&log, "\0\0\0 cut\n");
    // As long as more may come it is not known what the log is.
    shows(&mut hiso, &["このログは読み込んでいません"]);
    let file = std::fs::File::options().append(true).open(&log);
    let days_ago = SystemTime::now() - Duration::from_secs(2 * 86_400);
    let file = file.expect("the log");
    file.set_modified(days_ago).expect("its time is set");
    counts(&mut hiso, &["正常"], 2);
}

/// How often it was told that something of a log may be lost.
fn gaps(said: &str) -> usize {
    said.matches("discover.gap").count()
}

fn a_gap(said: &str) -> Option<()> {
    (gaps(said) > 0).then_some(())
}

/// It was told at each reading until a line came.
#[test]
fn a_log_that_begins_anew_without_what_was_left_of_it_is_told_once() {
    let folder = TempDir::new().expect("a temporary folder");
    let log = folder.path().join("dns.log");
    ask(&log, "us02web.zoom.us");
    // It stands on the page until the next reading.
    let (server, mut hiso) = reading_every(5, folder.path(), &[&log]);
    shows(&mut hiso, &["/services/zoom", "正常"]);
    std::fs::write(&log, "").expect("emptied");
    shows(&mut hiso, &["前回までに読み込んだ部分の続きがありません"]);
    shows(&mut hiso, &["/services/zoom", "正常"]);
    ask(&log, "meet.webex.com");
    shows(&mut hiso, &["/services/webex", "正常"]);
    assert_eq!(gaps(&server.log()), 1, "{}", server.log());
}

/// It was not noticed, and of the time in between "no use" could be said.
#[test]
fn a_file_that_is_gone_from_its_folder_is_told_once_and_what_was_rotated_there_is_not() {
    let folder = TempDir::new().expect("a temporary folder");
    let logs = folder.path().join("logs");
    std::fs::create_dir(&logs).expect("a folder");
    let (log, rotated) = (logs.join("dns.log"), logs.join("dns.log.1"));
    ask(&log, "us02web.zoom.us");
    let (server, mut hiso) = reading(folder.path(), &[&logs]);
    shows(&mut hiso, &["/services/zoom", "正常"]);
    std::fs::rename(&log, &rotated).expect("renamed");
    ask(&rotated, "meet.webex.com");
    ask(&log, "teams.microsoft.com");
    counts(
        &mut hiso,
        &["/services/webex", "/services/teams", "正常"],
        3,
    );
    std::fs::remove_file(&rotated).expect("removed");
    // What came last to the next is lost.
    std::fs::write(&log, asked("app.slack.com")).expect("written anew");
    server.wait_for_log(a_gap);
    shows(&mut hiso, &["/services/slack", "正常"]);
    ask(&log, "app.slack.com");
    counts(&mut hiso, &["正常"], 5);
    assert_eq!(gaps(&server.log()), 1, "{}", server.log());
}
