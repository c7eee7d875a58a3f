//! The decision point as programs ask it: OpenID AuthZEN Authorization API 1.0, with the certification
//! scenario of its working group.

use std::path::Path;

use sekisho_tests::{Client, Launch, Reply, Sekisho, root};
use serde_json::{Value, json};

use crate::api::program::{officer, token};

const EVALUATION: &str = "/access/v1/evaluation";
const KIND: (&str, &str) = ("content-type", "application/json");

/// A configuration file in a folder.
fn configured(folder: &Path, text: &str) -> String {
    let path = folder.join("sekisho.toml");
    std::fs::write(&path, text).expect("a file is written");
    path.display().to_string()
}

/// A server with the scenario's application, and a program that may ask.
fn deciding(folder: &Path) -> (Sekisho, Asking) {
    let applications = root().join("fixtures/authzen/applications");
    let config = configured(folder, &format!("applications = {applications:?}\n"));
    let launch = Launch::new("up").argument("--config").argument(config);
    let server = launch.start();
    let mut first = server.found();
    let mut hiso = officer(&server, &mut first, "hana", "hiso");
    let token = token(&mut hiso, "service", &["access"]);
    let client = server.client().reading("en");
    (server, Asking { client, token })
}

struct Asking {
    client: Client,
    token: String,
}

impl Asking {
    fn ask(&mut self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let bearer = format!("Bearer {}", self.token);
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend_from_slice(headers);
        self.client.request("POST", path, &all, body)
    }

    fn post(&mut self, path: &str, body: &Value) -> Reply {
        self.ask(path, &[KIND], body.to_string().as_bytes())
    }
}

fn decisions(answer: &Value) -> Vec<Value> {
    let all = answer["evaluations"].as_array().expect("evaluations");
    all.iter().map(|it| it["decision"].clone()).collect()
}

fn names(answer: &Value) -> Vec<&str> {
    let all = answer["results"].as_array().expect("results");
    let name = |it: &'static str, one: &'_ Value| one[it].as_str().map(str::len);
    assert!(
        all.iter()
            .all(|one| name("id", one).or(name("name", one)).is_some())
    );
    all.iter()
        .filter_map(|one| one["id"].as_str().or_else(|| one["name"].as_str()))
        .collect()
}

fn holds(vector: &Value, reply: &Reply) {
    let test = &vector["test"];
    let status = vector["status"].as_u64().unwrap_or(200);
    assert_eq!(u64::from(reply.status), status, "{test}: {}", reply.text());
    if status != 200 {
        return;
    }
    assert_eq!(
        reply.header("content-type"),
        Some("application/json"),
        "{test}"
    );
    let answer = reply.json();
    if let Some(expected) = vector["decision"].as_bool() {
        assert_eq!(answer["decision"], expected, "{test}: {answer}");
        assert!(answer.get("context").is_none_or(Value::is_object), "{test}");
    }
    if let Some(expected) = vector["decisions"].as_array() {
        let found = decisions(&answer);
        assert_eq!(found.len(), expected.len(), "{test}: {answer}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.is_boolean(), "{test}: {answer}");
            assert!(expected.is_null() || found == expected, "{test}: {answer}");
        }
    }
    let named = |member: &str| vector[member].as_array().cloned();
    if let Some(expected) = named("includes") {
        let found = names(&answer);
        assert!(
            !found.is_empty()
                && expected
                    .iter()
                    .all(|it| found.contains(&it.as_str().unwrap_or_default())),
            "{test}: {answer}"
        );
    }
    if let Some(expected) = named("exactly") {
        assert_eq!(json!(names(&answer)), json!(expected), "{test}: {answer}");
    }
    if vector["next"] == true {
        assert!(
            !answer["page"]["next_token"]
                .as_str()
                .expect("a token")
                .is_empty(),
            "{test}: {answer}"
        );
    }
}

#[test]
fn the_certification_scenario_of_the_working_group_passes() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let (_server, mut asking) = deciding(folder.path());
    let vectors = std::fs::read_to_string(root().join("fixtures/authzen/certification.json"));
    let vectors: Vec<Value> = serde_json::from_str(&vectors.expect("vectors")).expect("JSON");
    assert!(vectors.len() >= 60, "{}", vectors.len());
    for vector in &vectors {
        let kind = vector["content_type"].as_str().unwrap_or(KIND.1);
        let body = match vector["raw"].as_str() {
            Some(raw) => raw.to_owned(),
            None => vector["body"].to_string(),
        };
        let path = vector["path"].as_str().expect("a path");
        let name = vector["test"].as_str().expect("a name");
        let reply = asking.ask(
            path,
            &[("content-type", kind), ("x-request-id", name)],
            body.as_bytes(),
        );
        // 2.5.1: with every answer, errors included.
        assert_eq!(reply.header("x-request-id"), Some(name));
        holds(vector, &reply);
    }
    // 4.5.2: the next page, to the end.
    let mut search = json!({
        "subject": {"type": "user"}, "action": {"name": "read"},
        "resource": {"type": "record", "id": "record-1"}, "page": {"limit": 1},
    });
    let first = asking
        .post("/access/v1/search/subject", &search)
        .with_status(200)
        .json();
    search["page"] = json!({ "token": first["page"]["next_token"] });
    let rest = asking
        .post("/access/v1/search/subject", &search)
        .with_status(200)
        .json();
    assert_eq!(
        (names(&rest), &rest["page"]["next_token"]),
        (vec!["bob"], &json!(""))
    );
}

#[test]
fn only_a_program_with_the_scope_asks_and_nothing_huge_or_unknown_is_taken() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let (server, mut asking) = deciding(folder.path());
    let question = json!({
        "subject": {"type": "user", "id": "alice"}, "action": {"name": "read"},
        "resource": {"type": "record", "id": "record-1"},
    });
    let body = question.to_string();
    // No token, a wrong one, one of another scope, and a session.
    let anonymous = server
        .client()
        .request("POST", EVALUATION, &[KIND], body.as_bytes());
    assert_eq!(
        (anonymous.status, anonymous.header("www-authenticate")),
        (401, Some("Bearer"))
    );
    let wrong = [KIND, ("authorization", "Bearer sekisho_wrong")];
    let wrong = server
        .client()
        .request("POST", EVALUATION, &wrong, body.as_bytes());
    assert_eq!(wrong.status, 401);
    let mut hiso = crate::forward_auth::signed_in(&server, "hana");
    assert_eq!(
        hiso.request("POST", EVALUATION, &[KIND], body.as_bytes())
            .status,
        401
    );
    let read = token(&mut hiso, "service", &["read"]);
    let mut reading = Asking {
        client: server.client(),
        token: read,
    };
    assert_eq!(reading.post(EVALUATION, &question).status, 403);
    // Huge: refused before it is read. Unknown: an answer, and it is no.
    let huge = format!("{body}{}", " ".repeat(2 << 20));
    assert_eq!(asking.ask(EVALUATION, &[KIND], huge.as_bytes()).status, 413);
    let kinds = [
        ("spaceship", "x", "access.unknown-type"),
        ("system", "fly", "access.unknown-type"),
    ];
    for (kind, action, code) in kinds {
        let mut unknown = question.clone();
        unknown["resource"] = json!({"type": kind, "id": "sys_01j9zq3v8h0000000000000000"});
        unknown["action"]["name"] = json!(action);
        let answer = asking.post(EVALUATION, &unknown).with_status(200).json();
        assert_eq!(answer["decision"], false);
        assert_eq!(answer["context"]["code"], code, "{answer}");
        assert!(
            answer["context"]["reason_user"]["ja"].is_string(),
            "{answer}"
        );
    }
}

#[test]
fn who_asks_is_looked_at_before_what_and_a_list_stands_for_no_object() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let (server, mut asking) = deciding(folder.path());
    let huge = " ".repeat(2 << 20);
    for more in [None, Some(("authorization", "Bearer sekisho_wrong"))] {
        let headers: Vec<_> = [KIND].into_iter().chain(more).collect();
        let mut client = server.client();
        let unasked = client.request("POST", EVALUATION, &headers, huge.as_bytes());
        assert_eq!(unasked.status, 401);
    }
    let subject = json!({"type": "user", "id": "alice"});
    let resource = json!({"type": "record", "id": "record-1"});
    let action = json!({"name": "read"});
    let list = json!([subject, action, resource, null, null, null, null]);
    for path in [
        EVALUATION,
        "/access/v1/evaluations",
        "/access/v1/search/action",
    ] {
        assert_eq!(asking.post(path, &list).status, 400, "{path}");
    }
    let question = json!({
        "subject": ["user", "alice", null], "action": action, "resource": resource,
    });
    assert_eq!(asking.post(EVALUATION, &question).status, 400);
}

#[test]
fn a_denial_of_our_own_names_all_that_is_missing_in_both_languages() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let (_server, mut asking) = deciding(folder.path());
    let question = json!({
        "subject": {"type": "person", "id": "psn_01j9zq3v8h0000000000000000"},
        "action": {"name": "reach"},
        "resource": {"type": "system", "id": "sys_01j9zq3v8h0000000000000000"},
        "context": {"place": "outside_organisation", "grade": "C2I1A1"},
    });
    let answer = asking.post(EVALUATION, &question).with_status(200).json();
    assert_eq!(answer["decision"], false);
    let missing = answer["context"]["missing"]
        .as_array()
        .expect("what is missing");
    let lacks: Vec<&str> = missing
        .iter()
        .filter_map(|it| it["lack"].as_str())
        .collect();
    for lack in ["person", "device.absent", "system.unknown", "permit.pt"] {
        assert!(lacks.contains(&lack), "{lack}: {answer}");
    }
    for one in missing {
        for (member, inner) in [("reason_user", "ja"), ("reason_user", "en")] {
            assert!(
                one[member][inner].as_str().is_some_and(|it| !it.is_empty()),
                "{one}"
            );
        }
        assert!(one["grantor"]["name"]["ja"].is_string(), "{one}");
        assert!(
            one["fixes"].as_array().is_some_and(|it| !it.is_empty()),
            "{one}"
        );
    }
    for (member, value) in [
        ("place", "moon"),
        ("grade", "C9"),
        ("task", "x"),
        ("client_address", "x"),
    ] {
        let mut wrong = question.clone();
        wrong["context"][member] = json!(value);
        let answer = asking.post(EVALUATION, &wrong).with_status(200).json();
        assert_eq!(
            answer["context"]["pointer"],
            format!("/context/{member}"),
            "{answer}"
        );
        assert_eq!(answer["decision"], false);
    }
}

#[test]
fn the_metadata_name_the_address_that_people_use() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let address = sekisho_tests::free_address();
    let text = format!("names = [\"{address}\"]\ntrusted_proxies = [\"127.0.0.1\"]\n");
    let config = configured(folder.path(), &text);
    let launch = Launch::new("serve")
        .at(address)
        .argument("--config")
        .argument(config);
    let server = launch.start();
    let reply = server
        .client()
        .get("/.well-known/authzen-configuration")
        .with_status(200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let base = format!("https://{address}");
    let said = reply.json();
    assert_eq!(said["policy_decision_point"], base.as_str());
    for (member, path) in [
        ("access_evaluation_endpoint", "/access/v1/evaluation"),
        ("access_evaluations_endpoint", "/access/v1/evaluations"),
        ("search_subject_endpoint", "/access/v1/search/subject"),
        ("search_resource_endpoint", "/access/v1/search/resource"),
        ("search_action_endpoint", "/access/v1/search/action"),
    ] {
        assert_eq!(said[member], format!("{base}{path}"));
    }
}

#[test]
fn rules_of_an_application_that_do_not_hold_stop_the_start() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let from = root().join("fixtures/authzen/applications/certification");
    let to = folder.path().join("applications/certification");
    std::fs::create_dir_all(&to).expect("a folder");
    for name in ["schema.cedarschema", "policies.cedar", "entities.json"] {
        std::fs::copy(from.join(name), to.join(name)).expect("a copy");
    }
    let misspelt = "permit (principal, action == Certification::Action::\"red\", resource);";
    std::fs::write(to.join("policies.cedar"), misspelt).expect("a file is written");
    let text = format!("applications = {:?}\n", folder.path().join("applications"));
    let config = configured(folder.path(), &text);
    let launch = Launch::new("serve").argument("--config").argument(config);
    let Err(failure) = launch.try_start() else {
        panic!("it started");
    };
    assert!(failure.stderr.contains("unrecognized action"), "{failure}");
    assert!(failure.code.is_some_and(|code| code != 0), "{failure}");
}
