//! An organisation as its officers set it up in the console: people, registers, permits.

use sekisho_tests::{Client, Sekisho, between, hidden};

use super::forms::{choice, day, enter, person, send};

/// Those who take part, signed in.
pub struct People {
    /// Who answers for systems, lines and gateways.
    pub isso: Client,
    /// The section's chief.
    diso: Client,
    /// Who works from home.
    pub staff: Client,
    system: Option<String>,
    isso_post: String,
    line: String,
}

impl People {
    /// People, the internal line with what is said of it besides, the section's task, and what is
    /// forbidden.
    pub fn gathered(server: &Sekisho, line: &[(&str, &str)]) -> Self {
        let mut hiso = server.found();
        let mut isso = person(server, &mut hiso, ("鈴木 次郎", "jiro", "isso"));
        let mut diso = person(server, &mut hiso, ("佐藤 花子", "hanako", "diso"));
        let staff = person(server, &mut hiso, ("田中 三郎", "saburo", "staff"));
        let page = isso.get("/registers/line/new").with_status(200).text();
        let isso_post = choice(&page, "f-officer", "鈴木 次郎の職");
        let officer = ("f-officer", isso_post.as_str());
        let mut lan = vec![
            ("f-name", "庁内LAN"),
            ("f-kind", "internal"),
            ("f-encrypted", "yes"),
            officer,
        ];
        lan.extend_from_slice(line);
        let line = enter(&mut isso, "line", &lan);
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
            system: None,
            isso_post,
            line,
        }
    }

    /// Registers the system inside that is reached from outside.
    pub fn register_system(&mut self, address: &str, ports: &str) {
        let system = [
            ("f-name", "文書管理システム"),
            ("f-officer", &self.isso_post),
            ("f-highest-c", "2"),
            ("f-highest-i", "2"),
            ("f-highest-a", "1"),
            ("f-host", "own_premises"),
            ("f-remote", "yes"),
            ("f-address", address),
            ("f-ports", ports),
        ];
        self.system = Some(enter(&mut self.isso, "system", &system));
    }

    /// Registers the gateway by the key that it printed, with the shortest lease.
    pub fn register_gateway(&mut self, key: &str, endpoint: &str, network: &str) {
        let fields = [
            ("f-name", "本庁ゲートウェイ"),
            ("f-line", self.line.as_str()),
            ("f-officer", &self.isso_post),
            ("f-key", key),
            ("f-endpoint", endpoint),
            ("f-network", network),
            ("f-lease_seconds", "10"),
        ];
        enter(&mut self.isso, "gateway", &fields);
    }

    /// A one-time secret with which the device of the one who works from home enrols.
    pub fn invite(&mut self) -> String {
        self.invite_for("田中 三郎")
    }

    /// The same for the device of somebody by name.
    pub fn invite_for(&mut self, name: &str) -> String {
        let page = self.isso.get("/organisation").with_status(200).text();
        let unit = choice(&page, "device_unit", "試験省");
        let user = choice(&page, "user", name);
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

    /// The system that was registered.
    pub fn system(&self) -> &str {
        self.system.as_deref().expect("a system")
    }

    /// The one who works from home.
    pub fn person(&mut self) -> String {
        let page = self.isso.get("/organisation").with_status(200).text();
        choice(&page, "user", "田中 三郎")
    }

    /// A token by which a RADIUS server asks.
    pub fn network_token(&mut self) -> String {
        self.service_token("FreeRADIUS", "scope_network")
    }

    /// A token by which a program asks, as a service of the post that answers for systems and lines.
    pub fn service_token(&mut self, label: &str, scope: &str) -> String {
        let page = self.isso.get("/tokens").with_status(200).text();
        let last_day = between(&page, "name=\"last_day\" type=\"date\" value=\"", "\"");
        let fields = [
            ("label", label),
            ("post", self.isso_post.as_str()),
            ("holder", "service"),
            ("last_day", last_day.expect("a day")),
            (scope, "yes"),
        ];
        let page = send(&mut self.isso, "/tokens", &fields);
        between(&page, "class=\"secret\">", "<")
            .expect("a secret")
            .to_owned()
    }

    /// A permit, applied for, given and taken up in the console. Returns its path.
    pub fn permit(&mut self, kind: &str, device: &str, more: &[(&str, &str)]) -> String {
        let permit = self.apply(kind, device, more);
        self.decide(&permit);
        self.act(&permit, "activate");
        permit
    }

    /// Applies for a permit. Returns its path.
    pub fn apply(&mut self, kind: &str, device: &str, more: &[(&str, &str)]) -> String {
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
            .then(|| self.system.clone().expect("a system"));
        fields.extend(system.as_deref().map(|system| ("f-system", system)));
        fields.extend_from_slice(more);
        let permit = send(&mut self.staff, &path, &fields);
        assert!(permit.starts_with("/permits/"), "{kind}: {permit}");
        permit
            .split(['?', '#'])
            .next()
            .unwrap_or_default()
            .to_owned()
    }

    /// Approves it: whoever may.
    pub fn decide(&mut self, permit: &str) {
        let (decider, page) = self.decider(permit);
        let expected = hidden(&page, "expected");
        let fields = [
            ("expected", expected.as_str()),
            ("act", "approve"),
            ("remark", ""),
        ];
        send(decider, &format!("{permit}/decide"), &fields);
    }

    /// Who may decide on a permit, and the page that they see.
    pub fn decider(&mut self, permit: &str) -> (&mut Client, String) {
        let form = format!("action=\"{permit}/decide\"");
        for decider in [&mut self.diso, &mut self.isso] {
            let page = decider.get(permit).text();
            if page.contains(&form) {
                return (decider, page);
            }
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
