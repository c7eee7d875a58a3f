//! Who takes part, what they are answerable for, and what they do again and again.

use std::time::{Duration, Instant};

use sekisho_tests::{between, hidden};
use serde_json::{Value, json};

use super::office::{LIMIT, Office};
use crate::office::device::{Device, Fact};
use crate::office::forms::{choice, person};

pub const HISO: &str = sekisho_tests::LOGIN;
pub const CISO: &str = "ciso";
pub const STAFF: &str = "saburo";
pub const COLLEAGUE: &str = "shiro";
pub const AUTHORITY: &str = "goro";
pub const BODY: &str = "rokuro";
const ISSO: &str = "jiro";
const DISO: &str = "hanako";

/// Login, name and role.
const OFFICERS: [(&str, &str, &str); 6] = [
    (CISO, "高橋 一子", "ciso"),
    (ISSO, "鈴木 次郎", "isso"),
    (DISO, "佐藤 花子", "diso"),
    (STAFF, "田中 三郎", "staff"),
    (COLLEAGUE, "山本 四郎", "staff"),
    (AUTHORITY, "中村 五郎", "exception_authority"),
];

/// Somebody who works from home, with the device that was issued to them.
struct Worker {
    login: &'static str,
    id: String,
    device: Device,
}

/// What the story is about.
pub struct People {
    workers: Vec<Worker>,
    pub unit: String,
    pub task: String,
    system: String,
    /// By which an enforcement point asks.
    token: String,
}

/// A person with a post and a browser.
pub fn joins(office: &mut Office, (login, name, role): (&str, &str, &str)) {
    let mut hiso = office.browser(HISO).clone();
    let browser = person(office.server(), &mut hiso, (name, login, role));
    office.arrived(HISO, hiso);
    office.arrived(login, browser);
}

/// Enters something into a register; its id.
fn enter(office: &mut Office, login: &str, register: &str, fields: &[(&str, &str)]) -> String {
    let place = office.done(login, &format!("/registers/{register}"), fields);
    place.rsplit('/').next().unwrap_or_default().to_owned()
}

const GRADE: [(&str, &str); 3] = [("f-grade-c", "2"), ("f-grade-i", "2"), ("f-grade-a", "1")];

impl People {
    /// Everybody and everything that the plan will speak of.
    pub fn gathered(office: &mut Office) -> Self {
        for officer in OFFICERS {
            joins(office, officer);
        }
        let page = office.page(ISSO, "/registers/line/new");
        let post = choice(&page, "f-officer", "鈴木 次郎の職");
        let line = [
            ("f-name", "庁内LAN"),
            ("f-kind", "internal"),
            ("f-encrypted", "yes"),
            ("f-officer", &post),
        ];
        enter(office, ISSO, "line", &line);
        let page = office.page(DISO, "/registers/task/new");
        let unit = choice(&page, "f-unit", "試験省");
        let mut task = vec![
            ("f-unit", unit.as_str()),
            ("f-name", "予算要求の調整"),
            ("f-state", "allowed"),
        ];
        task.extend(GRADE);
        let task = enter(office, DISO, "task", &task);
        let denied = [
            ("f-name", "qBittorrent"),
            ("f-packages", "qbittorrent"),
            ("f-list", "deny"),
        ];
        enter(office, ISSO, "software", &denied);
        let token = asks(office, &post);
        let system = [
            ("f-name", "文書管理システム"),
            ("f-officer", &post),
            ("f-highest-c", "2"),
            ("f-highest-i", "2"),
            ("f-highest-a", "1"),
            ("f-host", "own_premises"),
            ("f-remote", "yes"),
            ("f-asking_tokens-q", ASKS),
        ];
        let system = enter(office, ISSO, "system", &system);
        office.bring_feed();
        let workers = [STAFF, COLLEAGUE].map(|login| worker(office, login));
        let mut people = Self {
            workers: workers.into(),
            unit,
            task,
            system,
            token,
        };
        people.report(office, &[]);
        people
    }

    /// The devices report that they are in order, but for what is otherwise.
    pub fn report(&mut self, office: &Office, otherwise: &[Fact]) {
        for worker in &mut self.workers {
            let mut client = office.server().client();
            worker
                .device
                .report_at(&mut client, office.now(), otherwise);
        }
    }

    fn worker(&self, login: &str) -> &Worker {
        let found = self.workers.iter().find(|it| it.login == login);
        found.expect("somebody who works from home")
    }

    pub fn device(&self, login: &str) -> String {
        self.worker(login).device.id.to_string()
    }

    /// What the decision point answers an enforcement point in front of the system.
    pub fn decision(&self, office: &Office, login: &str, context: &Value) -> Value {
        let worker = self.worker(login);
        let question = json!({
            "subject": {
                "type": "person",
                "id": worker.id,
                "properties": { "device": worker.device.id.to_string() },
            },
            "action": { "name": "reach" },
            "resource": { "type": "system", "id": self.system },
            "context": context,
        });
        let bearer = format!("Bearer {}", self.token);
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        let body = question.to_string();
        let mut client = office.server().client();
        let path = "/access/v1/evaluation";
        let reply = client.request("POST", path, &headers, body.as_bytes());
        reply.with_status(200).json()
    }

    /// Somebody is let through to the system.
    pub fn works(&self, office: &Office, login: &str, place: &str) {
        let answer = self.decision(office, login, &json!({ "place": place }));
        assert_eq!(answer["decision"], true, "{login} {place}: {answer}");
    }

    /// A permit with these fields, applied for, decided by whoever may, and begun; where it is.
    pub fn permit(
        &self,
        office: &mut Office,
        (login, kind): (&str, &str),
        fields: &[(&str, &str)],
    ) -> String {
        let path = format!("/permits/new/{kind}");
        let page = office.page(login, &path);
        let (from, until) = (office.day(0), office.day(300));
        let device = self.device(login);
        let mut all = vec![
            ("f-term_from", from.as_str()),
            ("f-term_until", until.as_str()),
            ("f-device", &device),
            ("f-task", &self.task),
            ("f-system", &self.system),
            ("remark", "自宅で資料を作成するため"),
        ];
        all.extend(GRADE);
        // An exception that names neither a task nor a system is one for all of them.
        let narrows = |name: &str| kind == "pe" && ["f-task", "f-system"].contains(&name);
        // The form asks for days in parts, and takes them whole as well.
        let asked = |name: &str| {
            let field = format!("name=\"{name}\"");
            !name.starts_with("f-") || name.starts_with("f-term_") || page.contains(&field)
        };
        let given = |name: &str| fields.iter().any(|(it, _)| *it == name);
        all.retain(|&(name, _)| asked(name) && !given(name) && !narrows(name));
        all.extend_from_slice(fields);
        let permit = office.done(login, &path, &all);
        let to = format!("{permit}/decide");
        let mut deciders = [DISO, ISSO, AUTHORITY].into_iter();
        let decider = deciders.find(|it| {
            let page = office.page(it, &permit);
            page.contains(&format!("action=\"{to}\""))
        });
        let decider = decider.unwrap_or_else(|| panic!("nobody decides on {kind}"));
        let expected = hidden(&office.page(decider, &permit), "expected");
        let decision = [
            ("expected", expected.as_str()),
            ("act", "approve"),
            ("remark", ""),
        ];
        office.done(decider, &to, &decision);
        let activate = format!("{permit}/activate");
        office.page(login, &activate);
        office.done(login, &activate, &[("confirmed", "yes")]);
        permit
    }

    /// An enforcement point inside asks, and the head officer has use held against the plan once the answer is
    /// kept: until then nobody seems to have asked for weeks.
    pub fn evaluate(&self, office: &mut Office) {
        self.decision(office, STAFF, &json!({ "place": "controlled" }));
        let deadline = Instant::now() + LIMIT;
        loop {
            office.done(HISO, "/plan/evaluate", &[]);
            let plan = office.page(HISO, "/plan");
            if !plan.contains("利用の記録（判定とゲートウェイの通信）") {
                return;
            }
            assert!(Instant::now() < deadline, "not measured: {plan}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The cases that wait for an answer about something, as the form for a risk offers them.
    pub fn waiting(office: &mut Office, subject: &str) -> Vec<String> {
        let page = office.page(HISO, &format!("/risks/new?subject={subject}"));
        let offered = page.split("name=\"cases\" value=\"").skip(1);
        let offered = offered.filter_map(|it| it.split('"').next());
        offered.map(str::to_owned).collect()
    }

    /// Assesses something with the cases about it, acts on it as told, and has the CISO approve it; where it is.
    pub fn assessed(
        office: &mut Office,
        subject: &str,
        (heard, treatment): (bool, (&str, &str)),
    ) -> String {
        let cases = Self::waiting(office, subject);
        let conclusion = match treatment.0 {
            "measure" => "measures",
            _ => "unchanged",
        };
        let mut fields = vec![
            ("subject", subject),
            ("grade", "C2I2A1"),
            ("places", "home"),
            ("overlooked", "no"),
            ("carried", "no"),
            ("hurried", "no"),
            ("conclusion", conclusion),
            ("reason", "利用が計画を超えたため"),
        ];
        fields.extend(cases.iter().map(|it| ("cases", it.as_str())));
        let path = office.done(HISO, "/risks/new", &fields);
        let acted = [("expected", "1"), treatment];
        office.done(HISO, &format!("{path}/treatments"), &acted);
        let propose = format!("{path}/propose");
        office.done(HISO, &propose, &[("expected", "2")]);
        if heard {
            Self::heard(office, path.rsplit('/').next().unwrap_or_default());
        }
        let approve = format!("{path}/approve");
        office.done(CISO, &approve, &[("expected", "3")]);
        path
    }

    /// Answers every case that waits, of the whole organisation and of its unit; what was assessed.
    pub fn answer(
        &self,
        office: &mut Office,
        heard: bool,
        treatment: (&str, &str),
    ) -> Vec<&'static str> {
        let mut assessed = Vec::new();
        for (scope, subject) in [("body", "body"), ("unit", self.unit.as_str())] {
            if !Self::waiting(office, subject).is_empty() {
                Self::assessed(office, subject, (heard, treatment));
                assert_eq!(Self::waiting(office, subject), [""; 0]);
                assessed.push(scope);
            }
        }
        let none = ["再評価を待つ案件はありません"];
        office.shows(HISO, "/cases", &none, &[]);
        assessed
    }

    /// The promotion body finds a proposal in its list and agrees.
    pub fn heard(office: &mut Office, subject: &str) {
        let about = format!("/opinions/{subject}");
        office.shows(BODY, "/opinions", &[&about], &[&about]);
        let page = office.page(BODY, &about);
        let (state, seen) = (hidden(&page, "state"), hidden(&page, "seen"));
        let opinion = [
            ("state", state.as_str()),
            ("seen", seen.as_str()),
            ("stance", "agree"),
            ("sentence", "確かめた内容である"),
        ];
        office.done(BODY, &about, &opinion);
    }
}

/// Invites somebody's device, which enrols by the shell of its own.
fn worker(office: &mut Office, login: &'static str) -> Worker {
    let known = OFFICERS.iter().find(|it| it.0 == login);
    let (_, name, _) = known.expect("somebody known");
    let page = office.page(HISO, "/organisation");
    let id = choice(&page, "person", name);
    let page = office.page(ISSO, "/organisation");
    let unit = choice(&page, "device_unit", "試験省");
    let user = choice(&page, "user", name);
    let fields = [
        ("device_unit", unit.as_str()),
        ("class", "issued"),
        ("user", user.as_str()),
    ];
    let handed = office.send(ISSO, "/organisation/enrolments", &fields);
    let handed = handed.text();
    let secret = between(&handed, "class=\"secret\">", "<").expect("a secret");
    let state = office.folder.path().join(login);
    let url = format!("http://{}", office.server().address());
    let folder = state.display().to_string();
    let words = ["agent", "enrol", "--server", &url, "--format", "json"];
    let words = words.into_iter().chain(["--state", folder.as_str()]);
    let shell = office.shell_elsewhere();
    let enrolled = shell.run_with_input(words, secret.as_bytes());
    let enrolled = enrolled.with_code(0).json();
    let device = enrolled["device"].as_str().expect("an id");
    Worker {
        login,
        id,
        device: Device::of(device, &state),
    }
}

/// What the token of the enforcement point is called, by which the system's entry names it.
const ASKS: &str = "文書管理システムの入口";

/// A token by which an enforcement point asks for a year.
fn asks(office: &mut Office, post: &str) -> String {
    let last_day = office.day(360);
    let fields = [
        ("label", ASKS),
        ("post", post),
        ("holder", "service"),
        ("last_day", last_day.as_str()),
        ("scope_access", "yes"),
    ];
    let page = office.send(ISSO, "/tokens", &fields).text();
    let secret = between(&page, "class=\"secret\">", "<");
    secret.expect("a secret").to_owned()
}
