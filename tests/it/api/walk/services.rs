//! Services in use: taken in by the shell, read, and said not to be the organisation's.

use std::time::{SystemTime, UNIX_EPOCH};

use sekisho_tests::Sekisho;
use serde_json::json;

use super::Pair;
use crate::api::program::id;

const ALL: &str = "/api/v1/services-in-use";
const ONE: &str = "/api/v1/services-in-use/{id}";

pub fn walk(server: &Sekisho, pair: &mut Pair) {
    let none = pair.read(ALL, &[]);
    assert_eq!(none["items"], json!([]));
    let log = SystemTime::now().duration_since(UNIX_EPOCH);
    let log = log.expect("a time after 1970").as_secs();
    let log = format!("[{log}] unbound[9:0] info: 192.0.2.7 us02web.zoom.us. A IN\n");
    let words = [
        "discover",
        "--into-server",
        "--source",
        "dns",
        "--form",
        "unbound",
        "-",
    ];
    let done = server.cli().run_with_input(words, log.as_bytes());
    done.with_code(0);
    let open = pair.read(&format!("{ALL}?state=open"), &[]);
    assert_eq!(open["items"][0]["service"], "zoom", "{open}");
    let seen = pair.reading(ONE, &["zoom"]);
    assert_eq!(seen.json()["lack"], "unregistered");
    let file = pair.reading(&format!("{ALL}/table?format=csv-utf8"), &[]);
    assert!(file.text().contains("zoom"), "{}", file.text());
    let matrix = "/api/v1/conference-matrix?format=csv-utf8";
    let matrix = pair.reading(matrix, &[]).text();
    let headings = matrix.lines().next().unwrap_or_default();
    // A tool, who introduced it, and for each of four hosts two columns.
    assert_eq!(headings.split(',').count(), 10, "{matrix}");
    let word = json!({ "why": "guest_network", "note": "来訪者用の回線" });
    let said = pair.change(&format!("{ONE}/not-ours"), &["zoom"], &seen, &word);
    let said = said.json();
    assert_eq!(
        (&said["state"], &said["why"]),
        (&json!("not_ours"), &json!("guest_network"))
    );
    let of_state = |pair: &mut Pair, state: &str| {
        let found = pair.read(&format!("{ALL}?state={state}"), &[]);
        found["items"].as_array().map(Vec::len)
    };
    assert_eq!(of_state(pair, "not_ours"), Some(1));
    assert_eq!(of_state(pair, "ended"), Some(0));
    let unknown = pair.reads.get(ONE, &["nothing"]);
    assert_eq!(unknown.status, 404);
    clients(pair);
    let retire = "/api/v1/log-sources/retire";
    let retired = pair.command(retire, &[], &json!({ "source": "dns" }));
    assert_eq!(retired["source"], "dns", "{retired}");
    let other = json!({ "source": "proxy" });
    let other = pair.may.command(retire, &[], None, &other);
    assert_eq!(other.status, 404, "{}", other.text());
}

/// The clients of a tool, of which no device reports one.
fn clients(pair: &mut Pair) {
    let tool =
        json!({ "fields": { "name": "会議", "scope": "others", "packages": ["no-such-client"] } });
    let tool = pair.command("/api/v1/registers/{register}", &["conference_tool"], &tool);
    let tool = id(&tool);
    let clients = "/api/v1/conference-tools/{id}/clients";
    let found = pair.read(clients, &[&tool]);
    assert_eq!(
        (&found["tool"], &found["looked_for"], &found["versions"]),
        (&json!(tool), &json!(true), &json!([]))
    );
}

const LIST: &str = "/api/v1/service-catalogue";

/// The list that logs are looked through with, and an own entry put in, used and taken out. Who brings lists in
/// writes none.
pub fn own_entries(pair: &mut Pair, isso: &mut Pair) {
    let before = pair.read(LIST, &[]);
    assert_eq!(
        (&before["origin"], &before["own"]),
        (&json!("built_in"), &json!([]))
    );
    let own = json!({
        "id": "shanai-chat", "name": { "ja": "省内チャット", "en": "Chat of our own" }, "kind": "chat",
        "domains": ["chat.example.jp"],
    });
    let refused = isso.may.command(&format!("{LIST}/own"), &[], None, &own);
    assert_eq!(refused.status, 403, "{}", refused.text());
    let put = pair.command(&format!("{LIST}/own"), &[], &own);
    assert_eq!(put["own"][0], own, "{put}");
    let wrong = json!({ "id": "x", "name": { "ja": "x" }, "kind": "chat", "domains": ["jp"] });
    let refused = pair.may.command(&format!("{LIST}/own"), &[], None, &wrong);
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert_eq!(refused.json()["code"], "discover.catalogue-domain");
    assert_eq!(put["hidden"], json!([]));
    let hides =
        json!({ "id": "zoom", "name": { "ja": "Zoom" }, "kind": "conference", "domains": [] });
    let hidden = pair.command(&format!("{LIST}/own"), &[], &hides);
    assert_eq!(hidden["hidden"][0]["id"], "zoom", "{hidden}");
    let remove = format!("{LIST}/own/{{id}}/remove");
    pair.command(&remove, &["zoom"], &json!({}));
    let gone = pair.command(&remove, &["shanai-chat"], &json!({}));
    assert_eq!(gone["own"], json!([]));
}
