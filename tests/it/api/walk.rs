//! A walk over all operations. Each command is tried by a token without its scope, with a version
//! that is not the newest, in earnest, and once more under the same name.

mod access_rules;
mod checklists;
mod cuts;
mod deciders;
mod exceptions;
mod organisation;
mod plan;
mod registers;
mod risks;
mod rules;
mod services;
mod tables;

use sekisho_tests::{Client, Reply, Sekisho, leave_out};
use serde_json::{Value, json};

use super::judged::faults;
use super::program::{Program, code, id, in_days, officer, token};

/// A program that may do everything that its post may, and one of the same post that only reads.
struct Pair {
    may: Program,
    reads: Program,
    /// Another one, whose token is unknown.
    stranger: Program,
}

impl Pair {
    fn of(server: &Sekisho, officer: &mut Client) -> Self {
        let all = [
            "read",
            "organisation",
            "devices",
            "registers",
            "permits",
            "decide",
            "cut",
        ];
        Self {
            may: Program::new(server, token(officer, "post", &all)),
            reads: Program::new(server, token(officer, "post", &["read"])),
            stranger: Program::new(server, "sekisho_unknown".to_owned()),
        }
    }

    /// Reads, after a stranger could not.
    fn read(&mut self, path: &str, ids: &[&str]) -> Value {
        self.reading(path, ids).json()
    }

    fn reading(&mut self, path: &str, ids: &[&str]) -> Reply {
        let refused = self.stranger.get(path, ids);
        assert_eq!(refused.status, 401, "{path}");
        self.reads.get(path, ids).with_status(200)
    }

    /// Carries a command out and gives the answer.
    fn command(&mut self, path: &str, ids: &[&str], body: &Value) -> Value {
        self.refused(path, ids, None, body);
        self.done_once(path, ids, None, body)
    }

    /// The same for a command that wants the version: `seen` is the answer that showed it.
    fn change(&mut self, path: &str, ids: &[&str], seen: &Reply, body: &Value) -> Reply {
        let version = seen.header("etag").expect("a version").to_owned();
        self.refused(path, ids, Some(&version), body);
        let blind = self.may.command(path, ids, None, body);
        assert_eq!(
            (blind.status, code(&blind).as_str()),
            (428, "api.if-match-missing"),
            "{path}"
        );
        let stale = self.may.command(path, ids, Some("\"v999\""), body);
        assert_eq!(
            (stale.status, code(&stale).as_str()),
            (412, "command.stale"),
            "{path}: {}",
            stale.text()
        );
        let name = format!("once-{}", self.may.exchanges.len());
        let done = self.named(path, ids, (&name, Some(&version)), body);
        assert!(done.status < 300, "{path}: {}", done.text());
        assert_ne!(done.header("etag"), Some(version.as_str()), "{path}");
        let again = self.named(path, ids, (&name, Some(&version)), body);
        replays(&again, &done);
        done
    }

    fn refused(&mut self, path: &str, ids: &[&str], version: Option<&str>, body: &Value) {
        let refused = self.reads.command(path, ids, version, body);
        assert_eq!(
            (refused.status, code(&refused).as_str()),
            (403, "authorise.out-of-scope"),
            "{path}: {}",
            refused.text()
        );
        let surplus = self.may.command(path, ids, version, &json!({ "a/b": 1 }));
        assert_eq!(surplus.status, 422, "{path}: {}", surplus.text());
        let errors = surplus.json()["errors"].clone();
        let named = |it: &Value| it["pointer"] == "/a~1b" && it["code"] == "field.unknown";
        assert!(
            errors.as_array().is_some_and(|all| all.iter().any(named)),
            "{path}: {errors}"
        );
    }

    fn done_once(
        &mut self,
        path: &str,
        ids: &[&str],
        version: Option<&str>,
        body: &Value,
    ) -> Value {
        let name = format!("once-{}", self.may.exchanges.len());
        let done = self.named(path, ids, (&name, version), body);
        assert!(done.status < 300, "{path}: {}", done.text());
        let again = self.named(path, ids, (&name, version), body);
        replays(&again, &done);
        done.json()
    }

    fn named(
        &mut self,
        path: &str,
        ids: &[&str],
        named: (&str, Option<&str>),
        body: &Value,
    ) -> Reply {
        self.may.named_command(path, ids, named, body)
    }

    fn exchanges(self) -> impl Iterator<Item = Value> {
        let all = [self.may, self.reads, self.stranger];
        all.into_iter().flat_map(|program| program.exchanges)
    }
}

fn replays(again: &Reply, done: &Reply) {
    assert_eq!((again.status, &again.body), (done.status, &done.body));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(done.header("idempotency-replayed"), None);
}

/// The state, the ledger, and what is listed.
fn reads(pair: &mut Pair) {
    let status = pair.read("/api/v1/status", &[]);
    let at = status["at"].as_str().expect("an instant").to_owned();
    pair.read("/api/v1/assess", &[]);
    pair.read(&format!("/api/v1/assess?at={at}"), &[]);
    pair.read("/api/v1/ledger", &[]);
    let page = pair.read("/api/v1/ledger/records?limit=3", &[]);
    let next = page["next"].as_str().expect("more").to_owned();
    pair.read(&format!("/api/v1/ledger/records?limit=3&after={next}"), &[]);
    pair.read("/api/v1/feeds", &[]);
}

fn devices(pair: &mut Pair, device: &str) {
    pair.read("/api/v1/devices", &[]);
    pair.read("/api/v1/devices/{id}", &[device]);
    for (state, reason) in [("suspended", "lost"), ("active", "found")] {
        let change = json!({ "state": state, "reason": reason });
        let changed = pair.command("/api/v1/devices/{id}/state", &[device], &change);
        assert_eq!(changed["state"], state);
    }
}

fn permits(staff: &mut Pair, isso: &mut Pair, device: &str) {
    const PERMIT: &str = "/api/v1/permits/{id}";
    const ACTS: &str = "/api/v1/permits/{id}/acts";
    let application = json!({
        "kind": "po",
        "fields": { "device": device, "destination": "home", "grade": "C2I2A1" },
        "from": in_days(0),
        "until": in_days(20),
        "purpose": "出張先で資料を作成するため",
    });
    let applied = staff.command("/api/v1/permits", &[], &application);
    let permit = id(&applied);
    staff.read("/api/v1/permits?of=mine", &[]);
    let waiting = isso.read("/api/v1/permits?of=waiting", &[]);
    assert_eq!(id(&waiting["items"][0]), permit);
    let seen = isso.reading(PERMIT, &[&permit]);
    let tag = seen.header("etag").expect("a version").to_owned();
    let unchanged = [("if-none-match", tag.as_str())];
    let unchanged = isso.reads.ask("GET", (PERMIT, &[&permit]), &unchanged, b"");
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    let approve = json!({ "act": "approve", "remark": "期間内に返却すること" });
    let seen = isso.change(ACTS, &[&permit], &seen, &approve);
    assert_eq!(seen.json()["status"], "approved");
    let activated = json!({ "act": "activate" });
    let seen = staff.change(ACTS, &[&permit], &seen, &activated);
    assert_eq!(seen.json()["status"], "active");
    let half = json!({ "act": "extend", "until": 3 });
    let version = seen.header("etag");
    let wrong = staff.may.command(ACTS, &[&permit], version, &half);
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.json()["errors"][0]["pointer"], "/until");
}

#[test]
fn every_operation_answers_as_the_document_says() {
    let server = Sekisho::up();
    let mut first = server.found();
    let device = server.device();
    let mut hiso = officer(&server, &mut first, "hana", "hiso");
    let mut isso = officer(&server, &mut first, "isa", "isso");
    let mut staff = officer(&server, &mut first, "sono", "csirt");
    let mut hiso = Pair::of(&server, &mut hiso);
    let mut isso = Pair::of(&server, &mut isso);
    let mut staff = Pair::of(&server, &mut staff);
    reads(&mut hiso);
    let made = organisation::walk(&mut hiso);
    tables::walk(&mut hiso);
    deciders::walk(&mut hiso, &made);
    devices(&mut isso, &device);
    registers::walk(&mut isso);
    access_rules::walk(&mut isso);
    // Before the CISO, with whom the first officer's power to appoint ends.
    let mut body = officer(&server, &mut first, "sui", "promotion_body");
    let mut authority = officer(&server, &mut first, "rei", "exception_authority");
    let mut authority = Pair::of(&server, &mut authority);
    let mut ciso = officer(&server, &mut first, "chie", "ciso");
    let mut ciso = Pair::of(&server, &mut ciso);
    let mut body = Pair::of(&server, &mut body);
    plan::walk(&mut hiso, &mut ciso, &mut body);
    rules::walk(&mut hiso, &mut ciso, &mut body);
    checklists::walk(&mut hiso);
    services::walk(&server, &mut hiso);
    services::own_entries(&mut hiso, &mut isso);
    cuts::walk(&mut isso, &device);
    permits(&mut staff, &mut isso, &device);
    exceptions::walk(&mut staff, &mut authority, &mut body, &device);
    let document = first.get("/api/v1/openapi.json").with_status(200).json();
    let pairs = [hiso, isso, staff, ciso, body, authority].into_iter();
    let mut exchanges: Vec<Value> = pairs.flat_map(Pair::exchanges).collect();
    let Some(found) = faults(&document, &exchanges) else {
        let name = "every_operation_answers_as_the_document_says";
        return leave_out(name, "no Python tools, run `cargo xtask test`");
    };
    assert!(found.is_empty(), "{}", found.join("\n"));
    // The judge finds what is not as it should be.
    let units = |it: &&mut Value| it["path"] == "/api/v1/units" && it["status"] == 200;
    let spoiled = exchanges.iter_mut().find(units).expect("a list of units");
    spoiled["body"]["items"][0]["valid"]["from"] = json!("tomorrow");
    let found = faults(&document, &exchanges).unwrap_or_default();
    assert!(
        found.len() == 1 && found[0].contains("tomorrow"),
        "{found:?}"
    );
    let unknown = faults(&json!({ "openapi": "3.1.0" }), &[]).unwrap_or_default();
    assert!(!unknown.is_empty());
}
