//! Logs that the configuration names are read by the running server: what is written to them, what was rotated
//! away, and what is wrong with them stands on the page of services.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sekisho_tests::{Client, Launch};
use tempfile::TempDir;

use crate::api::program::officer;

/// How long a reading may take to come, on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);
/// How often the page is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// A question as unbound writes it, of now.
fn ask(log: &Path, name: &str) {
    let at = SystemTime::now().duration_since(UNIX_EPOCH);
    let at = at.expect("a time after 1970").as_secs();
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(log);
    let line = format!("[{at}] unbound[9:0] info: 192.0.2.7 {name}. A IN\n");
    let written = file.expect("the log opens").write_all(line.as_bytes());
    written.expect("the log is written");
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

#[test]
fn a_log_that_the_configuration_names_is_read_on_and_on_rotated_or_gone() {
    let folder = TempDir::new().expect("a temporary folder");
    let (log, rotated) = (
        folder.path().join("dns.log"),
        folder.path().join("dns.log.1"),
    );
    let config = folder.path().join("sekisho.toml");
    let text = format!(
        "[[discovery.logs]]\nsource = \"dns-honsho\"\npaths = [\"{}\"]\nform = \"unbound\"\nevery = 1\n",
        log.display()
    );
    std::fs::write(&config, text).expect("written");
    ask(&log, "us02web.zoom.us");
    let launch = Launch::new("up").argument("--config").argument(&config);
    let server = launch.start();
    let mut first = server.found();
    let mut hiso = officer(&server, &mut first, "hana", "hiso");
    shows(&mut hiso, &["dns-honsho", "/services/zoom", "正常"]);
    // What came between the last reading and the rotation lies under another name.
    std::fs::rename(&log, &rotated).expect("renamed");
    ask(&rotated, "meet.webex.com");
    ask(&log, "teams.microsoft.com");
    let page = shows(&mut hiso, &["/services/webex", "/services/teams", "正常"]);
    assert!(
        page.contains(">3<"),
        "three lines in all, each once: {page}"
    );
    std::fs::remove_file(&log).expect("removed");
    shows(
        &mut hiso,
        &["ファイルを開くことができません", "/services/zoom"],
    );
    ask(&log, "app.slack.com");
    shows(&mut hiso, &["/services/slack", "正常"]);
}
