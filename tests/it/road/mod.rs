//! The whole road: a permit approved in the browser opens a tunnel from the device to the system inside;
//! whatever ends closes it, and whoever asks is told why.

mod browser;
mod stage;

use std::time::{Duration, Instant};

use rustix::process::Signal;
use sekisho_tests::{Running, leave_out, no_namespaces};

use super::office::device::{Device, unfiltered};
use super::office::feeds::ends_of_support;
use super::office::people::People;
use super::office::run::run;
use stage::{ENDPOINT, PORT, SERVER, SYSTEM, Stage, TUNNELS};

/// How long a change may take to reach the last packet here, on a busy machine.
const SOON: Duration = Duration::from_secs(20);

/// The shortest lease that a register takes.
const LEASE: Duration = Duration::from_secs(10);

/// What is missing where the device is not in order, in both languages.
const UNFIT: (&str, &str) = (
    "端末の更新、脆弱性対策等",
    "Updates, measures against vulnerabilities",
);

/// What is missing where the permit has ended.
const UNPERMITTED: (&str, &str) = (
    "リモートアクセスの許可がない",
    "no permit for remote access",
);

/// Everything set up, before the tunnel.
struct Road {
    stage: Stage,
    people: People,
    device: Device,
    access: String,
}

impl Road {
    fn built() -> Self {
        let mut stage = Stage::set();
        let mut people = People::gathered(stage.server(), &[]);
        people.register_system(SYSTEM, &format!("{PORT}/tcp\n{PORT}/udp"));
        ends_of_support(stage.server(), stage.folder.path());
        enrol_gateway(&mut stage, &mut people);
        let secret = people.invite();
        let server = format!("https://{SERVER}");
        let words = [
            "agent",
            "enrol",
            "--server",
            &server,
            "--ca-sha256",
            &stage.fingerprint,
            "--format",
            "json",
        ];
        let enrolled = run(stage.at_device(&words), &secret).with_code(0).json();
        let id = enrolled["device"].as_str().expect("an id").to_owned();
        stage.start_agent();
        let mut device = Device::of(&id, &stage.path("device"));
        let agent = stage.agent.as_ref().expect("the agent runs");
        agent.wait_for_note("a report", |said| said.contains("Reported.").then_some(()));
        device.report(&mut stage.server().client(), &[]);
        for (kind, more) in [
            ("pt", &[("f-place", "home")][..]),
            ("po", &[("f-destination", "home"), ("f-encrypted", "yes")]),
            (
                "pi",
                &[
                    ("f-place", "outside_organisation"),
                    ("f-restrictions", "複製禁止"),
                ],
            ),
            ("pl", &[("f-kind", "home"), ("f-encrypted", "yes")]),
        ] {
            people.permit(kind, &id, more);
        }
        let access = permitted(&mut people, &id);
        Self {
            stage,
            people,
            device,
            access,
        }
    }

    /// Brings the tunnel up as a person does.
    fn connect(&mut self) {
        let mut up = Running::start(self.stage.at_device(&["agent", "tunnel", "up"]));
        let code = up.wait_for("a code", |said| {
            let rest = said.split_once("code=")?.1;
            rest.split_once('\n').map(|it| it.0.trim().to_owned())
        });
        self.people.confirm(&code);
        up.wait_for("the tunnel", |said| {
            said.contains("The tunnel is up").then_some(())
        });
        up.kill();
    }

    /// What the device says of its tunnel.
    fn status(&self, lang: &str) -> String {
        let words = ["agent", "tunnel", "status", "--lang", lang];
        run(self.stage.at_device(&words), "").stdout
    }

    /// What the page of their own access says to whoever works from home.
    fn page(&self, lang: &str) -> String {
        let mut reader = self.people.staff.clone().reading(lang);
        reader.get("/access/mine").with_status(200).text()
    }

    /// Whether the device and the page say why nothing is reached, in both languages.
    fn is_said(&self, picture: &str, (ja, en): (&str, &str)) {
        for (lang, words) in [("ja", ja), ("en", en)] {
            let deadline = Instant::now() + SOON;
            while !self.status(lang).contains(words) {
                assert!(Instant::now() < deadline, "{words}: {}", self.status(lang));
                std::thread::sleep(Duration::from_millis(200));
            }
            let page = self.page(lang);
            assert!(page.contains(words), "{words}: {page}");
            browser::reads(&self.people.staff, lang, picture, &[words]);
        }
    }

    /// Whether the page says in both languages that the system is reached, and through which gateway.
    fn is_open(&self) {
        for (lang, words) in [("ja", "利用できる"), ("en", "Allowed")] {
            browser::reads(&self.people.staff, lang, "open", &[words]);
            let page = self.page(lang);
            for word in [words, "文書管理システム", "本庁ゲートウェイ"] {
                assert!(page.contains(word), "{word}: {page}");
            }
            for (ja, en) in [UNFIT, UNPERMITTED] {
                assert!(!page.contains(ja) && !page.contains(en), "{page}");
            }
        }
    }

    fn reached(&self, reached: bool, limit: Duration) -> Duration {
        self.stage.until_reached(reached, limit, || {
            let gateway = self.stage.gateway.as_ref().map(Running::said);
            format!("{}\n{}", self.status("en"), gateway.unwrap_or_default())
        })
    }
}

/// The permit for access, approved before a browser where there is one.
fn permitted(people: &mut People, device: &str) -> String {
    let permit = people.apply("pa", device, &[]);
    if !browser::approves(people.decider(&permit).0, &permit) {
        leave_out(
            "road: its pages before a browser",
            "no browser is installed",
        );
        people.decide(&permit);
    }
    people.act(&permit, "activate");
    permit
}

fn enrol_gateway(stage: &mut Stage, people: &mut People) {
    let server = format!("https://{SERVER}");
    let fingerprint = stage.fingerprint.clone();
    let words = [
        "gateway",
        "enrol",
        "--server",
        &server,
        "--ca-sha256",
        &fingerprint,
    ];
    let enrol = |stage: &Stage| run(stage.at_gateway(&words), "");
    // The register does not know it yet.
    let first = enrol(stage);
    assert_ne!(first.code, Some(0), "{}", first.stdout);
    let key = first.stdout.split_whitespace().find(|it| it.len() == 44);
    people.register_gateway(key.expect("a key"), ENDPOINT, TUNNELS);
    enrol(stage).with_code(0);
    stage.start_gateway();
    let gateway = stage.gateway.as_ref().expect("the gateway runs");
    gateway.wait_for("a table", |said| said.contains("in force").then_some(()));
}

#[test]
fn a_permit_opens_the_road_and_whatever_ends_closes_it() {
    if let Some(reason) = no_namespaces(&["ip", "nft", "curl", "conntrack"]) {
        return leave_out("road", &reason);
    }
    let mut road = Road::built();
    assert!(!road.stage.reaches());
    road.connect();
    road.reached(true, SOON);
    road.is_open();
    posture_breaks_and_is_mended(&mut road);
    the_permit_ends(&mut road);
    a_restarted_gateway_starts_closed(&mut road);
    a_killed_server_closes_at_the_lease(&mut road);
}

fn posture_breaks_and_is_mended(road: &mut Road) {
    let mut client = road.stage.server().client();
    road.device.report(&mut client, &[unfiltered()]);
    road.reached(false, SOON);
    road.is_said("unfit", UNFIT);
    road.device.report(&mut client, &[]);
    road.reached(true, SOON);
}

fn the_permit_ends(road: &mut Road) {
    let access = road.access.clone();
    road.people.act(&access, "return");
    road.reached(false, SOON);
    road.is_said("unpermitted", UNPERMITTED);
    // And in the console, to whoever holds it.
    let page = road.people.staff.get(&access).with_status(200).text();
    let over = ["終了（義務あり）", "完了"];
    assert!(over.iter().any(|it| page.contains(it)), "{page}");
    let device = road.device.id.to_string();
    road.access = permitted(&mut road.people, &device);
    road.reached(true, SOON);
    road.is_open();
}

fn a_restarted_gateway_starts_closed(road: &mut Road) {
    road.stage.gateway = None;
    // Without its server it stays closed, however long it waits.
    road.stage.server().signal(Signal::STOP);
    road.stage.start_gateway();
    let gateway = road.stage.gateway.as_ref().expect("it runs");
    gateway.wait_for("the start", |said| said.contains("closed").then_some(()));
    assert!(!road.stage.reaches());
    road.stage.server().signal(Signal::CONT);
    road.reached(true, SOON);
}

fn a_killed_server_closes_at_the_lease(road: &mut Road) {
    let server = road.stage.server.take().expect("the server runs");
    server.kill();
    let took = road.reached(false, LEASE + Duration::from_secs(1));
    assert!(took <= LEASE + Duration::from_secs(1), "{took:?}");
    // Packets stop by the timeouts of the filter, up to a second before the gateway says so.
    let gateway = road.stage.gateway.as_ref().expect("it runs");
    gateway.wait_for("the end of the lease", |said| {
        said.contains("The lease is over").then_some(())
    });
    no_reach_is_told(road);
    // What is no event stands in its log.
    let gateway = road.stage.gateway.as_ref().expect("it runs");
    gateway.wait_for_note("a report that was lost", |said| {
        said.contains("the report was not received").then_some(())
    });
    the_server_comes_back(road);
}

/// The device says in both languages since when the server has not answered, and of no system that it is
/// reached. The page cannot be read: it is the server's.
fn no_reach_is_told(road: &Road) {
    for (lang, silent, unknown, reached) in [
        (
            "ja",
            "以降、応答がありません",
            "文書管理システム: 利用できるかどうか不明です",
            "文書管理システム: 利用できます",
        ),
        (
            "en",
            "The server has not answered since 20",
            "文書管理システム: not known",
            "文書管理システム: reached",
        ),
    ] {
        let deadline = Instant::now() + SOON;
        while !road.status(lang).contains(silent) {
            assert!(Instant::now() < deadline, "{}", road.status(lang));
            std::thread::sleep(Duration::from_millis(200));
        }
        let said = road.status(lang);
        assert!(said.contains(unknown) && !said.contains(reached), "{said}");
    }
}

/// The gateway tells it the key of its tunnels anew, and the tunnel that stood is taken up.
fn the_server_comes_back(road: &mut Road) {
    road.stage.start_server_again();
    let mut client = road.stage.server().client();
    road.device.report(&mut client, &[]);
    road.reached(true, SOON);
    road.is_open();
}
