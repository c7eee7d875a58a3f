//! The organisation of the year: its server, which is started anew whenever time has passed, by a clock that
//! the test sets, and its people, who sign in again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sekisho_domain::time::Timestamp;
use sekisho_tests::{
    Cli, Client, Launch, PASSWORD, Reply, Sekisho, free_address, hidden, wrong_clock,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::discover::peers::Peer;
use crate::office::feeds::ENDS;

/// The first moment of the story, whenever the test runs: a Tuesday, ten o'clock in Japan.
const BEGINS: &str = "2026-12-01T01:00:00Z";
const DAY: i64 = 86_400;
/// How long something that happens by itself may take, on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(60);

/// The server with its clock, and who has a browser open.
pub struct Office {
    server: Option<Sekisho>,
    pub folder: TempDir,
    address: SocketAddr,
    library: String,
    /// How far the story is ahead of the clock of this machine, in seconds.
    step: i64,
    browsers: BTreeMap<String, Client>,
    /// Who is signed in.
    present: BTreeSet<String>,
    /// Once there is a plan, the server holds use against it every day.
    pub planned: bool,
}

impl Office {
    /// A founded organisation; none where this machine cannot set a clock for a program.
    pub fn begun() -> Option<Self> {
        let folder = TempDir::new().expect("a temporary folder");
        let library = wrong_clock(folder.path())?;
        let begins: jiff::Timestamp = BEGINS.parse().expect("a time");
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a time after 1970");
        let now = i64::try_from(now.as_secs()).expect("a time");
        let mut office = Self {
            server: None,
            folder,
            address: free_address(),
            library: library.to_str().expect("a plain path").to_owned(),
            step: begins.as_second() - now,
            browsers: BTreeMap::new(),
            present: BTreeSet::new(),
            planned: false,
        };
        office.start();
        let first = office.server().found();
        office.arrived(sekisho_tests::LOGIN, first);
        Some(office)
    }

    pub fn server(&self) -> &Sekisho {
        self.server.as_ref().expect("the server runs")
    }

    fn start(&mut self) {
        let mut launch = Launch::new("serve").at(self.address).on(self.data());
        for (name, value) in self.clock() {
            launch = launch.with(name, &value);
        }
        self.server = Some(launch.start());
    }

    /// The server is ended, as for an update of its machine.
    pub fn stop(&mut self) {
        let server = self.server.take().expect("the server runs");
        assert!(server.stop().success());
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What makes a program live by the story's clock.
    fn clock(&self) -> [(&'static str, String); 2] {
        let step = self.step.to_string();
        [
            ("LD_PRELOAD", self.library.clone()),
            ("SEKISHO_TEST_STEP", step),
        ]
    }

    /// The shell, on the data folder or on none.
    fn by_the_clock(&self, shell: Cli) -> Cli {
        let clock = self.clock();
        clock
            .iter()
            .fold(shell, |shell, (name, value)| shell.with(name, value))
    }

    pub fn shell(&self) -> Cli {
        self.by_the_clock(Cli::on(self.data()))
    }

    /// The shell of a device, which has a folder of its own.
    pub fn shell_elsewhere(&self) -> Cli {
        self.by_the_clock(Cli::new())
    }

    pub fn now(&self) -> Timestamp {
        let real = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970");
        let real = i64::try_from(real.as_millis()).expect("a time");
        Timestamp::from_millis(real + self.step * 1000)
    }

    /// The day in Japan so many days from today, as forms take it.
    pub fn day(&self, after: i64) -> String {
        let second = self.now().as_millis() / 1000 + 9 * 3600 + after * DAY;
        let at = jiff::Timestamp::from_second(second).expect("a time");
        at.strftime("%Y-%m-%d").to_string()
    }

    /// The server is started anew, after so many days. Sessions may be over then, and where there is a plan
    /// the server has held use against it by itself when this returns.
    pub fn pass(&mut self, days: i64) {
        self.stop();
        self.step += days * DAY;
        self.present.clear();
        self.start();
        if days > 0 && self.planned {
            let held = |said: &str| said.contains("use was held against the plan").then_some(());
            self.server().wait_for_log(held);
        }
    }

    /// Somebody who has just signed in.
    pub fn arrived(&mut self, login: &str, browser: Client) {
        self.browsers.insert(login.to_owned(), browser);
        self.present.insert(login.to_owned());
    }

    /// Somebody's browser, signed in.
    pub fn browser(&mut self, login: &str) -> &mut Client {
        let browser = self.browsers.get_mut(login).expect("somebody known");
        if self.present.insert(login.to_owned()) {
            let page = browser.get("/sign-in");
            // A session that still lasts leads on.
            if page.status == 200 {
                let csrf = hidden(&page.text(), "csrf");
                let fields = [
                    ("csrf", csrf.as_str()),
                    ("login", login),
                    ("password", PASSWORD),
                    ("next", ""),
                ];
                browser.post_form("/sign-in", &fields).with_status(303);
            }
        }
        browser
    }

    /// A page that is there.
    pub fn page(&mut self, login: &str, path: &str) -> String {
        self.browser(login).get(path).with_status(200).text()
    }

    /// A page that says this to a reader of Japanese, and that to one of English.
    pub fn shows(&mut self, login: &str, path: &str, ja: &[&str], en: &[&str]) {
        let browser = self.browser(login).clone();
        for (language, words) in [("ja", ja), ("en", en)] {
            let mut reader = browser.clone().reading(language);
            let page = reader.get(path).with_status(200).text();
            for said in words {
                assert!(page.contains(said), "{path} does not say {said}: {page}");
            }
        }
    }

    pub fn send(&mut self, login: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
        let browser = self.browser(login);
        let account = browser.get("/account").with_status(200).text();
        let csrf = hidden(&account, "csrf");
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend_from_slice(fields);
        browser.post_form(path, &all)
    }

    /// Does something that has to lead on to another page; which.
    pub fn done(&mut self, login: &str, path: &str, fields: &[(&str, &str)]) -> String {
        let reply = self.send(login, path, fields);
        assert_eq!(reply.status, 303, "{path}: {}", reply.text());
        let place = reply.header("location").expect("a place");
        let place = place.split(['?', '#']).next().unwrap_or_default();
        place.to_owned()
    }

    /// Is told on the page what is in the way.
    pub fn refused(&mut self, login: &str, path: &str, fields: &[(&str, &str)], words: &str) {
        let reply = self.send(login, path, fields).with_status(422);
        let page = reply.text();
        assert!(page.contains(words), "{path} does not say {words}: {page}");
    }

    /// The ends of support, of today: what devices are held against.
    pub fn bring_feed(&self) {
        let file = self.folder.path().join("endoflife.json");
        std::fs::write(&file, ENDS).expect("a file is written");
        let (file, today) = (file.display().to_string(), self.day(0));
        let words = ["feeds", "import", file.as_str(), "--as-of", today.as_str()];
        self.shell().run(words).with_code(0);
    }

    /// A conference tool is used once by the resolver, which lives by the story's clock too, and the shell reads
    /// its log into the server; what was found for the first time.
    pub fn resolver_read(&self, resolver: &Peer) -> Value {
        let folder = TempDir::new().expect("a temporary folder");
        let clock = self.clock();
        let clock: Vec<(&str, &str)> = clock
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let log = resolver.used_once_with(folder.path(), &clock);
        // Files bear the time of the machine, which is another one.
        let written = u64::try_from(self.now().as_millis()).expect("a time");
        let written = UNIX_EPOCH + Duration::from_millis(written);
        let file = File::options().append(true).open(&log);
        let dated = file.and_then(|file| file.set_modified(written));
        dated.expect("the log is dated");
        let log = log.display().to_string();
        let words = ["discover", "--into-server", "--format", "json"];
        let words = words
            .into_iter()
            .chain(["--source", "dns-honsho", log.as_str()]);
        self.shell().run(words).with_code(0).json()["found"].clone()
    }

    /// All verdicts, now or as they were known at a time.
    pub fn assessed(&self, at: Option<&str>) -> Value {
        let mut words = vec!["assess", "--format", "json"];
        words.extend(at.into_iter().flat_map(|at| ["--at", at]));
        self.shell().run(words).with_code(1).json()
    }

    /// The server starts anew and judges first of all; the moment from which on the ledger tells what is so now.
    pub fn recorded(&mut self) -> String {
        self.pass(0);
        let deadline = Instant::now() + LIMIT;
        loop {
            let now = self.assessed(None);
            let at = now["at"].as_str().expect("a time").to_owned();
            let then = self.assessed(Some(&at));
            if super::told::verdicts(&then) == super::told::verdicts(&now) {
                return at;
            }
            assert!(
                Instant::now() < deadline,
                "not recorded: {}",
                self.server().log()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
