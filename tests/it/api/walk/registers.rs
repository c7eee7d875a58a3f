//! The registers: by that of lines, that of systems declared empty, and that of media by a table.

use sekisho_tests::Reply;
use serde_json::json;

use super::{Pair, replays};
use crate::api::program::{code, id};

const REGISTER: &str = "/api/v1/registers/{register}";
const ENTRY: &str = "/api/v1/registers/{register}/{id}";

pub fn walk(pair: &mut Pair) {
    let line = json!({
        "fields": { "name": "庁舎の回線", "kind": "office_internet", "encrypted": false },
        "remark": "開庁時から",
    });
    let entered = id(&pair.command(REGISTER, &["line"], &line));
    pair.read(&format!("{REGISTER}?state=all"), &["line"]);
    let ids = ["line", entered.as_str()];
    let mut seen = pair.reading(ENTRY, &ids);
    let line = json!({
        "fields": { "name": "庁舎の回線", "kind": "office_internet", "encrypted": true },
    });
    seen = pair.change(&format!("{ENTRY}/change"), &ids, &seen, &line);
    for act in ["retire", "restore"] {
        let remark = json!({ "remark": "更新のため" });
        seen = pair.change(&format!("{ENTRY}/{act}"), &ids, &seen, &remark);
    }
    assert_eq!(seen.json()["state"], "active");
    declared_empty(pair);
    table(pair);
    super::tables::goes_round(pair, &["line"]);
}

fn declared_empty(pair: &mut Pair) {
    let empty = pair.command(&format!("{REGISTER}/empty"), &["system"], &json!({}));
    assert!(empty["empty_until"].is_string(), "{empty}");
    let full = format!("{REGISTER}/empty");
    let full = pair.may.command(&full, &["line"], None, &json!({}));
    assert_eq!(full.status, 409, "{}", full.text());
    let all = pair.read("/api/v1/registers", &[]);
    let items = all["items"].as_array().expect("a list");
    let system = items.iter().find(|it| it["register"] == "system");
    assert_eq!(system, Some(&empty));
}

const CSV: (&str, &str) = ("content-type", "text/csv");

fn send(pair: &mut Pair, act: &str, name: Option<&str>, table: &str) -> Reply {
    let mut headers = vec![CSV];
    headers.extend(name.map(|name| ("idempotency-key", name)));
    let path = format!("{REGISTER}/{act}");
    pair.may
        .ask("POST", (&path, &["line"]), &headers, table.as_bytes())
}

fn table(pair: &mut Pair) {
    let table = "回線名,種類,回線による暗号化\r\n霞が関専用線,専用線,○\r\n庁舎の回線,庁舎のインターネット回線,○\r\n";
    let checked = send(pair, "check", None, table).with_status(200).json();
    let counts = |of: &serde_json::Value| [&of["entered"], &of["unchanged"]].map(|it| it.as_u64());
    assert_eq!(counts(&checked), [Some(1), Some(1)], "{checked}");
    assert_eq!(checked["carried_out"], false);
    let before = pair.read(REGISTER, &["line"]);
    assert_eq!(before["items"].as_array().map(Vec::len), Some(1));
    let faulty = table.replace("専用線,○", "専用線,◇");
    let told = send(pair, "check", None, &faulty).with_status(200).json();
    assert_eq!(told["faults"][0]["cell"], "C2", "{told}");
    let refused = send(pair, "import", Some("faulty"), &faulty);
    assert_eq!(
        (refused.status, code(&refused).as_str()),
        (422, "api.cells")
    );
    assert_eq!(refused.json()["errors"][0]["cell"], "C2");
    strays(pair, table);
    let nameless = send(pair, "import", None, table);
    assert_eq!(
        (nameless.status, code(&nameless).as_str()),
        (400, "api.key-missing")
    );
    let done = send(pair, "import", Some("table"), table).with_status(200);
    assert_eq!(done.json()["carried_out"], true);
    replays(&send(pair, "import", Some("table"), table), &done);
    let other = send(pair, "import", Some("table"), &faulty);
    assert_eq!(
        (other.status, code(&other).as_str()),
        (422, "api.key-reused")
    );
    let after = pair.read(REGISTER, &["line"]);
    assert_eq!(after["items"].as_array().map(Vec::len), Some(2), "{after}");
    let again = send(pair, "import", Some("again"), table)
        .with_status(200)
        .json();
    assert_eq!(
        (counts(&again), &again["carried_out"]),
        ([Some(0), Some(2)], &json!(false))
    );
}

/// What is no table, what the token may not, what is no mapping.
fn strays(pair: &mut Pair, table: &str) {
    let stray = [("content-type", "image/png"), ("idempotency-key", "stray")];
    for act in ["check", "import"] {
        let path = format!("{REGISTER}/{act}");
        let stray = pair.may.ask("POST", (&path, &["line"]), &stray, b"\x89PNG");
        assert_eq!(
            (stray.status, code(&stray).as_str()),
            (415, "api.table-type")
        );
        let named = [CSV, ("idempotency-key", "denied")];
        let denied = pair
            .reads
            .ask("POST", (&path, &["line"]), &named, table.as_bytes());
        assert_eq!(
            (denied.status, code(&denied).as_str()),
            (403, "authorise.out-of-scope")
        );
        for (number, bad) in ["mapping=x", "on=2027-02-30"].into_iter().enumerate() {
            let key = format!("{act}-bad-{number}");
            let named = [CSV, ("idempotency-key", key.as_str())];
            let asked = format!("{path}?{bad}");
            let asked = pair
                .may
                .ask("POST", (&asked, &["line"]), &named, table.as_bytes());
            assert_eq!(
                (asked.status, code(&asked).as_str()),
                (400, "api.parameter"),
                "{bad}"
            );
        }
    }
}
