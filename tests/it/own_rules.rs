//! The organisation's own rules of access, with the real program: by the shell, and as programs ask.

use std::path::{Path, PathBuf};

use sekisho_tests::{Launch, Sekisho};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::api::program::{officer, token};

const SYSTEM: &str = "sys_00000000000000000000000000";
const RULES: &str = "@id(\"own.closed\")\n@ja(\"棚卸しのため、今月は利用できません。\")\n\
    @en(\"Closed for stock-taking this month.\")\n\
    forbid (principal, action == Sekisho::Action::\"reach\", resource);\n";

fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file is written");
    path
}

fn shell(server: &Sekisho, words: &[&str], code: i32) -> Value {
    let mut all = vec!["access", "rules"];
    all.extend_from_slice(words);
    all.extend_from_slice(&["--format", "json", "--lang", "en"]);
    let done = server.cli().run(all).with_code(code);
    serde_json::from_str(&done.stdout).unwrap_or(Value::Null)
}

#[test]
fn own_rules_are_checked_tried_set_and_taken_back_by_the_shell() {
    let folder = TempDir::new().expect("a temporary folder");
    let server = Sekisho::up();
    server.found();
    let path = |name: &str, text: &str| file(folder.path(), name, text).display().to_string();
    let good = path("good.cedar", RULES);
    let bad = path(
        "bad.cedar",
        "@id(\"x\") @ja(\"甲。\")\nforbid (principal, action, resource)\nwhen { context.nothing };\n",
    );
    let empty = path("empty.cedar", "\n");
    let said = shell(&server, &["check", &bad], 1);
    assert_eq!(said["faults"][0]["code"], "own-rules.unknown-fact");
    assert_eq!(
        (&said["faults"][0]["line"], &said["faults"][0]["column"]),
        (&json!(3), &json!(8))
    );
    // For people in words, with what Cedar says.
    for (lang, word) in [("ja", "3行8文字目"), ("en", "Line 3, column 8")] {
        let words = ["access", "rules", "check", bad.as_str(), "--lang", lang];
        let done = server.cli().run(words).with_code(1);
        assert!(
            done.stderr.contains(word) && done.stderr.contains("Cedar"),
            "{}",
            done.stderr
        );
    }
    shell(&server, &["set", &bad, "--note", "why"], 1);
    assert_eq!(shell(&server, &["show"], 0)["version"]["version"], 0);
    assert_eq!(
        shell(&server, &["check", &good], 0)["rules"][0]["id"],
        "own.closed"
    );
    let report = shell(&server, &["what-if", &good, "--days", "7"], 0);
    assert_eq!(report["refused"]["answers"], 0);
    let set = shell(&server, &["set", &good, "--note", "stock-taking"], 0);
    assert_eq!(
        (&set["version"]["version"], &set["version"]["by"]),
        (&json!(1), &json!("operator"))
    );
    shell(&server, &["set", &good, "--note", "again"], 1);
    // Nothing is taken back by an empty file that was meant otherwise.
    shell(&server, &["set", &empty, "--note", "over"], 1);
    shell(&server, &["set", &empty, "--note", "over", "--withdraw"], 0);
    let history = shell(&server, &["history"], 0);
    let notes: Vec<&Value> = history
        .as_array()
        .expect("versions")
        .iter()
        .map(|it| &it["note"])
        .collect();
    assert_eq!(notes, ["over", "stock-taking"]);
    assert_eq!(shell(&server, &["show", "--number", "1"], 0)["text"], RULES);
}

#[test]
fn rules_that_go_too_deep_are_told_of_and_the_deepest_of_the_others_are_set() {
    let folder = TempDir::new().expect("a temporary folder");
    let server = Sekisho::up();
    server.found();
    let path = |name: &str, when: &str| {
        let text = format!(
            "@id(\"own.deep\") @ja(\"深い規則。\")\nforbid (principal, action, resource)\nwhen {{ {when} }};\n"
        );
        file(folder.path(), name, &text).display().to_string()
    };
    let within = |n: usize| format!("{}true{}", "(".repeat(n), ")".repeat(n));
    let row = |n: usize| vec!["true"; n].join(" || ");
    for (name, when) in [("within", within(60_000)), ("row", row(25_000))] {
        let bad = path(name, &when);
        for words in [
            vec!["check", bad.as_str()],
            vec!["set", bad.as_str(), "--note", "why"],
        ] {
            let said = shell(&server, &words, 1);
            assert_eq!(said["faults"][0]["code"], "own-rules.too-deep", "{name}");
            assert_eq!(said["faults"][0]["line"], 3, "{name}");
        }
    }
    // The same server, not one that was started again.
    for (name, when) in [("within", within(31)), ("row", row(99))] {
        let good = path(name, &when);
        let checked = shell(&server, &["check", &good], 0);
        assert_eq!(checked["rules"][0]["id"], "own.deep", "{name}");
        shell(&server, &["set", &good, "--note", "why"], 0);
    }
    assert!(server.stop().success());
}

#[test]
fn a_refusal_by_an_own_rule_names_it_and_promises_nothing_also_after_a_restart() {
    let folder = TempDir::new().expect("a temporary folder");
    let data = folder.path().join("data");
    let good = file(folder.path(), "good.cedar", RULES)
        .display()
        .to_string();
    let server = Launch::new("up").on(&data).start();
    let mut first = server.found();
    let mut hiso = officer(&server, &mut first, "hana", "hiso");
    let secret = token(&mut hiso, "service", &["access"]);
    shell(&server, &["set", &good, "--note", "stock-taking"], 0);
    assert!(server.stop().success());
    let server = Launch::new("up").on(&data).start();
    let body = json!({
        "subject": { "type": "person", "id": "psn_00000000000000000000000000" },
        "action": { "name": "reach" },
        "resource": { "type": "system", "id": SYSTEM },
    });
    let bearer = format!("Bearer {secret}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let bytes = body.to_string().into_bytes();
    let mut client = server.client();
    let answer = client.request("POST", "/access/v1/evaluation", &headers, &bytes);
    let answer = answer.with_status(200).json();
    assert_eq!(answer["decision"], false);
    let missing = answer["context"]["missing"]
        .as_array()
        .expect("what is missing");
    let own: Vec<&Value> = missing.iter().filter(|it| it["own"] == true).collect();
    assert_eq!(own.len(), 1, "{missing:?}");
    assert_eq!(own[0]["rule"], "own.closed");
    assert_eq!(
        own[0]["reason_user"]["en"],
        "Closed for stock-taking this month."
    );
    assert_eq!(own[0]["fixes"], json!([]));
    assert!(own[0].get("grantor").is_none());
}
