//! An organisation as its officers set it up in the console: people, registers, permits.

use std::time::{SystemTime, UNIX_EPOCH};

use sekisho_tests::{Client, PASSWORD, Sekisho, between, hidden};

use super::stage::{ENDPOINT, PORT, SYSTEM, TUNNELS};

/// Those who take part, signed in.
pub struct People {
    /// Who answers for systems, lines and gateways.
    isso: Client,
    /// The section's chief.
    diso: Client,
    /// Who works from home.
    pub staff: Client,
    system: String,
    isso_post: String,
    line: String,
}

/// Sends a form with this visitor's token. Returns where it leads.
fn send(client: &mut Client, path: &str, fields: &[(&str, &str)]) -> String {
    let csrf = hidden(&client.get("/account").with_status(200).text(), "csrf");
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend_from_slice(fields);
    let reply = client.post_form(path, &all);
    assert!(
        reply.status < 400,
        "{path}: {} {}",
        reply.status,
        reply.text()
    );
    match reply.header("location") {
        Some(location) => location.to_owned(),
        None => reply.text(),
    }
}

/// The value of the choice of a select, by a part of its label.
fn choice(page: &str, name: &str, label: &str) -> String {
    let select = between(page, &format!("name=\"{name}\""), "</select>").expect("a select");
    let mut options = select.split("<option value=\"").skip(1);
    let found = options.find(|it| it.contains(label));
    let found = found.unwrap_or_else(|| panic!("no {label} in {select}"));
    found.split('"').next().expect("a value").to_owned()
}

/// A person with an account and a post, signed in.
fn person(server: &Sekisho, hiso: &mut Client, (name, login, role): (&str, &str, &str)) -> Client {
    let page = hiso.get("/organisation").with_status(200).text();
    let unit = choice(&page, "post_unit", "試験省");
    let fields = [
        ("person_unit", unit.as_str()),
        ("name_ja", name),
        ("login", login),
    ];
    let handed = send(hiso, "/organisation/people", &fields);
    let link = between(&handed, "class=\"secret\">", "<")
        .expect("a link")
        .to_owned();
    let title = format!("{name}の職");
    let fields = [
        ("post_unit", unit.as_str()),
        ("title_ja", &title),
        ("role", role),
    ];
    send(hiso, "/organisation/posts", &fields);
    let page = hiso.get("/organisation").with_status(200).text();
    let (who, post) = (choice(&page, "person", name), choice(&page, "post", &title));
    let fields = [("person", who.as_str()), ("post", &post)];
    send(hiso, "/organisation/appointments", &fields);
    let link = link.find("/link/").map_or("", |at| &link[at..]);
    let mut client = server.client();
    let csrf = hidden(&client.get(link).with_status(200).text(), "csrf");
    let password = [
        ("csrf", csrf.as_str()),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    client.post_form(link, &password).with_status(303);
    client
}

/// Enters something into a register. Returns its id.
fn enter(client: &mut Client, register: &str, fields: &[(&str, &str)]) -> String {
    let path = format!("/registers/{register}");
    let place = send(client, &path, fields);
    let id = place.rsplit('/').next().unwrap_or_default();
    let id = id.split(['?', '#']).next().unwrap_or_default();
    assert!(id.contains('_'), "{register}: {place}");
    id.to_owned()
}

impl People {
    pub fn gathered(server: &Sekisho) -> Self {
        let mut hiso = server.found();
        let mut isso = person(server, &mut hiso, ("鈴木 次郎", "jiro", "isso"));
        let mut diso = person(server, &mut hiso, ("佐藤 花子", "hanako", "diso"));
        let staff = person(server, &mut hiso, ("田中 三郎", "saburo", "staff"));
        let page = isso.get("/registers/line/new").with_status(200).text();
        let isso_post = choice(&page, "f-officer", "鈴木 次郎の職");
        let officer = ("f-officer", isso_post.as_str());
        let lan = [
            ("f-name", "庁内LAN"),
            ("f-kind", "internal"),
            ("f-encrypted", "yes"),
            officer,
        ];
        let line = enter(&mut isso, "line", &lan);
        let ports = format!("{PORT}/tcp\n{PORT}/udp");
        let system = [
            ("f-name", "文書管理システム"),
            officer,
            ("f-highest-c", "2"),
            ("f-highest-i", "2"),
            ("f-highest-a", "1"),
            ("f-host", "own_premises"),
            ("f-remote", "yes"),
            ("f-address", SYSTEM),
            ("f-ports", &ports),
        ];
        let system = enter(&mut isso, "system", &system);
        let page = diso.get("/registers/task/new").with_status(200).text();
        let unit = choice(&page, "f-unit", "試験省");
        let task = [
            ("f-unit", unit.as_str()),
            ("f-name", "予算要求の調整"),
            ("f-grade-c", "2"),
            ("f-grade-i", "2"),
            ("f-grade-a", "1"),
            ("f-state", "allowed"),
        ];
        enter(&mut diso, "task", &task);
        let denied = [
            ("f-name", "qBittorrent"),
            ("f-packages", "qbittorrent"),
            ("f-list", "deny"),
        ];
        enter(&mut isso, "software", &denied);
        Self {
            isso,
            diso,
            staff,
            system,
            isso_post,
            line,
        }
    }

    /// Registers the gateway by the key that it printed, with the shortest lease.
    pub fn register_gateway(&mut self, key: &str) {
        let fields = [
            ("f-name", "本庁ゲートウェイ"),
            ("f-line", self.line.as_str()),
            ("f-officer", &self.isso_post),
            ("f-key", key),
            ("f-endpoint", ENDPOINT),
            ("f-network", TUNNELS),
            ("f-lease_seconds", "10"),
        ];
        enter(&mut self.isso, "gateway", &fields);
    }

    /// A one-time secret with which the device of the one who works from home enrols.
    pub fn invite(&mut self) -> String {
        let page = self.isso.get("/organisation").with_status(200).text();
        let unit = choice(&page, "device_unit", "試験省");
        let user = choice(&page, "user", "田中 三郎");
        let fields = [
            ("device_unit", unit.as_str()),
            ("class", "issued"),
            ("user", &user),
        ];
        let handed = send(&mut self.isso, "/organisation/enrolments", &fields);
        between(&handed, "class=\"secret\">", "<")
            .expect("a secret")
            .to_owned()
    }

    /// A permit, applied for, given and taken up in the console. Returns its path.
    pub fn permit(&mut self, kind: &str, device: &str, more: &[(&str, &str)]) -> String {
        let path = format!("/permits/new/{kind}");
        let page = self.staff.get(&path).with_status(200).text();
        let (from, until) = (day(0), day(20));
        let mut fields = vec![
            ("f-term_from", from.as_str()),
            ("f-term_until", &until),
            ("remark", "自宅で資料を作成するため"),
        ];
        if page.contains("name=\"f-device\"") {
            fields.push(("f-device", device));
        }
        if page.contains("name=\"f-grade-c\"") {
            fields.extend([("f-grade-c", "2"), ("f-grade-i", "2"), ("f-grade-a", "1")]);
        }
        let task = page
            .contains("name=\"f-task\"")
            .then(|| choice(&page, "f-task", "予算"));
        fields.extend(task.as_deref().map(|task| ("f-task", task)));
        let system = page
            .contains("name=\"f-system\"")
            .then(|| self.system.clone());
        fields.extend(system.as_deref().map(|system| ("f-system", system)));
        fields.extend_from_slice(more);
        let permit = send(&mut self.staff, &path, &fields);
        assert!(permit.starts_with("/permits/"), "{kind}: {permit}");
        let permit = permit
            .split(['?', '#'])
            .next()
            .unwrap_or_default()
            .to_owned();
        self.decide(&permit);
        self.act(&permit, "activate");
        permit
    }

    /// Approves it: whoever may.
    fn decide(&mut self, permit: &str) {
        let to = format!("{permit}/decide");
        for decider in [&mut self.diso, &mut self.isso] {
            let page = decider.get(permit).text();
            if !page.contains(&format!("action=\"{to}\"")) {
                continue;
            }
            let expected = hidden(&page, "expected");
            let fields = [
                ("expected", expected.as_str()),
                ("act", "approve"),
                ("remark", ""),
            ];
            send(decider, &to, &fields);
            return;
        }
        panic!("nobody decides on {permit}");
    }

    /// What the one who works from home does with a permit.
    pub fn act(&mut self, permit: &str, act: &str) {
        let to = format!("{permit}/{act}");
        self.staff.get(&to).with_status(200);
        let done = send(&mut self.staff, &to, &[("confirmed", "yes")]);
        assert!(done.starts_with("/permits/"), "{act}: {done}");
    }

    /// Says yes to the tunnel whose code the device shows.
    pub fn confirm(&mut self, code: &str) {
        let page = self.staff.get(&format!("/access/connect?code={code}"));
        let csrf = hidden(&page.with_status(200).text(), "csrf");
        let fields = [("csrf", csrf.as_str()), ("code", code), ("answer", "yes")];
        self.staff
            .post_form("/access/connect", &fields)
            .with_status(200);
    }
}

/// A day in Japan, so many days from today.
pub fn day(after: i64) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a time")
        .as_secs();
    let now = i64::try_from(now).expect("a time") + (9 + 24 * after) * 3600;
    let at = jiff::Timestamp::from_second(now).expect("a time");
    at.strftime("%Y-%m-%d").to_string()
}
